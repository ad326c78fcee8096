/* SPDX-License-Identifier: Apache-2.0 */
/* What is inside of a compiled model, for inspect. */
#ifndef CLI_PACKAGE_H
#define CLI_PACKAGE_H

#include <corallite/package.h>

#include "cmd.h"
#include "io/json.h"

/* Of each compiled operator its package, as text on stdout. A package that cannot be read is said to be so. */
/* With what the model beside `path`, of which it was compiled, says of it. Returns whether there is that model. */
bool cli_packages_print(const crl_model *m, const char *path);

/* The programs of each package, an instruction a line, and how many there are of each kind. `whole`: every bit. `twin`, which may be NULL, is
 * what it was compiled from: its operators are named. Returns an exit code. */
int cli_instructions_print(const crl_model *m, const crl_model *twin, bool whole);

/* An array with an object for each compiled operator; null: the model is not compiled. */
json_t *cli_packages_json(const crl_model *m, const char *path);

#endif
