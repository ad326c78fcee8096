/* SPDX-License-Identifier: Apache-2.0 */
/* NON_MAX_SUPPRESSION_V4, V5: indices of the best boxes that do not overlap better ones; V5 may lower scores
 * instead of dropping boxes (soft suppression, sigma > 0) and gives the scores, too.
 * A box is two opposite corners, y, x, y, x. Rows past the number found are 0.
 * Source: TensorFlow Lite, reference/non_max_suppression.h. */
#include <math.h>
#include <string.h>

#include "kernels/heap.h"
#include "ops/shapes.h"
#include "ops/work.h"

enum { BOXES, SCORES, MOST, IOU, SCORE, SIGMA };

static crl_status check_scalar(const crl_node *node, int32_t i, crl_type type, crl_error *err)
{
    const crl_tensor *t = node->in[i];
    crl_status s = crl_node_accept(node, t, CRL_TYPE(type), err);
    if (s || crl_shape_count(&t->shape) == 1) return s;
    return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%zu elements, one is needed", crl_shape_count(&t->shape));
}

static crl_status set_outputs(crl_node *node, int32_t most, crl_error *err)
{
    const crl_shape list = { .rank = 1, .dim = { most } }, one = { .rank = 0 };
    const bool soft = node->n_in == 6;
    crl_status s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_INT32), err);
    if (!s && soft) s = crl_node_accept(node, node->out[1], CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, node->out[node->n_out - 1], CRL_TYPE(CRL_INT32), err);
    if (!s) s = crl_node_shape(node, 0, &list, err);
    if (!s && soft) s = crl_node_shape(node, 1, &list, err);
    return s ? s : crl_node_shape(node, node->n_out - 1, &one, err);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *boxes = node->in[BOXES], *scores = node->in[SCORES];
    crl_status s = crl_node_accept(node, boxes, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, scores, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = check_scalar(node, MOST, CRL_INT32, err);
    for (int32_t i = IOU; i < node->n_in && !s; i++) s = check_scalar(node, i, CRL_FLOAT32, err);
    if (s) return s;
    const int32_t n = boxes->shape.rank == 2 ? boxes->shape.dim[0] : -1;
    if (n < 0 || boxes->shape.dim[1] != 4 || scores->shape.rank != 1 || scores->shape.dim[0] != n) {
        char a[CRL_SHAPE_TEXT], b[CRL_SHAPE_TEXT];
        return crl_fail(err, CRL_ERR_FORMAT, "boxes %s with scores %s, [n,4] and [n] are needed",
                        crl_shape_text(&boxes->shape, a, sizeof a), crl_shape_text(&scores->shape, b, sizeof b));
    }
    int64_t most;
    s = crl_node_const_int(node, node->in[MOST], CRL_TYPE(CRL_INT32), &most, err);
    if (s) return s;
    if (most < 0) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[MOST], err, "at most %lld boxes", (long long)most);
    /* The queue of boxes, their scores as lowered so far, and how many chosen ones each was held against. */
    node->scratch_bytes = (size_t)n * (2 * sizeof(int32_t) + sizeof(float));
    enum { OVERLAP = 8, QUEUE = 200 };
    node->more_work = crl_work_mul((uint64_t)n, QUEUE + OVERLAP * (uint64_t)(most < n ? most : n));
    return set_outputs(node, (int32_t)most, err);
}

static float least(float a, float b)
{
    return b < a ? b : a;
}

static float most_of(float a, float b)
{
    return a < b ? b : a;
}

static float overlap(const float *a, const float *b)
{
    const float a_top = least(a[0], a[2]), a_left = least(a[1], a[3]);
    const float a_bottom = most_of(a[0], a[2]), a_right = most_of(a[1], a[3]);
    const float b_top = least(b[0], b[2]), b_left = least(b[1], b[3]);
    const float b_bottom = most_of(b[0], b[2]), b_right = most_of(b[1], b[3]);
    const float a_area = (a_bottom - a_top) * (a_right - a_left), b_area = (b_bottom - b_top) * (b_right - b_left);
    if (a_area <= 0 || b_area <= 0) return 0;
    const float height = least(a_bottom, b_bottom) - most_of(a_top, b_top);
    const float width = least(a_right, b_right) - most_of(a_left, b_left);
    const float shared = most_of(height, 0) * most_of(width, 0);
    return shared / (a_area + b_area - shared);
}

