/* SPDX-License-Identifier: Apache-2.0 */
/* What check finds, for programs and pages. */
#ifndef CLI_CHECK_JSON_H
#define CLI_CHECK_JSON_H

#include <corallite/check.h>

#include "io/json.h"

/* Of the model that `c` judges; `name` is what it was opened as. */
json_t *cli_check_json(const crl_model *m, const crl_check *c, const char *name);

/* {"low", "high"}: milliseconds. */
json_t *cli_range_json(double low, double high);

#endif
