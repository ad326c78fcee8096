/* SPDX-License-Identifier: Apache-2.0 */
/* The pose decoder against poses that were written down. */
#ifndef TESTS_MODELS_CHECK_POSES_H
#define TESTS_MODELS_CHECK_POSES_H

#include "check.h"

/* Where the public Coral test set is; borrowed. Call it before the check runs. */
void check_poses_in(const char *testdata);
void check_model_poses(check *t, unsigned cpu);

#endif
