/* SPDX-License-Identifier: Apache-2.0 */
/* SPLIT, SPLIT_V: an input cut along one axis, into even parts or into parts of given sizes. */
#include "ops/split.h"

#include <string.h>

#include "ops/shapes.h"

/* SPLIT has the axis as input 0, SPLIT_V the sizes as input 1 and the axis as input 2. */
static crl_status set_outputs(crl_node *node, const crl_tensor *in, int32_t axis, const int64_t *sizes, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(crl_split), err);
    if (s) return s;
    crl_split *p = node->params;
    p->in = in;
    p->outer = crl_shape_span(&in->shape, 0, axis);
    p->run = crl_node_alloc(node, (size_t)node->n_out, sizeof *p->run, err);
    if (!p->run) return CRL_ERR_MEMORY;
    const size_t inner = crl_shape_span(&in->shape, axis + 1, in->shape.rank) * crl_type_bytes(in->type);
    for (int32_t i = 0; i < node->n_out; i++) {
        crl_shape shape = in->shape;
        shape.dim[axis] = (int32_t)sizes[i];
        p->run[i] = (size_t)sizes[i] * inner;
        s = crl_node_same_type(node, node->out[i], in, err);
        if (!s) s = crl_node_shape(node, i, &shape, err);
        if (s) return s;
    }
    return CRL_OK;
}

static crl_status prepare_split(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[1];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    int64_t given;
    if (!s) s = crl_node_const_int(node, node->in[0], CRL_TYPE(CRL_INT32), &given, err);
    int32_t axis;
    if (!s) s = crl_node_axis(given, in->shape.rank, &axis, err);
    if (s) return s;
    const int32_t parts = crl_node_int(node, "num_splits");
    if (parts != node->n_out)
        return crl_fail(err, CRL_ERR_FORMAT, "num_splits %d with %d outputs", parts, node->n_out);
    if (in->shape.dim[axis] % parts)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d elements on axis %d cannot be split evenly into %d",
                            in->shape.dim[axis], axis, parts);
    int64_t *sizes = crl_node_alloc(node, (size_t)parts, sizeof *sizes, err);
    if (!sizes) return CRL_ERR_MEMORY;
    for (int32_t i = 0; i < parts; i++) sizes[i] = in->shape.dim[axis] / parts;
    return set_outputs(node, in, axis, sizes, err);
}

/* One size may be -1: what is left. */
static crl_status resolve_sizes(const crl_node *node, int64_t *sizes, int32_t n, int64_t whole, crl_error *err)
{
    int64_t sum = 0;
    int32_t open = -1;
    for (int32_t i = 0; i < n; i++) {
        if (sizes[i] == -1 && open < 0) {
            open = i;
            continue;
        }
        if (sizes[i] < 0 || sizes[i] > whole - sum)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err,
                                "size %lld of part %d, %lld of %lld elements are left; one size may be -1",
                                (long long)sizes[i], i, (long long)(whole - sum), (long long)whole);
        sum += sizes[i];
    }
    if (open >= 0)
        sizes[open] = whole - sum;
    else if (sum != whole)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "sizes add up to %lld, the axis has %lld elements",
                            (long long)sum, (long long)whole);
    return CRL_OK;
}

static crl_status prepare_split_v(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    int64_t given;
    if (!s) s = crl_node_const_int(node, node->in[2], CRL_TYPE(CRL_INT32), &given, err);
    int32_t axis;
    if (!s) s = crl_node_axis(given, in->shape.rank, &axis, err);
    if (s) return s;
    if (crl_node_int(node, "num_splits") != node->n_out)
        return crl_fail(err, CRL_ERR_FORMAT, "num_splits %d with %d outputs", crl_node_int(node, "num_splits"),
                        node->n_out);
    int64_t *sizes = crl_node_alloc(node, (size_t)node->n_out, sizeof *sizes, err);
    if (!sizes) return CRL_ERR_MEMORY;
    int32_t n;
    s = crl_node_const_ints(node, node->in[1], CRL_TYPE_INDEX, sizes, node->n_out, &n, err);
    if (s) return s;
    if (n != node->n_out)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "%d sizes for %d outputs", n, node->n_out);
    s = resolve_sizes(node, sizes, n, in->shape.dim[axis], err);
    return s ? s : set_outputs(node, in, axis, sizes, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_split *p = node->params;
    const uint8_t *in = p->in->data;
    for (size_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < node->n_out; i++) {
            const size_t run = p->run[i];
            if (!run) continue;
            memcpy((uint8_t *)node->out[i]->data + o * run, in, run);
            in += run;
        }
    }
    return CRL_OK;
}

const crl_op_type crl_op_split = {
    .name = "SPLIT", .code = CRL_OP_SPLIT, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = -1, .prepare = prepare_split, .invoke = invoke,
};
const crl_op_type crl_op_split_v = {
    .name = "SPLIT_V", .code = CRL_OP_SPLIT_V, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = -1, .prepare = prepare_split_v, .invoke = invoke,
};
