/* SPDX-License-Identifier: Apache-2.0 */
/* TOPK_V2: the k largest elements of each row of the last dimension, largest first, and their indices. Of equal
 * elements the first one comes first; NaN is less than any number. */
#include <math.h>
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    size_t rows;
    int32_t n, k;
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_accept(node, node->out[1], CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_INT16), err);
    int64_t k;
    if (!s) s = crl_node_const_int(node, node->in[1], CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_INT16), &k, err);
    if (s) return s;
    const int32_t last = in->shape.rank - 1;
    if (last < 0) return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "no dimensions, at least one is needed");
    if (k < 0) k = 0;
    if (k > in->shape.dim[last])
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "the largest %lld of %d elements", (long long)k,
                            in->shape.dim[last]);
    if (node->out[1]->type == CRL_INT16 && in->shape.dim[last] > INT16_MAX + 1)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[1], err, "INT16 indices of %d elements", in->shape.dim[last]);
    crl_shape shape = in->shape;
    shape.dim[last] = (int32_t)k;
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_shape(node, 1, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    *(params *)node->params =
        (params){ .rows = crl_shape_span(&in->shape, 0, last), .n = in->shape.dim[last], .k = (int32_t)k };
    node->scratch_bytes = (size_t)k * sizeof(int32_t);
    return CRL_OK;
}

/* Element a, which is the earlier one, comes before element b. */
static bool before(const crl_tensor *t, size_t a, size_t b)
{
    if (t->type != CRL_FLOAT32) return crl_tensor_int(t, a) >= crl_tensor_int(t, b);
    const float x = ((const float *)t->data)[a], y = ((const float *)t->data)[b];
    return isnan(y) || x >= y;
}

static bool comes_first(const crl_tensor *t, size_t row, int32_t a, int32_t b)
{
    return a < b ? before(t, row + (size_t)a, row + (size_t)b) : !before(t, row + (size_t)b, row + (size_t)a);
}

/* Lets `element` sink from the top of a heap of n that has the last one of their order on top. */
static void sink(const crl_tensor *t, size_t row, int32_t *heap, int32_t n, int32_t at, int32_t element)
{
    for (int64_t child; (child = 2 * (int64_t)at + 1) < n; at = (int32_t)child) {
        if (child + 1 < n && comes_first(t, row, heap[child], heap[child + 1])) child++;
        if (!comes_first(t, row, element, heap[child])) break;
        heap[at] = heap[child];
    }
    heap[at] = element;
}

/* The first k of elements row..row + n - 1 in their order; k is at least 1. Most elements are compared once. */
static void select_first(const crl_tensor *t, size_t row, int32_t n, int32_t k, int32_t *heap)
{
    for (int32_t i = 0; i < k; i++) heap[i] = i;
    for (int32_t i = k / 2; i-- > 0;) sink(t, row, heap, k, i, heap[i]);
    for (int32_t i = k; i < n; i++)
        if (!before(t, row + (size_t)heap[0], row + (size_t)i)) sink(t, row, heap, k, 0, i);
    for (int32_t last = k - 1; last > 0; last--) {
        const int32_t top = heap[0];
        sink(t, row, heap, last, 0, heap[last]);
        heap[last] = top;
    }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *values = node->out[0], *indices = node->out[1];
    const size_t size = crl_type_bytes(in->type);
    int32_t *list = work->scratch;
    if (!p->k) return CRL_OK;
    for (size_t r = 0; r < p->rows; r++) {
        const size_t row = r * (size_t)p->n;
        select_first(in, row, p->n, p->k, list);
        for (int32_t i = 0; i < p->k; i++) {
            const size_t to = r * (size_t)p->k + (size_t)i;
            memcpy((uint8_t *)values->data + to * size, (const uint8_t *)in->data + (row + (size_t)list[i]) * size, size);
            if (indices->type == CRL_INT32)
                ((int32_t *)indices->data)[to] = list[i];
            else
                ((int16_t *)indices->data)[to] = (int16_t)list[i];
        }
    }
    return CRL_OK;
}

const crl_op_type crl_op_topk_v2 = {
    .name = "TOPK_V2", .code = CRL_OP_TOPK_V2, .in_min = 2, .in_max = 2, .out_min = 2, .out_max = 2, .prepare = prepare, .invoke = invoke,
};
