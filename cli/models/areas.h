/* SPDX-License-Identifier: Apache-2.0 */
/* Zones, lines and masks from a file. */
#ifndef CLI_AREAS_H
#define CLI_AREAS_H

#include <corallite/stream.h>

/* Zeroed is none. */
typedef struct cli_areas {
    crl_area *list;
    int32_t n;
    struct json_t *root; /* holds the names */
} cli_areas;

/* {"zones": [{"name": "door", "points": [[x, y], ..]}], "lines": [{"name": "gate", "points": [[x, y], [x, y]]}], "masks": [{"points": ..}]}, in
 * fractions of the picture. Returns CLI_DONE, or an exit code after saying what is wrong; release in either case. */
int cli_areas_load(cli_areas *a, const char *path);
/* The same from an object that has been read, which is shared. false: `*why`, for free(), says what is wrong; release in either case. */
bool cli_areas_read(cli_areas *a, struct json_t *root, char **why);
void cli_areas_release(cli_areas *a);

#endif
