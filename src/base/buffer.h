/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow. */
#ifndef CRL_BASE_BUFFER_H
#define CRL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed is empty. */
typedef struct crl_buffer {
    uint8_t *data;
    size_t size, room;
} crl_buffer;

bool crl_buffer_reserve(crl_buffer *b, size_t room); /* where it is known: not twice as much for the last bytes */
bool crl_buffer_add(crl_buffer *b, const void *bytes, size_t n); /* false: no memory; what was there stays */
void crl_buffer_fini(crl_buffer *b);

#endif
