/* SPDX-License-Identifier: Apache-2.0 */
/* Moves a box of elements between two memories of any layout.
 *
 *   for every index i[0] < dim[0], i[1] < dim[1], ...:
 *       out[sum of i[d] * out_step[d]] = in[sum of i[d] * in_step[d]]     (one element of `size` bytes)
 *
 * Steps are bytes. A step of the input may be 0 (repeats) or negative (runs backwards; the caller's pointer
 * is that of index 0). With this one loop TRANSPOSE is a matter of order, SLICE of a pointer, TILE of a zero.
 * The memories do not overlap. Dimensions of 1 and runs that join up are merged first. */
#ifndef CRL_KERNELS_STRIDED_H
#define CRL_KERNELS_STRIDED_H

#include <stddef.h>
#include <stdint.h>

enum { CRL_STRIDED_RANK = 16 };

typedef struct crl_strided {
    size_t size; /* bytes of an element; after merging, of a run of elements */
    int32_t rank;
    size_t dim[CRL_STRIDED_RANK]; /* outermost first */
    ptrdiff_t out_step[CRL_STRIDED_RANK], in_step[CRL_STRIDED_RANK];
} crl_strided;

/* Adds a dimension inside of those present. */
void crl_strided_add(crl_strided *s, size_t dim, ptrdiff_t out_step, ptrdiff_t in_step);

/* Merges what can be merged. To be called once, after the last crl_strided_add. */
void crl_strided_finish(crl_strided *s);

void crl_strided_copy(void *out, const void *in, const crl_strided *s);

/* n elements of `size` bytes, all equal to *value. */
void crl_fill(void *out, const void *value, size_t size, size_t n);

#endif
