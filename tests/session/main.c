/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: pictures in, results out. What they allocate is counted in tests/oom. */
#include "areas.h"
#include "checks.h"

int area_session(int argc, char **argv)
{
    static const check_case cases[] = {
        { "purposes", check_purposes, false },
        { "detectors", check_detectors, false },
        { "choosing", check_choosing, false },
        { "configured", check_configured, false },
        { "late_shapes", check_late_shapes, false },
        { "refused", check_refused, false },
        { "norms", check_norms, false },
        { "tasks", check_tasks, false },
        { "notices", check_notices, false },
        { "twin", check_session_twin, false },
        { "files", check_files, false },
        { "frames", check_session_frames, false },
        { "drawn", check_drawn, false },
        { "json", check_json, false },
        { "json_numbers", check_json_numbers, false },
        { "json_locale", check_json_locale, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
