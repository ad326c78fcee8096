/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of models that go by name: $XDG_DATA_HOME/corallite/models. What was fetched lies there under the name of its file; what was
 * added, as NAME.tflite and NAME.txt, with a line `NAME<TAB>git blob` in added.tsv. */
#ifndef CLI_SHELF_H
#define CLI_SHELF_H

#include <stdbool.h>

#include <corallite/status.h>

#include "args/option.h"
#include "catalogue/catalogue.h"
#include "catalogue/sha1.h"

/* For free(); NULL after saying that neither $XDG_DATA_HOME nor $HOME tells where. */
char *cli_shelf_folder(void);

/* A file there, for free(). */
char *cli_shelf_path(const char *folder, const char *file);

/* Replaces a name (CLI_MODEL or CLI_LABELS, a device may stand behind it) by the file that it stands for; what is a file or has a slash
 * in it stays as it is. `*owned` is for free(), NULL where nothing was replaced. Returns CLI_DONE, or CLI_FAILED after saying
 * that the file of the name was not fetched yet, and how it is. */
int cli_shelf_resolve(cli_kind kind, const char *name, char **owned);

/* The labels of a model that lies there, for free(); NULL where it has none, they are not there, or the model lies elsewhere. */
char *cli_shelf_labels(const char *model);

/* What the commands work on that look at the whole of it. */
typedef struct cli_shelf {
    cli_catalogue catalogue;
    char *folder, *added; /* added: the text of added.tsv */
} cli_shelf;

/* Without the models that were added. Returns CLI_DONE, or CLI_FAILED after saying why. */
int cli_shelf_open(cli_shelf *shelf);
void cli_shelf_close(cli_shelf *shelf);

/* Reads added.tsv, anew. Errors: IO, MEMORY, UNSUPPORTED where it is too large. */
crl_status cli_shelf_read_added(cli_shelf *shelf, crl_error *err);
/* The next line of added.tsv from `at` on: a name and the id of its content; where the one behind it is, NULL: there is none. */
const char *cli_shelf_next_added(const char *at, char *name, size_t name_size, char blob[CLI_SHA1_TEXT]);

#endif
