/* SPDX-License-Identifier: Apache-2.0 */
/* Where boxes and scores lie in the outputs of a detector. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "vision/heads.h"

/* What each head is called, and what it wants, as errors say it. */
static const struct {
    const char *name, *wants;
} heads[] = {
    [CRL_HEAD_AUTO] = { "auto", "" },
    [CRL_HEAD_SSD] = { "ssd", "boxes [1,n,4], classes [1,n], scores [1,n], count [1]" },
    [CRL_HEAD_SSD_RAW] = { "ssd-raw", "boxes [1,n,4] and scores [1,n,c]" },
    [CRL_HEAD_YOLOV5] = { "yolov5", "[1,n,5+c] or [1,5+c,n]" },
    [CRL_HEAD_YOLOV8] = { "yolov8", "[1,4+c,n] or [1,n,4+c]" },
    [CRL_HEAD_YOLO_SPLIT] = { "yolo-split", "scores [1,n,c] and boxes [1,n,64], or [1,c,n] and [1,64,n], with an anchor for "
                                            "each cell of the input at strides 8, 16 and 32" },
    [CRL_HEAD_YOLO_CORNERS] = { "yolo-corners", "boxes [1,n,4] and scores [1,n,c] or [1,c,n]" },
    [CRL_HEAD_YOLO_CHOSEN] = { "yolo-chosen", "[1,n,6]" },
    [CRL_HEAD_MEDIAPIPE] = { "mediapipe", "[1,n,16] or [1,n,18] and [1,n,1], of 896, 2016, 2304 or 2944 anchors" },
    [CRL_HEAD_YOLOX] = { "yolox", "[1,n,5+c], with an anchor for each cell of the input at strides 8, 16 and 32" },
};
enum { N_HEADS = sizeof heads / sizeof heads[0] };

const char *crl_head_name(crl_head head)
{
    return (unsigned)head < N_HEADS ? heads[head].name : NULL;
}

static crl_status no_such_head(crl_head head, const crl_tensor *const *outputs, int32_t n, crl_error *err)
{
    char list[160] = "";
    for (int32_t i = 0; i < n && i < 4; i++) {
        const size_t used = strlen(list);
        if (i) snprintf(list + used, sizeof list - used, " ");
        crl_shape_text(&outputs[i]->shape, list + strlen(list), sizeof list - strlen(list));
    }
    if (head == CRL_HEAD_AUTO)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%d outputs %s are those of no detector that is known by its shapes; a head "
                        "can be named", n, list);
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%d outputs %s are not those of %s, which has %s", n, list, heads[head].name,
                    heads[head].wants);
}

static bool is_table(const crl_tensor *t)
{
    return t->shape.rank == 3 && t->shape.dim[0] == 1;
}

/* ---- grids ---- */

static int32_t over(int32_t n, int32_t stride)
{
    return (int32_t)(((int64_t)n + stride - 1) / stride);
}

/* Grids of the input that have together as many cells as there are anchors; false: none do. */
static bool find_levels(crl_head_layout *l, const crl_tensor *input)
{
    static const int32_t strides[][2] = { { 8, 32 }, { 8, 64 }, { 4, 32 }, { 16, 32 } }; /* first and last */
    if (!input || (input->shape.rank != 4 && input->shape.rank != 3)) return false;
    const int32_t height = input->shape.dim[1], width = input->shape.dim[2];
    for (size_t i = 0; i < sizeof strides / sizeof strides[0]; i++) {
        int64_t n = 0;
        l->n_levels = 0;
        for (int32_t stride = strides[i][0]; stride <= strides[i][1] && n <= l->anchors; stride *= 2) {
            crl_level *level = &l->levels[l->n_levels++];
            *level = (crl_level){ (int32_t)n, over(height, stride), over(width, stride), stride, 1 };
            n += (int64_t)level->rows * level->columns;
        }
        if (n == l->anchors && n > 0) return true;
    }
    l->n_levels = 0;
    return false;
}

/* The grids of MediaPipe's detectors: the stride of each, and its anchors in a cell. Source: MediaPipe, face_detection and
 * palm_detection, ssd_anchors_calculator options. */
