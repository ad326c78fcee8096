/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time of a run goes, step by step. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include <corallite/engine.h>

#include "io/json.h"

/* The least of all runs: a mean tells more of the neighbours than of the step. */
double cli_row_ms(const crl_profile_row *r);
/* Billions a second; 0 where there are none to count. */
double cli_row_gmacs(const crl_profile_row *r);

/* What the rows are shares of. */
typedef struct cli_profile_sum {
    double ms;    /* all rows together */
    double gmacs; /* billions a second that the machine could do, 0: unknown */
} cli_profile_sum;

cli_profile_sum cli_profile_whole(crl_engine *e);

/* A list with an object for each row. */
json_t *cli_profile_json(crl_engine *e, cli_profile_sum all);

#endif
