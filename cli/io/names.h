/* SPDX-License-Identifier: Apache-2.0 */
/* Names and their numbers, to be found by name: classes may be tens of thousands. */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include <stdint.h>

/* Zeroed is empty. */
typedef struct cli_names {
    struct cli_name *sorted;
    int32_t n;
} cli_names;

/* The names are borrowed; those that are NULL cannot be found. */
void cli_names_init(cli_names *out, const char *const *names, int32_t n);
void cli_names_release(cli_names *names);
/* The first with that name; -1: none. */
int32_t cli_names_find(const cli_names *names, const char *name);

#endif
