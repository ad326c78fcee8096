/* SPDX-License-Identifier: Apache-2.0 */
/* The models, labels and pictures that can be had by name: catalogue.tsv, which tools/make_catalogue.py makes and which is laid into the
 * program; $CRL_CATALOGUE names another one of that form. A file is known by its git blob id, so that it may come from anywhere. */
#ifndef CLI_CATALOGUE_H
#define CLI_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_entry {
    const char *name;   /* of a model and of labels without the suffix */
    const char *use;    /* the command that it is for; "part": of several models in one; "labels", "picture" */
    const char *path;   /* in the repository */
    const char *file;   /* the path without its folders */
    const char *blob;   /* git's id of the content */
    const char *labels; /* the name of its labels, or NULL */
    const char *old;    /* another name, or NULL */
    int64_t bytes;      /* -1: not known */
} cli_entry;

typedef struct cli_catalogue {
    char *text; /* what the entries point into */
    cli_entry *entries;
    int n;
} cli_catalogue;

void cli_catalogue_load(cli_catalogue *c);
void cli_catalogue_release(cli_catalogue *c);

/* The list of models that were added lies beside those of the catalogue, of which none may be called so. */
#define CLI_ADDED "added.tsv"

/* By name, old name or name of the file; NULL where there is none. */
const cli_entry *cli_catalogue_find(const cli_catalogue *c, const char *name);
/* The entry that comes nearest to a mistyped name, or NULL. */
const cli_entry *cli_catalogue_near(const cli_catalogue *c, const char *name);
/* By content, or NULL. */
const cli_entry *cli_catalogue_by_blob(const cli_catalogue *c, const char *blob);
/* The model that was compiled for an Edge TPU of one that was not, and the other way; NULL where there is none. */
const cli_entry *cli_catalogue_compiled(const cli_catalogue *c, const cli_entry *e);
const cli_entry *cli_catalogue_plain(const cli_catalogue *c, const cli_entry *e);
bool cli_entry_is_model(const cli_entry *e);

/* Where files are fetched from where nobody names another place: a path is put behind it. */
#define CLI_CATALOGUE_MIRROR "https://raw.githubusercontent.com/google-coral/test_data/104342d2d3480b3e66203073dac24f4e2dbb4c41/"

#endif
