/* SPDX-License-Identifier: Apache-2.0 */
/* The index of the largest of n bytes, the first of equals, for many lines of n bytes that follow each other.
 *
 *   index[i] = min { k : in[i * n + k] = max over k }          n >= 1, bytes unsigned
 *
 * A variant reads exactly lines * n bytes. */
#ifndef CRL_KERNELS_ARGMAX8_H
#define CRL_KERNELS_ARGMAX8_H

#include <stddef.h>
#include <stdint.h>

typedef void crl_argmax8_fn(int32_t *index, const uint8_t *in, size_t lines, size_t n);

typedef struct crl_argmax8_kernels {
    const char *name;
    crl_argmax8_fn *u8;
} crl_argmax8_kernels;

void crl_argmax8_kernels_init(crl_argmax8_kernels *k, unsigned cpu);

crl_argmax8_fn crl_argmax8_u8_ref, crl_argmax8_u8_avx2;

#endif
