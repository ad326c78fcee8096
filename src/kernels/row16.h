/* SPDX-License-Identifier: Apache-2.0 */
/* Sums and products of quantised 16-bit numbers (binary.h) and their logistic function and tanh (sigmoid.h) in vectors: the bytes
 * of the definitions. */
#ifndef CRL_KERNELS_ROW16_H
#define CRL_KERNELS_ROW16_H

#include "kernels/binary.h"
#include "kernels/sigmoid.h"

/* Scales in vectors, and the definition's parameters. Align to 64 bytes. */
typedef struct crl_row16 {
    crl_requant_lanes a, b, out; /* a and b: of sums only */
    union {
        crl_sum sum;
        crl_product product;
    } u;
    int32_t min, max;
} crl_row16;

typedef void crl_sigmoid16_fn(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p);

typedef struct crl_row16_kernels {
    const char *name;         /* NULL: none at this level, use the definitions */
    crl_row_fn *sum, *product; /* params: crl_row16 */
    crl_sigmoid16_fn *logistic, *tanh; /* NULL: none at this level */
} crl_row16_kernels;

void crl_row16_kernels_init(crl_row16_kernels *k, unsigned cpu);

/* false: zero points that are not 0, or scales beyond what kernels can take; the definition serves. */
bool crl_row16_init_sum(crl_row16 *r, const crl_sum *sum);
bool crl_row16_init_product(crl_row16 *r, const crl_product *product);

crl_row_fn crl_sum16_avx2, crl_sum16_neon, crl_product16_avx2, crl_product16_neon;
crl_sigmoid16_fn crl_sigmoid16_logistic_avx2, crl_sigmoid16_tanh_avx2;

#endif
