/* SPDX-License-Identifier: Apache-2.0 */
/* Forms with files in them: multipart/form-data.
 *
 * Source  RFC 7578, RFC 2046 section 5.1 */
#ifndef CLI_SERVE_MULTIPART_H
#define CLI_SERVE_MULTIPART_H

#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

enum { CLI_MULTIPART_PARTS = 16 };

typedef struct cli_part_of_form {
    char name[64]; /* cut where it is longer */
    const uint8_t *bytes; /* in the body */
    size_t n;
    int is_file; /* it has a file name */
} cli_part_of_form;

typedef struct cli_form {
    cli_part_of_form parts[CLI_MULTIPART_PARTS];
    int n;
} cli_form;

/* Reads a body; `type` is the header Content-Type, with the boundary. All borrows from the body. Errors: ARGUMENT, the text says what is wrong; `out` then has
 * the parts before. */
crl_status cli_multipart_parse(cli_form *out, const char *type, const void *body, size_t bytes, crl_error *err);
/* NULL: there is none of that name. */
const cli_part_of_form *cli_form_find(const cli_form *form, const char *name);

#endif
