/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices, many at a time: BATCH_MATMUL.
 *
 *   acc[.., i, j] = sum over k of (a[.., i, k] - a_zero) * (b[.., k, j] - b_zero)
 *   out = requantised acc                    8 and 16 bits: requant.h
 *   out = acc                                float32, and INT32 out of INT8, where zeros are not looked at
 *
 * Steps (elements) say how a matrix lies in memory, transposed or not, and how far it is to the next one of a batch,
 * 0 where it serves for all. The output is dense. 32-bit sums wrap; INT16 has sums of 64 bits. */
#ifndef CRL_KERNELS_MATMUL_H
#define CRL_KERNELS_MATMUL_H

#include <corallite/tensor.h>

#include "kernels/hybrid.h"
#include "kernels/requant.h"

typedef struct crl_matmul {
    int32_t rank;                                      /* of the batch */
    size_t dim[CRL_MAX_RANK];
    size_t batch_a[CRL_MAX_RANK], batch_b[CRL_MAX_RANK];
    size_t rows, cols, depth;                          /* out is rows x cols */
    size_t row_a, k_a, k_b, col_b;
    int32_t a_zero, b_zero;
    crl_requant out; /* one scale */
} crl_matmul;

/* Pairs of matrices in the batch. */
size_t crl_matmul_batch(const crl_matmul *m);
/* Where the matrix of pair `index` begins; `step` is batch_a or batch_b. */
size_t crl_matmul_offset(const crl_matmul *m, const size_t *step, size_t index);

typedef void crl_matmul_fn(void *out, const void *a, const void *b, const crl_matmul *m);

crl_matmul_fn crl_matmul_s8_ref, crl_matmul_s16_ref, crl_matmul_s16s8_ref, crl_matmul_s8s32_ref, crl_matmul_f32_ref;

/* Floats by weights of 8 bits: each row of a is quantised by its own range (hybrid.h). b's row_scale has a scale for each
 * column of the output. `scratch` has room for depth floats and as many bytes. */
void crl_matmul_hybrid_ref(float *out, const float *a, const crl_hybrid_matrix *b, const crl_matmul *m, bool asymmetric,
                           void *scratch);

#endif
