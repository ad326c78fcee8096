/* SPDX-License-Identifier: Apache-2.0 */
/* Where the largest of n bytes is, the first of equals. Bytes are unsigned, n >= 1.
 *
 *   lines     index[i] = min { k : in[i * n + k] = max over k }            i in 0..lines-1
 *   columns   index[c] = min { k : in[k * width + c] = max over k }        c in 0..width-1
 *
 * A variant reads exactly lines * n bytes, n * width bytes. */
#ifndef CRL_KERNELS_ARGMAX8_H
#define CRL_KERNELS_ARGMAX8_H

#include <stddef.h>
#include <stdint.h>

typedef void crl_argmax8_fn(int32_t *index, const uint8_t *in, size_t lines, size_t n);
typedef void crl_argmax8_columns_fn(int32_t *index, const uint8_t *in, size_t n, size_t width);

typedef struct crl_argmax8_kernels {
    const char *name;
    crl_argmax8_fn *u8;
    crl_argmax8_columns_fn *columns;
} crl_argmax8_kernels;

void crl_argmax8_kernels_init(crl_argmax8_kernels *k, unsigned cpu);

crl_argmax8_fn crl_argmax8_u8_ref, crl_argmax8_u8_avx2;
crl_argmax8_columns_fn crl_argmax8_columns_ref, crl_argmax8_columns_avx2;

#endif
