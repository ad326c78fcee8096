/* SPDX-License-Identifier: Apache-2.0 */
/* The box of one anchor, as fractions of the model's input. */
#include <math.h>

#include "vision/heads.h"

/* Numbers 0..n of an anchor's box. */
static void read_numbers(const crl_head_frame *f, int32_t anchor, float *v, int32_t n)
{
    const crl_field *box = &f->detector->layout.box;
    size_t i = box->first + (size_t)anchor * box->per_anchor;
    for (int32_t k = 0; k < n; k++, i += box->per_channel)
        v[k] = crl_head_number(f->detector, f->data[box->output], box->output, i);
}

static crl_box around(float x, float y, float width, float height)
{
    return (crl_box){ x - width / 2, y - height / 2, x + width / 2, y + height / 2 };
}

/* ---- cells ---- */

/* Column and row of an anchor, and the stride of its grid. */
static const crl_level *cell_of(const crl_head_layout *l, int32_t anchor, float *column, float *row)
{
    const crl_level *level = &l->levels[0];
    for (int i = 1; i < l->n_levels && anchor >= l->levels[i].first; i++) level = &l->levels[i];
    const int32_t cell = (anchor - level->first) / level->each;
    *column = (float)(cell % level->columns);
    *row = (float)(cell / level->columns);
    return level;
}

/* Source: YOLOX, demo_postprocess. */
static crl_box from_cell(const crl_head_frame *f, int32_t anchor)
{
    float v[4], column, row;
    read_numbers(f, anchor, v, 4);
    const float stride = (float)cell_of(&f->detector->layout, anchor, &column, &row)->stride;
    const float x = stride / f->detector->input_width, y = stride / f->detector->input_height;
    return around((v[0] + column) * x, (v[1] + row) * y, expf(v[2]) * x, expf(v[3]) * y);
}

/* Pixels of the input, from the middle of a cell. Source: MediaPipe, tensors_to_detections_calculator. */
static crl_box from_middle(const crl_head_frame *f, int32_t anchor)
{
    float v[4], column, row;
    read_numbers(f, anchor, v, 4);
    const crl_level *level = cell_of(&f->detector->layout, anchor, &column, &row);
    const float x = 1 / f->detector->input_width, y = 1 / f->detector->input_height;
    return around((column + 0.5f) / (float)level->columns + v[0] * x, (row + 0.5f) / (float)level->rows + v[1] * y, v[2] * x, v[3] * y);
}

/* ---- distributions ---- */

/* The mean of 16 bins whose logits are stored `step` apart: softmax times 0..15. 8 bits by a table of powers. */
static float mean_of_bytes(const struct crl_detector *d, const uint8_t *p, size_t step, uint8_t move)
{
    uint8_t most = 0;
    for (int k = 0; k < CRL_HEAD_BINS; k++) {
        const uint8_t v = p[(size_t)k * step] ^ move;
        if (v > most) most = v;
    }
    float sum = 0, moment = 0;
    for (int k = 0; k < CRL_HEAD_BINS; k++) {
        const float power = d->power[most - (p[(size_t)k * step] ^ move)];
        sum += power;
        moment += power * (float)k;
    }
    return moment / sum;
}

static float mean_of_numbers(const float *v)
{
    float most = v[0], sum = 0, moment = 0;
    for (int k = 1; k < CRL_HEAD_BINS; k++) most = v[k] > most ? v[k] : most;
    for (int k = 0; k < CRL_HEAD_BINS; k++) {
        const float power = expf(v[k] - most);
        sum += power;
        moment += power * (float)k;
    }
    return moment / sum;
}

/* Distances from the middle of the cell to left, top, right and bottom, in cells. Source: Ultralytics, DFL and dist2bbox. */
static crl_box from_distances(const crl_head_frame *f, int32_t anchor)
{
    const struct crl_detector *d = f->detector;
    const crl_field *box = &d->layout.box;
    const crl_type type = d->stored[box->output].type;
    float side[4], numbers[4 * CRL_HEAD_BINS], column, row;
    if (type == CRL_UINT8 || type == CRL_INT8) {
        const uint8_t *p = (const uint8_t *)f->data[box->output] + box->first + (size_t)anchor * box->per_anchor;
        for (size_t k = 0; k < 4; k++)
            side[k] = mean_of_bytes(d, p + k * CRL_HEAD_BINS * box->per_channel, box->per_channel, type == CRL_INT8 ? 0x80 : 0);
    } else {
        read_numbers(f, anchor, numbers, 4 * CRL_HEAD_BINS);
        for (size_t k = 0; k < 4; k++) side[k] = mean_of_numbers(numbers + k * CRL_HEAD_BINS);
    }
    const float stride = (float)cell_of(&d->layout, anchor, &column, &row)->stride;
    const float x = stride / d->input_width, y = stride / d->input_height;
    column += 0.5f;
    row += 0.5f;
    return (crl_box){ (column - side[0]) * x, (row - side[1]) * y, (column + side[2]) * x, (row + side[3]) * y };
}

/* ---- anchors ---- */

static crl_box from_anchor(const crl_head_frame *f, int32_t anchor)
{
    const crl_anchors *table = &f->detector->anchors;
    const crl_anchor *a = &table->anchor[anchor];
    float v[4];
    read_numbers(f, anchor, v, 4);
    const float x = v[1] / table->x_scale * a->width + a->x, y = v[0] / table->y_scale * a->height + a->y;
    const float height = v[2] / table->h_scale, width = v[3] / table->w_scale;
    return around(x, y, (table->exponential ? expf(width) : width) * a->width,
                  (table->exponential ? expf(height) : height) * a->height);
}

/* ---- all ---- */

