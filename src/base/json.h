/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON.
 *
 * By hand: the shapes never change, there is nothing to parse, and a library would make an object in memory for
 * every number of every frame. The text is that of jansson at nine digits, which the rest of the program writes. */
#ifndef CRL_BASE_JSON_H
#define CRL_BASE_JSON_H

#include "base/buffer.h"

/* Text that grows; once there is no memory for it, it stays as it is. */
typedef struct crl_json {
    crl_buffer *b;
    bool failed;
} crl_json;

/* As they are: punctuation and keys. */
void crl_json_bytes(crl_json *w, const char *bytes, size_t n);
void crl_json_put(crl_json *w, const char *text);
/* A string of any bytes; what is no UTF-8 becomes U+FFFD. NULL is null. */
void crl_json_text(crl_json *w, const char *text);
/* In the fewest digits that read back as the same float, at most nine, and an exponent only where those do not reach; null
 * when it is not finite. */
void crl_json_float(crl_json *w, float v);
void crl_json_int(crl_json *w, uint64_t v);

#endif
