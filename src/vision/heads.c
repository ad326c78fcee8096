/* SPDX-License-Identifier: Apache-2.0 */
/* A detector: what is prepared once, and the way of a frame. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/heads.h"

/* ---- preparing ---- */

static crl_status check_options(const crl_detector_options *o, crl_error *err)
{
    const crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_detector_options", err);
    if (s) return s;
    if ((unsigned)o->head > CRL_HEAD_MEDIAPIPE)
        return crl_fail(err, CRL_ERR_ARGUMENT, "head %d, at most %d is known", (int)o->head, CRL_HEAD_MEDIAPIPE);
    if ((unsigned)o->scores > CRL_SCORES_LOGITS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "form %d of scores, at most %d is known", (int)o->scores, CRL_SCORES_LOGITS);
    if ((unsigned)o->boxes > CRL_BOXES_CELLS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "unit %d of boxes, at most %d is known", (int)o->boxes, CRL_BOXES_CELLS);
    if (!(o->iou >= 0 && o->iou <= 1))
        return crl_fail(err, CRL_ERR_ARGUMENT, "an overlap of %g, 0 to 1 is accepted", (double)o->iou);
    return CRL_OK;
}

/* What is stored in output i. */
static crl_status read_scale(crl_stored_scale *s, const crl_tensor *t, int i, crl_error *err)
{
    if (t->type != CRL_FLOAT32 && t->type != CRL_UINT8 && t->type != CRL_INT8 && t->type != CRL_INT16)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "output %d \"%s\" is %s; FLOAT32, UINT8, INT8 and INT16 are accepted", i,
                        t->name, crl_type_name(t->type));
    *s = (crl_stored_scale){ t->type, 0, 0 };
    if (t->type == CRL_FLOAT32) return CRL_OK;
    if (t->quant.n > 1 || t->quant.block)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "output %d \"%s\" has %d scales, one is accepted", i, t->name, t->quant.n);
    const bool scaled = t->quant.n == 1 && t->quant.scale && t->quant.zero_point;
    s->scale = scaled ? t->quant.scale[0] : 1;
    s->zero = scaled ? t->quant.zero_point[0] : 0;
    if (!(s->scale > 0 && isfinite(s->scale)))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "output %d \"%s\" has the scale %g; it has to be positive", i, t->name,
                        (double)s->scale);
    return CRL_OK;
}

/* What follows the scores of the classes that have names. */
static void leave_rest(crl_head_layout *l, const crl_detector_options *o)
{
    const bool joined = l->head == CRL_HEAD_YOLOV8 || l->head == CRL_HEAD_YOLOV5;
    if (!joined || !o->named || o->labels < 1 || o->labels >= l->classes) return;
    if (o->turned) {
        l->angle = l->scores;
        l->angle.channels = 1;
        l->angle.first += (size_t)(l->classes - 1) * l->scores.per_channel;
    }
    l->classes = l->scores.channels = o->labels;
}

static crl_status take_input(crl_detector *d, const crl_tensor *input, crl_error *err)
{
    if (!input || (input->shape.rank != 3 && input->shape.rank != 4) || input->shape.dim[1] < 1 || input->shape.dim[2] < 1)
        return crl_fail(err, CRL_ERR_ARGUMENT, "an input without height and width, by which boxes are measured");
    d->input_height = (float)input->shape.dim[1];
    d->input_width = (float)input->shape.dim[2];
    return CRL_OK;
}

static crl_status take_outputs(crl_detector *d, const crl_tensor *const *outputs, int32_t n, crl_error *err)
{
    d->n_outputs = n < CRL_HEAD_OUTPUTS ? n : CRL_HEAD_OUTPUTS;
    for (int i = 0; i < d->n_outputs; i++) {
        d->shapes[i] = outputs[i]->shape;
        if (i != d->layout.box.output && i != d->layout.scores.output) continue;
        const crl_status s = read_scale(&d->stored[i], outputs[i], i, err);
        if (s) return s;
    }
    return CRL_OK;
}

static crl_status take_anchors(crl_detector *d, const crl_anchors *from, crl_error *err)
{
    if (!from)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d boxes before any are chosen need the anchors that they were trained with, and "
                        "there is no table of them; export the model with TFLite_Detection_PostProcess, or with metadata",
                        d->layout.anchors);
    if (from->n != d->layout.anchors)
        return crl_fail(err, CRL_ERR_ARGUMENT, "a table of %d anchors for %d boxes", from->n, d->layout.anchors);
    if (!(from->x_scale && from->y_scale && from->w_scale && from->h_scale))
        return crl_fail(err, CRL_ERR_ARGUMENT, "anchors with a scale of 0, by which numbers are divided");
    const crl_status s = crl_check_reserved(from->reserved, sizeof from->reserved / sizeof *from->reserved, "crl_anchors", err);
    if (s) return s;
    d->anchor_table = crl_alloc_array((size_t)from->n, sizeof *d->anchor_table);
    if (!d->anchor_table) return crl_fail_memory(err, "anchors");
    if (from->n > 0) memcpy(d->anchor_table, from->anchor, (size_t)from->n * sizeof *d->anchor_table);
    d->anchors = *from;
    d->anchors.anchor = d->anchor_table;
    return CRL_OK;
}

