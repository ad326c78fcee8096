/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of src/compile. */
#ifndef TESTS_COMPILE_CHECKS_H
#define TESTS_COMPILE_CHECKS_H

#include "check.h"

typedef void compile_check(check *t, unsigned cpu);

compile_check check_pairs_agree;
compile_check check_rules_hold;
compile_check check_partition;
compile_check check_kinds;
compile_check check_compiled;
compile_check check_transposes;
compile_check check_memory;
compile_check check_limits_fit;
compile_check check_options_refused;

#endif
