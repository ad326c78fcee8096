/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of floats in the order of the reference's vector instructions: as many whole fours as there are go to four lanes,
 * element i to lane i % 4; the lanes are added, and then the elements left over one by one. Results are equal in every bit
 * on any machine.
 * Source: TensorFlow Lite, kernels/internal/optimized/neon_tensor_utils.cc, on x86 by SSE; Eigen, GeneralMatrixVector.h,
 * Redux.h, GeneralBlockPanelKernel.h, in the state of LiteRT 2.3. */
#ifndef CRL_KERNELS_LANES_H
#define CRL_KERNELS_LANES_H

#include <stddef.h>

/* sum + a . b; the lanes are added from the first to the last, and their total to `sum`. */
float crl_lanes_add_products(float sum, const float *a, const float *b, size_t n);

/* The sum of a. */
float crl_lanes_sum(const float *a, size_t n);

/* a . b; the lanes are added in pairs, (0 + 2) + (1 + 3). */
float crl_lanes_dot(const float *a, const float *b, size_t n);

/* Where an element stands in a product of matrices of rows x n and n x columns. */
typedef struct crl_lanes_at {
    size_t row, rows, column, columns;
} crl_lanes_at;

/* a . b, a row and a column of a product of matrices, whose library parts the sum by their sizes and by the place:
 *   one row and one column       fours go to four sets of lanes in turn
 *   one row or one column        as crl_lanes_dot
 *   rows + columns + n < 20      fours go to two sets of lanes in turn
 *   else in the first columns, as many as there are whole fours,
 *     rows past the last eight   even and odd elements apart, as far as there are whole eights
 *     rows past the last four    four lanes, added (0 + 1) + (2 + 3)
 *   else                         one element after the other
 * The library parts sums of more than some 600 elements once more, by the size of the machine's caches; we do not. */
float crl_lanes_product(const float *a, const float *b, size_t n, const crl_lanes_at *at);

#endif
