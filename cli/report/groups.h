/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several compiled models belong together: by their token, and by what one makes and the other takes. */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include <corallite/package.h>

#include "io/json.h"

/* A compiled model among others. The names and the package are somebody else's. */
typedef struct cli_grouped {
    const char *name;
    const crl_package *package; /* NULL: the model is not compiled, or its package cannot be read */
} cli_grouped;

/* How `other` belongs to `one`: "segment_behind", "segment_before", "compiled_together" or "none". */
const char *cli_package_relation(const crl_package *one, const crl_package *other);

/* The groups among n models as text, or as an array of {"kind", "token", "models", "parameters_stay"}. Segments of one model stand in the
 * order in which they run. */
void cli_groups_print(const cli_grouped *all, int n);
json_t *cli_groups_json(const cli_grouped *all, int n);

#endif
