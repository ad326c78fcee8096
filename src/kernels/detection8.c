/* SPDX-License-Identifier: Apache-2.0 */
/* Detections from bytes: see detection8.h. */
#include "kernels/detection8.h"

#include <math.h>
#include <string.h>

#include "kernels/heap.h"

bool crl_detection8_init(crl_detection8 *d, const crl_detection_params *params, int32_t length, const float *anchors,
                         const float encoding[256], const float score[256], unsigned cpu)
{
    if (params->regular) return false;
    for (int q = 0; q < 256; q++)
        if (!isfinite(score[q]) || (q && !(score[q] > score[q - 1]))) return false;
    crl_argmax8_kernels k;
    crl_argmax8_kernels_init(&k, cpu);
    *d = (crl_detection8){ .params = params, .anchors = anchors, .length = length, .maxima = k.maxima };
    memcpy(d->score, score, sizeof d->score);
    for (int i = 0; i < 2; i++)
        for (int q = 0; q < 256; q++) { /* in double: see crl_detection_decode */
            d->center[i][q] = (double)encoding[q] / params->scale[i];
            d->half[i][q] = 0.5 * exp((double)encoding[q] / params->scale[2 + i]);
        }
    return true;
}

typedef struct room {
    float *boxes;    /* [n_boxes][4] */
    float *row;      /* [n_columns] scores of one box */
    int32_t *order;  /* [n_boxes] those over the threshold, best first */
    int32_t *chosen; /* [n_boxes] */
    int32_t *columns; /* [n_columns] */
    uint8_t *best;   /* [n_boxes] largest score */
} room;

size_t crl_detection8_scratch(const crl_detection8 *d)
{
    const size_t boxes = (size_t)d->params->n_boxes, columns = (size_t)d->params->n_columns;
    return boxes * (6 * sizeof(float) + 1) + columns * 2 * sizeof(float);
}

static room divide(const crl_detection8 *d, void *scratch)
{
    const size_t boxes = (size_t)d->params->n_boxes, columns = (size_t)d->params->n_columns;
    float *f = scratch;
    int32_t *i = (int32_t *)(f + 4 * boxes + columns);
    return (room){ .boxes = f, .row = f + 4 * boxes, .order = i, .chosen = i + boxes, .columns = i + 2 * boxes,
                   .best = (uint8_t *)(i + 2 * boxes + columns) };
}

static bool decode(const crl_detection8 *d, const uint8_t *encodings, float *boxes)
{
    bool sound = true;
    for (int32_t i = 0; i < d->params->n_boxes; i++, encodings += d->length, boxes += 4) {
        const float *anchor = d->anchors + 4 * (size_t)i;
        for (int k = 0; k < 2; k++) {
            const double size = anchor[2 + k];
            const float middle = (float)(d->center[k][encodings[k]] * size + anchor[k]);
            const float half = (float)(d->half[k][encodings[2 + k]] * size);
            boxes[k] = middle - half;
            boxes[2 + k] = middle + half;
            sound = sound && !(boxes[k] > boxes[2 + k]);
        }
    }
    return sound;
}

/* Boxes whose best score reaches the threshold, best first, equal ones in their own order; their number. */
static int32_t sort(const crl_detection8 *d, const room *r)
{
    int lowest = 0;
    while (lowest < 256 && !(d->score[lowest] >= d->params->score_threshold)) lowest++;
    int32_t at[256] = { 0 };
    for (int32_t i = 0; i < d->params->n_boxes; i++) at[r->best[i]]++;
    int32_t n = 0;
    for (int q = 255; q >= lowest; q--) {
        const int32_t count = at[q];
        at[q] = n;
        n += count;
    }
    for (int32_t i = 0; i < d->params->n_boxes; i++)
        if (r->best[i] >= lowest) r->order[at[r->best[i]]++] = i;
    return n;
}

static int32_t suppress(const crl_detection8 *d, const room *r)
{
    const int32_t n = sort(d, r);
    int32_t found = 0;
    for (int32_t i = 0; i < n && found < d->params->max_detections; i++) {
        const float *box = r->boxes + 4 * (size_t)r->order[i];
        int32_t k = 0;
        while (k < found && !(crl_detection_overlap(r->boxes + 4 * (size_t)r->chosen[k], box) > d->params->iou_threshold)) k++;
        if (k == found) r->chosen[found++] = r->order[i];
    }
    return found;
}

static void write_rows(const crl_detection8 *d, int32_t at, int32_t box, const uint8_t *scores, const crl_detection_output *out,
                       const room *r)
{
    const int32_t n = d->params->n_classes, classes = d->params->max_classes < n ? d->params->max_classes : n;
    if (classes == 1) {
        r->columns[0] = 0;
        while (scores[r->columns[0]] != r->best[box]) r->columns[0]++;
    } else {
        for (int32_t c = 0; c < n; c++) r->row[c] = d->score[scores[c]];
        crl_sort_largest(r->columns, (size_t)classes, (size_t)n, r->row);
    }
    for (int32_t c = 0; c < classes; c++, at++) {
        memcpy(out->boxes + 4 * (size_t)at, r->boxes + 4 * (size_t)box, 4 * sizeof(float));
        out->classes[at] = (float)r->columns[c];
        out->scores[at] = d->score[scores[r->columns[c]]];
    }
}

bool crl_detection8_run(const crl_detection8 *d, const uint8_t *encodings, const uint8_t *scores,
                        const crl_detection_output *out, void *scratch)
{
    const crl_detection_params *p = d->params;
    const room r = divide(d, scratch);
    const uint8_t *classes = scores + (p->n_columns - p->n_classes); /* without the background */
    if (!decode(d, encodings, r.boxes)) return false;
    crl_detection_clear(p, out);
    if (p->n_boxes) d->maxima(r.best, classes, (size_t)p->n_boxes, (size_t)p->n_classes, (size_t)p->n_columns);
    const int32_t found = suppress(d, &r);
    for (int32_t i = 0; i < found; i++)
        write_rows(d, i * p->max_classes, r.chosen[i], classes + (size_t)r.chosen[i] * (size_t)p->n_columns, out, &r);
    out->count[0] = (float)found;
    return true;
}
