/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two numbers, element by element, with broadcasting: MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, POW,
 * FLOOR_MOD, ATAN2, the six comparisons, LOGICAL_AND and LOGICAL_OR. A table says which types each takes. BITWISE_XOR and
 * RIGHT_SHIFT stand beside them. */
#include <assert.h>
#include <math.h>

#include "kernels/pairwise.h"
#include "ops/binary.h"
#include "ops/requant.h"
#include "ops/shapes.h"

enum { F32 = CRL_TYPE(CRL_FLOAT32), F16 = CRL_TYPE(CRL_FLOAT16), S8 = CRL_TYPE(CRL_INT8), S16 = CRL_TYPE(CRL_INT16), S32 = CRL_TYPE(CRL_INT32),
       S64 = CRL_TYPE(CRL_INT64), U8 = CRL_TYPE(CRL_UINT8), TRUTH = CRL_TYPE(CRL_BOOL) };

typedef struct function {
    int32_t code;
    crl_pair op;
    unsigned types;
} function;

static const function functions[] = {
    { CRL_OP_MAXIMUM, CRL_PAIR_MAX, F32 | F16 | U8 | S8 | S16 | S32 | S64 },
    { CRL_OP_MINIMUM, CRL_PAIR_MIN, F32 | F16 | U8 | S8 | S16 | S32 | S64 },
    { CRL_OP_SQUARED_DIFFERENCE, CRL_PAIR_SQUARED_DIFFERENCE, F32 | S8 | S32 },
    { CRL_OP_POW, CRL_PAIR_POW, F32 | S32 },
    { CRL_OP_FLOOR_MOD, CRL_PAIR_FLOOR_MOD, F32 | S8 | S16 | S32 | S64 },
    { CRL_OP_ATAN2, CRL_PAIR_ATAN2, F32 },
    { CRL_OP_EQUAL, CRL_PAIR_EQUAL, F32 | F16 | U8 | S8 | S16 | S32 | S64 | TRUTH },
    { CRL_OP_NOT_EQUAL, CRL_PAIR_NOT_EQUAL, F32 | F16 | U8 | S8 | S16 | S32 | S64 | TRUTH },
    { CRL_OP_GREATER, CRL_PAIR_GREATER, F32 | F16 | U8 | S8 | S16 | S32 | S64 },
    { CRL_OP_GREATER_EQUAL, CRL_PAIR_GREATER_EQUAL, F32 | F16 | U8 | S8 | S16 | S32 | S64 },
    { CRL_OP_LESS, CRL_PAIR_LESS, F32 | F16 | U8 | S8 | S16 | S32 | S64 },
    { CRL_OP_LESS_EQUAL, CRL_PAIR_LESS_EQUAL, F32 | F16 | U8 | S8 | S16 | S32 | S64 },
    { CRL_OP_LOGICAL_AND, CRL_PAIR_AND, TRUTH },
    { CRL_OP_LOGICAL_OR, CRL_PAIR_OR, TRUTH },
};

static const function *find(int32_t code)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (functions[i].code == code) return &functions[i];
    assert(!"an operator of this file");
    return NULL;
}

/* Source: TensorFlow Lite, kernels/squared_difference.cc: Prepare. */
static crl_status prepare_squared_difference(crl_node *node, crl_error *err)
{
    crl_binary *p = node->params;
    crl_status s = crl_binary_check_quant(node, false, err);
    if (s) return s;
    enum { LEFT = 7 };
    const float a = node->in[0]->quant.scale[0], b = node->in[1]->quant.scale[0], out = node->out[0]->quant.scale[0];
    const double twice = (double)(2 * (a > b ? a : b));
    const double real = twice * twice / (double)((float)(1 << (LEFT * 2)) * out);
    if (!isfinite(twice) || !isfinite(real))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->out[0], err, "scale %g is out of proportion to the inputs'",
                            (double)out);
    p->p.sum = (crl_sum){ .a_zero = node->in[0]->quant.zero_point[0], .b_zero = node->in[1]->quant.zero_point[0],
                          .a_scale = crl_scale_from_real(a / twice), .b_scale = crl_scale_from_real(b / twice), .left = LEFT };
    p->row = crl_squared_difference_s8_ref;
    return crl_node_requant(node, node->out[0], crl_scale_from_real(real), &p->p.sum.out, err);
}

/* Whether the reference compares real values; of INT16 it does so for EQUAL and NOT_EQUAL only. */
static bool compares_real(const crl_node *node, crl_pair op)
{
    const crl_tensor *a = node->in[0];
    if (op < CRL_PAIR_EQUAL) return false;
    return a->type == CRL_UINT8 || a->type == CRL_INT8 ||
           (a->type == CRL_INT16 && a->quant.n != 0 && (op == CRL_PAIR_EQUAL || op == CRL_PAIR_NOT_EQUAL));
}

