/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two 8-bit tensors, one of which, or both, a broadcast repeats (broadcast.h): kernels for two plain runs of
 * bytes serve those as well.
 *
 * The output is worked off in chunks. What an operand is in a chunk is laid out in a small buffer first, unless it lies
 * there already; where it is the same in every chunk (a row for each pixel), it is laid out once. */
#ifndef CRL_KERNELS_PAIR8_H
#define CRL_KERNELS_PAIR8_H

#include "kernels/broadcast.h"

/* The kernel: out[i] = f(a[i], b[i]), i in 0..n-1. */
typedef void crl_pair8_fn(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params);

/* How an operand comes to a chunk. */
typedef enum crl_pair8_way {
    CRL_PAIR8_PLAIN, /* it has the shape of the output */
    CRL_PAIR8_ONCE,  /* it is the same in every chunk */
    CRL_PAIR8_EACH
} crl_pair8_way;

typedef struct crl_pair8 {
    crl_broadcast plan;
    size_t n;        /* bytes of the output */
    size_t chunk;    /* bytes, the last one may be shorter */
    size_t chunks;
    crl_pair8_way way[2];
    size_t period[2]; /* bytes of the output after which an operand begins anew */
} crl_pair8;

void crl_pair8_init(crl_pair8 *p, const crl_broadcast *plan);

/* Chunks first .. end - 1. `out` may be an operand that does not repeat. */
void crl_pair8_run(const crl_pair8 *p, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t first, size_t end,
                   crl_pair8_fn *fn, const void *params);

/* The larger, the smaller of both; params are not looked at. */
crl_pair8_fn crl_pair8_max, crl_pair8_min;

#endif
