/* SPDX-License-Identifier: Apache-2.0 */
/* Tracking: pairs of least cost, filters, and what becomes of detections. */
#include "areas.h"
#include "checks.h"

int area_track(int argc, char **argv)
{
    static const check_case cases[] = {
        { "assign", check_assign, false },
        { "assign_large", check_assign_large, false },
        { "motion", check_motion, false },
        { "numbers", check_numbers, false },
        { "poor_scores", check_poor_scores, false },
        { "hidden", check_hidden, false },
        { "stood_still", check_stood_still, false },
        { "taught", check_taught, false },
        { "confirming", check_confirming, false },
        { "gone", check_gone, false },
        { "classes", check_classes, false },
        { "crowded", check_crowded, false },
        { "odd_detections", check_odd_detections, false },
        { "tracker_refused", check_tracker_refused, false },
        { "speed", check_speed, false },
        { "scenes", check_scenes, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
