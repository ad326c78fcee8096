/* SPDX-License-Identifier: Apache-2.0 */
/* Detection post-processing, to be checked by eye: see detection.h. */
#include "kernels/detection.h"

#include <math.h>
#include <string.h>

#include "kernels/heap.h"

void crl_detection_decode(float box[4], const float encoding[4], const float anchor[4], const float scale[4])
{
    for (int i = 0; i < 2; i++) { /* y, x */
        const double center = encoding[i], size = encoding[2 + i], anchor_size = anchor[2 + i];
        const float middle = (float)(center / scale[i] * anchor_size + anchor[i]);
        const float half = (float)(0.5 * exp(size / scale[2 + i]) * anchor_size);
        box[i] = middle - half;
        box[2 + i] = middle + half;
    }
}

typedef struct room {
    float *key;        /* [n_boxes + max_detections] scores of what is sorted */
    float *kept_score; /* [n_boxes + max_detections] */
    int32_t *kept;     /* [n_boxes + max_detections] boxes over the threshold; results of all classes so far */
    int32_t *order;    /* [n_boxes + max_detections] */
    int32_t *merge;    /* [n_boxes + max_detections] */
    int32_t *chosen;   /* [n_boxes] */
    int32_t *columns;  /* [n_columns] */
    float *best_score; /* [n_boxes + max_detections] regular: results of all classes so far */
    int32_t *best;
} room;

static size_t longest(const crl_detection_params *p)
{
    return (size_t)p->n_boxes + (size_t)p->max_detections;
}

/* Nine arrays of four-byte elements, one after the other. */
size_t crl_detection_scratch(const crl_detection_params *p)
{
    return 4 * (7 * longest(p) + (size_t)p->n_boxes + (size_t)p->n_columns);
}

static room divide(const crl_detection_params *p, void *scratch)
{
    const size_t n = longest(p);
    float *f = scratch;
    int32_t *i = (int32_t *)(f + 3 * n);
    return (room){ .key = f, .kept_score = f + n, .best_score = f + 2 * n,
                   .kept = i, .order = i + n, .merge = i + 2 * n, .best = i + 3 * n, .chosen = i + 4 * n,
                   .columns = i + 4 * n + p->n_boxes };
}

/* Written as the C++ library's max and min: which argument a NaN selects is part of the result. */
static float larger(float a, float b)
{
    return a < b ? b : a;
}

static float smaller(float a, float b)
{
    return b < a ? b : a;
}

float crl_detection_overlap(const float a[4], const float b[4])
{
    const float area_a = (a[2] - a[0]) * (a[3] - a[1]), area_b = (b[2] - b[0]) * (b[3] - b[1]);
    if (area_a <= 0 || area_b <= 0) return 0;
    const float top = larger(a[0], b[0]), left = larger(a[1], b[1]);
    const float bottom = smaller(a[2], b[2]), right = smaller(a[3], b[3]);
    const float shared = larger(bottom - top, 0) * larger(right - left, 0);
    return shared / (area_a + area_b - shared);
}

/* Boxes over the threshold, best first, without those that overlap a better one: r->chosen gets at most `limit`
 * of them; their number. Scores are in r->key[0..n_boxes), which is overwritten. */
static int32_t suppress(const crl_detection_params *p, const float *boxes, int32_t limit, const room *r)
{
    int32_t n = 0;
    for (int32_t i = 0; i < p->n_boxes; i++) {
        if (!(r->key[i] >= p->score_threshold)) continue;
        r->kept[n] = i;
        r->kept_score[n] = r->key[i];
        n++;
    }
    crl_queue_make(r->order, (size_t)n, r->kept_score);
    int32_t found = 0;
    for (int32_t left = n; left > 0 && found < limit; left--) {
        const int32_t box = r->kept[crl_queue_take(r->order, (size_t)left, r->kept_score)];
        int32_t k = 0;
        while (k < found && !(crl_detection_overlap(boxes + 4 * r->chosen[k], boxes + 4 * box) > p->iou_threshold)) k++;
        if (k == found) r->chosen[found++] = box;
    }
    return found;
}

/* The largest of n values, the first of equals; NaN only where nothing else is. */
static int32_t arg_max(const float *v, int32_t n)
{
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++)
        if (!isnan(v[i]) && (isnan(v[best]) || v[i] > v[best])) best = i;
    return best;
}

