/* SPDX-License-Identifier: Apache-2.0 */
/* StableHLO operators of two tensors of one shape: STABLEHLO_ADD, STABLEHLO_AND, STABLEHLO_MAXIMUM, STABLEHLO_MINIMUM,
 * STABLEHLO_MULTIPLY, STABLEHLO_SHIFT_LEFT. Nothing is broadcast, and scales are not looked at. */
#include "ops/stablehlo.h"

enum {
    INTEGERS = CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_UINT16) | CRL_TYPE(CRL_UINT32) | CRL_TYPE(CRL_UINT64),
    NUMBERS = INTEGERS | CRL_TYPE(CRL_BOOL) | CRL_TYPE(CRL_FLOAT16) | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT64)
};

static const struct function {
    int32_t code;
    crl_join_kind kind;
    unsigned types;
} functions[] = {
    { CRL_OP_STABLEHLO_ADD, CRL_JOIN_ADD, NUMBERS },
    { CRL_OP_STABLEHLO_AND, CRL_JOIN_BITS_AND, INTEGERS | CRL_TYPE(CRL_BOOL) },
    { CRL_OP_STABLEHLO_MAXIMUM, CRL_JOIN_MAX, NUMBERS },
    { CRL_OP_STABLEHLO_MINIMUM, CRL_JOIN_MIN, NUMBERS },
    { CRL_OP_STABLEHLO_MULTIPLY, CRL_JOIN_MUL, NUMBERS },
    { CRL_OP_STABLEHLO_SHIFT_LEFT, CRL_JOIN_SHIFT, CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE(CRL_INT32) },
};

static const struct function *find(const crl_node *node)
{
    const struct function *f = functions;
    while (f->code != node->def->code) f++;
    return f;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *a = node->in[0], *b = node->in[1];
    crl_status s = crl_node_accept(node, a, find(node)->types, err);
    if (!s) s = crl_node_same_type(node, b, a, err);
    if (!s) s = crl_node_same_type(node, node->out[0], a, err);
    if (!s && !crl_shape_equal(&a->shape, &b->shape)) {
        char text[CRL_SHAPE_TEXT];
        s = crl_node_bad(node, CRL_ERR_FORMAT, b, err, "it has to be %s, as the other input is",
                         crl_shape_text(&a->shape, text, sizeof text));
    }
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const struct function *f = find(node);
    const crl_tensor *out = node->out[0];
    const size_t n = crl_shape_count(&out->shape), bytes = crl_type_bytes(out->type);
    for (size_t i = 0; i < n * bytes; i += bytes)
        crl_join_one(f->kind, out->type, (uint8_t *)out->data + i, (const uint8_t *)node->in[0]->data + i,
                     (const uint8_t *)node->in[1]->data + i);
    return CRL_OK;
}

#define OF_TWO(operator, number)                                                                                       \
    {                                                                                                                  \
        .name = operator, .code = number, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,    \
        .invoke = invoke,                                                                                              \
    }

const crl_op_type crl_op_stablehlo_add = OF_TWO("STABLEHLO_ADD", CRL_OP_STABLEHLO_ADD);
const crl_op_type crl_op_stablehlo_and = OF_TWO("STABLEHLO_AND", CRL_OP_STABLEHLO_AND);
const crl_op_type crl_op_stablehlo_maximum = OF_TWO("STABLEHLO_MAXIMUM", CRL_OP_STABLEHLO_MAXIMUM);
const crl_op_type crl_op_stablehlo_minimum = OF_TWO("STABLEHLO_MINIMUM", CRL_OP_STABLEHLO_MINIMUM);
const crl_op_type crl_op_stablehlo_multiply = OF_TWO("STABLEHLO_MULTIPLY", CRL_OP_STABLEHLO_MULTIPLY);
const crl_op_type crl_op_stablehlo_shift_left = OF_TWO("STABLEHLO_SHIFT_LEFT", CRL_OP_STABLEHLO_SHIFT_LEFT);
