/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement of models: rules one by one, the partition, and what real compiled models have. */
#include "areas.h"
#include "checks.h"

int area_check(int argc, char **argv)
{
    static const check_case cases[] = {
        { "pairs_agree", check_pairs_agree, false },
        { "rules_hold", check_rules_hold, false },
        { "partition", check_partition, false },
        { "kinds", check_kinds, false },
        { "compiled", check_compiled, false },
        { "transposes", check_transposes, false },
        { "memory", check_memory, false },
        { "limits_fit", check_limits_fit, false },
        { "options_refused", check_options_refused, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
