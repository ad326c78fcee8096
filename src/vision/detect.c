/* SPDX-License-Identifier: Apache-2.0 */
/* Detections out of the four outputs of an SSD. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "vision/value.h"
#include "vision/vision.h"

typedef struct layout {
    int boxes, classes, scores, count;
} layout;

static const layout layouts[] = {
    { 0, 1, 2, 3 }, /* TFLite_Detection_PostProcess */
    { 1, 3, 0, 2 }, /* EfficientDet-Lite */
    { 3, 2, 1, 0 }, /* the same by the names of its signature */
};

static bool fits(const crl_tensor *const *o, layout l)
{
    const crl_shape *boxes = &o[l.boxes]->shape, *classes = &o[l.classes]->shape, *scores = &o[l.scores]->shape;
    if (boxes->rank != 3 || boxes->dim[0] != 1 || boxes->dim[2] != 4) return false;
    const crl_shape rows = { 2, { 1, boxes->dim[1] } };
    return crl_shape_equal(classes, &rows) && crl_shape_equal(scores, &rows) && crl_shape_count(&o[l.count]->shape) == 1;
}

static crl_status no_detector(const crl_tensor *const *outputs, int32_t n, crl_error *err)
{
    char list[160] = "";
    for (int32_t i = 0; i < n && i < 4; i++) {
        const size_t used = strlen(list);
        if (i) snprintf(list + used, sizeof list - used, " ");
        crl_shape_text(&outputs[i]->shape, list + strlen(list), sizeof list - strlen(list));
    }
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%d outputs %s are not a detector's; boxes [1,n,4], classes [1,n], "
                    "scores [1,n], count [1] are", n, list);
}

static float clip(float v, float most)
{
    return v < 0.0f ? 0.0f : v > most ? most : v;
}

/* Slot i of the outputs; false: it does not count. */
static bool read_slot(crl_detection *d, const crl_values v[4], size_t i, const crl_letterbox *frame, float threshold)
{
    const float score = crl_value(&v[2], i), class = crl_value(&v[1], i);
    if (!(score >= threshold) || !(class > -0.5f && class < 0x1p30f)) return false;
    const float top = crl_letterbox_y(frame, crl_value(&v[0], 4 * i)), left = crl_letterbox_x(frame, crl_value(&v[0], 4 * i + 1));
    const float bottom = crl_letterbox_y(frame, crl_value(&v[0], 4 * i + 2)), right = crl_letterbox_x(frame, crl_value(&v[0], 4 * i + 3));
    if (isnan(top) || isnan(left) || isnan(bottom) || isnan(right)) return false;
    const float width = (float)frame->picture_width, height = (float)frame->picture_height;
    *d = (crl_detection){ (int32_t)(class + 0.5f), score,
                          { clip(fminf(left, right), width), clip(fminf(top, bottom), height),
                            clip(fmaxf(left, right), width), clip(fmaxf(top, bottom), height) } };
    return true;
}

crl_status crl_detections_read(const crl_tensor *const *outputs, int32_t n_outputs, const crl_letterbox *frame,
                               float threshold, crl_detection *out, int32_t cap, int32_t *n, crl_error *err)
{
    *n = 0;
    const layout *l = NULL;
    for (size_t i = 0; n_outputs >= 4 && i < sizeof layouts / sizeof layouts[0] && !l; i++)
        if (fits(outputs, layouts[i])) l = &layouts[i];
    if (!l) return no_detector(outputs, n_outputs, err);
    const int order[4] = { l->boxes, l->classes, l->scores, l->count };
    crl_values v[4];
    for (int i = 0; i < 4; i++) {
        const crl_status s = crl_values_open(&v[i], outputs[order[i]], err);
        if (s) return s;
    }
    const float count = crl_value(&v[3], 0);
    const size_t slots = v[2].n, used = !(count > 0.0f) ? 0 : count < (float)slots ? (size_t)(count + 0.5f) : slots;
    for (size_t i = 0; i < used && cap > 0; i++) {
        crl_detection d;
        if (!read_slot(&d, v, i, frame, threshold)) continue;
        int32_t at = *n;
        while (at > 0 && (out[at - 1].score < d.score || (out[at - 1].score == d.score && out[at - 1].index > d.index))) at--;
        if (at == cap) continue;
        if (*n < cap) ++*n;
        memmove(out + at + 1, out + at, (size_t)(*n - 1 - at) * sizeof *out);
        out[at] = d;
    }
    return CRL_OK;
}
