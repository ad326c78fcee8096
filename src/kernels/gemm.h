/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and fully connected layers on uint8 activations, as matrix products over packed weights.
 *
 *   acc[m,o] = bias[o] + sum over taps t, channels i of (in(m,t,i) - in_zero) * (filter[o,t,i] - filter_zero)
 *   out[m,o] = requantised acc[m,o] (requant.h)
 *
 * m is an output pixel, (batch * out_h + y) * out_w + x; a tap is a position of the window (window.h); in(m,t,i) is
 * in_zero outside the picture. Accumulators are 32 bits and wrap; the results are those of the definitions
 * (conv.h, fully_connected.h), bit for bit, at every level.
 *
 * int8 activations serve after an XOR with 0x80, with all their zero points raised by 128 (move.h).
 * A fully connected layer is a window of 1 by 1 on pictures of 1 by 1: batch rows, in_c inputs, out_c outputs.
 *
 * No copy of the whole picture is made. Windows of one pixel are read where they lie. Those of several are too where the
 * level's kernels take it, as long as they follow each other in a row and lie in the picture whole. Others are copied, a
 * block of rows at a time, so that all their bytes lie side by side; or, where channels are many and the level's kernels
 * take it, reached by a pointer for each tap. Where outputs are few, so that copied windows would cost much beside their products,
 * the picture is copied instead, some rows at a time and with its padding. Outside the picture lies in_zero.
 *
 * Kernels read the activations, and write the outputs, of the given rows and panels and nothing else. */
#ifndef CRL_KERNELS_GEMM_H
#define CRL_KERNELS_GEMM_H

#include <corallite/pool.h>

#include "base/alloc.h"
#include "kernels/requant.h"
#include "kernels/window.h"

/* What to compute. Everything is borrowed, and only while crl_gemm_new runs. */
typedef struct crl_gemm_spec {
    crl_window window;
    const void *filter;    /* [out_c, filter_h, filter_w, in_c], uint8_t or int8_t */
    bool filter_signed;    /* int8_t */
    int32_t filter_zero;   /* in the filter's own units */
    const int32_t *bias;   /* [out_c], or NULL */
    int32_t in_zero;       /* 0..255 */
    crl_requant requant;   /* arrays of out_c */
    bool sums;             /* outputs are the accumulators themselves, int32_t, wrapped: `requant` is not looked at, */
                           /* out_stride counts bytes still */
    crl_pile *pile;        /* where the layer is kept, and goes with it; NULL: until crl_gemm_free */
    size_t in_stride;      /* bytes from pixel to pixel, at least in_c; 0: in_c. For groups, and for parts of a */
    size_t out_stride;     /* concatenation; likewise out_c */
    crl_pool *pool;        /* whose threads pack as well; NULL: the caller alone */
} crl_gemm_spec;

/* A layer packed for one level: read-only after crl_gemm_new, any number of threads may run it. */
typedef struct crl_gemm crl_gemm;

/* Packs the weights, proves the requantisation, and chooses the kernels for the levels in `cpu`.
 * Errors  CRL_ERR_UNSUPPORTED  no level of `cpu` has kernels for it, or the requantisation does not fit
 *                              (crl_requant_fits): the reference kernel serves
 *         CRL_ERR_MEMORY */
crl_status crl_gemm_new(crl_gemm **out, const crl_gemm_spec *spec, unsigned cpu, crl_error *err);
void crl_gemm_free(crl_gemm *g); /* accepts NULL */

/* Work is a rectangle of rows (output pixels) and panels (groups of output channels). Any split gives the same
 * bytes; one of rows in multiples of crl_gemm_row_step is the cheapest, panels are for layers with few rows. */
int32_t crl_gemm_rows(const crl_gemm *g);
int32_t crl_gemm_row_step(const crl_gemm *g);
int32_t crl_gemm_panels(const crl_gemm *g);

size_t crl_gemm_packed_bytes(const crl_gemm *g);  /* what it occupies */
size_t crl_gemm_scratch_bytes(const crl_gemm *g); /* what a thread needs to run it */
uint64_t crl_gemm_macs(const crl_gemm *g);        /* of all rows and panels, borders included */
const char *crl_gemm_name(const crl_gemm *g);      /* of the kernel, for profiles: "gemm avx2" */

/* What lies outside the picture from now on, instead of in_zero: for layers whose zero point is known only while running, and
 * which were packed with an in_zero of 0. Not while the layer runs. */
void crl_gemm_set_outside(crl_gemm *g, uint8_t value);

/* Rows row0 .. row1-1 of panels panel0 .. panel1-1, from the whole input to their places in the whole output (`in`
 * and `out` are channel 0 of the first pixel).
 * scratch: crl_gemm_scratch_bytes, aligned to 8, not shared between threads. No overlap. */
void crl_gemm_run(const crl_gemm *g, uint8_t *out, const uint8_t *in, int32_t row0, int32_t row1, int32_t panel0,
                  int32_t panel1, void *scratch);

#endif
