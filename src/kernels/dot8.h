/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of weights times one row of activations, along the row: for products of a handful of outputs, whose packed weights
 * (gemm.h) would be columns of zeros for the most part.
 *
 *   out[r] = sum over i of in[i] * weights[r * n + i]
 *
 * n is CRL_DOT8_MOST at most: no sum leaves 32 bits. */
#ifndef CRL_KERNELS_DOT8_H
#define CRL_KERNELS_DOT8_H

#include <stddef.h>
#include <stdint.h>

enum { CRL_DOT8_MOST = 65536 };

typedef void crl_dot8_fn(int32_t *out, const uint8_t *in, const int8_t *weights, size_t rows, size_t n);

typedef struct crl_dot8_kernels {
    const char *name; /* "dot8 avx2", for profiles */
    crl_dot8_fn *run;
    int32_t lanes;    /* products in an instruction */
} crl_dot8_kernels;

void crl_dot8_kernels_init(crl_dot8_kernels *k, unsigned cpu);

crl_dot8_fn crl_dot8_ref, crl_dot8_avx2, crl_dot8_avx512vnni;

#endif
