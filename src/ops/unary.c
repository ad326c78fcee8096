/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one number, element by element: ABS, CEIL, COS, ELU, EXP, FLOOR, GELU, LOG, NEG, ROUND, RSQRT, SIGN,
 * SIN, SQUARE. A table says which types each takes. INT8, UINT8 and INT16 with scales go through tables of the
 * function, except for ABS and RSQRT of INT8, which are computed; NEG of integers looks at no scale. */
#include <assert.h>
#include <math.h>

#include "kernels/element.h"
#include "kernels/fixed_exp.h"
#include "kernels/lut.h"
#include "kernels/table16.h"
#include "kernels/unary.h"
#include "ops/shapes.h"

enum { F32 = CRL_TYPE(CRL_FLOAT32), F16 = CRL_TYPE(CRL_FLOAT16), S8 = CRL_TYPE(CRL_INT8), S16 = CRL_TYPE(CRL_INT16), S32 = CRL_TYPE(CRL_INT32) };

typedef struct function {
    int32_t code;
    unsigned types;
    crl_unary_f32 *f32;    /* NULL: GELU */
    crl_table_fn *table;   /* NULL: integers are plain, or computed */
    crl_unary_int integer; /* of plain integers */
} function;

static const function functions[] = {
    { CRL_OP_ABS, F32 | S8 | S16 | S32, fabsf, NULL, CRL_UNARY_ABS },
    { CRL_OP_CEIL, F32, ceilf, NULL, 0 },
    { CRL_OP_COS, F32 | F16, cosf, NULL, 0 },
    { CRL_OP_ELU, F32 | S8, crl_elu_f32, crl_table_elu, 0 },
    { CRL_OP_EXP, F32 | S8 | S16, expf, crl_table_exp, 0 },
    { CRL_OP_FLOOR, F32 | F16, floorf, NULL, 0 },
    { CRL_OP_GELU, F32 | CRL_TYPE(CRL_UINT8) | S8 | S16, NULL, crl_table_gelu, 0 },
    { CRL_OP_LOG, F32 | S8 | S16, logf, crl_table_log, 0 },
    { CRL_OP_NEG, F32 | F16 | S8 | S16 | S32 | CRL_TYPE(CRL_INT64), crl_neg_f32, NULL, CRL_UNARY_NEG },
    { CRL_OP_ROUND, F32 | F16, crl_round_f32, NULL, 0 },
    { CRL_OP_RSQRT, F32 | S8 | S16, crl_rsqrt_f32, crl_table_rsqrt, 0 },
    { CRL_OP_SIGN, F32 | S32, crl_sign_f32, NULL, CRL_UNARY_SIGN },
    { CRL_OP_SIN, F32 | F16, sinf, NULL, 0 },
    { CRL_OP_SQUARE, F32, crl_square_f32, NULL, 0 },
};

typedef struct params {
    const function *f;
    crl_scale scale;  /* ABS, RSQRT of INT8 */
    bool quantised;   /* ABS */
    bool approximate; /* GELU */
    uint8_t table8[256];
    crl_table16 table16;
} params;

static const function *find(int32_t code)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (functions[i].code == code) return &functions[i];
    assert(!"an operator of this file");
    return NULL;
}

static crl_status check_scales(const crl_node *node, crl_error *err)
{
    const crl_tensor *t[2] = { node->in[0], node->out[0] };
    for (int i = 0; i < 2; i++) {
        crl_status s = i ? crl_node_check_quant(node, t[i], err) : crl_node_check_quant_in(node, t[i], err);
        if (s) return s;
        if (t[i]->type == CRL_INT16 && t[i]->quant.zero_point[0])
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t[i], err, "zero point %d, INT16 needs 0",
                                t[i]->quant.zero_point[0]);
    }
    return CRL_OK;
}

static void prepare_abs(params *p, float in_scale, float out_scale)
{
    p->quantised = true;
    /* Equal scales are not multiplied at all; the scale of 1 does the same. */
    p->scale = crl_scale_from_real((double)(in_scale / out_scale));
}

/* Source: TensorFlow Lite, kernels/elementwise.cc: SetRsqrtOutputMultiplier. */
static void prepare_rsqrt8(params *p, float in_scale, float out_scale)
{
    p->scale = crl_scale_from_real((double)(1.0f / (sqrtf(in_scale) * out_scale)));
}

static void prepare_table(params *p, const crl_node *node, crl_table_fn *f)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const float scale = out->quant.scale[0];
    const int32_t zero = out->quant.zero_point[0];
    /* Logarithms sink to the output's smallest value, reciprocal roots rise to the largest. */
    const int32_t lowest = crl_type_min(in->type);
    const float limit = p->f->code == CRL_OP_LOG ? (float)(lowest - zero) * scale : (float)INT16_MAX * scale;
    if (in->type == CRL_INT16)
        crl_table16_fill_f32(&p->table16, f, limit, in->quant.scale[0], 0, scale, 0);
    else
        crl_table8_fill(p->table8, in->type, f, limit, in->quant.scale[0], in->quant.zero_point[0], scale, zero);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->f = find(node->type->code);
    p->approximate = p->f->code == CRL_OP_GELU && crl_node_bool(node, "approximate");
    crl_table_fn *table = p->approximate ? crl_table_gelu_tanh : p->f->table;
    s = crl_node_accept(node, in, p->f->types, err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    const bool narrow = in->type == CRL_UINT8 || in->type == CRL_INT8 || in->type == CRL_INT16;
    if (s || !narrow || p->f->code == CRL_OP_NEG) return s;
    if (p->f->code == CRL_OP_ABS && in->type == CRL_INT16 && in->quant.n == 0) return CRL_OK;
    s = check_scales(node, err);
    if (s) return s;
    const float in_scale = in->quant.scale[0], out_scale = out->quant.scale[0];
    if (p->f->code == CRL_OP_ABS)
        prepare_abs(p, in_scale, out_scale);
    else if (p->f->code == CRL_OP_RSQRT && in->type == CRL_INT8)
        prepare_rsqrt8(p, in_scale, out_scale);
    else
        prepare_table(p, node, table);
    return CRL_OK;
}

