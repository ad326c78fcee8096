/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED: each output is a row of weights times the input.
 *
 *   acc[b,o] = bias[o] + sum over i of (in[b,i] - in_zero) * (filter[o,i] - filter_zero)
 *   out[b,o] = clamp(out_zero + round(acc * scale[o]))     integers
 *   out[b,o] = clamp(acc)                                  float32
 *
 * Unlike convolutions, the reference (LiteRT 2) scales in double, with one rounding, ties away from zero. A
 * product beyond int32 becomes INT32_MIN, as the conversion instruction of x86 has it.
 *
 * in [batch, in_n], filter [out_n, in_n], bias [out_n] or NULL, out [batch, out_n]. 32-bit accumulators wrap;
 * float sums run along i and end with the bias. Buffers need no alignment and do not overlap. */
#ifndef CRL_KERNELS_FULLY_CONNECTED_H
#define CRL_KERNELS_FULLY_CONNECTED_H

#include <stdint.h>

#include "kernels/hybrid.h"

/* What prepare makes of the operator; its crl_node.params points here. */
typedef struct crl_fully {
    int32_t batch, in_n, out_n;
    int32_t in_zero, filter_zero, out_zero;
    const double *scale; /* [out_n] in_scale * filter_scale / out_scale; NULL for float32 */
    int32_t min, max;    /* fused activation, in units of the output */
    float min_f32, max_f32;
} crl_fully;

/* Of float activations with an 8-bit filter, whose rows are quantised one by one while running (hybrid.h). `fully` comes
 * first: params are either. */
typedef struct crl_fully_hybrid {
    crl_fully fully;
    crl_hybrid_matrix matrix;
    bool asymmetric;
    size_t block; /* columns that have a scale together, 0: all */
} crl_fully_hybrid;

/* One accumulator to the output's units, not clamped. */
int32_t crl_fully_scale(int64_t acc, double scale, int32_t out_zero);

void crl_fully_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias, const crl_fully *f);
void crl_fully_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias, const crl_fully *f);
/* 16-bit activations, 8-bit weights; in_zero and out_zero are 0. */
void crl_fully_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias, const crl_fully *f);
/* The same with 64-bit bias and accumulators. */
void crl_fully_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                            const crl_fully *f);
/* 16-bit activations and weights, 64-bit accumulators, scaled by crl_scale_apply_wide of the same scales; bias of either width. */
void crl_fully_s16s16_ref(int16_t *out, const int16_t *in, const int16_t *filter, const int32_t *bias, const int64_t *wide_bias,
                          const crl_fully *f);
void crl_fully_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_fully *f);

#endif
