/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and fully connected layers of floats, as matrix products over packed weights.
 *
 *   out[m,o] = clamp((sum over taps t, channels i of in(m,t,i) * filter[o,t,i]) + bias[o])
 *
 * The bytes of the definitions (conv.h, fully_connected.h): vectors go over outputs, and each sum runs in their order, with
 * products that are rounded before they are added. A tap outside the picture, which they leave out, is a product with 0 here:
 * it changes no sum, since none is ever -0, as long as weights are finite.
 *
 * A fully connected layer is a window of 1 by 1 on pictures of 1 by 1, as in gemm.h. */
#ifndef CRL_KERNELS_GEMM_F32_H
#define CRL_KERNELS_GEMM_F32_H

#include <corallite/status.h>

#include "base/alloc.h"
#include "kernels/window.h"

typedef enum crl_gemm_f32_mode {
    CRL_GEMM_F32_EXACT, /* the definition's bits */
    CRL_GEMM_F32_FUSED  /* products are not rounded before they are added: faster, and other bits */
} crl_gemm_f32_mode;

/* What to compute. Everything is borrowed, and only while crl_gemm_f32_new runs. */
typedef struct crl_gemm_f32_spec {
    crl_window window;
    const float *filter; /* [out_c, filter_h, filter_w, in_c]; NULL: computed, see crl_gemm_f32_pack */
    const float *bias;   /* [out_c], or NULL */
    float min, max;
    crl_pile *pile;      /* where the packed layer is kept, and has to outlive it */
    size_t in_stride;    /* floats from pixel to pixel, at least in_c; 0: in_c. For groups, */
    size_t out_stride;   /* likewise out_c; and for the phases of a transposed convolution */
    crl_gemm_f32_mode mode;
} crl_gemm_f32_spec;

/* Read-only after crl_gemm_f32_new, any number of threads may run it. */
typedef struct crl_gemm_f32 crl_gemm_f32;

/* Packs the weights for the best level in `cpu`; the result lies in the pile.
 * Errors  CRL_ERR_UNSUPPORTED  no level of `cpu` has kernels for it, or a weight is not finite and the window leaves the
 *                              picture: the definition serves
 *         CRL_ERR_MEMORY */
crl_status crl_gemm_f32_new(crl_gemm_f32 **out, const crl_gemm_f32_spec *spec, unsigned cpu, crl_error *err);

/* Work is a rectangle of rows (output pixels) and panels (groups of outputs), as in gemm.h. */
int32_t crl_gemm_f32_rows(const crl_gemm_f32 *g);
uint64_t crl_gemm_f32_macs(const crl_gemm_f32 *g);
int32_t crl_gemm_f32_row_step(const crl_gemm_f32 *g);
int32_t crl_gemm_f32_panels(const crl_gemm_f32 *g);
size_t crl_gemm_f32_packed_bytes(const crl_gemm_f32 *g);
size_t crl_gemm_f32_scratch_bytes(const crl_gemm_f32 *g); /* of a thread, aligned to 64 */
const char *crl_gemm_f32_name(const crl_gemm_f32 *g);

/* Rows row0 .. row1-1 of panels panel0 .. panel1-1, from the whole input to their places in the whole output. No overlap. */
void crl_gemm_f32_run(const crl_gemm_f32 *g, float *out, const float *in, int32_t row0, int32_t row1, int32_t panel0,
                      int32_t panel1, void *scratch);

/* Layers whose weights are computed, of windows of 1 by 1: floats that they take when packed, their packing, and the run with
 * them. Weight k of output o is filter[k * k_step + o * o_step]. */
size_t crl_gemm_f32_weights(const crl_gemm_f32 *g);
void crl_gemm_f32_pack(const crl_gemm_f32 *g, float *to, const float *filter, size_t k_step, size_t o_step);
void crl_gemm_f32_run_with(const crl_gemm_f32 *g, const float *weights, float *out, const float *in, int32_t row0, int32_t row1,
                           int32_t panel0, int32_t panel1, void *scratch);

#endif
