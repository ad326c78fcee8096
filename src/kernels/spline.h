/* SPDX-License-Identifier: Apache-2.0 */
/* The non-linear unit of the Edge TPU: a function in eight pieces, each a polynomial of degree four, in float32. Programs bring the
 * coefficients along; these are theirs. docs/chip-exact.md has the evidence. */
#ifndef CRL_KERNELS_SPLINE_H
#define CRL_KERNELS_SPLINE_H

#include <corallite/tensor.h>

#include "kernels/requant.h"

/* 256 / (1 + exp(-x)), not rounded yet. */
float crl_spline_logistic(float x);

/* k / sqrt(x) for x > 0, finite; not rounded yet. The coefficients are multiplied with k first. */
float crl_spline_inverse_root(float x, float k);

/* 65535 * exp(x) for x of -13.0381 to 0, not rounded yet; x below counts as -13.0381. */
float crl_spline_exponential(float x);

/* LOGISTIC of a byte of `type`, UINT8 or INT8, by its 256 values; the output has the scale 1/256. */
void crl_spline_table_logistic(uint8_t table[256], crl_type type, float in_scale, int32_t in_zero, int32_t out_zero);

/* The same for TANH, of which the pieces are not known: the real function, cut where the chip cuts it. The output has any scale. */
void crl_spline_table_tanh(uint8_t table[256], crl_type type, float in_scale, int32_t in_zero, float out_scale, int32_t out_zero);

#endif
