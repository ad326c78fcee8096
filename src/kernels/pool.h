/* SPDX-License-Identifier: Apache-2.0 */
/* Pools: one value per channel out of a window of the picture, taken over the taps inside the input.
 *
 *   average  sum / count, rounded to nearest, ties away from zero (float32: the plain quotient); on the Edge TPU as average_chip.h
 *            has it
 *   max      the largest
 *   l2       square root of the mean square, float32
 *
 * and then clamped. Input and output share scale and zero point. window.out_c == window.in_c; every window has
 * a tap inside the input. Buffers need no alignment and do not overlap. */
#ifndef CRL_KERNELS_POOL_H
#define CRL_KERNELS_POOL_H

#include "kernels/window.h"

/* Averages in the arithmetic of the Edge TPU. */
typedef struct crl_average_on_chip {
    float in_scale, unit; /* the latter 1 / out_scale; in_scale 0: not in that arithmetic */
    int32_t in_zero, out_zero;
    int32_t whole; /* windows of so many taps have this factor; 0: none have */
    float factor;
} crl_average_on_chip;

/* What prepare makes of a pool; crl_node.params of AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D points here. */
typedef struct crl_pool2d {
    crl_window window;
    int32_t min, max; /* fused activation, in units of the output */
    crl_average_on_chip on_chip;
    float min_f32, max_f32;
} crl_pool2d;

typedef void crl_pool2d_fn(void *out, const void *in, const crl_pool2d *p);

crl_pool2d_fn crl_average_pool_u8_ref, crl_average_pool_s8_ref, crl_average_pool_s16_ref, crl_average_pool_f32_ref;
crl_pool2d_fn crl_max_pool_u8_ref, crl_max_pool_s8_ref, crl_max_pool_s16_ref, crl_max_pool_f32_ref;
crl_pool2d_fn crl_l2_pool_f32_ref;

#endif
