/* SPDX-License-Identifier: Apache-2.0 */
/* BATCH_MATMUL of int8 (matmul.h), and FULLY_CONNECTED of 8 bits whose weights are computed (fully_connected.h), in
 * vectors. Neither matrix is known before, so both are packed while running, without their zero points and widened to
 * 16 bits: a row by row, b by pairs of rows,
 *
 *   b'[pair][column] = { b[2 * pair, column], b[2 * pair + 1, column] }
 *
 * so that a product with a pair of a serves a vector of columns. */
#ifndef CRL_KERNELS_MATMUL8_H
#define CRL_KERNELS_MATMUL8_H

#include <stdbool.h>

#include "kernels/matmul.h"

typedef struct crl_matmul8 {
    crl_matmul m;
    /* Of fully connected layers: */
    const int32_t *bias; /* [cols], or NULL */
    uint8_t flip;        /* 0x80 where bytes are uint8, and zeros and limits of m less by 128 than theirs; else 0 */
} crl_matmul8;

/* Whether a variant serves these matrices at the level: there is something to do, and the sums fit their scaling. */
bool crl_matmul8_serves(const crl_matmul8 *m, unsigned cpu);

/* Bytes of scratch of a thread. */
size_t crl_matmul8_scratch(const crl_matmul *m);

/* Pairs first .. end - 1 of the batch; `out`, `a` and `b` are those of the whole batch. */
typedef void crl_matmul8_fn(int8_t *out, const int8_t *a, const int8_t *b, const crl_matmul8 *m, size_t first, size_t end,
                            void *scratch);

/* The best variant that `cpu` allows; NULL: none. */
crl_matmul8_fn *crl_matmul8_of(unsigned cpu);
/* Its name, for profiles. */
const char *crl_matmul8_name(unsigned cpu);
crl_matmul8_fn crl_matmul8_avx2, crl_matmul8_avx512vnni, crl_matmul8_neon;

#endif
