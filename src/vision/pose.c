/* SPDX-License-Identifier: Apache-2.0 */
/* Poses out of the outputs of MoveNet, of the PoseNet decoder, and (pose_yolo.c) of YOLO. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "vision/pose.h"
#include "vision/value.h"
#include "vision/vision.h"

enum { MULTIPOSES = 6, MULTIPOSE = 3 * CRL_KEYPOINTS + 5 }; /* of MoveNet */

static const char *const names[CRL_KEYPOINTS] = {
    "nose",           "left_eye",    "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
    "right_shoulder", "left_elbow",  "right_elbow", "left_wrist", "right_wrist", "left_hip",
    "right_hip",      "left_knee",   "right_knee",  "left_ankle", "right_ankle",
};

const char *crl_keypoint_name(int32_t i)
{
    return i >= 0 && i < CRL_KEYPOINTS ? names[i] : NULL;
}

/* Keeps `out` sorted, best first, equals in order of arrival. */
static void insert(const crl_pose *p, float threshold, crl_pose *out, int32_t cap, int32_t *n)
{
    if (!(p->score >= threshold)) return;
    for (int i = 0; i < CRL_KEYPOINTS; i++)
        if (isnan(p->keypoints[i].x) || isnan(p->keypoints[i].y) || isnan(p->keypoints[i].score)) return;
    int32_t at = *n;
    while (at > 0 && out[at - 1].score < p->score) at--;
    if (at >= cap) return;
    if (*n < cap) ++*n;
    memmove(out + at + 1, out + at, (size_t)(*n - 1 - at) * sizeof *out);
    out[at] = *p;
}

static bool is_movenet(const crl_tensor *const *outputs, int32_t n)
{
    return n >= 1 && crl_shape_equal(&outputs[0]->shape, &(crl_shape){ 4, { 1, 1, CRL_KEYPOINTS, 3 } });
}

static bool is_posenet(const crl_tensor *const *outputs, int32_t n)
{
    if (n < 4 || outputs[0]->shape.rank != 4) return false;
    const int32_t poses = outputs[0]->shape.dim[1];
    return crl_shape_equal(&outputs[0]->shape, &(crl_shape){ 4, { 1, poses, CRL_KEYPOINTS, 2 } }) &&
           crl_shape_equal(&outputs[1]->shape, &(crl_shape){ 3, { 1, poses, CRL_KEYPOINTS } }) &&
           crl_shape_equal(&outputs[2]->shape, &(crl_shape){ 2, { 1, poses } }) && crl_shape_count(&outputs[3]->shape) == 1;
}

static crl_status read_movenet(const crl_tensor *output, const crl_letterbox *frame, float threshold, crl_pose *out,
                               int32_t cap, int32_t *n, crl_error *err)
{
    crl_values v;
    const crl_status s = crl_values_open(&v, output, err);
    if (s) return s;
    crl_pose p = { 0 };
    float sum = 0.0f;
    for (size_t i = 0; i < CRL_KEYPOINTS; i++) {
        p.keypoints[i] = (crl_keypoint){ crl_letterbox_x(frame, crl_value(&v, 3 * i + 1)), crl_letterbox_y(frame, crl_value(&v, 3 * i)),
                                         crl_value(&v, 3 * i + 2) };
        sum += p.keypoints[i].score;
    }
    p.score = sum / CRL_KEYPOINTS;
    insert(&p, threshold, out, cap, n);
    return CRL_OK;
}

/* A map for each joint. */
static bool is_heat_maps(const crl_tensor *const *outputs, int32_t n)
{
    const crl_shape *s = n == 1 ? &outputs[0]->shape : NULL;
    return s && s->rank == 4 && s->dim[0] == 1 && s->dim[1] > 1 && s->dim[2] > 1 && s->dim[3] == CRL_KEYPOINTS;
}

/* Each joint is where its map is highest, the first of equals; the pose's score is the mean of theirs. */
static crl_status read_heat_maps(const crl_tensor *output, const crl_letterbox *frame, float threshold, crl_pose *out, int32_t cap,
                                 int32_t *n, crl_error *err)
{
    crl_values v;
    const crl_status s = crl_values_open(&v, output, err);
    if (s) return s;
    const size_t rows = (size_t)output->shape.dim[1], columns = (size_t)output->shape.dim[2];
    crl_pose p = { 0 };
    float sum = 0;
    for (size_t k = 0; k < CRL_KEYPOINTS; k++) {
        size_t best = 0;
        for (size_t i = 1; i < rows * columns; i++)
            if (crl_value(&v, i * CRL_KEYPOINTS + k) > crl_value(&v, best * CRL_KEYPOINTS + k)) best = i;
        const float x = ((float)(best % columns) + 0.5f) / (float)columns, y = ((float)(best / columns) + 0.5f) / (float)rows;
        p.keypoints[k] = (crl_keypoint){ x * frame->width, y * frame->height, crl_value(&v, best * CRL_KEYPOINTS + k) };
        sum += p.keypoints[k].score;
    }
    p.score = sum / CRL_KEYPOINTS;
    insert(&p, threshold, out, cap, n);
    return CRL_OK;
}

