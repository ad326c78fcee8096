/* SPDX-License-Identifier: Apache-2.0 */
/* Files read with a bound and written whole or not at all. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <corallite/status.h>

/* Reads a file, or standard input for "-", up to `limit` bytes; a longer one gives limit bytes.
 * `*bytes` is for free(), NULL after a failure. Errors: IO. */
crl_status cli_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err);

/* Writes two parts, one after the other, beside `path` and renames: what was there before stays until then, and
 * passes on its permissions. A link is followed; a path that is no regular file (/dev/stdout) is written in place,
 * and "-" is the standard output. Errors: IO. */
crl_status cli_write_file(const char *path, const void *head, size_t head_bytes, const void *body, size_t body_bytes,
                          crl_error *err);

/* To be called once, at the start: a signal that ends the program takes the unfinished file with it, and a limit on
 * the size of files is an error, not a signal. */
void cli_file_signals(void);

/* Opens a file for reading, NULL and errno where it cannot be. Of files of /proc and the like, which are regular ones, reading
 * fails with EAGAIN where it would wait. */
FILE *cli_open_file(const char *path);

bool cli_is_folder(const char *path);
/* Makes a folder and those above it; one that is there already is fine. Errors: IO. */
crl_status cli_make_folder(const char *path, crl_error *err);

#endif
