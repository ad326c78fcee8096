/* SPDX-License-Identifier: Apache-2.0 */
/* Detections from bytes against the definition on the floats that the bytes stand for: many equal scores, thresholds that
 * all, some or no boxes reach, several classes a box, anchors that turn boxes round. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/detection8.h"

typedef struct drawn {
    crl_detection_params p;
    int32_t length;
    float encoding[256], score[256];
    float *anchors, *boxes, *scores;
    uint8_t *encodings8, *scores8;
} drawn;

static void draw(check *t, drawn *d)
{
    crl_detection_params *p = &d->p;
    p->n_boxes = check_range(t, 0, 60);
    p->n_classes = check_range(t, 1, 40);
    p->n_columns = p->n_classes + check_range(t, 0, 1);
    p->max_detections = check_range(t, 0, 30);
    p->max_classes = check_range(t, 1, 3);
    p->score_threshold = (float)check_range(t, -1, 9) / 8;
    p->iou_threshold = (float)check_range(t, 1, 8) / 8;
    for (int i = 0; i < 4; i++) p->scale[i] = (float)check_range(t, 1, 20) / 2;
    d->length = check_range(t, 4, 6);
    const float step = (float)check_range(t, 1, 100) / 1000;
    const int32_t zero = check_edgy(t, 0, 255);
    for (int q = 0; q < 256; q++) {
        d->encoding[q] = (float)(q - zero) * step;
        d->score[q] = (float)(q - 20) / 200;
    }
    const size_t n = (size_t)p->n_boxes, length = (size_t)d->length, columns = (size_t)p->n_columns;
    d->anchors = check_guarded(t, n * 4 * sizeof(float));
    d->boxes = check_guarded(t, n * 4 * sizeof(float));
    d->scores = check_guarded(t, n * columns * sizeof(float));
    d->encodings8 = check_guarded(t, n * length);
    d->scores8 = check_guarded(t, n * columns);
    const int lowest = check_range(t, 0, 9) ? 1 : -3;
    for (size_t i = 0; i < n * 4; i++) d->anchors[i] = (float)check_range(t, lowest, 60) / 60;
    const int coarse = check_range(t, 1, 60);
    for (size_t i = 0; i < n * columns; i++) {
        d->scores8[i] = (uint8_t)(d->scores8[i] / coarse * coarse);
        d->scores[i] = d->score[d->scores8[i]];
    }
    for (size_t i = 0; i < n; i++) {
        float encoding[4];
        for (size_t k = 0; k < 4; k++) encoding[k] = d->encoding[d->encodings8[i * length + k]];
        crl_detection_decode(d->boxes + 4 * i, encoding, d->anchors + 4 * i, p->scale);
    }
}

static crl_detection_output rows(check *t, const crl_detection_params *p)
{
    const size_t n = (size_t)p->max_detections * (size_t)p->max_classes * sizeof(float);
    return (crl_detection_output){ check_guarded(t, 4 * n), check_guarded(t, n), check_guarded(t, n), check_guarded(t, sizeof(float)) };
}

/* Scratch is aligned as the engine's is, or doubles in it would not be. */
static void *scratch(check *t, size_t bytes)
{
    return check_guarded(t, (bytes + 63) / 64 * 64);
}

void check_detection8(check *t, unsigned cpu)
{
    check_name(t, "detection8");
    for (int round = 0; round < check_rounds(t, 500); round++) {
        drawn d = { 0 };
        draw(t, &d);
        const crl_detection_output want = rows(t, &d.p), got = rows(t, &d.p);
        crl_detection8 fast;
        if (!check_that(t, crl_detection8_init(&fast, &d.p, d.length, d.anchors, d.encoding, d.score, cpu), "refused")) return;
        const bool sound = crl_detection_select(&d.p, d.boxes, d.scores, &want, scratch(t, crl_detection_scratch(&d.p)));
        const bool ok = crl_detection8_run(&fast, d.encodings8, d.scores8, &got, scratch(t, crl_detection8_scratch(&fast)));
        if (!check_that(t, ok == sound, "%d, the definition says %d", ok, sound)) return;
        const size_t n = (size_t)d.p.max_detections * (size_t)d.p.max_classes * sizeof(float);
        if (ok && (!check_equal(t, want.count, got.count, sizeof(float), "number, %d boxes of %d", d.p.n_boxes, d.p.n_classes) ||
                   !check_equal(t, want.boxes, got.boxes, 4 * n, "boxes, of %d", d.p.n_boxes) ||
                   !check_equal(t, want.classes, got.classes, n, "classes, %d boxes of %d", d.p.n_boxes, d.p.n_classes) ||
                   !check_equal(t, want.scores, got.scores, n, "scores, %d boxes of %d", d.p.n_boxes, d.p.n_classes))) return;
        check_release(t);
    }
    drawn d = { 0 };
    draw(t, &d);
    crl_detection8 fast;
    d.score[100] = d.score[99];
    check_that(t, !crl_detection8_init(&fast, &d.p, d.length, d.anchors, d.encoding, d.score, cpu), "equal scores of two bytes");
    d.score[100] = NAN;
    check_that(t, !crl_detection8_init(&fast, &d.p, d.length, d.anchors, d.encoding, d.score, cpu), "a score that is no number");
}
