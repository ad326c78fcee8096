/* SPDX-License-Identifier: Apache-2.0 */
/* STABLEHLO_REDUCE_WINDOW: sums (products, largest, ...) of a window that slides over a tensor; REDUCE_WINDOW: the same with
 * windows that are inputs, and without padding. */
#include "ops/stablehlo.h"
#include "ops/work.h"

static crl_status check_tensors(const crl_node *node, crl_join_windows *w, crl_error *err)
{
    const crl_tensor *in = node->in[0], *init = node->in[1];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_BOOL) | CRL_TYPE(CRL_FLOAT32) |
                                                 CRL_TYPE(CRL_FLOAT64), err);
    if (!s) s = crl_node_same_type(node, init, in, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    if (crl_shape_count(&init->shape) != 1) return crl_node_bad(node, CRL_ERR_FORMAT, init, err, "one initial value is needed");
    if (in->shape.rank < 1 || in->shape.rank > CRL_JOIN_MOST_RANK || !crl_shape_count(&in->shape))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in, err, "%d dimensions, from 1 to %d are supported, none of them 0",
                            in->shape.rank, CRL_JOIN_MOST_RANK);
    w->type = in->type;
    w->rank = in->shape.rank;
    for (int32_t d = 0; d < w->rank; d++) w->in[d] = in->shape.dim[d];
    return CRL_OK;
}

/* The output's shape; `high` is the frame behind. */
static crl_status finish(crl_node *node, crl_join_windows *w, const int32_t *high, crl_error *err)
{
    crl_shape shape = { .rank = w->rank };
    uint64_t window = 1;
    for (int32_t d = 0; d < w->rank; d++) {
        const int64_t size = (int64_t)(w->in[d] - 1) * w->stretch[d] + 1 + w->low[d] + high[d];
        const int64_t reach = (int64_t)(w->window[d] - 1) * w->dilation[d] + 1;
        if (size < 1 || size > INT32_MAX)
            return crl_fail(err, CRL_ERR_FORMAT, "the padded input has %lld elements along dimension %d", (long long)size, d);
        shape.dim[d] = w->out[d] = size < reach ? 0 : (int32_t)((size - reach) / w->stride[d]) + 1;
        window = window > UINT32_MAX ? window : window * (uint64_t)w->window[d];
    }
    crl_status s = crl_node_shape(node, 0, &shape, err);
    const uint64_t n = s ? 0 : crl_shape_count(&shape);
    node->macs = crl_work_mul(n, window);
    enum { LOOK = 20 };
    node->more_work = crl_work_mul(node->macs, LOOK);
    return s;
}

static crl_status read_kind(const crl_node *node, crl_join_windows *w, crl_error *err)
{
    static const struct { int32_t code, stablehlo; crl_join_kind kind; } bodies[] = {
        { CRL_OP_ADD, CRL_OP_STABLEHLO_ADD, CRL_JOIN_ADD },
        { CRL_OP_MUL, CRL_OP_STABLEHLO_MULTIPLY, CRL_JOIN_MUL },
        { CRL_OP_MAXIMUM, CRL_OP_STABLEHLO_MAXIMUM, CRL_JOIN_MAX_LAST },
        { CRL_OP_MINIMUM, CRL_OP_STABLEHLO_MINIMUM, CRL_JOIN_MIN_LAST },
        { CRL_OP_LOGICAL_AND, CRL_OP_STABLEHLO_AND, CRL_JOIN_ALL },
        { CRL_OP_LOGICAL_OR, CRL_OP_STABLEHLO_OR, CRL_JOIN_ANY },
    };
    int32_t code;
    crl_status s = crl_node_region(node, "body_subgraph_index", &code, err);
    if (s) return s;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        if (code != bodies[i].code && code != bodies[i].stablehlo) continue;
        w->kind = bodies[i].kind;
        return CRL_OK;
    }
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "windows are joined by operator %d; ADD, MUL, MAXIMUM, MINIMUM, LOGICAL_AND and LOGICAL_OR are supported", code);
}

