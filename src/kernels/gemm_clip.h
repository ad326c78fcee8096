/* SPDX-License-Identifier: Apache-2.0 */
/* Filters made to fit the instructions of the gemm kernels (gemm_panel.h): weights without their zero point, clipped.
 * What is cut off here comes back as extra steps. */
#ifndef CRL_KERNELS_GEMM_CLIP_H
#define CRL_KERNELS_GEMM_CLIP_H

#include "kernels/gemm_panel.h"

/* What the weights add up to, before clipping. */
typedef struct crl_gemm_sums {
    int64_t positive, negative;
    bool clipped; /* some weight is not within int8 */
} crl_gemm_sums;

/* to[i] = from[i] - zero, clipped to int8, i in 0..n-1. */
typedef crl_gemm_sums crl_gemm_clip_u8_fn(int8_t *to, const uint8_t *from, size_t n, int32_t zero);
typedef crl_gemm_sums crl_gemm_clip_s8_fn(int8_t *to, const int8_t *from, size_t n, int32_t zero);

/* PAIRS: takes from [steps][4] clipped weights what exceeds the bounds of their groups, and sets `lost` for all steps
 * of such groups. An incomplete group at the end counts as groups of one. */
typedef void crl_gemm_bound_fn(int8_t *w, bool *lost, size_t steps, int32_t group);

/* Four weights of eight columns for every step: to[s * stride + 4 * i + j] = from[i][4 * s + j], s in 0..steps-1, j in
 * 0..3. A column that is NULL is left out; `to` is zero there and stays so. */
typedef void crl_gemm_columns_fn(int8_t *to, size_t stride, const int8_t *const from[8], size_t steps);

/* Loops over all weights, fast where they can be. */
typedef struct crl_gemm_clip_kernels {
    crl_gemm_clip_u8_fn *u8;
    crl_gemm_clip_s8_fn *s8;
    crl_gemm_bound_fn *bound;
    crl_gemm_columns_fn *columns;
} crl_gemm_clip_kernels;

void crl_gemm_clip_kernels_init(crl_gemm_clip_kernels *k, unsigned cpu);

/* One weight, minus its zero point. */
static inline int32_t crl_gemm_weight(const crl_gemm_spec *s, size_t at)
{
    return (s->filter_signed ? ((const int8_t *)s->filter)[at] : ((const uint8_t *)s->filter)[at]) - s->filter_zero;
}

/* Weights `from` .. `from` + n - 1 of the filter. */
static inline crl_gemm_sums crl_gemm_clip(const crl_gemm_clip_kernels *k, const crl_gemm_spec *s, int8_t *to,
                                          size_t from, size_t n)
{
    return s->filter_signed ? k->s8(to, (const int8_t *)s->filter + from, n, s->filter_zero)
                            : k->u8(to, (const uint8_t *)s->filter + from, n, s->filter_zero);
}

/* Moves as much of the rest as one extra step can hold. */
void crl_gemm_take(crl_gemm_kind kind, int32_t rest[4], int8_t piece[4]);

crl_gemm_clip_u8_fn crl_gemm_clip_u8_ref, crl_gemm_clip_u8_avx2, crl_gemm_clip_u8_neon;
crl_gemm_clip_s8_fn crl_gemm_clip_s8_ref, crl_gemm_clip_s8_avx2, crl_gemm_clip_s8_neon;
crl_gemm_bound_fn crl_gemm_bound_ref, crl_gemm_bound_avx2;
crl_gemm_columns_fn crl_gemm_columns_ref, crl_gemm_columns_avx2;

#endif
