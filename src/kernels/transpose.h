/* SPDX-License-Identifier: Apache-2.0 */
/* A matrix on its side.
 *
 *   for every r < rows, c < columns:
 *       out[c * out_step + r * size] = in[r * in_step + c * size]     (one element of `size` bytes: 1, 2, 4 or 8)
 *
 * Steps are bytes, and may be negative. Goes by squares, so that a cache line which one element comes from, or goes to, is
 * still there for its neighbours; bytes are turned eight by eight in registers. */
#ifndef CRL_KERNELS_TRANSPOSE_H
#define CRL_KERNELS_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>

typedef struct crl_transpose {
    size_t size, rows, columns;
    ptrdiff_t out_step, in_step;
} crl_transpose;

void crl_transpose_copy(uint8_t *out, const uint8_t *in, const crl_transpose *t);

#endif