static crl_status prepare_stablehlo(crl_node *node, crl_error *err)
{
    int32_t padding[2 * CRL_JOIN_MOST_RANK], high[CRL_JOIN_MOST_RANK] = { 0 };
    crl_status s = crl_node_params(node, sizeof(crl_join_windows), err);
    if (s) return s;
    crl_join_windows *w = node->params;
    s = check_tensors(node, w, err);
    if (!s) s = crl_node_sizes(node, "window_dimensions", w->rank, 1, 0, w->window, err);
    if (!s) s = crl_node_sizes(node, "window_strides", w->rank, 1, 1, w->stride, err);
    if (!s) s = crl_node_sizes(node, "base_dilations", w->rank, 1, 1, w->stretch, err);
    if (!s) s = crl_node_sizes(node, "window_dilations", w->rank, 1, 1, w->dilation, err);
    if (!s) s = crl_node_sizes(node, "padding", 2 * w->rank, INT32_MIN, 0, padding, err);
    if (!s) s = read_kind(node, w, err);
    for (int32_t d = 0; !s && d < w->rank; d++) {
        w->low[d] = padding[2 * d];
        high[d] = padding[2 * d + 1];
    }
    return s ? s : finish(node, w, high, err);
}

static crl_status read_input(const crl_node *node, int32_t i, int32_t rank, int32_t *out, crl_error *err)
{
    int64_t list[CRL_JOIN_MOST_RANK];
    int32_t n;
    crl_status s = crl_node_const_ints(node, node->in[i], CRL_TYPE(CRL_INT64), list, CRL_JOIN_MOST_RANK, &n, err);
    if (s) return s;
    if (n != rank) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[i], err, "%d elements for %d dimensions", n, rank);
    for (int32_t d = 0; d < n; d++) {
        if (list[d] < 1 || list[d] > INT32_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[i], err, "element %d is %lld", d, (long long)list[d]);
        out[d] = (int32_t)list[d];
    }
    return CRL_OK;
}

static crl_status prepare_plain(crl_node *node, crl_error *err)
{
    static const crl_join_kind kinds[] = { CRL_JOIN_NONE, CRL_JOIN_ADD, CRL_JOIN_MUL, CRL_JOIN_MIN_LAST, CRL_JOIN_MAX_LAST,
                                           CRL_JOIN_ALL, CRL_JOIN_ANY }; /* by ReduceWindowFunction */
    static const int32_t none[CRL_JOIN_MOST_RANK] = { 0 };
    crl_status s = crl_node_params(node, sizeof(crl_join_windows), err);
    if (s) return s;
    crl_join_windows *w = node->params;
    s = check_tensors(node, w, err);
    if (!s) s = read_input(node, 2, w->rank, w->window, err);
    if (!s) s = read_input(node, 3, w->rank, w->stride, err);
    if (!s) s = read_input(node, 4, w->rank, w->dilation, err);
    if (s) return s;
    const int32_t function = crl_node_int(node, "reduce_function");
    if (function < 1 || (size_t)function >= sizeof kinds / sizeof kinds[0])
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "option reduce_function is %d, 1 to 6 are supported", function);
    w->kind = kinds[function];
    for (int32_t d = 0; d < w->rank; d++) w->stretch[d] = 1;
    return finish(node, w, none, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    if (node->out[0]->bytes) crl_join_windows_ref(node->out[0]->data, node->in[0]->data, node->in[1]->data, node->params);
    return CRL_OK;
}

const crl_op_type crl_op_stablehlo_reduce_window = {
    .name = "STABLEHLO_REDUCE_WINDOW", .code = CRL_OP_STABLEHLO_REDUCE_WINDOW, .in_min = 2, .in_max = 2, .out_min = 1,
    .out_max = 1, .prepare = prepare_stablehlo, .invoke = invoke,
};

const crl_op_type crl_op_reduce_window = {
    .name = "REDUCE_WINDOW", .code = CRL_OP_REDUCE_WINDOW, .in_min = 5, .in_max = 5, .out_min = 1, .out_max = 1,
    .prepare = prepare_plain, .invoke = invoke,
};
