/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED: each output is a row of weights times the input.
 *
 *   acc[b,o] = bias[o] + sum over i of (in[b,i] - in_zero) * (filter[o,i] - filter_zero)
 *   out[b,o] = requantised acc      integers: requant.h
 *   out[b,o] = clamp(acc)           float32
 *
 * Unlike convolutions, the reference (LiteRT 2) scales in double, with one rounding: `real` of requant.h.
 *
 * in [batch, in_n], filter [out_n, in_n], bias [out_n] or NULL, out [batch, out_n]. 32-bit accumulators wrap;
 * float sums run along i and end with the bias. Buffers need no alignment and do not overlap. */
#ifndef CRL_KERNELS_FULLY_CONNECTED_H
#define CRL_KERNELS_FULLY_CONNECTED_H

#include <stdint.h>

#include "kernels/hybrid.h"
#include "kernels/requant.h"

/* What prepare makes of the operator; its crl_node.params points here. */
typedef struct crl_fully {
    int32_t batch, in_n, out_n;
    int32_t in_zero, filter_zero;
    crl_requant out; /* in_scale * filter_scale / out_scale of each output, the fused activation; not for float32 */
    float min_f32, max_f32;
} crl_fully;

/* Of float activations with an 8-bit filter, whose rows are quantised one by one while running (hybrid.h). `fully` comes
 * first: params are either. */
typedef struct crl_fully_hybrid {
    crl_fully fully;
    crl_hybrid_matrix matrix;
    bool asymmetric;
    bool min_wins; /* see crl_hybrid_clamp */
    size_t block; /* columns that have a scale together, 0: all */
} crl_fully_hybrid;

void crl_fully_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias, const crl_fully *f);
void crl_fully_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias, const crl_fully *f);
/* 16-bit activations, 8-bit weights; zero points are 0. */
void crl_fully_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias, const crl_fully *f);
/* The same with 64-bit bias and accumulators. */
void crl_fully_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                            const crl_fully *f);
/* 16-bit activations and weights, 64-bit accumulators, of which the reference scales in fixed point; bias of either width. */
void crl_fully_s16s16_ref(int16_t *out, const int16_t *in, const int16_t *filter, const int32_t *bias, const int64_t *wide_bias,
                          const crl_fully *f);
void crl_fully_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_fully *f);

#endif
