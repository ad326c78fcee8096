/* SPDX-License-Identifier: Apache-2.0 */
/* Poses out of the rows of a YOLO pose model: [1,56,n] or [1,n,56], each a box around its middle, a score, and x, y, score of
 * 17 joints. Of poses whose boxes share much, the best one counts. Source: Ultralytics, Pose.forward and non_max_suppression. */
#include <math.h>

#include "vision/pose.h"
#include "vision/value.h"
#include "vision/vision.h"

enum { BOX = 4, SCORE = 4, JOINTS = 5, NUMBERS = JOINTS + 3 * CRL_KEYPOINTS, MOST = 64 };
static const float SHARED = 0.45f; /* of two boxes' union */

typedef struct rows {
    crl_values v;
    size_t per_row, per_number;
    int32_t n;
    float to_x, to_y, left, top; /* from a number to a pixel of the picture: times, less */
} rows;

bool crl_is_yolo_pose(const crl_tensor *const *outputs, int32_t n)
{
    const int32_t *d = n == 1 ? outputs[0]->shape.dim : NULL;
    return d && outputs[0]->shape.rank == 3 && d[0] == 1 && (d[1] == NUMBERS) != (d[2] == NUMBERS);
}

static float number(const rows *r, int32_t row, int32_t k)
{
    return crl_value(&r->v, (size_t)row * r->per_row + (size_t)k * r->per_number);
}

/* As heads_box.c has it: fractions are little more than 1, pixels reach the input's width. */
static bool in_pixels(const rows *r, const crl_tensor *output, int32_t width)
{
    if (output->type == CRL_UINT8 || output->type == CRL_INT8 || output->type == CRL_INT16) {
        const int32_t high = output->type == CRL_UINT8 ? UINT8_MAX : output->type == CRL_INT8 ? INT8_MAX : INT16_MAX;
        return output->quant.n == 1 && output->quant.scale[0] * (float)(high - output->quant.zero_point[0]) > (float)width / 8;
    }
    for (int32_t i = 0; i < r->n; i++)
        if (number(r, i, 0) > 2) return true;
    return false;
}

static crl_status open_rows(rows *r, const crl_tensor *output, const crl_letterbox *frame, crl_error *err)
{
    const int32_t *d = output->shape.dim;
    const bool planes = d[1] == NUMBERS;
    *r = (rows){ .n = planes ? d[2] : d[1], .per_row = planes ? 1 : NUMBERS, .per_number = planes ? (size_t)d[2] : 1 };
    const crl_status s = crl_values_open(&r->v, output, err);
    if (s) return s;
    const bool pixels = in_pixels(r, output, frame->input_width);
    r->to_x = pixels ? frame->width / (float)frame->input_width : frame->width;
    r->to_y = pixels ? frame->height / (float)frame->input_height : frame->height;
    r->left = crl_letterbox_left(frame);
    r->top = crl_letterbox_top(frame);
    return CRL_OK;
}

static crl_box box_of(const rows *r, int32_t row)
{
    float v[BOX];
    for (int32_t k = 0; k < BOX; k++) v[k] = number(r, row, k);
    return (crl_box){ v[0] - v[2] / 2, v[1] - v[3] / 2, v[0] + v[2] / 2, v[1] + v[3] / 2 };
}

static float area(const crl_box *b)
{
    return (b->x1 - b->x0) * (b->y1 - b->y0);
}

/* A box with an area, which no kept one covers. */
static bool is_new(const crl_box *b, const crl_box *kept, int32_t n)
{
    if (!isfinite(area(b)) || !(b->x1 > b->x0 && b->y1 > b->y0)) return false;
    for (int32_t i = 0; i < n; i++) {
        const float width = fminf(b->x1, kept[i].x1) - fmaxf(b->x0, kept[i].x0);
        const float height = fminf(b->y1, kept[i].y1) - fmaxf(b->y0, kept[i].y0);
        if (!(width > 0 && height > 0)) continue;
        if (width * height > SHARED * (area(b) + area(&kept[i]) - width * height)) return false;
    }
    return true;
}

static bool read_joints(const rows *r, int32_t row, crl_pose *p)
{
    *p = (crl_pose){ .score = number(r, row, SCORE) };
    for (int32_t i = 0; i < CRL_KEYPOINTS; i++) {
        const int32_t k = JOINTS + 3 * i;
        crl_keypoint *point = &p->keypoints[i];
        *point = (crl_keypoint){ number(r, row, k) * r->to_x - r->left, number(r, row, k + 1) * r->to_y - r->top, number(r, row, k + 2) };
        if (isnan(point->x) || isnan(point->y) || isnan(point->score)) return false;
    }
    return true;
}

crl_status crl_yolo_poses_read(const crl_tensor *output, const crl_letterbox *frame, float threshold, crl_pose *out, int32_t cap,
                               int32_t *n, crl_error *err)
{
    rows r;
    crl_box kept[MOST];
    const crl_status s = open_rows(&r, output, frame, err);
    if (s) return s;
    while (*n < cap && *n < MOST) { /* the best of all that are left */
        int32_t best = -1;
        for (int32_t i = 0; i < r.n; i++) {
            const float score = number(&r, i, SCORE);
            crl_pose p;
            if (!(score >= threshold) || (best >= 0 && !(score > out[*n].score))) continue;
            const crl_box box = box_of(&r, i);
            if (!is_new(&box, kept, *n) || !read_joints(&r, i, &p)) continue;
            best = i;
            out[*n] = p;
            kept[*n] = box;
        }
        if (best < 0) break;
        ++*n;
    }
    return CRL_OK;
}
