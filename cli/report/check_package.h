/* SPDX-License-Identifier: Apache-2.0 */
/* check of models that are compiled already: are their programs sound, and do they leave each other's parameters alone? */
#ifndef CLI_CHECK_PACKAGE_H
#define CLI_CHECK_PACKAGE_H

#include <corallite/model.h>

#include "args/option.h"

/* Checks the compiled models of a list, of which the first is open. Returns an exit code: CLI_FAILED where one is not sound. */
int cli_check_packages(const crl_model *first, const cli_list *names, bool json);

#endif
