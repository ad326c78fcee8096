/* SPDX-License-Identifier: Apache-2.0 */
/* Where the largest of n bytes is, the first of equals, and what it is. Bytes are unsigned, n >= 1.
 *
 *   lines     index[i] = min { k : in[i * n + k] = max over k }            i in 0..lines-1
 *   columns   index[c] = min { k : in[k * width + c] = max over k }        c in 0..width-1
 *   maxima    max[i] = max over k < n of in[i * step + k]                 i in 0..lines-1, step >= n
 *
 * A variant reads nothing but lines * n bytes, n * width bytes, (lines - 1) * step + n bytes. */
#ifndef CRL_KERNELS_ARGMAX8_H
#define CRL_KERNELS_ARGMAX8_H

#include <stddef.h>
#include <stdint.h>

typedef void crl_argmax8_fn(int32_t *index, const uint8_t *in, size_t lines, size_t n);
typedef void crl_argmax8_columns_fn(int32_t *index, const uint8_t *in, size_t n, size_t width);
typedef void crl_argmax8_maxima_fn(uint8_t *max, const uint8_t *in, size_t lines, size_t n, size_t step);

typedef struct crl_argmax8_kernels {
    const char *name;
    crl_argmax8_fn *u8;
    crl_argmax8_columns_fn *columns;
    crl_argmax8_maxima_fn *maxima;
} crl_argmax8_kernels;

void crl_argmax8_kernels_init(crl_argmax8_kernels *k, unsigned cpu);

crl_argmax8_fn crl_argmax8_u8_ref, crl_argmax8_u8_avx2, crl_argmax8_u8_neon;
crl_argmax8_columns_fn crl_argmax8_columns_ref, crl_argmax8_columns_avx2, crl_argmax8_columns_neon;
crl_argmax8_maxima_fn crl_argmax8_maxima_ref, crl_argmax8_maxima_avx2, crl_argmax8_maxima_neon;

#endif
