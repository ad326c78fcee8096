/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of 8 bits under float inputs: see hybrid.h. */
#include "kernels/hybrid.h"

#include <math.h>
#include <string.h>

#include "base/fixed.h"
#include "kernels/element.h"

static void quantise(int8_t *q, const float *x, size_t n, float inverse, int32_t zero, int32_t min)
{
    const size_t eights = n - n % 8;
    for (size_t i = 0; i < n; i++) {
        const float v = x[i] * inverse;
        const int32_t rounded = i < eights ? crl_cut_f32(v + (v < 0 ? -0.5f : 0.5f)) : crl_cut_f32(roundf(v));
        q[i] = (int8_t)crl_clamp(crl_wrap_add(rounded, zero), min, INT8_MAX);
    }
}

static void symmetric(crl_hybrid_vector *v, const float *x, size_t n)
{
    float min = n ? x[0] : 0, max = min;
    for (size_t i = 1; i < n; i++) {
        if (x[i] < min) min = x[i];
        if (x[i] > max) max = x[i];
    }
    const float range = fabsf(min) > fabsf(max) ? fabsf(min) : fabsf(max);
    v->zero = 0;
    v->scale = range == 0 ? 1 : range / 127;
    quantise(v->q, x, n, range == 0 ? 0 : 127 / range, 0, -127);
}

/* The zero point that is nearer to its end of the range, as a whole number. */
static int32_t zero_point(double min, double max, double scale)
{
    const double from_min = INT8_MIN - min / scale, from_max = INT8_MAX - max / scale;
    const double zero = fabs(min / scale) - INT8_MIN < fabs(max / scale) + INT8_MAX ? from_min : from_max;
    if (!(zero > INT8_MIN)) return INT8_MIN;
    return zero >= INT8_MAX ? INT8_MAX : (int32_t)round(zero);
}

static void asymmetric(crl_hybrid_vector *v, const float *x, size_t n)
{
    float min = 0, max = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] < min) min = x[i];
        if (x[i] > max) max = x[i];
    }
    if (min == max) {
        memset(v->q, 0, n);
        v->scale = 1;
        v->zero = 0;
        return;
    }
    const double scale = (double)(max - min) / 255;
    v->scale = (float)scale;
    v->zero = zero_point(min, max, scale);
    quantise(v->q, x, n, v->scale == 0 ? 0 : (float)(1.0 / (double)v->scale), v->zero, INT8_MIN);
}

void crl_hybrid_quantize(crl_hybrid_vector *v, const float *x, size_t n, bool is_asymmetric)
{
    if (is_asymmetric)
        asymmetric(v, x, n);
    else
        symmetric(v, x, n);
}

void crl_hybrid_add_products(float *out, const crl_hybrid_matrix *m, const crl_hybrid_vector *v)
{
    for (size_t r = 0; r < m->rows; r++) {
        const int8_t *row = m->weights + r * m->columns;
        uint32_t sum = 0;
        for (size_t i = 0; i < m->columns; i++) sum += (uint32_t)(row[i] * (v->q[i] - v->zero));
        out[r] += (float)(int32_t)sum * ((m->row_scale ? m->row_scale[r] : m->scale) * v->scale);
    }
}

void crl_hybrid_block_products(float *out, const crl_hybrid_matrix *m, size_t block, const float *bias,
                               const crl_hybrid_vector *v)
{
    const size_t blocks = m->columns / block;
    for (size_t r = 0; r < m->rows; r++) {
        const int8_t *w = m->weights + r * m->columns, *q = v->q;
        float products = 0, weights = 0;
        for (size_t b = 0; b < blocks; b++, w += block, q += block) {
            const float scale = m->row_scale[r * blocks + b];
            int32_t sum = 0, total = 0;
            for (size_t i = 0; i < block; i++) {
                sum += w[i] * q[i];
                total += w[i];
            }
            products += (float)sum * scale;
            weights += scale * (float)total;
        }
        out[r] = (products - (float)v->zero * weights) * v->scale;
        if (bias) out[r] += bias[r];
    }
}