static bool find_mediapipe_levels(crl_head_layout *l, const crl_tensor *input)
{
    static const struct {
        int32_t stride, each;
    } grids[][3] = { { { 8, 2 }, { 16, 6 } }, { { 16, 2 }, { 32, 6 } }, { { 4, 1 } }, { { 8, 2 }, { 16, 2 }, { 32, 6 } } };
    if (!input || (input->shape.rank != 4 && input->shape.rank != 3)) return false;
    for (size_t i = 0; i < sizeof grids / sizeof grids[0]; i++) {
        int64_t n = 0;
        l->n_levels = 0;
        for (int k = 0; k < 3 && grids[i][k].each && n <= l->anchors; k++) {
            const int32_t stride = grids[i][k].stride, rows = over(input->shape.dim[1], stride), columns = over(input->shape.dim[2], stride);
            l->levels[l->n_levels++] = (crl_level){ (int32_t)n, rows, columns, stride, grids[i][k].each };
            n += (int64_t)rows * columns * grids[i][k].each;
        }
        if (n == l->anchors && n > 0) return true;
    }
    l->n_levels = 0;
    return false;
}

/* ---- fields ---- */

/* A part of output i: `channels` from `first` on; the anchors are dimension `axis`, 1 or 2. */
static crl_field part(const crl_tensor *const *outputs, int i, int axis, int32_t first, int32_t channels)
{
    const size_t row = (size_t)outputs[i]->shape.dim[2], start = (size_t)first;
    return axis == 1 ? (crl_field){ i, channels, start, row, 1 } : (crl_field){ i, channels, start * row, 1, row };
}

/* Whether n anchors are one or three for each cell of grids. */
static bool fills_grids(int32_t n, const crl_tensor *input)
{
    crl_head_layout one = { .anchors = n }, three = { .anchors = n / 3 };
    return find_levels(&one, input) || (n % 3 == 0 && find_levels(&three, input));
}

/* The dimension of an output that counts the anchors: one that fills grids, else the longer one. Where both do or are, as
 * the exporters do it: rows with objectness, planes without. */
static int axis_of(const crl_shape *s, const crl_tensor *input, bool objectness)
{
    const bool first = fills_grids(s->dim[1], input), second = fills_grids(s->dim[2], input);
    if (first != second) return first ? 1 : 2;
    if (first || s->dim[1] == s->dim[2]) return objectness ? 1 : 2;
    return s->dim[1] > s->dim[2] ? 1 : 2;
}

/* How many numbers for each box are not scores but weights of masks, which a segmenter has in an output of their own. */
static int32_t mask_weights(const crl_tensor *masks)
{
    return masks->shape.rank == 4 && masks->shape.dim[0] == 1 ? masks->shape.dim[3] : 0;
}

/* One output with everything: 4 numbers of a box, objectness or not, scores, and weights of masks behind them. */
static bool find_joined(crl_head_layout *l, const crl_tensor *const *outputs, int32_t n, const crl_tensor *input,
                        bool objectness)
{
    if (n < 1) return false;
    const int at = is_table(outputs[0]) || n < 2 ? 0 : 1;
    if (!is_table(outputs[at])) return false;
    const int32_t *d = outputs[at]->shape.dim, ahead = objectness ? 5 : 4;
    const int axis = axis_of(&outputs[at]->shape, input, objectness);
    l->anchors = d[axis];
    /* Masks without elements may have any number of weights. */
    const int64_t classes = (int64_t)d[3 - axis] - ahead - (n > 1 ? mask_weights(outputs[1 - at]) : 0);
    if (classes < 1) return false;
    l->classes = (int32_t)classes;
    l->box = part(outputs, at, axis, 0, 4);
    if (objectness) l->objectness = part(outputs, at, axis, 4, 1);
    l->scores = part(outputs, at, axis, ahead, l->classes);
    return true;
}

/* The dimension of scores that counts `anchors`, that of their boxes as a rule; 0: none does. */
static int scores_axis(const crl_tensor *t, int32_t anchors, int axis)
{
    if (!is_table(t)) return 0;
    return t->shape.dim[axis] == anchors ? axis : t->shape.dim[3 - axis] == anchors ? 3 - axis : 0;
}

/* Two outputs of as many anchors: one with `width` numbers of a box for each, along the other dimension than `axis`, and one
 * with the scores. Where both could be boxes, those are the second one as a rule, and the first where width is 4. */
