/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of division. Source: TensorFlow Lite, kernels/internal/reference/{div,floor_div}.h. */
#include "kernels/divide.h"

#include <math.h>

#include "kernels/element.h"
#include "kernels/fixed_exp.h"

/* x / 2^n, ties away from zero. For n above 31 the reference's formula gives what this gives on x86: a dividend of
 * 0 comes out as 1 there. */
static int32_t shift_right(int32_t x, int32_t n)
{
    const int32_t mask = (int32_t)(uint32_t)((UINT64_C(1) << (n & 63)) - 1);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> (n & 31)) + ((x & mask) > threshold);
}

static int32_t quotient(int32_t x, int32_t y, const crl_product *p)
{
    if (y < 0) x = -x, y = -y;
    int32_t bits;
    const int32_t inverse = crl_fixed_reciprocal((uint32_t)y, 31, &bits);
    const int32_t headroom = x ? __builtin_clrsb(x) : 31;
    const int32_t raw = crl_mul_high((int32_t)((uint32_t)x << headroom), inverse);
    return shift_right(crl_mul_high(raw, p->out.scale->mult), bits + headroom - p->out.scale->shift);
}

CRL_INLINE void quotients(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                          const crl_product *p, crl_type type)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(a, i * step_a, type) - p->a_zero, y = crl_load(b, i * step_b, type) - p->b_zero;
        crl_store(out, i, type, crl_requant_place(quotient(x, y, p), &p->out));
    }
}

void crl_quotient_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                         const void *params)
{
    quotients(out, a, step_a, b, step_b, n, params, CRL_UINT8);
}

void crl_quotient_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                         const void *params)
{
    quotients(out, a, step_a, b, step_b, n, params, CRL_INT8);
}

void crl_quotient_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                          const void *params)
{
    quotients(out, a, step_a, b, step_b, n, params, CRL_INT16);
}

void crl_div_s32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    const crl_limits *l = params;
    for (size_t i = 0; i < n; i++) {
        /* In 64 bits, since the smallest number by -1 does not fit 32: it wraps. */
        const int64_t q = (int64_t)((const int32_t *)a)[i * step_a] / ((const int32_t *)b)[i * step_b];
        const int32_t v = (int32_t)(uint32_t)(uint64_t)q;
        ((int32_t *)out)[i] = (int32_t)(v < l->min ? l->min : v > l->max ? l->max : v);
    }
}

void crl_div_f32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    const crl_limits *l = params;
    for (size_t i = 0; i < n; i++) {
        const float q = ((const float *)a)[i * step_a] / ((const float *)b)[i * step_b];
        const float v = q < l->min_f32 ? l->min_f32 : q; /* NaN stays */
        ((float *)out)[i] = l->max_f32 < v ? l->max_f32 : v;
    }
}

CRL_INLINE void floors(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, crl_type type)
{
    for (size_t i = 0; i < n; i++) {
        const double q = floor((double)crl_load(a, i * step_a, type) / (double)crl_load(b, i * step_b, type));
        const uint32_t bits = (uint32_t)(uint64_t)(int64_t)q; /* the smallest number by -1 wraps */
        crl_store(out, i, type, type == CRL_INT8 ? (int8_t)bits : type == CRL_INT16 ? (int16_t)bits : (int32_t)bits);
    }
}

void crl_floor_div_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                          const void *params)
{
    (void)params;
    floors(out, a, step_a, b, step_b, n, CRL_INT8);
}

void crl_floor_div_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                           const void *params)
{
    (void)params;
    floors(out, a, step_a, b, step_b, n, CRL_INT16);
}

void crl_floor_div_s32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                           const void *params)
{
    (void)params;
    floors(out, a, step_a, b, step_b, n, CRL_INT32);
}

void crl_floor_div_f32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                           const void *params)
{
    (void)params;
    for (size_t i = 0; i < n; i++)
        ((float *)out)[i] = (float)floor((double)((const float *)a)[i * step_a] / (double)((const float *)b)[i * step_b]);
}
