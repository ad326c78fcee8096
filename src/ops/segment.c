/* SPDX-License-Identifier: Apache-2.0 */
/* SEGMENT_SUM and UNSORTED_SEGMENT_SUM, PROD, MAX, MIN: rows of a tensor joined by the segments that they belong to.
 *
 * Sorted ones have an id for each index of the first dimension, 0, 0, 1, 2, 2, ...; they tell how many segments there are.
 * Unsorted ones have ids for the indices of as many dimensions as they like; negative ids leave rows out, and the number
 * of segments is an input. */
#include "kernels/segment.h"

#include "ops/shapes.h"

/* Ids are prefix dimensions of the data; the output is [n] and the rest of them. */
static crl_status give_shape(crl_node *node, crl_segment_kind kind, int32_t n, crl_error *err)
{
    const crl_shape *data = &node->in[0]->shape, *ids = &node->in[1]->shape;
    crl_shape shape = { .rank = data->rank - ids->rank + 1, .dim = { n } };
    if (shape.rank > CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err, "rank %d, at most %d is supported", shape.rank,
                            CRL_MAX_RANK);
    for (int32_t d = 1; d < shape.rank; d++) shape.dim[d] = data->dim[ids->rank + d - 1];
    crl_status s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_segments), err);
    if (s) return s;
    *(crl_segments *)node->params = (crl_segments){
        .kind = kind, .n_out = (size_t)n, .n = crl_shape_count(ids), .row = crl_shape_span(&shape, 1, shape.rank)
    };
    return CRL_OK;
}

static crl_status check_inputs(const crl_node *node, crl_error *err)
{
    const crl_tensor *data = node->in[0], *ids = node->in[1];
    crl_status s = crl_node_accept(node, data, CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_INT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], data, err);
    if (!s) s = crl_node_accept(node, ids, CRL_TYPE(CRL_INT32), err);
    if (s) return s;
    bool fits = ids->shape.rank <= data->shape.rank;
    for (int32_t d = 0; fits && d < ids->shape.rank; d++) fits = ids->shape.dim[d] == data->shape.dim[d];
    char text[CRL_SHAPE_TEXT];
    return fits ? CRL_OK
                : crl_node_bad(node, CRL_ERR_FORMAT, ids, err, "segments have to have the first dimensions of the data, %s",
                               crl_shape_text(&data->shape, text, sizeof text));
}

static crl_status prepare_sorted(crl_node *node, crl_error *err)
{
    const crl_tensor *ids = node->in[1];
    crl_status s = check_inputs(node, err);
    if (!s && ids->shape.rank != 1) s = crl_node_bad(node, CRL_ERR_FORMAT, ids, err, "segments need one dimension here");
    if (!s) s = crl_node_check_const(node, ids, err); /* they tell how many segments there are */
    if (s) return s;
    int32_t last = -1;
    for (int32_t i = 0; i < ids->shape.dim[0]; i++) {
        const int32_t id = ((const int32_t *)ids->data)[i];
        if (id != last + 1 && (i == 0 || id != last))
            return crl_node_bad(node, CRL_ERR_FORMAT, ids, err, "segment %d follows %d: they have to be 0, 0, 1, 2, 2 and so on",
                                id, last);
        last = id;
    }
    return give_shape(node, CRL_SEGMENT_SUM, last + 1, err);
}

static crl_status prepare_unsorted(crl_node *node, crl_segment_kind kind, crl_error *err)
{
    int64_t n;
    crl_status s = check_inputs(node, err);
    if (!s) s = crl_node_const_int(node, node->in[2], CRL_TYPE(CRL_INT32), &n, err);
    if (s) return s;
    if (n < 0) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[2], err, "%lld segments", (long long)n);
    return give_shape(node, kind, (int32_t)n, err);
}

static crl_status prepare_sum(crl_node *node, crl_error *err)
{
    return prepare_unsorted(node, CRL_SEGMENT_SUM, err);
}

static crl_status prepare_prod(crl_node *node, crl_error *err)
{
    return prepare_unsorted(node, CRL_SEGMENT_PROD, err);
}

static crl_status prepare_max(crl_node *node, crl_error *err)
{
    return prepare_unsorted(node, CRL_SEGMENT_MAX, err);
}

static crl_status prepare_min(crl_node *node, crl_error *err)
{
    return prepare_unsorted(node, CRL_SEGMENT_MIN, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const crl_segments *p = node->params;
    const crl_tensor *data = node->in[0], *out = node->out[0];
    const int32_t *ids = node->in[1]->data;
    for (size_t i = 0; i < p->n; i++)
        if (ids[i] >= 0 && (size_t)ids[i] >= p->n_out)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "segment %d of %zu", ids[i], p->n_out);
    if (!out->bytes) return CRL_OK;
    if (data->type == CRL_FLOAT32)
        crl_segment_f32_ref(out->data, data->data, ids, p);
    else
        crl_segment_i32_ref(out->data, data->data, ids, p);
    return CRL_OK;
}

const crl_op_type crl_op_segment_sum = {
    .name = "SEGMENT_SUM", .code = CRL_OP_SEGMENT_SUM, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_sorted, .invoke = invoke,
};

const crl_op_type crl_op_unsorted_segment_sum = {
    .name = "UNSORTED_SEGMENT_SUM", .code = CRL_OP_UNSORTED_SEGMENT_SUM, .in_min = 3, .in_max = 3, .out_min = 1,
    .out_max = 1, .prepare = prepare_sum, .invoke = invoke,
};

const crl_op_type crl_op_unsorted_segment_prod = {
    .name = "UNSORTED_SEGMENT_PROD", .code = CRL_OP_UNSORTED_SEGMENT_PROD, .in_min = 3, .in_max = 3, .out_min = 1,
    .out_max = 1, .prepare = prepare_prod, .invoke = invoke,
};

const crl_op_type crl_op_unsorted_segment_max = {
    .name = "UNSORTED_SEGMENT_MAX", .code = CRL_OP_UNSORTED_SEGMENT_MAX, .in_min = 3, .in_max = 3, .out_min = 1,
    .out_max = 1, .prepare = prepare_max, .invoke = invoke,
};

const crl_op_type crl_op_unsorted_segment_min = {
    .name = "UNSORTED_SEGMENT_MIN", .code = CRL_OP_UNSORTED_SEGMENT_MIN, .in_min = 3, .in_max = 3, .out_min = 1,
    .out_max = 1, .prepare = prepare_min, .invoke = invoke,
};
