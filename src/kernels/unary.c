/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of functions of one number. */
#include "kernels/unary.h"

#include <math.h>

#include "base/half.h"
#include "kernels/element.h"
#include "kernels/quotient.h"

float crl_logistic_f32(float x)
{
    if (x > 16.619047164916992188f) return 1.0f; /* where exp(-x) leaves nothing of it */
    if (x < -9.0f) return expf(x);
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

float crl_rsqrt_f32(float x)
{
    return 1.0f / sqrtf(x);
}

float crl_square_f32(float x)
{
    return x * x;
}

float crl_neg_f32(float x)
{
    return -x;
}

float crl_sign_f32(float x)
{
    return isnan(x) ? x : x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f;
}

float crl_round_f32(float x)
{
    const float low = floorf(x), above = x - low;
    if (above < 0.5f || (above == 0.5f && fmodf(low, 2.0f) == 0)) return low;
    return low + 1.0f;
}

float crl_elu_f32(float x)
{
    return x < 0.0f ? expm1f(x) : x;
}

static const float minus_root_half = -0.707106781186547524f;
static const float root_2_pi = (float)(1.12837916709551257390 * 0.70710678118654752440); /* sqrt(2 / pi) */

void crl_gelu_f32_ref(float *out, const float *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float x = in[i] * minus_root_half;
        out[i] = 0.5f * in[i] * (i < n - n % 4 ? crl_quotient_erfc4(x) : crl_quotient_erfc(x));
    }
}

void crl_gelu_tanh_f32_ref(float *out, const float *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float x = in[i], cube = x * x * x;
        out[i] = 0.5f * x * (1.0f + crl_quotient_tanh(root_2_pi * (x + 0.044715f * cube)));
    }
}

float crl_table_logistic(float x, float limit)
{
    (void)limit;
    return 1.0f / (1.0f + expf(-x));
}

float crl_table_tanh(float x, float limit)
{
    (void)limit;
    return tanhf(x);
}

float crl_table_exp(float x, float limit)
{
    (void)limit;
    return expf(x);
}

float crl_table_log(float x, float limit)
{
    return x <= 0.0f ? limit : logf(x);
}

float crl_table_rsqrt(float x, float limit)
{
    return x <= 0.0f ? limit : 1.0f / sqrtf(x);
}

float crl_table_elu(float x, float limit)
{
    (void)limit;
    return crl_elu_f32(x);
}

float crl_table_gelu(float x, float limit)
{
    (void)limit;
    return 0.5f * x * erfcf(x * minus_root_half);
}

float crl_table_gelu_tanh(float x, float limit)
{
    (void)limit;
    return 0.5f * x * (1.0f + tanhf(root_2_pi * (x + 0.044715f * x * x * x)));
}

void crl_unary_f32_ref(float *out, const float *in, size_t n, crl_unary_f32 *f)
{
    for (size_t i = 0; i < n; i++) out[i] = f(in[i]);
}

static int64_t apply(crl_unary_int op, int64_t x)
{
    switch (op) {
    case CRL_UNARY_ABS: return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
    case CRL_UNARY_NEG: return (int64_t)(0 - (uint64_t)x);
    default: return (x > 0) - (x < 0);
    }
}

void crl_unary_int_ref(void *out, const void *in, crl_type type, size_t n, crl_unary_int op)
{
    for (size_t i = 0; i < n; i++) {
        if (type == CRL_INT64)
            ((int64_t *)out)[i] = apply(op, ((const int64_t *)in)[i]);
        else
            crl_store(out, i, type, (int32_t)(uint32_t)(uint64_t)apply(op, crl_load(in, i, type)));
    }
}

void crl_unary_f16_ref(uint16_t *out, const uint16_t *in, size_t n, crl_unary_f32 *f)
{
    for (size_t i = 0; i < n; i++) out[i] = crl_half_from_float(f(crl_half_to_float(in[i])));
}
