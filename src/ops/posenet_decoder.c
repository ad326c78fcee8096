/* SPDX-License-Identifier: Apache-2.0 */
/* PosenetDecoderOp, a custom operator of Coral's pose models: keypoints, their scores, scores of poses and their
 * number. Inputs are heatmaps [1,h,w,17], short offsets [1,h,w,34] and mid offsets [1,h,w,64], UINT8 or FLOAT32
 * each, offsets in pixels; outputs are FLOAT32, whatever the file says. Models of body parts (BodyPix) have long offsets
 * [1,h,w,34] besides, and a fifth output, a mask for each person, [1,most,h,w]. */
#include <math.h>

#include "kernels/posenet.h"
#include "model/flex.h"
#include "ops/shapes.h"
#include "ops/work.h"

enum { LONG_OFFSETS = 3, MOST_INPUTS = 4, MASKS = 4 };
static const int32_t channels[MOST_INPUTS] = { CRL_POSE_KEYPOINTS, 2 * CRL_POSE_KEYPOINTS, 4 * CRL_POSE_EDGES,
                                               2 * CRL_POSE_KEYPOINTS };

enum { MOST_POSES = 1 << 20 };

static crl_status read_options(const crl_node *node, crl_posenet_params *p, crl_error *err)
{
    const crl_flex o = crl_flex_root(node->def->custom_options, node->def->custom_bytes);
    const int64_t most = crl_flex_int(crl_flex_get(o, "max_detections"), 0);
    const int64_t stride = crl_flex_int(crl_flex_get(o, "stride"), 0);
    p->score_threshold = (float)crl_flex_float(crl_flex_get(o, "score_threshold"), 0);
    const float radius = (float)crl_flex_float(crl_flex_get(o, "nms_radius"), 0);
    if (most < 0 || most > MOST_POSES)
        return crl_fail(err, CRL_ERR_FORMAT, "option max_detections %lld", (long long)most);
    if (stride < 1 || stride > INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "option stride %lld, it has to be positive", (long long)stride);
    p->max_detections = (int32_t)most;
    p->stride = (int32_t)stride;
    p->nms_radius = radius / (float)p->stride;
    return CRL_OK;
}

static crl_status check_inputs(const crl_node *node, crl_posenet_params *p, crl_error *err)
{
    if (node->n_out != node->n_in + 1)
        return crl_fail(err, CRL_ERR_FORMAT, "%d inputs and %d outputs: masks, the fifth output, come with long offsets, the "
                        "fourth input", node->n_in, node->n_out);
    for (int32_t i = 0; i < node->n_in; i++) {
        const crl_tensor *t = node->in[i];
        if (!t || !node->out[i + 1]) return crl_fail(err, CRL_ERR_FORMAT, "input %d or output %d is left out", i, i + 1);
        crl_status s = crl_node_accept(node, t, CRL_TYPE(CRL_UINT8) | CRL_TYPE(CRL_FLOAT32), err);
        if (!s && t->type == CRL_UINT8) s = crl_node_check_quant(node, t, err);
        if (s) return s;
        const crl_shape *shape = &t->shape, *first = &node->in[0]->shape;
        if (shape->rank != 4 || shape->dim[0] != 1 || shape->dim[3] != channels[i] || shape->dim[1] != first->dim[1] ||
            shape->dim[2] != first->dim[2] || shape->dim[1] < 1 || shape->dim[2] < 1) {
            char text[CRL_SHAPE_TEXT];
            return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "shape %s, [1,height,width,%d] is needed",
                                crl_shape_text(shape, text, sizeof text), channels[i]);
        }
    }
    p->height = node->in[0]->shape.dim[1];
    p->width = node->in[0]->shape.dim[2];
    if ((int64_t)p->height * p->width > INT32_MAX / 64)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->in[0], err, "more than 2^25 cells");
    return CRL_OK;
}

