/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions: CONV_2D, its groups, and DEPTHWISE_CONV_2D (depthwise.h takes the same parameters).
 *
 *   acc[o]  = bias[o] + sum over the taps inside the input and the channels of the group of
 *             (in - in_zero) * (filter - filter_zero)
 *   out[o]  = requantised acc[o]                          integers: requant.h
 *   out[o]  = clamp(acc[o])                                float32
 *
 * in [batch, in_h, in_w, in_c], filter [out_c, filter_h, filter_w, in_c / groups], bias [out_c] or NULL,
 * out [batch, out_h, out_w, out_c]. Outputs o of group g = o / (out_c / groups) read the input channels
 * g * (in_c / groups) and following.
 *
 * Accumulators are 32 bits and wrap. Float sums run in the order filter row, filter column, channel and end
 * with the bias. Buffers need no alignment and do not overlap. */
#ifndef CRL_KERNELS_CONV_H
#define CRL_KERNELS_CONV_H

#include "kernels/hybrid.h"
#include "kernels/requant.h"
#include "kernels/window.h"

/* What prepare makes of a convolution; crl_node.params of CONV_2D and DEPTHWISE_CONV_2D points here. */
typedef struct crl_conv {
    crl_window window;
    int32_t groups;           /* 1 for an ordinary convolution; in_c for a depthwise one */
    int32_t in_zero, filter_zero;
    crl_requant out;          /* in_scale * filter_scale / out_scale of each output, the fused activation; not for float32 */
    float min_f32, max_f32;
} crl_conv;

/* Of float activations with an 8-bit filter: pictures are quantised one by one while running (hybrid.h).
 *
 *   out[o] = clamp((float)acc * scale[o] * scale of the picture + bias[o])
 *
 * Depthwise convolutions multiply the scales first, as do others where all channels have one scale. `conv` comes first:
 * params are either. */
typedef struct crl_conv_hybrid {
    crl_conv conv;
    crl_hybrid_matrix filter; /* rows and columns are not used */
    bool asymmetric;
} crl_conv_hybrid;

static inline float crl_conv_clamp_f32(float v, const crl_conv *c)
{
    v = v < c->min_f32 ? c->min_f32 : v;
    return v > c->max_f32 ? c->max_f32 : v;
}

typedef void crl_conv_u8_fn(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias,
                            const crl_conv *c);
typedef void crl_conv_s8_fn(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias,
                            const crl_conv *c);
/* 16-bit activations, 8-bit weights, both symmetric: all zeros are 0. */
typedef void crl_conv_s16_fn(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias,
                             const crl_conv *c);
/* The same with 64-bit bias and accumulators, scaled by crl_requant_apply_wide. */
typedef void crl_conv_s16_wide_fn(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                                  const crl_conv *c);
typedef void crl_conv_f32_fn(float *out, const float *in, const float *filter, const float *bias, const crl_conv *c);
/* `quantised` has room for one picture. */
typedef void crl_conv_hybrid_fn(float *out, const float *in, const float *bias, const crl_conv_hybrid *c, int8_t *quantised);

crl_conv_u8_fn crl_conv_u8_ref;
crl_conv_s8_fn crl_conv_s8_ref;
crl_conv_s16_fn crl_conv_s16_ref;
crl_conv_s16_wide_fn crl_conv_s16_wide_ref;
crl_conv_f32_fn crl_conv_f32_ref;
crl_conv_hybrid_fn crl_conv_hybrid_ref;

#endif
