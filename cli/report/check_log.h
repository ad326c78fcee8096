/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operators as the compiler's own log has it, for scripts that read such logs. */
#ifndef CLI_CHECK_LOG_H
#define CLI_CHECK_LOG_H

#include <stdio.h>

#include <corallite/check.h>

/* What calls itself version 16 of the compiler. */
#define CLI_COMPILER_16 "16.0.384591198"

/* `name` and `result`: of the model, and of what is compiled. */
void cli_check_log(FILE *f, const crl_model *m, const crl_check *c, const char *name, const char *result, const char *version);

#endif