static crl_status set_outputs(crl_node *node, const crl_posenet_params *p, crl_error *err)
{
    for (int32_t i = 0; i < node->n_out; i++) node->out[i]->type = CRL_FLOAT32;
    const int32_t n = p->max_detections;
    const crl_shape keypoints = { .rank = 4, .dim = { 1, n, CRL_POSE_KEYPOINTS, 2 } };
    const crl_shape keypoint_scores = { .rank = 3, .dim = { 1, n, CRL_POSE_KEYPOINTS } };
    const crl_shape scores = { .rank = 2, .dim = { 1, n } };
    const crl_shape one = { .rank = 1, .dim = { 1 } };
    const crl_shape masks = { .rank = 4, .dim = { 1, n, p->height, p->width } };
    crl_status s = crl_node_shape(node, 0, &keypoints, err);
    if (!s) s = crl_node_shape(node, 1, &keypoint_scores, err);
    if (!s) s = crl_node_shape(node, 2, &scores, err);
    if (!s) s = crl_node_shape(node, 3, &one, err);
    return s || node->n_out <= MASKS ? s : crl_node_shape(node, MASKS, &masks, err);
}

static size_t map_elements(const crl_node *node, int32_t i)
{
    return crl_shape_count(&node->in[i]->shape);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(crl_posenet_params), err);
    if (s) return s;
    crl_posenet_params *p = node->params;
    s = read_options(node, p, err);
    if (!s) s = check_inputs(node, p, err);
    if (!s) s = set_outputs(node, p, err);
    if (s) return s;
    /* Peaks are held against the poses found, poses and the cells of a mask against one another. */
    enum { PEAK = 300, NEAR = 4, POSE = 20000, CELL = 10 };
    const uint64_t most = (uint64_t)(p->max_detections > 0 ? p->max_detections : 0);
    const uint64_t cells = crl_work_mul((uint64_t)p->height * (uint64_t)p->width, CRL_POSE_KEYPOINTS);
    node->more_work = crl_work_mul(cells, PEAK + (NEAR + CELL) * most) + crl_work_mul(most, POSE + NEAR * CRL_POSE_KEYPOINTS * most);
    node->scratch_bytes = crl_posenet_scratch(p);
    for (int32_t i = 0; i < node->n_in; i++) {
        size_t bytes;
        if (!crl_size_mul(map_elements(node, i), sizeof(float), &bytes) || !crl_size_add(node->scratch_bytes, bytes, &node->scratch_bytes))
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[i], err, "as floats it has more bytes than memory can hold");
    }
    return CRL_OK;
}

/* In real numbers, times `factor`. */
static void dequantise(float *out, const crl_tensor *t, float factor)
{
    const size_t n = crl_shape_count(&t->shape);
    if (t->type == CRL_FLOAT32) {
        for (size_t i = 0; i < n; i++) out[i] = ((const float *)t->data)[i] * factor;
        return;
    }
    const float zero = (float)crl_tensor_zero(t), scale = crl_tensor_scale(t) * factor;
    for (size_t i = 0; i < n; i++) out[i] = ((float)((const uint8_t *)t->data)[i] - zero) * scale;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const crl_posenet_params *p = node->params;
    float *map[MOST_INPUTS], *next = work->scratch;
    for (int32_t i = 0; i < node->n_in; i++) {
        map[i] = next;
        next += map_elements(node, i);
        dequantise(map[i], node->in[i], i == 0 ? 1.0f : (float)(1.0 / p->stride));
    }
    const crl_posenet_output out = { node->out[0]->data, node->out[1]->data, node->out[2]->data, node->out[3]->data };
    crl_posenet_decode(p, map[0], map[1], map[2], &out, next);
    if (node->n_in > LONG_OFFSETS) crl_posenet_masks(p, map[LONG_OFFSETS], &out, node->out[MASKS]->data);
    return CRL_OK;
}

const crl_op_type crl_op_posenet_decoder = {
    .name = "PosenetDecoderOp", .code = CRL_CUSTOM, .in_min = 3, .in_max = 4, .out_min = 4, .out_max = 5, .prepare = prepare, .invoke = invoke,
};