static bool find_apart(crl_head_layout *l, const crl_tensor *const *outputs, int32_t n, int32_t width, int axis)
{
    int box = -1;
    if (n > 3) n = 3; /* the third has no use */
    for (int i = 0; i < n; i++) {
        const bool fits = is_table(outputs[i]) && outputs[i]->shape.dim[3 - axis] == width;
        if (fits && (box < 0 || width != 4)) box = i;
    }
    if (box < 0) return false;
    l->anchors = outputs[box]->shape.dim[axis];
    l->box = part(outputs, box, axis, 0, width);
    l->classes = 0;
    for (int i = 0; i < n; i++) {
        const int along = i == box ? 0 : scores_axis(outputs[i], l->anchors, axis);
        /* [1,n,1] beside scores of several classes is the best of them. */
        if (!along || l->classes > 1) continue;
        l->classes = outputs[i]->shape.dim[3 - along];
        l->scores = part(outputs, i, along, 0, l->classes);
    }
    return l->classes > 0;
}

/* Boxes [1,n,1,4] are [1,n,4] with a dimension that says nothing. */
static bool find_ssd(crl_head_layout *l, const crl_tensor *const *outputs, int32_t n, const crl_anchors *anchors)
{
    crl_tensor flat[2];
    const crl_tensor *views[2];
    if (n < 2) return false;
    for (int i = 0; i < 2; i++) {
        flat[i] = *outputs[i];
        views[i] = &flat[i];
        crl_shape *s = &flat[i].shape;
        if (s->rank == 4 && s->dim[2] == 1) *s = (crl_shape){ 3, { s->dim[0], s->dim[1], s->dim[3] } };
    }
    if (!find_apart(l, views, 2, 4, 1)) return false;
    const bool more = anchors && anchors->classes > 0 && anchors->classes < l->classes;
    const int32_t background = more ? l->classes - anchors->classes : 0;
    l->scores.first += (size_t)background;
    l->classes -= background;
    l->scores.channels = l->classes;
    return true;
}

static bool find_mediapipe(crl_head_layout *l, const crl_tensor *const *outputs, int32_t n, const crl_tensor *input)
{
    if (n != 2 || !is_table(outputs[0]) || !is_table(outputs[1])) return false;
    const int box = outputs[0]->shape.dim[2] == 1 ? 1 : 0;
    const int32_t *d = outputs[box]->shape.dim, *scores = outputs[1 - box]->shape.dim;
    if ((d[2] != 16 && d[2] != 18) || scores[2] != 1 || scores[1] != d[1]) return false;
    l->anchors = d[1];
    l->classes = 1;
    l->box = part(outputs, box, 1, 0, 4);
    l->scores = part(outputs, 1 - box, 1, 0, 1);
    return find_mediapipe_levels(l, input);
}

static bool find_chosen(crl_head_layout *l, const crl_tensor *const *outputs, int32_t n)
{
    if (n < 1 || !is_table(outputs[0]) || outputs[0]->shape.dim[2] != 6) return false;
    l->anchors = outputs[0]->shape.dim[1];
    l->box = part(outputs, 0, 1, 0, 4);
    l->scores = part(outputs, 0, 1, 4, 1);
    return true;
}

crl_status crl_head_layout_find(crl_head_layout *l, crl_head head, const crl_tensor *const *outputs, int32_t n,
                                const crl_tensor *input, const crl_anchors *anchors, crl_error *err)
{
    bool found = false;
    *l = (crl_head_layout){ .head = head };
    switch (head) {
    case CRL_HEAD_YOLOV5: found = find_joined(l, outputs, n, input, true); break;
    case CRL_HEAD_YOLOV8: found = find_joined(l, outputs, n, input, false); break;
    case CRL_HEAD_MEDIAPIPE: found = find_mediapipe(l, outputs, n, input); break;
    case CRL_HEAD_YOLOX: found = find_joined(l, outputs, n, input, true) && find_levels(l, input); break;
    case CRL_HEAD_YOLO_SPLIT:
        found = (find_apart(l, outputs, n, 4 * CRL_HEAD_BINS, 1) && find_levels(l, input)) ||
                (find_apart(l, outputs, n, 4 * CRL_HEAD_BINS, 2) && find_levels(l, input));
        break;
    case CRL_HEAD_YOLO_CORNERS: found = find_apart(l, outputs, n, 4, 1) || find_apart(l, outputs, n, 4, 2); break;
    case CRL_HEAD_YOLO_CHOSEN: found = find_chosen(l, outputs, n); break;
    case CRL_HEAD_SSD_RAW: found = find_ssd(l, outputs, n, anchors); break;
    case CRL_HEAD_SSD: found = n >= 4; break; /* detect.c knows more */
    case CRL_HEAD_AUTO: break;
    }
    return found ? CRL_OK : no_such_head(head, outputs, n, err);
}
