/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of functions of one float. */
#include "kernels/unary.h"

#include <math.h>

float crl_logistic_f32(float x)
{
    if (x > 16.619047164916992188f) return 1.0f; /* where exp(-x) leaves nothing of it */
    if (x < -9.0f) return expf(x);
    return 1.0f / (1.0f + expf(-x));
}

float crl_logistic_plain_f32(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

/* Comparisons are arranged to let NaN through. */
static float limited(float x, float min, float max)
{
    return x > max ? max : x < min ? min : x;
}

float crl_relu_f32(float x)
{
    return x < 0 ? 0 : x;
}

float crl_relu6_f32(float x)
{
    return limited(x, 0, 6);
}

float crl_relu_n1_to_1_f32(float x)
{
    return limited(x, -1, 1);
}

float crl_relu_0_to_1_f32(float x)
{
    return limited(x, 0, 1);
}

void crl_unary_f32_ref(float *out, const float *in, size_t n, crl_unary_f32 *f)
{
    for (size_t i = 0; i < n; i++) out[i] = f(in[i]);
}
