/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-1 (FIPS 180-4), and the id that git gives to a file's content: SHA-1("blob <size>\0" + content). It tells an accident from what was
 * asked for, and is what public repositories publish of their files; it is no proof against somebody who makes collisions. */
#ifndef CLI_SHA1_H
#define CLI_SHA1_H

#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

enum { CLI_SHA1_TEXT = 41 }; /* 40 digits and the end */

typedef struct cli_sha1 {
    uint32_t state[5];
    uint64_t bytes;
    uint8_t block[64];
} cli_sha1;

void cli_sha1_init(cli_sha1 *s);
void cli_sha1_add(cli_sha1 *s, const void *data, size_t size);
void cli_sha1_text(cli_sha1 *s, char text[CLI_SHA1_TEXT]); /* ends it */

/* Begins the git blob id of so many bytes, which are to be added. */
void cli_git_blob_init(cli_sha1 *s, uint64_t bytes);
/* The git blob id and the size of a regular file. Errors: IO. */
crl_status cli_git_blob(const char *path, char text[CLI_SHA1_TEXT], int64_t *bytes, crl_error *err);

#endif
