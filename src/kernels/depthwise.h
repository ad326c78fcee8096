/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions: every input channel has its own filters and makes out_c / in_c outputs.
 *
 *   acc[o] = bias[o] + sum over the taps inside the input of (in[o / m] - in_zero) * (filter[o] - filter_zero),
 *   m = out_c / in_c; then as in conv.h, whose parameters and function types serve here
 *
 * filter [1, filter_h, filter_w, out_c]. Float sums run in the order filter row, filter column. */
#ifndef CRL_KERNELS_DEPTHWISE_H
#define CRL_KERNELS_DEPTHWISE_H

#include "kernels/conv.h"

crl_conv_u8_fn crl_depthwise_u8_ref;
crl_conv_s8_fn crl_depthwise_s8_ref;
crl_conv_s16_wide_fn crl_depthwise_s16_wide_ref;
crl_conv_f32_fn crl_depthwise_f32_ref;
crl_conv_hybrid_fn crl_depthwise_hybrid_ref;

#endif