typedef struct search {
    const float *boxes;
    float iou, score, sigma;
    float *lowered; /* [n] scores */
    int32_t *seen;  /* [n] */
    int32_t *queue;
    size_t waiting;
    int32_t *chosen;
    float *chosen_score; /* may be NULL */
    int32_t n_chosen;
} search;

/* Holds the best box of the queue against those chosen since it was looked at last. */
static void take_next(search *s)
{
    const int32_t box = s->queue[0];
    const float before = s->lowered[box], scale = s->sigma > 0 ? (float)(-0.5 / s->sigma) : 0;
    float score = before;
    bool drop = false;
    crl_heap_pop(s->queue, s->waiting--, s->lowered);
    for (int32_t k = s->n_chosen - 1; k >= s->seen[box]; k--) {
        const float iou = overlap(s->boxes + 4 * (size_t)box, s->boxes + 4 * (size_t)s->chosen[k]);
        drop = iou >= s->iou;
        if (drop) break;
        if (s->sigma > 0) score *= expf(scale * iou * iou);
        if (score <= s->score) break;
    }
    s->seen[box] = s->n_chosen;
    if (drop) return;
    if (score == before) {
        if (s->chosen_score) s->chosen_score[s->n_chosen] = score;
        s->chosen[s->n_chosen++] = box;
    }
    if (score > s->score) {
        s->lowered[box] = score;
        s->queue[s->waiting++] = box;
        crl_heap_push(s->queue, s->waiting, s->lowered);
    }
}

static float scalar(const crl_node *node, int32_t i)
{
    return *(const float *)node->in[i]->data;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    const size_t n = (size_t)node->in[BOXES]->shape.dim[0];
    const int32_t most = node->out[0]->shape.dim[0];
    const float *scores = node->in[SCORES]->data;
    const bool soft = node->n_in == 6;
    search s = { .boxes = node->in[BOXES]->data, .iou = scalar(node, IOU), .score = scalar(node, SCORE),
                 .lowered = work->scratch, .seen = (int32_t *)work->scratch + n, .queue = (int32_t *)work->scratch + 2 * n,
                 .chosen = node->out[0]->data, .chosen_score = soft ? node->out[1]->data : NULL };
    if (soft) s.sigma = scalar(node, SIGMA);
    if (s.sigma < 0) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[SIGMA], err, "sigma %g is negative", (double)s.sigma);
    for (size_t i = 0; i < n; i++) {
        s.lowered[i] = scores[i];
        s.seen[i] = 0;
        if (!(scores[i] > s.score)) continue;
        s.queue[s.waiting++] = (int32_t)i;
        crl_heap_push(s.queue, s.waiting, s.lowered);
    }
    const int32_t limit = s.waiting < (size_t)most ? (int32_t)s.waiting : most;
    while (s.n_chosen < limit && s.waiting) take_next(&s);
    for (int32_t i = s.n_chosen; i < most; i++) {
        s.chosen[i] = 0;
        if (soft) s.chosen_score[i] = 0;
    }
    *(int32_t *)node->out[node->n_out - 1]->data = s.n_chosen;
    return CRL_OK;
}

const crl_op_type crl_op_non_max_suppression_v4 = {
    .name = "NON_MAX_SUPPRESSION_V4",
    .code = CRL_OP_NON_MAX_SUPPRESSION_V4,
    .in_min = 5,
    .in_max = 5,
    .out_min = 2,
    .out_max = 2,
    .prepare = prepare,
    .invoke = invoke,
};
const crl_op_type crl_op_non_max_suppression_v5 = {
    .name = "NON_MAX_SUPPRESSION_V5",
    .code = CRL_OP_NON_MAX_SUPPRESSION_V5,
    .in_min = 6,
    .in_max = 6,
    .out_min = 3,
    .out_max = 3,
    .prepare = prepare,
    .invoke = invoke,
};
