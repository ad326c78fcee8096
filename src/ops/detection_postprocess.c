/* SPDX-License-Identifier: Apache-2.0 */
/* TFLite_Detection_PostProcess, a custom operator: boxes, classes, scores and their number from the outputs of an
 * SSD. Inputs are encodings [1,n,4 or more], scores [1,n,classes] and anchors [n,4], UINT8 or FLOAT32 each;
 * outputs are FLOAT32, whatever the file says. */
#include "ops/detection_postprocess.h"

#include <math.h>

#include "model/flex.h"
#include "ops/shapes.h"
#include "ops/work.h"

enum { DEFAULT_PER_CLASS = 100 };

static int32_t to_int(crl_flex map, const char *key, int32_t preset)
{
    const int64_t v = crl_flex_int(crl_flex_get(map, key), preset);
    return v < INT32_MIN ? INT32_MIN : v > INT32_MAX ? INT32_MAX : (int32_t)v;
}

static crl_status read_options(const crl_node *node, crl_detection_params *p, crl_error *err)
{
    static const char *const scales[4] = { "y_scale", "x_scale", "h_scale", "w_scale" };
    const crl_flex o = crl_flex_root(node->def->custom_options, node->def->custom_bytes);
    p->max_detections = to_int(o, "max_detections", 0);
    p->max_classes = to_int(o, "max_classes_per_detection", 0);
    p->per_class = to_int(o, "detections_per_class", DEFAULT_PER_CLASS);
    p->regular = crl_flex_bool(crl_flex_get(o, "use_regular_nms"), false);
    p->score_threshold = (float)crl_flex_float(crl_flex_get(o, "nms_score_threshold"), 0);
    p->iou_threshold = (float)crl_flex_float(crl_flex_get(o, "nms_iou_threshold"), 0);
    p->n_classes = to_int(o, "num_classes", 0);
    for (int i = 0; i < 4; i++) {
        p->scale[i] = (float)crl_flex_float(crl_flex_get(o, scales[i]), 0);
        if (p->scale[i] == 0 || !isfinite(p->scale[i]))
            return crl_fail(err, CRL_ERR_FORMAT, "option %s is missing or 0", scales[i]);
    }
    if (p->max_detections < 0 || p->max_classes < 1 || (p->regular && p->per_class < 1))
        return crl_fail(err, CRL_ERR_FORMAT,
                        "options max_detections %d, max_classes_per_detection %d, detections_per_class %d",
                        p->max_detections, p->max_classes, p->per_class);
    if (!(p->iou_threshold > 0 && p->iou_threshold <= 1))
        return crl_fail(err, CRL_ERR_FORMAT, "option nms_iou_threshold %g, it has to be above 0 and at most 1",
                        (double)p->iou_threshold);
    return CRL_OK;
}

static crl_status check_input(const crl_node *node, int32_t i, int32_t rank, crl_error *err)
{
    const crl_tensor *t = node->in[i];
    crl_status s = crl_node_accept(node, t, CRL_TYPE(CRL_UINT8) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s && t->type == CRL_UINT8) s = crl_node_check_quant(node, t, err);
    if (s) return s;
    if (t->shape.rank == rank && (rank == 2 || t->shape.dim[0] == 1)) return CRL_OK;
    char text[CRL_SHAPE_TEXT];
    return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t, err, "shape %s, %s is needed",
                        crl_shape_text(&t->shape, text, sizeof text), rank == 2 ? "[boxes,4]" : "[1,boxes,..]");
}

static crl_status read_shapes(const crl_node *node, crl_postprocess *p, crl_error *err)
{
    crl_status s = check_input(node, 0, 3, err);
    if (!s) s = check_input(node, 1, 3, err);
    if (!s) s = check_input(node, 2, 2, err);
    if (!s) s = crl_node_same_type(node, node->in[CRL_DETECTION_ANCHORS], node->in[CRL_DETECTION_BOXES], err);
    if (s) return s;
    const crl_shape *boxes = &node->in[CRL_DETECTION_BOXES]->shape, *scores = &node->in[CRL_DETECTION_SCORES]->shape;
    const crl_shape *anchors = &node->in[CRL_DETECTION_ANCHORS]->shape;
    crl_detection_params *d = &p->select;
    d->n_boxes = boxes->dim[1];
    d->n_columns = scores->dim[2];
    p->length = boxes->dim[2];
    if (p->length < 4)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[CRL_DETECTION_BOXES], err,
                            "%d numbers for a box, 4 are needed", p->length);
    if (scores->dim[1] != d->n_boxes || anchors->dim[0] != d->n_boxes || anchors->dim[1] != 4)
        return crl_fail(err, CRL_ERR_FORMAT, "%d boxes, %d rows of scores, anchors [%d,%d]", d->n_boxes, scores->dim[1],
                        anchors->dim[0], anchors->dim[1]);
    if (d->n_classes < 1 || (d->n_columns != d->n_classes && d->n_columns - 1 != d->n_classes))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[CRL_DETECTION_SCORES], err,
                            "%d columns of scores for num_classes %d: as many or one more are needed", d->n_columns,
                            d->n_classes);
    if ((int64_t)d->n_boxes * d->n_columns > INT32_MAX)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->in[CRL_DETECTION_SCORES], err, "more than 2^31 scores");
    return CRL_OK;
}

