/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256, so that the goldens of large outputs fit on a line. Source: FIPS 180-4. */
#ifndef TESTS_MODELS_SHA256_H
#define TESTS_MODELS_SHA256_H

#include <stddef.h>

enum { SHA256_HEX = 65 };

/* The digest in lower-case hex, with the closing zero. */
void sha256_hex(const void *data, size_t bytes, char hex[SHA256_HEX]);

#endif
