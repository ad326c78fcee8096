/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC and TANH. UINT8 and INT8 by table, INT16 by interpolation, FLOAT32, FLOAT16.
 * The output's quantisation is fixed where the reference fixes it: LOGISTIC 1/256 (INT16 1/32768 and 0), TANH INT16
 * 1/32768 and 0. */
#include <math.h>

#include "base/fixed.h"
#include "kernels/lut.h"
#include "kernels/spline.h"
#include "kernels/table8.h"
#include "kernels/unary.h"
#include "ops/shapes.h"
#include "ops/sigmoid16.h"

typedef struct params {
    uint8_t table[256];
    crl_sigmoid16 sigmoid;
} params;

/* From the input's scale to units of 1/12288. Scales of 2^-12, for TANH 2^-11 too, have a way of their own. */
static void prepare_sigmoid16(crl_sigmoid16 *p, float in_scale, int32_t max_shift)
{
    crl_sigmoid16_fill(p->table);
    int32_t exponent;
    if (crl_is_power_of_two(in_scale, &exponent) && exponent + 12 >= 0 && exponent + 12 <= max_shift) {
        p->mult = 3 << (exponent + 12);
        p->right = 0;
        return;
    }
    double mult = in_scale * 4096.0 * 3.0;
    for (p->right = 0; mult <= 32767.0 / 2.0 && p->right <= 30; p->right++) mult *= 2;
    p->mult = mult < INT32_MAX ? (int32_t)mult : INT32_MAX;
}

static crl_status prepare_16bit(const crl_node *node, crl_sigmoid16 *p, int32_t max_shift, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    int32_t exponent;
    if (in->quant.zero_point[0] || out->quant.zero_point[0])
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->quant.zero_point[0] ? in : out, err,
                            "zero points of INT16 have to be 0");
    if (!crl_is_power_of_two(out->quant.scale[0], &exponent) || exponent != -15)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "scale %g, INT16 needs 1/32768",
                            (double)out->quant.scale[0]);
    prepare_sigmoid16(p, in->quant.scale[0], max_shift);
    return CRL_OK;
}

static crl_status prepare_types(crl_node *node, crl_table_fn *f, int32_t max_shift, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (!s) s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16), err);
    if (!s) s = crl_node_same_type(node, out, in, err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (s || in->type == CRL_FLOAT32 || in->type == CRL_FLOAT16) return s;
    s = in->type == CRL_INT16 ? crl_node_check_quant(node, in, err) : crl_node_check_quant_in(node, in, err);
    if (!s) s = crl_node_check_quant(node, out, err);
    if (s) return s;
    params *p = node->params;
    if (in->type == CRL_INT16) return prepare_16bit(node, &p->sigmoid, max_shift, err);
    crl_table8_fill(p->table, in->type, f, 0, in->quant.scale[0], in->quant.zero_point[0], out->quant.scale[0],
                    out->quant.zero_point[0]);
    return CRL_OK;
}

/* 8 bits in the arithmetic of the Edge TPU. */
static bool is_on_chip(const crl_node *node)
{
    return node->on_chip && (node->in[0]->type == CRL_UINT8 || node->in[0]->type == CRL_INT8);
}

static crl_status prepare_logistic(crl_node *node, crl_error *err)
{
    crl_status s = prepare_types(node, crl_table_logistic, 0, err);
    const crl_quant *in = &node->in[0]->quant, *out = &node->out[0]->quant;
    if (!s && is_on_chip(node))
        crl_spline_table_logistic(((params *)node->params)->table, node->in[0]->type, in->scale[0], in->zero_point[0], out->zero_point[0]);
    if (s || node->in[0]->type == CRL_FLOAT32 || node->in[0]->type == CRL_FLOAT16) return s;
    const float want = node->in[0]->type == CRL_INT16 ? 1.0f / 32768 : 1.0f / 256;
    if (node->out[0]->quant.scale[0] != want)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err, "scale %g, it has to be %g",
                            (double)node->out[0]->quant.scale[0], (double)want);
    return CRL_OK;
}

static crl_status prepare_tanh(crl_node *node, crl_error *err)
{
    crl_status s = prepare_types(node, crl_table_tanh, 1, err);
    const crl_quant *in = &node->in[0]->quant, *out = &node->out[0]->quant;
    if (!s && is_on_chip(node))
        crl_spline_table_tanh(((params *)node->params)->table, node->in[0]->type, in->scale[0], in->zero_point[0], out->scale[0],
                              out->zero_point[0]);
    return s;
}

const crl_sigmoid16 *crl_logistic_sigmoid16(const crl_node *node)
{
    const params *p = node->params;
    return &p->sigmoid;
}

static crl_status invoke(const crl_node *node, crl_unary_f32 *f,
                         void (*f16)(int16_t *, const int16_t *, size_t, const crl_sigmoid16 *))
{
    const params *p = node->params;
    const void *in = node->in[0]->data;
    void *out = node->out[0]->data;
    const size_t n = crl_shape_count(&node->in[0]->shape);
    switch (node->in[0]->type) {
    case CRL_FLOAT32: crl_unary_f32_ref(out, in, n, f); break;
    case CRL_FLOAT16: crl_unary_f16_ref(out, in, n, f); break;
    case CRL_INT16: f16(out, in, n, &p->sigmoid); break;
    default: crl_lut_u8_ref(out, in, n, p->table); break;
    }
    return CRL_OK;
}

static crl_status invoke_logistic(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return invoke(node, crl_logistic_f32, crl_logistic_s16_ref);
}

static crl_status invoke_tanh(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return invoke(node, tanhf, crl_tanh_s16_ref);
}

const crl_op_type crl_op_logistic = {
    .name = "LOGISTIC", .code = CRL_OP_LOGISTIC, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_logistic,
    .invoke = invoke_logistic,
};

const crl_op_type crl_op_tanh = {
    .name = "TANH", .code = CRL_OP_TANH, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_tanh,
    .invoke = invoke_tanh,
};
