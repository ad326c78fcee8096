/* SPDX-License-Identifier: Apache-2.0 */
/* SLICE: a box of the input. The sizes are constants, -1 stands for what is left; where the box begins may be
 * known only while running, unless there is a -1. */
#include "ops/shapes.h"

enum { IN, BEGIN, SIZE }; /* inputs */

typedef struct params {
    crl_strided strided;
    ptrdiff_t step[CRL_MAX_RANK]; /* bytes, of the input */
} params;

static crl_status check_list(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    crl_status s = crl_node_accept(node, t, CRL_TYPE_INDEX, err);
    if (s) return s;
    if (crl_shape_count(&t->shape) == (size_t)node->in[IN]->shape.rank) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%zu entries for an input with %d dimensions",
                        crl_shape_count(&t->shape), node->in[IN]->shape.rank);
}

static crl_status check_box(const crl_node *node, int32_t d, int64_t begin, int64_t size, crl_error *err)
{
    const int32_t dim = node->in[IN]->shape.dim[d];
    if (begin >= 0 && begin <= dim && size >= 0 && size <= dim - begin) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, node->in[BEGIN], err, "%lld elements from %lld of dimension %d, which has %d",
                        (long long)size, (long long)begin, d, dim);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[IN], *begin = node->in[BEGIN], *size = node->in[SIZE];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s) s = check_list(node, begin, err);
    if (!s) s = check_list(node, size, err);
    if (!s) s = crl_node_check_const(node, size, err);
    if (s) return s;
    const bool fixed = begin->flags & CRL_TENSOR_CONST;
    crl_shape shape = { .rank = in->shape.rank };
    for (int32_t d = 0; d < shape.rank; d++) {
        int64_t n = crl_tensor_int(size, (size_t)d);
        if (n == -1 || fixed) {
            s = crl_node_check_const(node, begin, err);
            if (s) return s;
            const int64_t first = crl_tensor_int(begin, (size_t)d);
            if (n == -1 && first >= 0 && first <= in->shape.dim[d]) n = in->shape.dim[d] - first;
            s = check_box(node, d, first, n, err);
        } else {
            s = check_box(node, d, 0, n, err);
        }
        if (s) return s;
        shape.dim[d] = (int32_t)n;
    }
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    ptrdiff_t to[CRL_MAX_RANK];
    crl_tensor_steps(in, p->step);
    crl_tensor_steps(out, to);
    p->strided.size = crl_type_bytes(in->type);
    for (int32_t d = 0; d < shape.rank; d++) crl_strided_add(&p->strided, (size_t)shape.dim[d], to[d], p->step[d]);
    crl_strided_finish(&p->strided);
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const params *p = node->params;
    const crl_tensor *in = node->in[IN], *out = node->out[0];
    size_t offset = 0;
    for (int32_t d = 0; d < in->shape.rank; d++) {
        const int64_t begin = crl_tensor_int(node->in[BEGIN], (size_t)d);
        crl_status s = check_box(node, d, begin, out->shape.dim[d], err);
        if (s) return s;
        offset += (size_t)begin * (size_t)p->step[d];
    }
    if (out->bytes) crl_strided_copy(out->data, (const uint8_t *)in->data + offset, &p->strided);
    return CRL_OK;
}

const crl_op_type crl_op_slice = {
    .name = "SLICE", .code = CRL_OP_SLICE, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
