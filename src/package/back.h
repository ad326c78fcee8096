/* SPDX-License-Identifier: Apache-2.0 */
/* Writing FlatBuffers from back to front, as the library does that the compiler was built with: what is referred to is written first, at
 * higher addresses; a table's vtable right before it, unless an equal one is there already. The outer model of a
 * package is written so, too, as far as it is one that the compiler writes; other models, of which nobody asks that, are written by
 * model/write.c, from front to back. */
#ifndef CRL_PACKAGE_BACK_H
#define CRL_PACKAGE_BACK_H

#include "model/tree.h"

/* The bytes of a table and of all that it refers to. `identifier` NULL: none. `*bytes` is for crl_free(); NULL after a failure.
 * Errors: UNSUPPORTED (2 GiB), MEMORY. */
crl_status crl_back_write(const crl_tree *root, const char *identifier, uint8_t **bytes, size_t *size, crl_error *err);

#endif
