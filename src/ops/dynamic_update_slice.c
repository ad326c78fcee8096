/* SPDX-License-Identifier: Apache-2.0 */
/* DYNAMIC_UPDATE_SLICE: the input, with a block of it replaced by the update, which is no larger. Where it begins is moved so that
 * it lies within. */
#include <string.h>

#include "ops/shapes.h"

enum { IN, UPDATE, STARTS }; /* inputs */

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[IN], *update = node->in[UPDATE], *starts = node->in[STARTS];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, update, in, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_accept(node, starts, CRL_TYPE_INDEX, err);
    if (s) return s;
    if (starts->shape.rank != 1 || starts->shape.dim[0] != in->shape.rank)
        return crl_node_bad(node, CRL_ERR_FORMAT, starts, err, "it has to be [%d], the input's rank", in->shape.rank);
    bool fits = update->shape.rank == in->shape.rank;
    for (int32_t d = 0; fits && d < in->shape.rank; d++) fits = update->shape.dim[d] <= in->shape.dim[d];
    if (!fits) {
        char text[2][CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, update, err, "shape %s does not fit into %s",
                            crl_shape_text(&update->shape, text[0], sizeof text[0]),
                            crl_shape_text(&in->shape, text[1], sizeof text[1]));
    }
    return crl_node_same_shape(node, 0, 0, err);
}

/* The next row of the update, whose last dimension is one; false after the last. */
static bool next_row(const crl_shape *shape, int32_t *index)
{
    for (int32_t d = shape->rank - 2; d >= 0; d--) {
        if (++index[d] < shape->dim[d]) return true;
        index[d] = 0;
    }
    return false;
}

static void replace(const crl_tensor *out, const crl_tensor *update, const int32_t *start)
{
    const crl_shape *o = &out->shape, *u = &update->shape;
    const size_t size = crl_type_bytes(out->type), row = (size_t)u->dim[u->rank - 1] * size;
    const uint8_t *from = update->data;
    int32_t index[CRL_MAX_RANK] = { 0 };
    do {
        size_t at = 0;
        for (int32_t d = 0; d < o->rank; d++) at = at * (size_t)o->dim[d] + (size_t)(start[d] + index[d]);
        memcpy((uint8_t *)out->data + at * size, from, row);
        from += row;
    } while (next_row(u, index));
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[IN], *update = node->in[UPDATE], *out = node->out[0];
    if (!out->bytes) return CRL_OK;
    memcpy(out->data, in->data, out->bytes);
    if (!update->bytes) return CRL_OK;
    if (update->bytes == out->bytes) {
        memcpy(out->data, update->data, out->bytes);
        return CRL_OK;
    }
    int32_t start[CRL_MAX_RANK];
    for (int32_t d = 0; d < out->shape.rank; d++) {
        const int64_t wanted = crl_tensor_int(node->in[STARTS], (size_t)d), last = out->shape.dim[d] - update->shape.dim[d];
        start[d] = (int32_t)(wanted < 0 ? 0 : wanted > last ? last : wanted);
    }
    replace(out, update, start);
    return CRL_OK;
}

const crl_op_type crl_op_dynamic_update_slice = {
    .name = "DYNAMIC_UPDATE_SLICE", .code = CRL_OP_DYNAMIC_UPDATE_SLICE, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1,
    .prepare = prepare, .invoke = invoke,
};
