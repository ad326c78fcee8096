/* SPDX-License-Identifier: Apache-2.0 */
/* What inspect finds, for programs and pages. */
#ifndef CLI_INSPECTED_H
#define CLI_INSPECTED_H

#include <corallite/model.h>

#include "io/json.h"

/* All that inspect --json prints of a model that was opened as `name`. */
json_t *cli_inspected_json(const crl_model *m, const char *name);

#endif
