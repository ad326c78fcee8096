/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STREAM_MODELS_H
#define TESTS_STREAM_MODELS_H

#include "check.h"

void check_tiles(check *t, unsigned cpu);
void check_tiles_merged(check *t, unsigned cpu);
void check_labels_joined(check *t, unsigned cpu);
void check_small_things(check *t, unsigned cpu);
void check_several_models(check *t, unsigned cpu);
void check_teaching(check *t, unsigned cpu);
void check_models_refused(check *t, unsigned cpu);

#endif
