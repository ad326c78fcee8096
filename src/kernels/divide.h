/* SPDX-License-Identifier: Apache-2.0 */
/* Division of two tensors, element by element: rows for broadcast.h. No divisor is 0, that is b_zero, except that of
 * floats.
 *
 * Quantised quotients multiply by the reciprocal in fixed point; parameters are those of products:
 *   out = clamp(out_zero + (a - a_zero) / (b - b_zero) * scale), scale.shift at most 22
 * Plain ones: integers are cut towards zero, floats divided; then clamped.
 * Floors: floor(a / b) in double, without clamps. */
#ifndef CRL_KERNELS_DIVIDE_H
#define CRL_KERNELS_DIVIDE_H

#include "kernels/binary.h"

crl_row_fn crl_quotient_u8_ref, crl_quotient_s8_ref, crl_quotient_s16_ref;
crl_row_fn crl_div_s32_ref, crl_div_f32_ref;
crl_row_fn crl_floor_div_s8_ref, crl_floor_div_s16_ref, crl_floor_div_s32_ref, crl_floor_div_f32_ref;

#endif
