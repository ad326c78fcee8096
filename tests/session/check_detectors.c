/* SPDX-License-Identifier: Apache-2.0 */
/* Whole models with the heads of well-known detectors, from a picture to boxes: as LiteRT and NumPy find them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "vision/drawn.h"

typedef struct golden_detector {
    const char *name;
    crl_head head;
    crl_fit fit;
    crl_channel_order order;
    float threshold;
    int32_t n;
    crl_detection found[10]; /* the best */
} golden_detector;

#include "golden_detectors.h"

/* Blocks of 12 x 12; tools/oracle/gen_detectors.py has the same. */
static crl_image blocks(check *t)
{
    crl_image image = { 96, 60, 3, 96 * 3, check_guarded(t, 96 * 60 * 3) };
    for (int32_t y = 0; y < image.height; y++)
        for (int32_t x = 0; x < image.width; x++)
            for (int32_t c = 0; c < 3; c++)
                image.data[(y * image.width + x) * 3 + c] = drawn_noise((uint32_t)((y / 12 * 8 + x / 12) * 3 + c), 5);
    return image;
}

static void compare(check *t, const golden_detector *g, const crl_results *r)
{
    check_that(t, r->n_detections == g->n, "%s: %d detections, not %d", g->name, r->n_detections, g->n);
    for (int32_t i = 0; i < r->n_detections && i < g->n; i++) {
        const crl_detection *want = &g->found[i], *got = &r->detections[i];
        bool same = got->index == want->index && fabsf(got->score - want->score) < 1e-5f;
        for (int k = 0; k < 4; k++) same = same && fabsf((&got->box.x0)[k] - (&want->box.x0)[k]) < 2e-3f;
        check_that(t, same, "%s, %d: class %d, %g at %g,%g, not class %d, %g at %g,%g", g->name, i, got->index, (double)got->score,
                   (double)got->box.x0, (double)got->box.y0, want->index, (double)want->score, (double)want->box.x0,
                   (double)want->box.y0);
    }
}

void check_detectors(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_image image = blocks(t);
    for (size_t i = 0; i < sizeof golden_detectors / sizeof golden_detectors[0]; i++) {
        const golden_detector *g = &golden_detectors[i];
        char path[1024];
        snprintf(path, sizeof path, SOURCE_ROOT "/tests/data/detector_%s.tflite", g->name);
        for (int told = 0; told < 2; told++) {
            const crl_session_options options = { .engine = { .threads = 1 }, .has_threshold = true, .threshold = g->threshold,
                                                  .fit = g->fit, .order = g->order, .has_padding = g->fit != CRL_FIT_AUTO, .padding = 114,
                                                  .detector = { told ? g->head : CRL_HEAD_AUTO } };
            crl_session *s;
            const crl_results *r;
            crl_error err;
            if (!check_that(t, !crl_session_open_file(&s, path, &options, &err), "%s", err.text)) continue;
            for (int frame = 0; frame < 2; frame++) /* of the second, nothing is prepared any more */
                if (check_that(t, !crl_session_run(s, &image, &r, &err), "%s", err.text)) compare(t, g, r);
            crl_session_close(s);
        }
    }
}

/* Rows of 7: what the last number of them is, notes inside the model say. */
typedef struct task {
    const char *notes;
    int32_t index; /* that is found */
    float left, top; /* in a picture of 32 x 32 */
    const char *pose; /* what is said to who asks for poses */
} task;

static void check_task(check *t, const task *c)
{
    static build b;
    float v[7][21] = { { 0 } };
    const float row[7] = { 0.5f, 0.5f, 0.5f, 0.25f, 0.25f, 0.75f, 1.57079633f };
    for (int k = 0; k < 7; k++) v[k][3] = row[k];
    made_constants(&b, 32, 32, &(made_output){ CRL_FLOAT32, { 3, { 1, 7, 21 } }, v, 0 }, 1);
    build_archive(&b, "metadata.json", c->notes);
    crl_model *model;
    crl_session *s, *poses;
    const crl_results *r;
    crl_error err = { .text = "" };
    if (!check_that(t, !crl_model_open(&model, b.bytes, b.n, &err), "%s", err.text)) return;
    const crl_status refused = crl_session_open(&poses, model, &(crl_session_options){ .purpose = CRL_PURPOSE_POSE }, &err);
    check_that(t, refused == CRL_ERR_UNSUPPORTED && strstr(err.text, c->pose), "%s", err.text);
    crl_session_close(poses);
    const crl_image image = made_picture(t, 32, 32);
    if (check_that(t, !crl_session_open(&s, model, NULL, &err), "%s", err.text)) {
        check_that(t, !crl_session_run(s, &image, &r, &err), "%s", err.text);
        check_that(t, r->n_detections == 1 && r->detections[0].index == c->index, "%s: %d, class %d", c->notes, r->n_detections,
                   r->n_detections ? r->detections[0].index : -1);
        const crl_box *box = &r->detections[0].box;
        if (r->n_detections)
            check_that(t, fabsf(box->x0 - c->left) < 1e-3f && fabsf(box->y0 - c->top) < 1e-3f, "%s: at %g,%g", c->notes, (double)box->x0,
                       (double)box->y0);
    }
    crl_session_close(s);
    crl_model_close(model);
}

void check_tasks(check *t, unsigned cpu)
{
    (void)cpu;
    static const task tasks[] = {
        { "{\"task\": \"detect\", \"names\": {\"0\": \"a\", \"1\": \"b\", \"2\": \"c\"}}", 2, 8, 12, "a YOLO detector (" },
        { "{\"task\": \"pose\", \"names\": {\"0\": \"a\", \"1\": \"b\"}}", 1, 8, 12, "other joints" },
        { "{\"task\": \"obb\", \"names\": {\"0\": \"a\", \"1\": \"b\"}}", 1, 12, 8, "turned boxes" },
        { "{\"task\": \"obbs\", \"names\": {\"0\": \"a\", \"1\": \"b\"}}", 2, 8, 12, "a YOLO detector (" },
        { "{\"task\", \"names\": {\"0\": \"a\", \"1\": \"b\"}}", 2, 8, 12, "a YOLO detector (" },
        { "{\"names\": {\"0\": \"a\"}, \"task", 2, 8, 12, "a YOLO detector (" },
    };
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) check_task(t, &tasks[i]);
}
