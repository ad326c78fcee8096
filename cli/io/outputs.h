/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go, decided before any work: every file that will be written is planned first, against the files that
 * are read and against those planned already.
 *
 *   cli_outputs_protect(model), cli_outputs_protect(picture) ... -> cli_outputs_plan(file) ... -> work, write
 *
 * A file is the same file by device and inode, whatever links lead to it. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include <stdbool.h>

#include <corallite/vision.h>

/* Zeroed is empty. */
typedef struct cli_outputs {
    struct cli_output_item **items;
    int n;
    void *inputs, *planned; /* trees of the items, see search.h */
} cli_outputs;

/* A file that is read ("-": the standard input), and so is not to be written. NULL is none. */
void cli_outputs_protect(cli_outputs *o, const char *path);

/* Plans a file that --option writes. Returns CLI_DONE, or an exit code after saying why it cannot be: it is an input,
 * another one goes there, its folder is missing, there is no permission. */
int cli_outputs_plan(cli_outputs *o, const char *option, const char *path);

/* Plans the file for a picture: in `folder`, with the picture's name and a suffix (NULL: the picture's own); a number
 * is added to a name that is planned already. `*path` gets the whole name, for free(); NULL after a failure. */
int cli_outputs_plan_in(cli_outputs *o, const char *option, const char *folder, const char *picture,
                        const char *suffix, char **path);

void cli_outputs_release(cli_outputs *o);

/* Whether results for this name go into a folder: it is one, or ends in a slash. */
bool cli_names_folder(const char *name);

/* Pictures written as cli_write_file() does. Errors: as crl_image_encode(); IO. */
crl_status cli_image_save(const crl_image *image, const char *path, crl_error *err);
crl_status cli_mask_save(const crl_image *mask, const char *path, crl_error *err);

#endif
