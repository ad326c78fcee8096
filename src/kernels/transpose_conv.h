/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV: each input pixel spreads over a window of the output. Seen from the output:
 *
 *   acc[oy,ox,o] = bias[o] + sum over the input pixels (iy,ix) with fy = oy + pad_top - iy * stride_h in
 *                  0..filter_h-1 (fx alike), and their channels, of (in - in_zero) * (filter[o,fy,fx] - filter_zero)
 *   out          = as in conv.h, whose parameters and function types serve here
 *
 * window.in_* is the small picture that comes in, window.out_* the large one. groups is 1. Float sums run over the
 * input in the order of memory.
 *
 * Float activations with an 8-bit filter (pictures quantised one by one, hybrid.h) are summed in float, too:
 *
 *   acc[oy,ox,o] = sum over the same of (float)((in - zero of the picture) * filter) * scale[o] * scale of the picture */
#ifndef CRL_KERNELS_TRANSPOSE_CONV_H
#define CRL_KERNELS_TRANSPOSE_CONV_H

#include "kernels/conv.h"

crl_conv_u8_fn crl_transpose_conv_u8_ref;
crl_conv_s8_fn crl_transpose_conv_s8_ref;
crl_conv_s16_fn crl_transpose_conv_s16_ref;
crl_conv_s16_wide_fn crl_transpose_conv_s16_wide_ref;
crl_conv_f32_fn crl_transpose_conv_f32_ref;
crl_conv_hybrid_fn crl_transpose_conv_hybrid_ref;

#endif
