/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of the session layer. */
#ifndef TESTS_SESSION_CHECKS_H
#define TESTS_SESSION_CHECKS_H

#include <corallite/session.h>

#include "check.h"
#include "constants.h"

void check_purposes(check *t, unsigned cpu);
void check_detectors(check *t, unsigned cpu);
void check_choosing(check *t, unsigned cpu);
void check_configured(check *t, unsigned cpu);
void check_late_shapes(check *t, unsigned cpu);
void check_refused(check *t, unsigned cpu);
void check_norms(check *t, unsigned cpu);
void check_tasks(check *t, unsigned cpu);
void check_notices(check *t, unsigned cpu);
void check_session_twin(check *t, unsigned cpu);
void check_files(check *t, unsigned cpu);
void check_session_frames(check *t, unsigned cpu);
void check_drawn(check *t, unsigned cpu);
void check_json(check *t, unsigned cpu);
void check_json_numbers(check *t, unsigned cpu);
void check_json_locale(check *t, unsigned cpu);

/* For crl_model_close(). */
crl_model *made_model(check *t, int32_t height, int32_t width, const made_output *outputs, int n);
/* One that finds classes 2, 0, 1 in that order, of 5; and a detector with two boxes. For crl_model_close(). */
crl_model *made_classifier(check *t);
crl_model *made_detector(check *t);
crl_model *made_yolo(check *t);
crl_model *made_segmenter(check *t);
crl_model *made_pose(check *t);
crl_model *made_vector(check *t);
crl_model *made_late(check *t); /* an output whose shape is known after a run */

/* A grey gradient; memory of the check. */
crl_image made_picture(check *t, int32_t width, int32_t height);

/* Notices, counted and the last one kept. */
typedef struct heard {
    int n;
    char last[256];
} heard;

void hear(void *user, const crl_notice *notice);

#endif
