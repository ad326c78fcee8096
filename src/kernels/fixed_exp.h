/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential function, logarithm, reciprocal and reciprocal root in 32-bit fixed point, to the last bit those of gemmlowp
 * (fixedpoint/fixedpoint.h), on which the 8-bit SOFTMAX and its kin of the reference are built.
 *
 * Qm.n is a signed number of m integer and n = 31 - m fraction bits. One in Q0.31 is INT32_MAX. */
#ifndef CRL_KERNELS_FIXED_EXP_H
#define CRL_KERNELS_FIXED_EXP_H

#include "base/fixed.h"

/* exp(x) as Q0.31; x is Q5.26 and <= 0. */
int32_t crl_fixed_exp(int32_t x);

/* 1 / (1 + x) as Q0.31; x is Q0.31 in [0, 1]. */
int32_t crl_fixed_reciprocal_1p(int32_t x);

/* 1 / sum as `result` / 2^(31 + *bits): sum is an unsigned number with `integer_bits` bits (and a sign bit)
 * before the point, > 0. Source: TensorFlow Lite, kernels/internal/common.h: GetReciprocal. */
int32_t crl_fixed_reciprocal(uint32_t sum, int32_t integer_bits, int32_t *bits);

/* log(x) as Q5.26, for x >= 1 with `integer_bits` bits before the point.
 * Source: TensorFlow Lite, kernels/internal/common.h: log_x_for_x_greater_than_or_equal_to_1. */
int32_t crl_fixed_log(int32_t x, int32_t integer_bits);

/* 1 / sqrt(x) as a scale for fixed.h, for x > 1; 1 (nearly) for others.
 * Source: TensorFlow Lite, kernels/internal/common.h: GetInvSqrtQuantizedMultiplierExp. */
crl_scale crl_fixed_inverse_root(int32_t x);

/* x * 2^n, saturating; n in 0..31. */
int32_t crl_fixed_shift_left(int32_t x, int32_t n);

#endif
