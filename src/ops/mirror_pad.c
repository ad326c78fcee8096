/* SPDX-License-Identifier: Apache-2.0 */
/* MIRROR_PAD: a frame that mirrors the input at its edge; REFLECT leaves the edge itself out, SYMMETRIC repeats it. */
#include <string.h>

#include "ops/shapes.h"

typedef struct params {
    size_t size; /* bytes of an element */
    const size_t *from[CRL_MAX_RANK]; /* for each index of the output, its place along the input's dimension, bytes */
} params;

enum { REFLECT = 0 };

static crl_status read_pads(const crl_node *node, int64_t *pads, crl_error *err)
{
    const crl_tensor *in = node->in[0], *t = node->in[1];
    const int32_t rank = in->shape.rank;
    int32_t n;
    crl_status s = crl_node_const_ints(node, t, CRL_TYPE_INDEX, pads, 2 * CRL_MAX_RANK, &n, err);
    if (s) return s;
    if (t->shape.rank != 2 || t->shape.dim[0] != rank || t->shape.dim[1] != 2) {
        char text[CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "shape %s, [%d,2] is needed",
                            crl_shape_text(&t->shape, text, sizeof text), rank);
    }
    const int32_t skip = crl_node_int(node, "mode") == REFLECT;
    for (int32_t i = 0; i < n; i++) {
        const int64_t most = (int64_t)in->shape.dim[i / 2] - skip;
        if (pads[i] < 0 || pads[i] > (most < 0 ? 0 : most))
            return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%lld elements at dimension %d: 0 to %lld can be mirrored",
                                (long long)pads[i], i / 2, (long long)(most < 0 ? 0 : most));
    }
    return CRL_OK;
}

/* Element `at` of a dimension of n, counted from its first; up to n outside on either side. */
static int64_t mirrored(int64_t at, int64_t n, int64_t skip)
{
    if (at < 0) return -at - 1 + skip;
    return at < n ? at : 2 * n - 1 - at - skip;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    int64_t pads[2 * CRL_MAX_RANK];
    if (!s) s = read_pads(node, pads, err);
    if (s) return s;
    crl_shape shape = in->shape;
    for (int32_t d = 0; d < shape.rank; d++) {
        const int64_t n = shape.dim[d] + pads[2 * d] + pads[2 * d + 1];
        if (n > INT32_MAX) return crl_fail(err, CRL_ERR_FORMAT, "dimension %d would be %lld", d, (long long)n);
        shape.dim[d] = (int32_t)n;
    }
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->size = crl_type_bytes(in->type);
    ptrdiff_t step[CRL_MAX_RANK];
    crl_tensor_steps(in, step);
    for (int32_t d = 0; d < shape.rank && node->out[0]->bytes; d++) {
        size_t *from = crl_node_alloc(node, (size_t)shape.dim[d], sizeof *from, err);
        if (!from) return CRL_ERR_MEMORY;
        for (int64_t i = 0; i < shape.dim[d]; i++)
            from[i] = (size_t)mirrored(i - pads[2 * d], in->shape.dim[d], crl_node_int(node, "mode") == REFLECT) *
                      (size_t)step[d];
        p->from[d] = from;
    }
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_shape *shape = &node->out[0]->shape;
    const uint8_t *in = node->in[0]->data;
    uint8_t *out = node->out[0]->data;
    const size_t n = crl_shape_count(shape);
    int32_t index[CRL_MAX_RANK] = { 0 };
    for (size_t i = 0; i < n; i++, out += p->size) {
        size_t at = 0;
        for (int32_t d = 0; d < shape->rank; d++) at += p->from[d][index[d]];
        memcpy(out, in + at, p->size);
        for (int32_t d = shape->rank - 1; d >= 0 && ++index[d] == shape->dim[d]; d--) index[d] = 0;
    }
    return CRL_OK;
}

const crl_op_type crl_op_mirror_pad = {
    .name = "MIRROR_PAD", .code = CRL_OP_MIRROR_PAD, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