static crl_status take_room(crl_detector *d, crl_error *err)
{
    d->room = d->layout.anchors < CRL_HEAD_CANDIDATES ? d->layout.anchors : CRL_HEAD_CANDIDATES;
    d->candidates = crl_alloc_array((size_t)d->room, sizeof *d->candidates);
    d->kept = crl_alloc_array((size_t)d->room, sizeof *d->kept);
    return d->candidates && d->kept ? CRL_OK : crl_fail_memory(err, "candidates of a detector");
}

static crl_status prepare(crl_detector *d, const crl_tensor *const *outputs, int32_t n, const crl_tensor *input, crl_error *err)
{
    crl_detector_options *o = &d->options;
    crl_status s = check_options(o, err);
    if (s) return s;
    if (o->iou == 0) o->iou = 0.45f;
    const crl_anchors *anchors = o->anchors;
    o->anchors = NULL;
    const crl_recognition r = crl_recognise(outputs, n, input, NULL, o->labels);
    crl_head head = o->head ? o->head : r.purpose == CRL_PURPOSE_DETECT ? r.head : CRL_HEAD_AUTO;
    if (!o->head && head == CRL_HEAD_YOLO_CORNERS && anchors) head = CRL_HEAD_SSD_RAW;
    s = crl_head_layout_find(&d->layout, head, outputs, n, input, anchors, err);
    if (s || head == CRL_HEAD_SSD) return s;
    leave_rest(&d->layout, o);
    if (o->boxes == CRL_BOXES_CELLS && head != CRL_HEAD_YOLOX)
        return crl_fail(err, CRL_ERR_ARGUMENT, "boxes of %s do not count from cells, those of yolox do", crl_head_name(head));
    s = take_input(d, input, err);
    if (!s) s = take_outputs(d, outputs, n, err);
    if (!s && head == CRL_HEAD_SSD_RAW) s = take_anchors(d, anchors, err);
    if (!s) s = take_room(d, err);
    if (!s) crl_head_score_tables(d);
    return s;
}

crl_status crl_detector_new(crl_detector **out, const crl_tensor *const *outputs, int32_t n_outputs, const crl_tensor *input,
                            const crl_detector_options *options, crl_error *err)
{
    *out = NULL;
    crl_detector *d = crl_alloc(sizeof *d);
    if (!d) return crl_fail_memory(err, "a detector");
    if (options) d->options = *options;
    const crl_status s = prepare(d, outputs, n_outputs, input, err);
    if (s) {
        crl_detector_free(d);
        return s;
    }
    *out = d;
    return CRL_OK;
}

void crl_detector_free(crl_detector *d)
{
    if (!d) return;
    crl_free(d->anchor_table);
    crl_free(d->candidates);
    crl_free(d->kept);
    crl_free(d);
}

crl_head crl_detector_head(const crl_detector *d)
{
    return d->layout.head;
}

int32_t crl_detector_classes(const crl_detector *d)
{
    return d->layout.classes;
}

/* ---- reading ---- */

/* Output i of a frame is what the detector was made for, and has data. */
static crl_status check_output(const crl_detector *d, const crl_tensor *t, int i, crl_error *err)
{
    char was[CRL_SHAPE_TEXT], is[CRL_SHAPE_TEXT];
    const crl_stored_scale *s = &d->stored[i];
    if (!crl_shape_equal(&t->shape, &d->shapes[i]) || t->type != s->type)
        return crl_fail(err, CRL_ERR_ARGUMENT, "output %d is %s %s now, and was %s %s", i, crl_type_name(t->type),
                        crl_shape_text(&t->shape, is, sizeof is), crl_type_name(s->type),
                        crl_shape_text(&d->shapes[i], was, sizeof was));
    if (s->type != CRL_FLOAT32 && t->quant.n == 1 && (t->quant.scale[0] != s->scale || t->quant.zero_point[0] != s->zero))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output %d has the scale %g now, and had %g", i, (double)t->quant.scale[0],
                        (double)s->scale);
    const size_t n = crl_shape_count(&t->shape), bytes = crl_type_bytes(t->type);
    if (n && (!t->data || t->bytes / bytes < n))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output %d has %zu bytes of data; its shape needs %zu", i, t->data ? t->bytes : 0,
                        n * bytes);
    return CRL_OK;
}

crl_status crl_detector_read(crl_detector *d, const crl_tensor *const *outputs, int32_t n_outputs, const crl_letterbox *frame,
                             float threshold, crl_detection *out, int32_t cap, int32_t *n, crl_error *err)
{
    *n = 0;
    if (d->layout.head == CRL_HEAD_SSD) return crl_detections_read(outputs, n_outputs, frame, threshold, out, cap, n, err);
    if (n_outputs < d->n_outputs) return crl_fail(err, CRL_ERR_ARGUMENT, "%d outputs now, and %d were", n_outputs, d->n_outputs);
    crl_head_frame f = { .detector = d, .picture = frame, .threshold = threshold, .candidates = d->candidates };
    for (int i = 0; i < d->n_outputs; i++) {
        if (i != d->layout.box.output && i != d->layout.scores.output) continue;
        const crl_status s = check_output(d, outputs[i], i, err);
        if (s) return s;
        f.data[i] = outputs[i]->data;
    }
    if (!d->layout.anchors || cap <= 0) return CRL_OK;
    f.logits = crl_head_has_logits(&f);
    crl_head_find(&f);
    if (!f.n_candidates) return CRL_OK;
    crl_head_set_unit(&f);
    crl_head_suppress(&f, out, cap, n);
    return CRL_OK;
}
