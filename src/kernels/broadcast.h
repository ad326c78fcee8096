/* SPDX-License-Identifier: Apache-2.0 */
/* Element-wise functions of two tensors whose shapes are matched by repeating.
 *
 * Shapes are aligned at their last dimension; a dimension of 1 is repeated to the other's size:
 *
 *   a [4,1,3]  b [2,1]  ->  out [4,2,3]
 *
 * A plan is the shape of the output with neighbouring dimensions joined as far as both inputs allow, and for each
 * dimension how far the inputs move. The last dimension is a row, which a function works off in one call. */
#ifndef CRL_KERNELS_BROADCAST_H
#define CRL_KERNELS_BROADCAST_H

#include <corallite/tensor.h>

typedef struct crl_broadcast {
    int32_t rank;                                       /* at least 1 */
    size_t dim[CRL_MAX_RANK];
    size_t step_a[CRL_MAX_RANK], step_b[CRL_MAX_RANK];  /* elements, 0 where the input repeats */
} crl_broadcast;

/* One row: out[i] = f(a[i * step_a], b[i * step_b]), i in 0..n-1; steps are 0 or 1. */
typedef void crl_row_fn(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                        const void *params);

/* `out` is the common shape. */
void crl_broadcast_plan(crl_broadcast *plan, const crl_shape *a, const crl_shape *b, const crl_shape *out);

/* Calls `row` for every row; sizes are the bytes of one element. `out` may be an input that does not repeat,
 * when its elements have the size of those of the output. */
void crl_broadcast_run(const crl_broadcast *plan, void *out, size_t out_size, const void *a, size_t a_size,
                       const void *b, size_t b_size, crl_row_fn *row, const void *params);

#endif
