/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and fully connected layers of 16-bit activations and 8-bit weights, as matrix products over packed weights.
 *
 *   out[m,o] = requantised (bias[o] + sum over taps t, channels i of in(m,t,i) * filter[o,t,i])
 *
 * All zero points are 0, so that taps outside the picture add nothing. The outputs are those of the definitions (conv.h,
 * fully_connected.h).
 *
 * A product has 23 bits. Sums are made in 32: where the definition's accumulators are of 32 bits and wrap, that is what it does.
 * Where they are of 64 bits, 32 are enough as long as the absolute values of an output's weights add up to 65,535 at most,
 * which is known at load and holds for most layers. Others are cut into pieces of at most 508 products, and sums of pieces
 * are added up.
 *
 * A fully connected layer is a window of 1 by 1 on pictures of 1 by 1, as in gemm.h. */
#ifndef CRL_KERNELS_GEMM_S16_H
#define CRL_KERNELS_GEMM_S16_H

#include "kernels/unit16.h"
#include "kernels/window.h"

/* What to compute. */
typedef struct crl_gemm_s16_spec {
    crl_window window;
    const int8_t *filter;  /* [out_c, filter_h, filter_w, in_c], borrowed while crl_gemm_s16_new runs */
    crl_unit16_spec out;   /* its arrays have to outlive the layer */
    crl_pile *pile;        /* where the packed layer is kept; it has to outlive it, too */
    size_t in_stride;      /* elements from pixel to pixel, at least in_c; 0: in_c */
    size_t out_stride;     /* likewise out_c */
} crl_gemm_s16_spec;

/* Read-only after crl_gemm_s16_new, any number of threads may run it. */
typedef struct crl_gemm_s16 crl_gemm_s16;

/* Packs the weights for the best level in `cpu`; the result lies in the pile.
 * Errors  CRL_ERR_UNSUPPORTED  no level of `cpu` has kernels for it: the definition serves
 *         CRL_ERR_MEMORY */
crl_status crl_gemm_s16_new(crl_gemm_s16 **out, const crl_gemm_s16_spec *spec, unsigned cpu, crl_error *err);

/* Work is a rectangle of rows (output pixels) and panels (groups of outputs), as in gemm.h. */
int32_t crl_gemm_s16_rows(const crl_gemm_s16 *g);
uint64_t crl_gemm_s16_macs(const crl_gemm_s16 *g);
int32_t crl_gemm_s16_row_step(const crl_gemm_s16 *g);
int32_t crl_gemm_s16_panels(const crl_gemm_s16 *g);
size_t crl_gemm_s16_packed_bytes(const crl_gemm_s16 *g);
size_t crl_gemm_s16_scratch_bytes(const crl_gemm_s16 *g); /* of a thread, aligned to 64 */
const char *crl_gemm_s16_name(const crl_gemm_s16 *g);

/* Rows row0 .. row1-1 of panels panel0 .. panel1-1, from the whole input to their places in the whole output. No overlap. */
void crl_gemm_s16_run(const crl_gemm_s16 *g, int16_t *out, const int16_t *in, int32_t row0, int32_t row1, int32_t panel0,
                      int32_t panel1, void *scratch);

#endif
