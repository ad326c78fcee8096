/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for lut.h: a real function between two quantisations of 8 bits.
 *
 *   table[q] = clamp((int)(round(f(in_scale * (q - in_zero)) / out_scale) + out_zero))     all in float
 *
 * Source: TensorFlow Lite, kernels/internal/common.h: LUTPopulate. The quotient is a product with 1 / out_scale. */
#ifndef CRL_KERNELS_TABLE8_H
#define CRL_KERNELS_TABLE8_H

#include <corallite/tensor.h>

/* A function to be tabulated; `limit` is its value where it has none (the logarithm of 0). */
typedef float crl_table_fn(float x, float limit);

/* Indexed by the byte of q. `type`, of both, is UINT8 or INT8. */
void crl_table8_fill(uint8_t table[256], crl_type type, crl_table_fn *f, float limit, float in_scale, int32_t in_zero,
                     float out_scale, int32_t out_zero);

#endif