static void run_abs(const params *p, const crl_tensor *in, const crl_tensor *out, size_t n)
{
    const int32_t in_zero = in->quant.zero_point[0], out_zero = out->quant.zero_point[0];
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(in->data, i, in->type) - in_zero;
        const int32_t v = crl_wrap_add(crl_scale_apply(x < 0 ? -x : x, p->scale), out_zero);
        crl_store(out->data, i, in->type, crl_clamp(v, crl_type_min(in->type), crl_type_max(in->type)));
    }
}

/* Source: TensorFlow Lite, kernels/elementwise.cc: RsqrtEvalQuantizedInt8. */
static void run_rsqrt8(const params *p, const crl_tensor *in, const crl_tensor *out, size_t n)
{
    enum { EXTRA = 20 }; /* bits, to keep 1 / sqrt(x) an integer between two scalings */
    for (size_t i = 0; i < n; i++) {
        const int32_t x = ((const int8_t *)in->data)[i] - in->quant.zero_point[0];
        int32_t v = INT8_MAX;
        if (x != 0) {
            const crl_scale root = crl_fixed_inverse_root(x);
            const int32_t y = crl_scale_apply(1, (crl_scale){ root.mult, root.shift + EXTRA });
            const int32_t right = p->scale.shift - EXTRA;
            v = crl_scale_apply(y, (crl_scale){ p->scale.mult, right < -31 ? -31 : right });
            v = crl_clamp(crl_wrap_add(v, out->quant.zero_point[0]), INT8_MIN, INT8_MAX);
        }
        ((int8_t *)out->data)[i] = (int8_t)v;
    }
}

/* Reciprocal roots of quantised values below their zero point are refused, as in the reference. */
static crl_status check_rsqrt(const crl_node *node, size_t n, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    for (size_t i = 0; i < n; i++)
        if (crl_load(in->data, i, in->type) < in->quant.zero_point[0])
            return crl_node_bad(node, CRL_ERR_ARGUMENT, in, err, "element %zu is negative", i);
    return CRL_OK;
}

static void run_f32(const params *p, float *out, const float *in, size_t n)
{
    if (p->f->code != CRL_OP_GELU)
        crl_unary_f32_ref(out, in, n, p->f->f32);
    else if (p->approximate)
        crl_gelu_tanh_f32_ref(out, in, n);
    else
        crl_gelu_f32_ref(out, in, n);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t n = crl_shape_count(&in->shape);
    if (in->type == CRL_FLOAT32) {
        run_f32(p, out->data, in->data, n);
        return CRL_OK;
    }
    if (in->type == CRL_FLOAT16) {
        crl_unary_f16_ref(out->data, in->data, n, p->f->f32);
        return CRL_OK;
    }
    if (p->f->code == CRL_OP_RSQRT) {
        crl_status s = check_rsqrt(node, n, err);
        if (s) return s;
    }
    if (p->quantised)
        run_abs(p, in, out, n);
    else if (!p->f->table)
        crl_unary_int_ref(out->data, in->data, in->type, n, p->f->integer);
    else if (p->f->code == CRL_OP_RSQRT && in->type == CRL_INT8)
        run_rsqrt8(p, in, out, n);
    else if (in->type == CRL_INT16)
        for (size_t i = 0; i < n; i++)
            ((int16_t *)out->data)[i] = crl_table16_at(&p->table16, ((const int16_t *)in->data)[i]);
    else
        crl_lut_u8_ref(out->data, in->data, n, p->table8);
    return CRL_OK;
}

const crl_op_type crl_op_abs = {
    .name = "ABS", .code = CRL_OP_ABS, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_ceil = {
    .name = "CEIL", .code = CRL_OP_CEIL, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_cos = {
    .name = "COS", .code = CRL_OP_COS, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_elu = {
    .name = "ELU", .code = CRL_OP_ELU, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_exp = {
    .name = "EXP", .code = CRL_OP_EXP, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_floor = {
    .name = "FLOOR", .code = CRL_OP_FLOOR, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_gelu = {
    .name = "GELU", .code = CRL_OP_GELU, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_log = {
    .name = "LOG", .code = CRL_OP_LOG, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_neg = {
    .name = "NEG", .code = CRL_OP_NEG, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_round = {
    .name = "ROUND", .code = CRL_OP_ROUND, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_rsqrt = {
    .name = "RSQRT", .code = CRL_OP_RSQRT, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_sign = {
    .name = "SIGN", .code = CRL_OP_SIGN, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_sin = {
    .name = "SIN", .code = CRL_OP_SIN, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_square = {
    .name = "SQUARE", .code = CRL_OP_SQUARE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
