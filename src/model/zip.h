/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives at the end of other bytes, which is where label files of models are. */
#ifndef CRL_MODEL_ZIP_H
#define CRL_MODEL_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * The contents of the entry called `name`, stored or deflated, its checksum verified.
 *
 * Owner   `*text` is the caller's, for crl_free(); a zero follows its `*bytes` bytes. NULL after a failure.
 * Errors  CRL_ERR_FORMAT       no archive, no such entry, broken, or the checksum differs
 *         CRL_ERR_UNSUPPORTED  encrypted, another compression, zip64, or more than `most` bytes
 *         CRL_ERR_MEMORY
 * Source  APPNOTE.TXT, the .ZIP File Format Specification
 */
crl_status crl_zip_read(const uint8_t *file, size_t size, const char *name, size_t most, char **text, size_t *bytes,
                        crl_error *err);

/* Copies the archive at the end of `file` to `to`, which is byte `at` of another file, and lets its offsets count from the
 * beginning of that. `to` may be NULL. Returns how many bytes it has; 0: there is none, or its directory is broken. */
size_t crl_zip_move(uint8_t *to, size_t at, const uint8_t *file, size_t size);

/* An archive of one file, which is not compressed: to stand at byte `at` of another file. `to` may be NULL. Returns how many bytes
 * it has. */
size_t crl_zip_store(uint8_t *to, size_t at, const char *name, const void *data, size_t bytes);

#endif
