/* SPDX-License-Identifier: Apache-2.0 */
/* Whole models with the heads of well-known detectors, from a picture to boxes: as LiteRT and NumPy find them. */
#include <math.h>
#include <stdio.h>

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
