/* SPDX-License-Identifier: Apache-2.0 */
/* Deflate, the compression of zip archives: the reading half, for small files. */
#ifndef CRL_MODEL_INFLATE_H
#define CRL_MODEL_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Unpacks `from` to exactly `bytes` bytes. false: the data are broken, or make fewer or more; `to` then holds
 * anything. Work is bounded by both sizes. Source: RFC 1951. */
bool crl_inflate(uint8_t *to, size_t bytes, const uint8_t *from, size_t from_bytes);

#endif
