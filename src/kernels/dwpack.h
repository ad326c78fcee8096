/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution on packed weights: the fast form of depthwise.h, for one output per channel.
 *
 *   out[y, x, c] = requant_c(bias[c] + sum over the taps of (in - in_zero) * weights[tap, c])
 *
 * in [in_h, in_w, channels], out [out_h, out_w, channels]: one picture, uint8, kernel form. Taps outside the
 * picture count as in_zero. Any filter of up to
 * CRL_DWPACK_FILTER_ROWS rows, any stride and dilation.
 *
 * Method. A column of up to four filter rows becomes lanes of four bytes, one for each row, so that one
 * dot-product instruction does four taps of a channel, and the column serves every output that sees it:
 *
 *   row 0   a0 a1 a2 ..       lane c = (a c, b c, c c, d c)
 *   row 1   b0 b1 b2 ..  -->    times (w0, w1, w2,  0)  a term of output row y
 *   row 2   c0 c1 c2 ..         times ( 0, w0, w1, w2)  the same term of output row y + 1
 *   row 3   d0 d1 d2 ..
 *
 * Taller filters take several groups of four rows. Plain NEON, which has no dot product, keeps the rows of a column
 * apart and adds taps in 16 bits. */
#ifndef CRL_KERNELS_DWPACK_H
#define CRL_KERNELS_DWPACK_H

#include "kernels/requant.h"
#include "kernels/window.h"

/* What is to be packed. All pointers are borrowed and not kept. */
typedef struct crl_dwpack_spec {
    crl_window window;       /* batch 1, in_c == out_c */
    int32_t in_zero;         /* 0..255 */
    const int16_t *weights;  /* [filter_h * filter_w][out_c] filter - filter_zero, -254..254 */
    const int32_t *bias;     /* [out_c] or NULL */
    crl_requant requant;
    const crl_requant_proof *proof; /* [out_c] of `requant`, over the ranges that crl_dwpack_takes gives */
} crl_dwpack_spec;

typedef struct crl_dwpack_kernels {
    const char *name; /* "dwpack avx512vnni", for profiles; NULL: no kernel at this level, use depthwise.h */
    /* Size of the packed form, a multiple of 64; it is self-contained and may be moved by 64 bytes. */
    size_t (*packed_bytes)(const crl_dwpack_spec *spec);
    void (*pack)(void *packed, const crl_dwpack_spec *spec);
    /* Scratch of one run, for one thread. */
    size_t (*scratch_bytes)(const crl_dwpack_spec *spec);
    /* Output rows first_row .. last_row - 1. Touches only what belongs to them. */
    void (*run)(const void *packed, uint8_t *out, const uint8_t *in, int32_t first_row, int32_t last_row,
                void *scratch);
} crl_dwpack_kernels;

void crl_dwpack_kernels_init(crl_dwpack_kernels *k, unsigned cpu);

enum { CRL_DWPACK_FILTER_ROWS = 64 };

/* Whether the kernels can serve: weights and filter rows within the limits, accumulators that fit the
 * requantisation. Fills range[out_c]: what the accumulators reach. `spec->proof` is not looked at. */
bool crl_dwpack_takes(const crl_dwpack_spec *spec, crl_requant_range *range);

/* Of a channel of what crl_dwpack_takes has taken: the bias that kernels start from (crl_requant_nearer). */
int64_t crl_dwpack_bias(const crl_dwpack_spec *spec, int32_t c);

extern const crl_dwpack_kernels crl_dwpack_avx2, crl_dwpack_avxvnni, crl_dwpack_avx512vnni, crl_dwpack_neon, crl_dwpack_neondot;

#endif
