/* SPDX-License-Identifier: Apache-2.0 */
/* Transposed convolutions of floats with weights of 8 bits: the bytes of their definition (transpose_conv.h), which adds up
 *
 *   (float)((in - zero) * filter) * scale[o] * scale of the picture
 *
 * for each product: three multiplications, each rounded. Inputs that are 0, half of them behind a RELU, make terms of 0, which change
 * no sum, as none is ever -0. So an input pixel is a list of what in it is not 0, and is spread over the outputs that see it: those
 * of a row of the filter lie side by side. Pixels in the order of memory give each sum its terms in the definition's order.
 *
 *   pixel (y, x) --list--> (value, channel), ... --add--> filter_w * out_c sums in a line of the output --finish--> output row */
#ifndef CRL_KERNELS_SCATTER_H
#define CRL_KERNELS_SCATTER_H

#include <corallite/status.h>

#include "base/alloc.h"
#include "kernels/hybrid.h"
#include "kernels/window.h"

/* What to compute. Everything is borrowed, and only while crl_scatter_new runs. */
typedef struct crl_scatter_spec {
    crl_window window;               /* of one picture */
    const crl_hybrid_matrix *filter; /* [out_c][filter_h][filter_w][in_c] */
    const float *bias;               /* [out_c], or NULL */
    float min, max;
    crl_pile *pile;                  /* where the packed layer is kept, and has to outlive it */
} crl_scatter_spec;

/* Read-only after crl_scatter_new, any number of threads may run it. */
typedef struct crl_scatter crl_scatter;

/* Errors  CRL_ERR_UNSUPPORTED  no level of `cpu` has kernels for it, or a scale is not finite: the definition serves
 *         CRL_ERR_MEMORY */
crl_status crl_scatter_new(crl_scatter **out, const crl_scatter_spec *spec, unsigned cpu, crl_error *err);

size_t crl_scatter_packed_bytes(const crl_scatter *s);
size_t crl_scatter_scratch_bytes(const crl_scatter *s); /* of a thread */
const char *crl_scatter_name(const crl_scatter *s);

/* Output rows row0 .. row1 - 1 of the picture `in`, which holds whole numbers, input - zero, times `scale`, a finite one. */
void crl_scatter_run(const crl_scatter *s, float *out, const float *in, float scale, int32_t row0, int32_t row1, void *scratch);

#endif
