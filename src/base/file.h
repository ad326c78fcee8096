/* SPDX-License-Identifier: Apache-2.0 */
/* Files read and written as wholes. */
#ifndef CRL_BASE_FILE_H
#define CRL_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

/* Reads a file, or what a pipe has to give. `*out` is the caller's, for crl_free(); NULL after a failure.
 * Errors: IO (names the file and the reason), UNSUPPORTED (more than `limit` bytes), MEMORY. */
crl_status crl_file_read(uint8_t **out, size_t *size, const char *path, size_t limit, crl_error *err);

/* Writes a file so that it appears whole or not at all: beside its place, then renamed. What it replaces passes on
 * its permissions; a link is followed, and what is no plain file (a terminal, a pipe) is written directly.
 * Errors: IO (names the file and the reason; what was there before is untouched), MEMORY. */
crl_status crl_file_replace(const char *path, const void *bytes, size_t size, crl_error *err);

#endif
