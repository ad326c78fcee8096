/* SPDX-License-Identifier: Apache-2.0 */
/* PAD, PADV2: a frame of one value around the input.
 * The value is that of input 2, else a real 0: the zero point where the tensor is quantised. */
#include <string.h>

#include "ops/pad.h"
#include "ops/shapes.h"

enum { IN, PADS, VALUE }; /* inputs */

static crl_status zero_value(const crl_node *node, crl_pad *p, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    const int32_t zero = crl_tensor_zero(out);
    int32_t lo, hi;
    switch (out->type) {
    case CRL_UINT8: lo = 0, hi = UINT8_MAX; break;
    case CRL_INT8: lo = INT8_MIN, hi = INT8_MAX; break;
    case CRL_INT16: lo = INT16_MIN, hi = INT16_MAX; break;
    default: return CRL_OK;
    }
    if (zero < lo || zero > hi)
        return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "zero point %d is outside of its type", zero);
    const uint8_t byte = (uint8_t)zero;
    const int16_t word = (int16_t)zero;
    if (out->type == CRL_INT16)
        memcpy(p->value, &word, sizeof word);
    else
        p->value[0] = byte;
    return CRL_OK;
}

/* The padded shape; before[d] gets the elements in front. */
static crl_status padded(const crl_node *node, crl_shape *shape, int64_t *before, crl_error *err)
{
    const crl_tensor *in = node->in[IN], *pads = node->in[PADS];
    const int32_t rank = in->shape.rank;
    if (pads->shape.rank != 2 || pads->shape.dim[0] != rank || pads->shape.dim[1] != 2) {
        char text[CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, pads, err, "shape %s, [%d,2] is needed",
                            crl_shape_text(&pads->shape, text, sizeof text), rank);
    }
    int64_t list[2 * CRL_MAX_RANK];
    int32_t n;
    crl_status s = crl_node_const_ints(node, pads,
                                       CRL_TYPE_INDEX | CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE(CRL_BOOL),
                                       list, 2 * CRL_MAX_RANK, &n, err);
    if (s) return s;
    *shape = in->shape;
    for (int32_t d = 0; d < rank; d++) {
        before[d] = list[2 * d];
        const int64_t after = list[2 * d + 1];
        if (before[d] < 0 || after < 0 || before[d] > INT32_MAX || after > INT32_MAX ||
            before[d] + after + in->shape.dim[d] > INT32_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, pads, err, "%lld and %lld elements around dimension %d of %d",
                                (long long)before[d], (long long)after, d, in->shape.dim[d]);
        shape->dim[d] += (int32_t)(before[d] + after);
    }
    return CRL_OK;
}

static crl_status check_value(const crl_node *node, crl_error *err)
{
    const crl_tensor *value = node->in[VALUE], *out = node->out[0];
    if (crl_shape_count(&value->shape) != 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, value, err, "%zu elements, one is needed",
                            crl_shape_count(&value->shape));
    crl_status s = crl_node_same_type(node, value, out, err);
    if (!s && (CRL_TYPE(out->type) & CRL_TYPE_QUANT) && out->quant.n) s = crl_node_same_quant(node, value, out, err);
    return s;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[IN];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, in,
                                   CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) |
                                       CRL_TYPE(CRL_BFLOAT16) | CRL_TYPE(CRL_BOOL),
                                   err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    crl_shape shape;
    int64_t before[CRL_MAX_RANK];
    if (!s) s = padded(node, &shape, before, err);
    if (!s) s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_pad), err);
    if (s) return s;
    crl_pad *p = node->params;
    s = crl_node_input(node, VALUE) ? check_value(node, err) : zero_value(node, p, err);
    if (s) return s;
    ptrdiff_t from[CRL_MAX_RANK], to[CRL_MAX_RANK];
    crl_tensor_steps(in, from);
    crl_tensor_steps(out, to);
    p->strided.size = crl_type_bytes(in->type);
    for (int32_t d = 0; d < shape.rank; d++) {
        crl_strided_add(&p->strided, (size_t)in->shape.dim[d], to[d], from[d]);
        p->before[d] = before[d];
        p->offset += (size_t)before[d] * (size_t)to[d];
    }
    crl_strided_finish(&p->strided);
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_pad *p = node->params;
    const crl_tensor *in = node->in[IN], *out = node->out[0];
    const crl_tensor *given = crl_node_input(node, VALUE);
    const void *value = given ? given->data : p->value;
    crl_fill(out->data, value, crl_type_bytes(out->type), crl_shape_count(&out->shape));
    if (in->bytes) crl_strided_copy((uint8_t *)out->data + p->offset, in->data, &p->strided);
    return CRL_OK;
}

const crl_op_type crl_op_pad = {
    .name = "PAD", .code = CRL_OP_PAD, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
const crl_op_type crl_op_padv2 = {
    .name = "PADV2", .code = CRL_OP_PADV2, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
