/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of tracking. */
#ifndef TESTS_TRACK_CHECKS_H
#define TESTS_TRACK_CHECKS_H

#include <corallite/tracker.h>

#include "check.h"

void check_assign(check *t, unsigned cpu);
void check_assign_large(check *t, unsigned cpu);
void check_motion(check *t, unsigned cpu);
void check_numbers(check *t, unsigned cpu);
void check_poor_scores(check *t, unsigned cpu);
void check_hidden(check *t, unsigned cpu);
void check_stood_still(check *t, unsigned cpu);
void check_taught(check *t, unsigned cpu);
void check_confirming(check *t, unsigned cpu);
void check_gone(check *t, unsigned cpu);
void check_classes(check *t, unsigned cpu);
void check_crowded(check *t, unsigned cpu);
void check_odd_detections(check *t, unsigned cpu);
void check_tracker_refused(check *t, unsigned cpu);
void check_speed(check *t, unsigned cpu);
void check_scenes(check *t, unsigned cpu);

#endif