/* The upright box around one that is turned by an angle, which counts in pixels. Source: Ultralytics, xywhr2xyxyxyxy. */
static crl_box around_turned(const crl_head_frame *f, int32_t anchor, const float v[4])
{
    const struct crl_detector *d = f->detector;
    const crl_field *angle = &d->layout.angle;
    const float a = crl_head_number(d, f->data[angle->output], angle->output, angle->first + (size_t)anchor * angle->per_anchor);
    const float c = fabsf(cosf(a)), s = fabsf(sinf(a));
    const float width = v[2] * f->unit_x * d->input_width, height = v[3] * f->unit_y * d->input_height;
    return around(v[0] * f->unit_x, v[1] * f->unit_y, (width * c + height * s) / d->input_width,
                  (width * s + height * c) / d->input_height);
}

bool crl_head_box(const crl_head_frame *f, int32_t anchor, crl_box *box)
{
    const crl_head head = f->detector->layout.head;
    if (head == CRL_HEAD_YOLO_SPLIT)
        *box = from_distances(f, anchor);
    else if (head == CRL_HEAD_SSD_RAW)
        *box = from_anchor(f, anchor);
    else if (head == CRL_HEAD_MEDIAPIPE)
        *box = from_middle(f, anchor);
    else if (f->unit_x == 0)
        *box = from_cell(f, anchor);
    else {
        float v[4];
        read_numbers(f, anchor, v, 4);
        const float x = f->unit_x, y = f->unit_y;
        if (f->corners)
            *box = (crl_box){ v[0] * x, v[1] * y, v[2] * x, v[3] * y };
        else if (f->detector->layout.angle.channels)
            *box = around_turned(f, anchor, v);
        else
            *box = around(v[0] * x, v[1] * y, v[2] * x, v[3] * y);
    }
    return isfinite(box->x0) && isfinite(box->y0) && isfinite(box->x1) && isfinite(box->y1) && box->x1 > box->x0 &&
           box->y1 > box->y0;
}

/* ---- units ---- */

/* The largest number there is, or could be, where boxes have an x. */
static float largest(const crl_head_frame *f)
{
    const struct crl_detector *d = f->detector;
    const crl_head_layout *l = &d->layout;
    const crl_stored_scale *s = &d->stored[l->box.output];
    if (s->type != CRL_FLOAT32 && l->head != CRL_HEAD_YOLO_CHOSEN) {
        const int32_t high = s->type == CRL_UINT8 ? UINT8_MAX : s->type == CRL_INT8 ? INT8_MAX : INT16_MAX;
        return s->scale * (float)((int64_t)high - s->zero);
    }
    /* Corners: the right one. */
    const bool corners = l->head == CRL_HEAD_YOLO_CORNERS || l->head == CRL_HEAD_YOLO_CHOSEN;
    const size_t first = l->box.first + (corners ? 2 * l->box.per_channel : 0);
    float most = 0;
    for (int32_t a = 0; a < l->anchors; a++) {
        const float x = crl_head_number(d, f->data[l->box.output], l->box.output, first + (size_t)a * l->box.per_anchor);
        if (x > most && isfinite(x)) most = x;
    }
    return most;
}

/* Fractions are at most a little more than 1. Where scores share the scale, and logits, weights or angles, the range is
 * theirs too; that of pixels reaches the width of the input all the same. */
static float least_pixels(const crl_head_frame *f)
{
    const struct crl_detector *d = f->detector;
    const crl_head_layout *l = &d->layout;
    const bool shared = d->stored[l->box.output].type != CRL_FLOAT32 && l->box.output == l->scores.output &&
                        l->head != CRL_HEAD_YOLO_CHOSEN;
    return shared && d->input_width > 16 ? d->input_width / 8 : 2;
}

/* The authors of YOLOv10 changed the exporter that they took, and what it makes of YOLOv8 and v5 has corners. Among many anchors
 * no right side lies left of its left one then, while nearly all widths of the right half are less than the place of the middle. */
static bool has_corners(const crl_head_frame *f)
{
    const crl_head_layout *l = &f->detector->layout;
    if (l->head == CRL_HEAD_YOLO_CORNERS || l->head == CRL_HEAD_YOLO_CHOSEN) return true;
    enum { MANY = 500 }; /* anchors: an input of 160 x 160 has 525 */
    if (l->head != CRL_HEAD_YOLOV8 || l->angle.channels || l->anchors < MANY) return false;
    const float half = f->unit_x > 0 ? 0.5f / f->unit_x : INFINITY;
    int32_t right = 0;
    for (int32_t a = 0; a < l->anchors; a++) {
        float v[4];
        read_numbers(f, a, v, 4);
        if (!(v[2] >= v[0] && v[3] >= v[1])) return false;
        right += v[0] > half;
    }
    return right > l->anchors / 8;
}

void crl_head_set_unit(crl_head_frame *f)
{
    const struct crl_detector *d = f->detector;
    crl_box_unit unit = d->options.boxes;
    const crl_head head = d->layout.head;
    if (head == CRL_HEAD_YOLO_SPLIT || head == CRL_HEAD_SSD_RAW || head == CRL_HEAD_MEDIAPIPE) return;
    if (!unit && d->layout.head == CRL_HEAD_YOLOX)
        unit = largest(f) > d->input_width / 2 ? CRL_BOXES_PIXELS : CRL_BOXES_CELLS;
    if (!unit) unit = largest(f) > least_pixels(f) ? CRL_BOXES_PIXELS : CRL_BOXES_RELATIVE;
    const bool pixels = unit == CRL_BOXES_PIXELS;
    f->unit_x = unit == CRL_BOXES_CELLS ? 0 : pixels ? 1 / d->input_width : 1;
    f->unit_y = unit == CRL_BOXES_CELLS ? 0 : pixels ? 1 / d->input_height : 1;
    f->corners = has_corners(f);
}
