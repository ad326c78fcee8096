/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of sums and products, quantised and plain. */
#include "kernels/binary.h"

#include "base/half.h"
#include "kernels/element.h"

static inline int32_t refine(int32_t x, int32_t zero, int32_t left, crl_scale scale)
{
    return crl_scale_apply(crl_wrap_mul(x - zero, 1 << left), scale);
}

CRL_INLINE void sum(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const crl_sum *params,
                    crl_type type)
{
    const crl_sum own = *params, *p = &own; /* which no store can change */
    const crl_requant_one one = crl_requant_one_of(&p->out);
    for (size_t i = 0; i < n; i++) {
        const int32_t x = refine(crl_load(a, i * step_a, type), p->a_zero, p->left, p->a_scale);
        const int32_t y = refine(crl_load(b, i * step_b, type), p->b_zero, p->left, p->b_scale);
        const int32_t raw = p->subtract ? crl_wrap_sub(x, y) : crl_wrap_add(x, y);
        crl_store(out, i, type, crl_requant_apply_one(raw, &one));
    }
}

void crl_sum_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    sum(out, a, step_a, b, step_b, n, params, CRL_UINT8);
}

void crl_sum_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    sum(out, a, step_a, b, step_b, n, params, CRL_INT8);
}

void crl_sum_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    sum(out, a, step_a, b, step_b, n, params, CRL_INT16);
}

void crl_sum_shift_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                           const void *params)
{
    const crl_sum_shift *p = params;
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_shift_right(((const int16_t *)a)[i * step_a], p->a_right);
        const int32_t y = crl_shift_right(((const int16_t *)b)[i * step_b], p->b_right);
        const int32_t v = crl_clamp(p->subtract ? x - y : x + y, INT16_MIN, INT16_MAX);
        ((int16_t *)out)[i] = (int16_t)crl_clamp(v, p->min, p->max);
    }
}

CRL_INLINE void product(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                        const crl_product *p, crl_type type)
{
    const crl_requant_one one = crl_requant_one_of(&p->out);
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(a, i * step_a, type) - p->a_zero, y = crl_load(b, i * step_b, type) - p->b_zero;
        crl_store(out, i, type, crl_requant_apply_one(crl_wrap_mul(x, y), &one));
    }
}

void crl_product_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                        const void *params)
{
    product(out, a, step_a, b, step_b, n, params, CRL_UINT8);
}

void crl_product_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                        const void *params)
{
    product(out, a, step_a, b, step_b, n, params, CRL_INT8);
}

void crl_product_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                         const void *params)
{
    product(out, a, step_a, b, step_b, n, params, CRL_INT16);
}

void crl_squared_difference_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                                   const void *params)
{
    const crl_sum *p = params;
    const crl_requant_one one = crl_requant_one_of(&p->out);
    for (size_t i = 0; i < n; i++) {
        const int32_t x = refine(((const int8_t *)a)[i * step_a], p->a_zero, p->left, p->a_scale);
        const int32_t y = refine(((const int8_t *)b)[i * step_b], p->b_zero, p->left, p->b_scale);
        const int32_t raw = crl_wrap_mul(crl_wrap_sub(x, y), crl_wrap_sub(x, y));
        ((int8_t *)out)[i] = (int8_t)crl_requant_apply_one(raw, &one);
    }
}

typedef enum arithmetic { ADD, SUB, MUL } arithmetic;

CRL_INLINE uint64_t wrapped(arithmetic op, uint64_t x, uint64_t y)
{
    return op == ADD ? x + y : op == SUB ? x - y : x * y;
}

/* Steps of 0 and 1 that are constants where this is called make vectors of the loop. */
CRL_INLINE void plain_f32(float *out, const float *a, size_t step_a, const float *b, size_t step_b, size_t n, const crl_limits *p,
                          arithmetic op)
{
    const float min = p->min_f32, max = p->max_f32;
    for (size_t i = 0; i < n; i++) {
        const float x = a[i * step_a], y = b[i * step_b];
        float v = op == ADD ? x + y : op == SUB ? x - y : x * y;
        v = v < min ? min : v;
        out[i] = v > max ? max : v;
    }
}

static inline void steps_f32(float *out, const float *a, size_t step_a, const float *b, size_t step_b, size_t n,
                             const crl_limits *p, arithmetic op)
{
    if (step_a == 1 && step_b == 1)
        plain_f32(out, a, 1, b, 1, n, p, op);
    else if (step_a == 1 && step_b == 0)
        plain_f32(out, a, 1, b, 0, n, p, op);
    else
        plain_f32(out, a, step_a, b, step_b, n, p, op);
}

/* Integers of 64 bits hold the narrower ones; what wraps there wraps here after the cut to their width. */
CRL_INLINE void plain(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                      const crl_limits *p, arithmetic op, crl_type type)
{
    for (size_t i = 0; i < n; i++) {
        const size_t ia = i * step_a, ib = i * step_b;
        if (type == CRL_INT64) {
            int64_t v = (int64_t)wrapped(op, (uint64_t)((const int64_t *)a)[ia], (uint64_t)((const int64_t *)b)[ib]);
            v = v < p->min ? p->min : v;
            ((int64_t *)out)[i] = v > p->max ? p->max : v;
        } else {
            const uint64_t r = wrapped(op, (uint64_t)(int64_t)crl_load(a, ia, type),
                                       (uint64_t)(int64_t)crl_load(b, ib, type));
            const int32_t v = type == CRL_INT16 ? (int16_t)(uint16_t)r : (int32_t)(uint32_t)r;
            crl_store(out, i, type, crl_clamp(v, (int32_t)p->min, (int32_t)p->max));
        }
    }
}

void crl_add_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, ADD, CRL_INT16);
}

void crl_add_s32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, ADD, CRL_INT32);
}

void crl_add_s64_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, ADD, CRL_INT64);
}

void crl_add_f32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    steps_f32(out, a, step_a, b, step_b, n, params, ADD);
}

void crl_sub_s32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, SUB, CRL_INT32);
}

void crl_sub_s64_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, SUB, CRL_INT64);
}

void crl_sub_f32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    steps_f32(out, a, step_a, b, step_b, n, params, SUB);
}

void crl_mul_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, MUL, CRL_INT16);
}

void crl_mul_s32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, MUL, CRL_INT32);
}

void crl_mul_s64_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    plain(out, a, step_a, b, step_b, n, params, MUL, CRL_INT64);
}

void crl_mul_f32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                     const void *params)
{
    steps_f32(out, a, step_a, b, step_b, n, params, MUL);
}

/* --- 16-bit floats ------------------------------------------------------------------------------------ */

static uint16_t limit_f16(float v, const crl_limits *l)
{
    const float most = 65504, min = l->min_f32 < -most ? -most : l->min_f32, max = l->max_f32 > most ? most : l->max_f32;
    float half = crl_half_to_float(crl_half_from_float(v));
    half = half < min ? min : half;
    return crl_half_from_float(half > max ? max : half);
}

void crl_add_f16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const uint16_t *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        ((uint16_t *)out)[i] = limit_f16(crl_half_to_float(x[i * step_a]) + crl_half_to_float(y[i * step_b]), params);
}

void crl_mul_f16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const uint16_t *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        ((uint16_t *)out)[i] = limit_f16(crl_half_to_float(x[i * step_a]) * crl_half_to_float(y[i * step_b]), params);
}
