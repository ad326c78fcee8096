/* SPDX-License-Identifier: Apache-2.0 */
/* The weights of resizing in one direction.
 *
 * An output is the weighted sum of the inputs around it. Weights are computed in double, made to sum to 1, and rounded
 * to 22 fractional bits, which leaves sums of bytes room in 32 bits. What Pillow computes is defined by the order of its
 * operations in double, so that order is kept here.
 *
 * A weight has more than 16 bits. It is kept in two halves, too, w = 65536 * high + low, both signed, so that vectors of 16
 * bits can multiply it; sums of halves are joined modulo 2^32, where they are what the sum of the wholes is.
 *
 * Source: Pillow 13, libImaging/Resample.c */
#ifndef CRL_VISION_WEIGHTS_H
#define CRL_VISION_WEIGHTS_H

#include "base/alloc.h"
#include "vision/vision.h"

enum { CRL_WEIGHT_BITS = 22 };
enum { CRL_WEIGHTS_BEHIND = 4 }; /* so many may be read behind the last weight */

typedef struct crl_weights {
    int32_t n_out;
    int32_t taps;        /* places for weights of each output; those past `n` are 0 */
    int32_t *first;      /* [n_out] input */
    int32_t *n;          /* [n_out] inputs; neither first nor first + n ever falls */
    int32_t *whole;      /* [n_out][taps], for plain code */
    int16_t *low, *high; /* [n_out][taps], for vectors */
    bool positive;       /* no high is negative */
} crl_weights;

static inline int32_t crl_weight(const crl_weights *k, int32_t o, int32_t i)
{
    return k->whole[(size_t)o * (size_t)k->taps + (size_t)i];
}

/* For n_out outputs of the inputs from..to of n_in; `taps` becomes a multiple of `step`. The memory is the pile's.
 * false: there is none. The nearest filter has no weights. */
bool crl_weights_make(crl_weights *k, crl_pile *pile, int32_t n_in, float from, float to, int32_t n_out,
                      crl_resample filter, int32_t step);

#endif
