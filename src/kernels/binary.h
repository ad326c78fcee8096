/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of two tensors, element by element: rows for broadcast.h.
 *
 * Quantised sums and differences bring both inputs to one fine scale first:
 *   x = (a - a_zero) * 2^left * a_scale,   y = (b - b_zero) * 2^left * b_scale
 *   out = requantised x +- y                                 requant.h
 * Quantised products:
 *   out = requantised (a - a_zero) * (b - b_zero)
 * Plain numbers: out = clamp(a op b); integers wrap before they are clamped. */
#ifndef CRL_KERNELS_BINARY_H
#define CRL_KERNELS_BINARY_H

#include "kernels/broadcast.h"
#include "kernels/requant.h"

/* Parameters of the rows of quantised sums. Contract: zeros within the type, left 20 for 8 bits, 15 for 16. */
typedef struct crl_sum {
    int32_t a_zero, b_zero;
    crl_scale a_scale, b_scale;
    int32_t left;
    bool subtract;
    crl_requant out; /* one scale, and the fused activation */
} crl_sum;

crl_row_fn crl_sum_u8_ref, crl_sum_s8_ref, crl_sum_s16_ref;

/* Sums of 16-bit numbers whose scales are powers of two: one input is shifted right, and the sum saturates. */
typedef struct crl_sum_shift {
    int32_t a_right, b_right; /* 0..31 */
    bool subtract;
    int32_t min, max;
} crl_sum_shift;

crl_row_fn crl_sum_shift_s16_ref;

typedef struct crl_product {
    int32_t a_zero, b_zero;
    crl_requant out; /* one scale, and the fused activation */
} crl_product;

crl_row_fn crl_product_u8_ref, crl_product_s8_ref, crl_product_s16_ref;

/* Squared differences: x and y as for sums, out = requantised (x - y)^2, left 7.
 * Source: TensorFlow Lite, kernels/squared_difference.cc. */
crl_row_fn crl_squared_difference_s8_ref;

/* Clamps of plain numbers, by the type of the output. */
typedef struct crl_limits {
    int64_t min, max;
    float min_f32, max_f32;
} crl_limits;

crl_row_fn crl_add_s16_ref, crl_add_s32_ref, crl_add_s64_ref, crl_add_f32_ref;
crl_row_fn crl_sub_s32_ref, crl_sub_s64_ref, crl_sub_f32_ref;
crl_row_fn crl_mul_s16_ref, crl_mul_s32_ref, crl_mul_s64_ref, crl_mul_f32_ref;

/* FLOAT16, as bits: computed in float, rounded, and clamped to what is finite. */
crl_row_fn crl_add_f16_ref, crl_mul_f16_ref;

#endif