static crl_status set_outputs(crl_node *node, const crl_postprocess *p, crl_error *err)
{
    const int64_t rows = (int64_t)p->select.max_detections * p->select.max_classes;
    if (rows > INT32_MAX / 4) return crl_fail(err, CRL_ERR_FORMAT, "room for %lld detections", (long long)rows);
    for (int32_t i = 0; i < 4; i++) node->out[i]->type = CRL_FLOAT32;
    const crl_shape boxes = { .rank = 3, .dim = { 1, (int32_t)rows, 4 } };
    const crl_shape list = { .rank = 2, .dim = { 1, (int32_t)rows } };
    const crl_shape one = { .rank = 1, .dim = { 1 } };
    crl_status s = crl_node_shape(node, 0, &boxes, err);
    if (!s) s = crl_node_shape(node, 1, &list, err);
    if (!s) s = crl_node_shape(node, 2, &list, err);
    return s ? s : crl_node_shape(node, 3, &one, err);
}

/* Scratch: boxes, scores where they have to be dequantised, then what the selection needs. */
static size_t boxes_bytes(const crl_postprocess *p)
{
    return (size_t)p->select.n_boxes * 4 * sizeof(float);
}

static size_t scores_bytes(const crl_node *node, const crl_postprocess *p)
{
    if (node->in[CRL_DETECTION_SCORES]->type == CRL_FLOAT32) return 0;
    return (size_t)p->select.n_boxes * (size_t)p->select.n_columns * sizeof(float);
}

/* Every box is held against those chosen, once or for each class; what is chosen is sorted. */
static uint64_t selection_work(const crl_detection_params *d)
{
    enum { BOX = 200, OVERLAP = 8 };
    const int32_t limit = d->regular ? d->per_class : d->max_detections;
    const uint64_t n = (uint64_t)d->n_boxes, classes = (uint64_t)d->n_classes, most = (uint64_t)d->max_detections;
    const uint64_t chosen = limit < d->n_boxes ? (uint64_t)(limit > 0 ? limit : 0) : n;
    const uint64_t once = crl_work_mul(n, BOX + OVERLAP * chosen) + crl_work_mul(most + chosen, BOX);
    return crl_work_mul(once, d->regular ? classes : 1) / 2 + crl_work_mul(crl_work_mul(chosen, classes), BOX) / 2;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(crl_postprocess), err);
    if (s) return s;
    crl_postprocess *p = node->params;
    s = read_options(node, &p->select, err);
    if (!s) s = read_shapes(node, p, err);
    if (!s) s = set_outputs(node, p, err);
    if (s) return s;
    node->more_work = selection_work(&p->select);
    node->scratch_bytes = boxes_bytes(p) + scores_bytes(node, p) + crl_detection_scratch(&p->select);
    return CRL_OK;
}

float crl_detection_real(const crl_tensor *t, uint8_t q)
{
    return ((float)q - (float)crl_tensor_zero(t)) * crl_tensor_scale(t);
}

static float element(const crl_tensor *t, size_t i)
{
    return t->type == CRL_FLOAT32 ? ((const float *)t->data)[i] : crl_detection_real(t, ((const uint8_t *)t->data)[i]);
}

crl_status crl_detection_bad_box(crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "a box has its bottom above its top or its right left of its left: anchors or scales "
                                         "are negative");
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    const crl_postprocess *p = node->params;
    const crl_tensor *encodings = node->in[CRL_DETECTION_BOXES], *scores = node->in[CRL_DETECTION_SCORES];
    const crl_tensor *anchors = node->in[CRL_DETECTION_ANCHORS];
    float *boxes = work->scratch;
    float *dequantised = (float *)((uint8_t *)work->scratch + boxes_bytes(p));
    void *room = (uint8_t *)dequantised + scores_bytes(node, p);
    for (size_t i = 0; i < (size_t)p->select.n_boxes; i++) {
        float encoding[4], anchor[4];
        for (size_t k = 0; k < 4; k++) {
            encoding[k] = element(encodings, i * (size_t)p->length + k);
            anchor[k] = element(anchors, i * 4 + k);
        }
        crl_detection_decode(boxes + 4 * i, encoding, anchor, p->select.scale);
    }
    if (scores->type != CRL_FLOAT32) {
        const size_t n = (size_t)p->select.n_boxes * (size_t)p->select.n_columns;
        for (size_t i = 0; i < n; i++) dequantised[i] = element(scores, i);
    }
    const crl_detection_output out = { node->out[0]->data, node->out[1]->data, node->out[2]->data, node->out[3]->data };
    if (!crl_detection_select(&p->select, boxes, scores->type == CRL_FLOAT32 ? scores->data : dequantised, &out, room))
        return crl_detection_bad_box(err);
    return CRL_OK;
}

const crl_op_type crl_op_detection_postprocess = {
    .name = "TFLite_Detection_PostProcess",
    .code = CRL_CUSTOM,
    .in_min = 3,
    .in_max = 3,
    .out_min = 4,
    .out_max = 4,
    .prepare = prepare,
    .invoke = invoke,
};
