/* SPDX-License-Identifier: Apache-2.0 */
/* The two passes of resizing on rows of bytes.
 *
 *   across   out[o] = byte(sum over t of weight[o][t] * in[first[o] + t]), for each channel, in four rows at a time
 *   down     out[i] = byte(sum over t of weight[t] * rows[t][i])
 *
 * with byte(s) = (2^21 + s) >> 22, cut to 0..255. Sums are of 32 bits and do not depend on the order of their terms.
 *
 * Contract. across: rows of in and out have CRL_ROW_SLACK bytes behind their last pixel, which may be read and written;
 * pointers may be equal among each other where there are fewer than four rows, but no `in` is an `out`. `taps` of the
 * weights is a multiple of crl_row_step(). down: exactly n bytes of each row are read and of `out` written; `taps` is a
 * multiple of CRL_DOWN_STEP, and `rows` has as many pointers: those past the last row are any row, for their weight is 0. */
#ifndef CRL_VISION_ROWS_H
#define CRL_VISION_ROWS_H

#include "vision/weights.h"

enum { CRL_ROW_SLACK = 32, CRL_ROW_GROUP = 4 };

/* Of what the number of weights is a multiple: across, by the channels of a pixel; and down. */
static inline int32_t crl_row_step(int32_t channels)
{
    return channels == 1 ? 8 : 2;
}
enum { CRL_DOWN_STEP = 2 };

/* A sum with its half as a byte. */
static inline uint8_t crl_row_byte(int32_t sum)
{
    const int32_t v = sum >> CRL_WEIGHT_BITS;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}
enum { CRL_ROW_HALF = 1 << (CRL_WEIGHT_BITS - 1) };

typedef void crl_across_fn(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k);
/* Output o of the weights; rows[i] is input first[o] + i. */
typedef void crl_down_fn(uint8_t *out, const uint8_t *const *rows, const crl_weights *k, int32_t o, size_t n);

typedef struct crl_row_kernels {
    const char *name;
    crl_across_fn *across_1, *across_3; /* by channels */
    crl_down_fn *down;
} crl_row_kernels;

void crl_row_kernels_init(crl_row_kernels *k, unsigned cpu);

crl_across_fn crl_across_1_ref, crl_across_3_ref;
crl_down_fn crl_down_ref;
crl_across_fn crl_across_1_avx2, crl_across_3_avx2, crl_across_1_neon, crl_across_3_neon;
crl_down_fn crl_down_avx2, crl_down_neon;

#endif
