/* SPDX-License-Identifier: Apache-2.0 */
/* Constants: to real numbers, and to integers. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/half.h"
#include "quantize/quantize.h"

bool crl_quantize_has_reals(const crl_tensor_def *t)
{
    const size_t n = crl_shape_count(&t->shape), one = crl_type_bytes(t->type);
    if (!t->data || t->sparsity || t->is_variable || !n || t->bytes != n * one) return false;
    if (t->type == CRL_FLOAT32 || t->type == CRL_FLOAT16) return true;
    if ((t->type != CRL_INT8 && t->type != CRL_UINT8) || t->quant.n < 1 || t->quant.block) return false;
    return t->quant.n == 1 || (t->quant.axis >= 0 && t->quant.axis < t->shape.rank && t->quant.n == t->shape.dim[t->quant.axis]);
}

crl_channels crl_quantize_channels(const crl_shape *shape, int32_t axis)
{
    crl_channels c = { 1, (size_t)shape->dim[axis], 1 };
    for (int32_t k = 0; k < axis; k++) c.outer *= (size_t)shape->dim[k];
    for (int32_t k = axis + 1; k < shape->rank; k++) c.inner *= (size_t)shape->dim[k];
    return c;
}

static void dequantise(float *out, const crl_tensor_def *t, size_t n)
{
    const crl_channels c = t->quant.n > 1 ? crl_quantize_channels(&t->shape, t->quant.axis) : (crl_channels){ 1, 1, n };
    for (size_t i = 0; i < n; i++) {
        const size_t k = i / c.inner % c.n;
        const int32_t number = t->type == CRL_INT8 ? ((const int8_t *)t->data)[i] : ((const uint8_t *)t->data)[i];
        out[i] = t->quant.scale[k] * (float)(number - t->quant.zero_point[k]);
    }
}

float *crl_quantize_reals(const crl_tensor_def *t)
{
    const size_t n = crl_shape_count(&t->shape);
    float *out = crl_alloc_array(n, sizeof *out);
    if (!out) return NULL;
    if (t->type == CRL_FLOAT32)
        memcpy(out, t->data, n * sizeof *out);
    else if (t->type != CRL_FLOAT16)
        dequantise(out, t, n);
    else
        for (size_t i = 0; i < n; i++) {
            uint16_t half;
            memcpy(&half, (const uint8_t *)t->data + 2 * i, sizeof half);
            out[i] = crl_half_to_float(half);
        }
    return out;
}

bool crl_quantize_range_of(const float *v, size_t n, float *low, float *high)
{
    size_t bad;
    crl_histogram s = { 0 };
    const bool finite = crl_histogram_add(&s, v, n, false, &bad);
    *low = s.low;
    *high = s.high;
    return finite;
}

void crl_quantize_numbers(int8_t *out, const float *v, size_t n, crl_step step)
{
    for (size_t i = 0; i < n; i++) out[i] = (int8_t)fmax(-128, fmin(127, round((double)v[i] / (double)step.scale) + step.zero));
}

/* ---- weights ---- */

/* So that a product with an input's scale, which a bias has, is a normal number. */
static const float LEAST_SCALE = 1e-20f;

static double largest(const float *weights, crl_channels c, size_t k)
{
    double most = 0;
    for (size_t o = 0; o < c.outer; o++)
        for (size_t i = 0; i < c.inner; i++) most = fmax(most, fabs((double)weights[(o * c.n + k) * c.inner + i]));
    return most;
}

void crl_quantize_weight_scales(float *scale, const float *weights, const float *bias, crl_channels c, float in, float out)
{
    const double greatest = (double)FLT_MAX / fmax((double)in, 1); /* likewise */
    for (size_t k = 0; k < c.n; k++) {
        const double most = largest(weights, c, k) / 127, held = bias ? fabs((double)bias[k]) / ((double)in * 0x1p30) : 0;
        const double least = fmax(most, held);
        const double wanted = least > 0 ? least : (double)out / (double)in; /* a channel of nothing: 0 is 0 in any unit */
        scale[k] = (float)fmax((double)LEAST_SCALE, fmin(greatest, wanted));
    }
}

void crl_quantize_weights(int8_t *out, const float *weights, const float *scale, crl_channels c)
{
    for (size_t i = 0; i < c.outer * c.n * c.inner; i++)
        out[i] = (int8_t)fmax(-127, fmin(127, round((double)weights[i] / (double)scale[i / c.inner % c.n])));
}

void crl_quantize_bias(int32_t *out, const float *bias, size_t n, float in, const float *scale)
{
    for (size_t k = 0; k < n; k++)
        out[k] = (int32_t)fmax(-0x1p31, fmin(0x1p31 - 1, round((double)bias[k] / ((double)in * (double)scale[k]))));
}
