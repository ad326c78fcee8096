/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of 8 bits under float inputs: see hybrid.h. */
#include "kernels/hybrid.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/fixed.h"
#include "kernels/element.h"

int32_t crl_hybrid_quantized(float x, size_t i, size_t n, const crl_hybrid_scale *s)
{
    if (s->none) return 0;
    const float v = x * s->inverse;
    const int32_t rounded = i < n - n % 8 ? crl_cut_f32(v + (v < 0 ? -0.5f : 0.5f)) : crl_cut_f32(roundf(v));
    return crl_clamp(crl_wrap_add(rounded, s->zero), s->min, INT8_MAX);
}

void crl_hybrid_range_ref(const float *x, size_t n, float start, float *min, float *max)
{
    *min = *max = start;
    for (size_t i = 0; i < n; i++) {
        if (x[i] < *min) *min = x[i];
        if (x[i] > *max) *max = x[i];
    }
}

void crl_hybrid_bytes_ref(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    for (size_t i = 0; i < n; i++) q[i] = (uint8_t)(crl_hybrid_quantized(x[i], i, n, s) + 128);
}

void crl_hybrid_whole_ref(float *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    for (size_t i = 0; i < n; i++) q[i] = (float)(crl_hybrid_quantized(x[i], i, n, s) - s->zero);
}

void crl_hybrid_finish_ref(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f)
{
    for (size_t i = 0; i < rows * columns; i++) {
        const size_t c = i % columns;
        uint32_t sum;
        memcpy(&sum, out + i, sizeof sum);
        const float acc = (float)(int32_t)(sum - (uint32_t)(f->zero + 128) * (uint32_t)f->weights[c]);
        const float v = (f->scales_first ? acc * (f->scale[c] * f->in_scale) : acc * f->scale[c] * f->in_scale) + f->bias[c];
        out[i] = crl_hybrid_clamp(v, f->min, f->max, f->min_wins);
    }
}

static crl_hybrid_scale symmetric(float min, float max)
{
    const float range = fabsf(min) > fabsf(max) ? fabsf(min) : fabsf(max);
    return (crl_hybrid_scale){ .scale = range == 0 ? 1 : range / 127, .inverse = range == 0 ? 0 : 127 / range, .min = -127 };
}

/* The zero point that is nearer to its end of the range, as a whole number. */
static int32_t zero_point(double min, double max, double scale)
{
    const double from_min = INT8_MIN - min / scale, from_max = INT8_MAX - max / scale;
    const double zero = fabs(min / scale) - INT8_MIN < fabs(max / scale) + INT8_MAX ? from_min : from_max;
    if (!(zero > INT8_MIN)) return INT8_MIN;
    return zero >= INT8_MAX ? INT8_MAX : (int32_t)round(zero);
}

static crl_hybrid_scale asymmetric(float min, float max)
{
    if (min == max) return (crl_hybrid_scale){ .scale = 1, .min = INT8_MIN, .none = true };
    const double scale = (double)(max - min) / 255;
    crl_hybrid_scale s = { .scale = (float)scale, .zero = zero_point(min, max, scale), .min = INT8_MIN };
    s.inverse = s.scale == 0 ? 0 : (float)(1.0 / (double)s.scale);
    return s;
}

crl_hybrid_scale crl_hybrid_find_scale(const crl_hybrid_kernels *k, const float *x, size_t n, bool is_asymmetric)
{
    float min, max;
    k->range(x, n, is_asymmetric || n == 0 ? 0 : x[0], &min, &max);
    return is_asymmetric ? asymmetric(min, max) : symmetric(min, max);
}

void crl_hybrid_quantize(crl_hybrid_vector *v, const float *x, size_t n, bool is_asymmetric)
{
    const crl_hybrid_kernels plain = { .range = crl_hybrid_range_ref };
    const crl_hybrid_scale s = crl_hybrid_find_scale(&plain, x, n, is_asymmetric);
    for (size_t i = 0; i < n; i++) v->q[i] = (int8_t)crl_hybrid_quantized(x[i], i, n, &s);
    v->scale = s.scale;
    v->zero = s.zero;
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

void crl_hybrid_kernels_init(crl_hybrid_kernels *k, unsigned cpu)
{
    *k = (crl_hybrid_kernels){ crl_hybrid_range_ref, crl_hybrid_bytes_ref, crl_hybrid_whole_ref, crl_hybrid_finish_ref };
    (void)cpu;
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_hybrid_kernels){ crl_hybrid_range_avx2, crl_hybrid_bytes_avx2, crl_hybrid_whole_avx2, crl_hybrid_finish_avx2 };
    if (cpu & CRL_CPU_AVX512VNNI)
        *k = (crl_hybrid_kernels){ crl_hybrid_range_avx512vnni, crl_hybrid_bytes_avx512vnni, crl_hybrid_whole_avx512vnni,
                                   crl_hybrid_finish_avx512vnni };
#elif CRL_ARCH_ARM64
    if (cpu & CRL_CPU_NEON)
        *k = (crl_hybrid_kernels){ crl_hybrid_range_neon, crl_hybrid_bytes_neon, crl_hybrid_whole_neon, crl_hybrid_finish_neon };
#endif
}