static void largest(int32_t *index, int32_t k, int32_t n, const float *v)
{
    if (k == 1)
        index[0] = arg_max(v, n);
    else
        crl_sort_largest(index, (size_t)k, (size_t)n, v);
}

static void write_row(const crl_detection_output *out, int32_t row, const float *box, int32_t class, float score)
{
    memcpy(out->boxes + 4 * row, box, 4 * sizeof *box);
    out->classes[row] = (float)class;
    out->scores[row] = score;
}

static void select_fast(const crl_detection_params *p, const float *boxes, const float *scores,
                        const crl_detection_output *out, const room *r)
{
    const int32_t skip = p->n_columns - p->n_classes;
    const int32_t classes = p->max_classes < p->n_classes ? p->max_classes : p->n_classes;
    for (int32_t i = 0; i < p->n_boxes; i++) {
        const float *v = scores + (size_t)i * (size_t)p->n_columns + skip;
        r->key[i] = v[arg_max(v, p->n_classes)];
    }
    const int32_t found = suppress(p, boxes, p->max_detections, r);
    for (int32_t i = 0; i < found; i++) {
        const int32_t box = r->chosen[i];
        const float *v = scores + (size_t)box * (size_t)p->n_columns + skip;
        largest(r->columns, classes, p->n_classes, v);
        for (int32_t c = 0; c < classes; c++)
            write_row(out, i * p->max_classes + c, boxes + 4 * box, r->columns[c], v[r->columns[c]]);
    }
    out->count[0] = (float)found;
}

/* The best of all classes, sorted again after each class; equal ones stay in order of class and box. */
static void select_regular(const crl_detection_params *p, const float *boxes, const float *scores,
                           const crl_detection_output *out, const room *r)
{
    const int32_t skip = p->n_columns - p->n_classes;
    int32_t n = 0; /* results, as box * n_classes + class */
    for (int32_t c = 0; c < p->n_classes; c++) {
        for (int32_t i = 0; i < p->n_boxes; i++) r->key[i] = scores[(size_t)i * (size_t)p->n_columns + (size_t)(c + skip)];
        const int32_t found = suppress(p, boxes, p->per_class, r);
        for (int32_t i = 0; i < found; i++) {
            const int32_t box = r->chosen[i];
            r->best[n + i] = box * p->n_classes + c;
            r->best_score[n + i] = scores[(size_t)box * (size_t)p->n_columns + (size_t)(c + skip)];
        }
        n += found;
        const int32_t keep = n < p->max_detections ? n : p->max_detections;
        crl_sort_stable(r->order, (size_t)n, r->best_score, r->merge);
        for (int32_t i = 0; i < keep; i++) {
            r->merge[i] = r->best[r->order[i]];
            r->key[i] = r->best_score[r->order[i]];
        }
        if (keep) {
            memcpy(r->best, r->merge, (size_t)keep * sizeof *r->best);
            memcpy(r->best_score, r->key, (size_t)keep * sizeof *r->best_score);
        }
        n = keep;
    }
    for (int32_t i = 0; i < n; i++)
        write_row(out, i, boxes + 4 * (r->best[i] / p->n_classes), r->best[i] % p->n_classes, r->best_score[i]);
    out->count[0] = (float)n;
}

void crl_detection_clear(const crl_detection_params *p, const crl_detection_output *out)
{
    const size_t rows = (size_t)p->max_detections * (size_t)p->max_classes;
    memset(out->boxes, 0, rows * 4 * sizeof *out->boxes);
    memset(out->classes, 0, rows * sizeof *out->classes);
    memset(out->scores, 0, rows * sizeof *out->scores);
}

bool crl_detection_select(const crl_detection_params *p, const float *boxes, const float *scores,
                          const crl_detection_output *out, void *scratch)
{
    for (int32_t i = 0; i < p->n_boxes; i++)
        if (boxes[4 * i] > boxes[4 * i + 2] || boxes[4 * i + 1] > boxes[4 * i + 3]) return false;
    crl_detection_clear(p, out);
    const room r = divide(p, scratch);
    if (p->regular)
        select_regular(p, boxes, scores, out, &r);
    else
        select_fast(p, boxes, scores, out, &r);
    return true;
}