/* Rows of 17 joints and a box with the score of the pose. */
static bool is_multipose(const crl_tensor *const *outputs, int32_t n)
{
    return n == 1 && crl_shape_equal(&outputs[0]->shape, &(crl_shape){ 3, { 1, MULTIPOSES, MULTIPOSE } });
}

static crl_status read_multipose(const crl_tensor *output, const crl_letterbox *frame, float threshold, crl_pose *out,
                                 int32_t cap, int32_t *n, crl_error *err)
{
    crl_values v;
    const crl_status s = crl_values_open(&v, output, err);
    if (s) return s;
    for (size_t k = 0; k < MULTIPOSES; k++) {
        const size_t first = k * MULTIPOSE;
        crl_pose p = { .score = crl_value(&v, first + MULTIPOSE - 1) };
        for (size_t i = 0; i < CRL_KEYPOINTS; i++)
            p.keypoints[i] = (crl_keypoint){ crl_letterbox_x(frame, crl_value(&v, first + 3 * i + 1)),
                                             crl_letterbox_y(frame, crl_value(&v, first + 3 * i)), crl_value(&v, first + 3 * i + 2) };
        insert(&p, threshold, out, cap, n);
    }
    return CRL_OK;
}

static crl_status read_posenet(const crl_tensor *const *outputs, const crl_letterbox *frame, float threshold,
                               crl_pose *out, int32_t cap, int32_t *n, crl_error *err)
{
    crl_values v[4];
    for (int i = 0; i < 4; i++) {
        const crl_status s = crl_values_open(&v[i], outputs[i], err);
        if (s) return s;
    }
    const float count = crl_value(&v[3], 0);
    const size_t slots = v[2].n, used = !(count > 0.0f) ? 0 : count < (float)slots ? (size_t)(count + 0.5f) : slots;
    const float to_x = frame->width / (float)frame->input_width, to_y = frame->height / (float)frame->input_height;
    const float left = crl_letterbox_left(frame), top = crl_letterbox_top(frame);
    for (size_t k = 0; k < used; k++) {
        crl_pose p = { .score = crl_value(&v[2], k) };
        for (size_t i = 0; i < CRL_KEYPOINTS; i++) {
            const size_t at = k * CRL_KEYPOINTS + i;
            p.keypoints[i] = (crl_keypoint){ crl_value(&v[0], 2 * at + 1) * to_x - left, crl_value(&v[0], 2 * at) * to_y - top,
                                             crl_value(&v[1], at) };
        }
        insert(&p, threshold, out, cap, n);
    }
    return CRL_OK;
}

crl_status crl_poses_read(const crl_tensor *const *outputs, int32_t n_outputs, const crl_letterbox *frame,
                          float threshold, crl_pose *out, int32_t cap, int32_t *n, crl_error *err)
{
    *n = 0;
    if (is_movenet(outputs, n_outputs)) return read_movenet(outputs[0], frame, threshold, out, cap, n, err);
    if (is_posenet(outputs, n_outputs)) return read_posenet(outputs, frame, threshold, out, cap, n, err);
    if (is_heat_maps(outputs, n_outputs)) return read_heat_maps(outputs[0], frame, threshold, out, cap, n, err);
    if (is_multipose(outputs, n_outputs)) return read_multipose(outputs[0], frame, threshold, out, cap, n, err);
    if (crl_is_yolo_pose(outputs, n_outputs)) return crl_yolo_poses_read(outputs[0], frame, threshold, out, cap, n, err);
    char shape[CRL_SHAPE_TEXT] = "none";
    if (n_outputs > 0) crl_shape_text(&outputs[0]->shape, shape, sizeof shape);
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%d outputs, the first %s, are not a pose model's; [1,1,17,3] or [1,6,56] "
                    "(MoveNet), [1,n,17,2] [1,n,17] [1,n] [1] (PoseNet with decoder), [1,56,n] (YOLO), and [1,h,w,17] (heat maps) are", n_outputs, shape);
}
