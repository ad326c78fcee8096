/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for lut.h: a real function between two quantisations of 8 bits.
 *
 *   table[q] = clamp((int)(round(f(in_scale * (q - in_zero)) / out_scale) + out_zero))     all in float
 *
 * Source: TensorFlow Lite, kernels/internal/common.h: LUTPopulate. The quotient is a product with 1 / out_scale. */
#ifndef CRL_KERNELS_TABLE8_H
#define CRL_KERNELS_TABLE8_H

#include <corallite/tensor.h>

/* Indexed by the byte of q. `type`, of both, is UINT8 or INT8. */
void crl_table8_fill(uint8_t table[256], crl_type type, float (*f)(float), float in_scale, int32_t in_zero,
                     float out_scale, int32_t out_zero);

#endif
