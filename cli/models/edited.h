/* SPDX-License-Identifier: Apache-2.0 */
/* A model on its way from one proven change to the next. */
#ifndef CLI_EDITED_H
#define CLI_EDITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/model.h>

#include "models/prove.h"

typedef struct cli_edited {
    const char *name, *output;
    crl_model *model; /* as it is now */
    uint8_t *bytes;   /* of it; NULL while it is the file */
    char *changes;    /* in words */
    cli_proof proof;
} cli_edited;

/* Opens the model, and plans the file to write. Returns CLI_DONE or an exit code; cli_edited_end() in either case. */
int cli_edited_begin(cli_edited *w, const char *name, const char *output);
void cli_edited_end(cli_edited *w);

/* Opens bytes that a change gave. */
int cli_edited_open(crl_model **out, const uint8_t *bytes, size_t size);
/* Goes on with the changed model, unless `code` is a failure: then it is released. Returns `code`. */
int cli_edited_take(cli_edited *w, crl_model *after, uint8_t *bytes, int code, const char *what);

/* Changes that are made and proven in one. */
int cli_edited_batch(cli_edited *w, int32_t n);
int cli_edited_8bit_io(cli_edited *w);

/* Writes the model, and says what was done. */
int cli_edited_write(cli_edited *w, bool json);

#endif
