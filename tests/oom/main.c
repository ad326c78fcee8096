/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that count what malloc is asked for: build/tests/oom/check_oom AREA [options of the area]. */
#include "areas.h"
#include "check.h"

int main(int argc, char **argv)
{
    static const check_area areas[] = {
        { "account", area_account },
        { "oom", area_oom },
        { "session_memory", area_session_memory },
    };
    return check_areas(argc, argv, areas, sizeof areas / sizeof areas[0]);
}
