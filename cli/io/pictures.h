/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as they stand on the command line: files, folders, "-". */
#ifndef CLI_PICTURES_H
#define CLI_PICTURES_H

#include <corallite/vision.h>

#include "cmd.h"

typedef struct cli_pictures {
    char **paths;
    int n;
    bool several; /* more than one was named, or a folder */
    int failures; /* folders that could not be read, hold no picture, or some that cannot be read; each has been said */
} cli_pictures;

/* Whether a file of this name, without its folder, is taken for a picture. */
bool cli_is_named_picture(const char *name);

/* Lists the pictures, those of a folder sorted by name. */
void cli_pictures_list(cli_pictures *p, const cli_list *operands);
void cli_pictures_release(cli_pictures *p);

/* Loads one as RGB, "-" from standard input. As crl_image_load(). */
crl_status cli_picture_load(crl_image *out, const char *path, bool exif_orientation, crl_error *err);

#endif
