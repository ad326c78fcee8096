/* SPDX-License-Identifier: Apache-2.0 */
/* Activations with arithmetic of their own. (RELU and its kin are requantisations with narrower clamps, LOGISTIC
 * and TANH tables.) */
#ifndef CRL_KERNELS_ACTIVATION_H
#define CRL_KERNELS_ACTIVATION_H

#include "base/fixed.h"
#include "kernels/broadcast.h"

/* LEAKY_RELU and PRELU, quantised:
 *   x = in - in_zero;   out = clamp(out_zero + (x >= 0 ? x * scale : x * slope))
 * The slope of PRELU is (alpha - alpha_zero) * negative, and has its own rounding; that of LEAKY_RELU is one
 * number, given by its magnitude and sign. */
typedef struct crl_leaky {
    int32_t in_zero, out_zero;
    crl_scale scale;
    crl_scale negative;  /* LEAKY_RELU: |alpha| * in_scale / out_scale; PRELU: in_scale * alpha_scale / out_scale */
    bool flip;           /* LEAKY_RELU: alpha < 0 */
    int32_t alpha_zero;  /* PRELU */
} crl_leaky;

/* Types are UINT8, INT8, INT16. */
void crl_leaky_relu_ref(void *out, const void *in, crl_type type, size_t n, const crl_leaky *p);
void crl_leaky_relu_f32_ref(float *out, const float *in, size_t n, float alpha);

/* Rows: a is the input, b alpha; that of 16 bits has alphas of INT8. */
crl_row_fn crl_prelu_u8_ref, crl_prelu_s8_ref, crl_prelu_s16_ref, crl_prelu_f32_ref;

/* HARD_SWISH: x * min(6, max(0, x + 3)) / 6. 8 bits in 16-bit fixed point:
 *   fine   = (in - in_zero) * 128                       x on a finer scale
 *   wide   = fine * out_mult                            x on the output's scale before the last shift
 *   ramp   = saturate(fine * ramp_mult * 2^ramp_shift)  x / 3 in Q0.15, then (ramp + 1) / 2
 *   out    = clamp(out_zero + ramp * wide * 2^-out_right)
 * Source: TensorFlow Lite, kernels/internal/reference/hard_swish.h. */
typedef struct crl_hard_swish {
    int32_t in_zero, out_zero;
    int16_t out_mult, ramp_mult;
    int32_t out_right;  /* 0..31 */
    int32_t ramp_shift; /* > 0: left */
} crl_hard_swish;

/* UINT8, INT8. */
void crl_hard_swish_ref(void *out, const void *in, crl_type type, size_t n, const crl_hard_swish *p);
void crl_hard_swish_f32_ref(float *out, const float *in, size_t n);

#endif