static crl_status prepare_scales(crl_node *node, crl_pairwise *q, crl_error *err)
{
    for (int i = 0; i < 2; i++) {
        crl_status s = crl_node_check_quant(node, node->in[i], err);
        if (s) return s;
    }
    q->rescale = true;
    q->a_zero = node->in[0]->quant.zero_point[0];
    q->b_zero = node->in[1]->quant.zero_point[0];
    q->a_scale = crl_scale_from_real((double)node->in[0]->quant.scale[0]);
    q->b_scale = crl_scale_from_real((double)node->in[1]->quant.scale[0]);
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const function *f = find(node->type->code);
    const crl_type type = node->in[0]->type;
    crl_status s = crl_binary_begin(node, f->types, type, f->op < CRL_PAIR_EQUAL ? type : CRL_BOOL, err);
    if (s) return s;
    crl_binary *p = node->params;
    if (f->code == CRL_OP_SQUARED_DIFFERENCE && type == CRL_INT8) return prepare_squared_difference(node, err);
    p->row = crl_pairwise_ref;
    p->p.pairwise = (crl_pairwise){ .op = f->op, .type = type };
    return compares_real(node, f->op) ? prepare_scales(node, &p->p.pairwise, err) : CRL_OK;
}

/* The reference does not broadcast here. */
static crl_status prepare_atan2(crl_node *node, crl_error *err)
{
    if (!crl_shape_equal(&node->in[0]->shape, &node->in[1]->shape))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "both inputs need the same shape");
    return prepare(node, err);
}

static crl_status prepare_bits(crl_node *node, crl_error *err)
{
    const crl_type type = node->in[0]->type;
    crl_status s = crl_binary_begin(node, U8 | S8 | CRL_TYPE(CRL_UINT16) | S16 | CRL_TYPE(CRL_UINT32) | S32, type, type, err);
    if (s) return s;
    crl_binary *p = node->params;
    p->row = crl_bits_ref;
    p->p.bits = (crl_bits){ .type = type, .shift = node->type->code == CRL_OP_RIGHT_SHIFT };
    return CRL_OK;
}

/* The whole exponent >= 1 that a single value of input 1 is, nearly; 0: none, or it is not broadcast.
 * Source: TensorFlow Lite, kernels/internal/optimized/optimized_ops.h: BroadcastPow4D. */
static int32_t whole_exponent(const crl_node *node)
{
    const crl_tensor *b = node->in[1];
    if (crl_shape_count(&b->shape) != 1 || crl_shape_equal(&node->in[0]->shape, &b->shape)) return 0;
    if (b->type == CRL_INT32) return *(const int32_t *)b->data;
    const float exponent = *(const float *)b->data, whole = roundf(exponent);
    return whole >= 1 && whole < 2147483648.0f && fabsf(exponent - whole) < 1e-5f ? (int32_t)whole : 0;
}

/* FLOOR_MOD of integers by 0, and POW of integers to negative ones, are refused before anything is computed. */
static crl_status invoke_checked(const crl_node *node, crl_work *work, crl_error *err)
{
    const crl_tensor *b = node->in[1];
    const size_t n = b->type == CRL_FLOAT32 ? 0 : crl_shape_count(&b->shape);
    for (size_t i = 0; i < n; i++) {
        const int64_t v = crl_tensor_int(b, i);
        if (node->type->code == CRL_OP_FLOOR_MOD ? v == 0 : v < 0)
            return crl_node_bad(node, CRL_ERR_ARGUMENT, b, err, "element %zu is %lld", i, (long long)v);
    }
    const crl_tensor *a = node->in[0];
    const int32_t exponent = node->type->code == CRL_OP_POW ? whole_exponent(node) : 0;
    if (exponent < 1) return crl_binary_invoke(node, work, err);
    crl_power_whole_ref(node->out[0]->data, a->data, a->type, crl_shape_count(&a->shape), exponent);
    return CRL_OK;
}

const crl_op_type crl_op_maximum = {
    .name = "MAXIMUM", .code = CRL_OP_MAXIMUM, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_minimum = {
    .name = "MINIMUM", .code = CRL_OP_MINIMUM, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_squared_difference = {
    .name = "SQUARED_DIFFERENCE", .code = CRL_OP_SQUARED_DIFFERENCE, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_pow = {
    .name = "POW", .code = CRL_OP_POW, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke_checked,
};

const crl_op_type crl_op_floor_mod = {
    .name = "FLOOR_MOD", .code = CRL_OP_FLOOR_MOD, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke_checked,
};

const crl_op_type crl_op_equal = {
    .name = "EQUAL", .code = CRL_OP_EQUAL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_not_equal = {
    .name = "NOT_EQUAL", .code = CRL_OP_NOT_EQUAL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_greater = {
    .name = "GREATER", .code = CRL_OP_GREATER, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_greater_equal = {
    .name = "GREATER_EQUAL", .code = CRL_OP_GREATER_EQUAL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_less = {
    .name = "LESS", .code = CRL_OP_LESS, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_less_equal = {
    .name = "LESS_EQUAL", .code = CRL_OP_LESS_EQUAL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_logical_and = {
    .name = "LOGICAL_AND", .code = CRL_OP_LOGICAL_AND, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_logical_or = {
    .name = "LOGICAL_OR", .code = CRL_OP_LOGICAL_OR, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_atan2 = {
    .name = "ATAN2", .code = CRL_OP_ATAN2, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_atan2,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_bitwise_xor = {
    .name = "BITWISE_XOR", .code = CRL_OP_BITWISE_XOR, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_bits,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_right_shift = {
    .name = "RIGHT_SHIFT", .code = CRL_OP_RIGHT_SHIFT, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_bits,
    .invoke = crl_binary_invoke,
};
