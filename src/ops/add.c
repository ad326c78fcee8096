/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB, with broadcasting. UINT8, INT8 and INT16 quantised; INT32, INT64, FLOAT32 plain, ADD of FLOAT16 and of INT16
 * without scales, too. */
#include <math.h>

#include "model/chip.h"
#include "ops/binary.h"
#include "ops/chip.h"
#include "ops/requant.h"
#include "ops/shapes.h"

/* Source: TensorFlow Lite, kernels/add.cc and sub.cc: Prepare. */
static crl_status prepare_quantised(crl_node *node, bool subtract, crl_error *err)
{
    crl_binary *p = node->params;
    crl_sum *q = &p->p.sum;
    const crl_tensor *out = node->out[0];
    const float a = node->in[0]->quant.scale[0], b = node->in[1]->quant.scale[0], o = out->quant.scale[0];
    q->left = out->type == CRL_INT16 ? 15 : 20;
    const float twice = 2 * (a > b ? a : b);
    const double out_real = (double)twice / (double)((float)(1 << q->left) * o);
    if (!isfinite(twice) || !isfinite(out_real))
        return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "scale %g is out of proportion to the inputs'", (double)o);
    q->a_scale = crl_scale_from_real((double)a / (double)twice);
    q->b_scale = crl_scale_from_real((double)b / (double)twice);
    q->a_zero = node->in[0]->quant.zero_point[0];
    q->b_zero = node->in[1]->quant.zero_point[0];
    q->subtract = subtract;
    p->row = out->type == CRL_UINT8 ? crl_sum_u8_ref : out->type == CRL_INT8 ? crl_sum_s8_ref : crl_sum_s16_ref;
    const crl_status s = crl_node_requant(node, out, crl_scale_from_real(out_real), &q->out, err);
    if (s) return s;
    return crl_node_activation_range(node, out, crl_node_int(node, "fused_activation_function"), &q->out.min, &q->out.max, err);
}

/* A bias, in units of the other input. Of a difference with the constant first the chip has no such layer. */
static crl_status prepare_by_channel(crl_node *node, bool subtract, crl_error *err)
{
    crl_binary *p = node->params;
    crl_affine8 *q = &p->p.affine;
    const crl_tensor *out = node->out[0];
    p->by_channel = true;
    q->negative = subtract;
    p->row = out->type == CRL_UINT8 ? crl_shifted_u8_ref : crl_shifted_s8_ref;
    return crl_chip_requant(node, out, crl_chip_scale(q->scale, out->quant.scale[0]), crl_node_int(node, "fused_activation_function"), &q->out, err);
}

/* Both inputs by whole factors. SUB is taken for ADD of the negative. */
static crl_status prepare_on_chip(crl_node *node, bool subtract, crl_error *err)
{
    crl_binary *p = node->params;
    crl_mix *q = &p->p.mix;
    if (crl_binary_by_channel(&p->p.affine, node) && !(subtract && p->p.affine.turned)) return prepare_by_channel(node, subtract, err);
    const crl_tensor *a = node->in[0], *b = node->in[1], *out = node->out[0];
    crl_mix_factors(a->quant.scale[0], b->quant.scale[0], &q->ka, &q->kb);
    if (node->def->chip) q->ka = (int32_t)node->def->chip->factor[0], q->kb = (int32_t)node->def->chip->factor[1];
    q->a_zero = a->quant.zero_point[0];
    q->b_zero = b->quant.zero_point[0];
    /* The larger factor is the nearer to its scale. */
    const float unit = q->ka >= q->kb ? a->quant.scale[0] / (float)q->ka : b->quant.scale[0] / (float)q->kb;
    if (subtract) q->kb = -q->kb;
    p->row = out->type == CRL_UINT8 ? crl_mix_u8_ref : crl_mix_s8_ref;
    return crl_chip_requant(node, out, crl_chip_scale(unit, out->quant.scale[0]), crl_node_int(node, "fused_activation_function"),
                            &q->out, err);
}

/* The old way of 16-bit LSTMs: scales are powers of two and one input already has the output's. */
static crl_status prepare_shifts(crl_node *node, bool subtract, const int32_t exponent[3], crl_error *err)
{
    crl_binary *p = node->params;
    crl_sum_shift *q = &p->p.sum_shift;
    *q = (crl_sum_shift){ .a_right = exponent[2] - exponent[0], .b_right = exponent[2] - exponent[1],
                          .subtract = subtract };
    if (q->a_right < 0 || q->b_right < 0 || (q->a_right && q->b_right) || q->a_right > 31 || q->b_right > 31)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err,
                            "scale 2^%d from 2^%d and 2^%d: with pot_scale_int16 one has to be the output's, the other "
                            "smaller", exponent[2], exponent[0], exponent[1]);
    p->row = crl_sum_shift_s16_ref;
    return crl_node_activation_range(node, node->out[0], crl_node_int(node, "fused_activation_function"), &q->min,
                                     &q->max, err);
}

static crl_status prepare_kind(crl_node *node, bool subtract, crl_error *err)
{
    const crl_type type = node->in[0]->type;
    crl_status s = crl_binary_begin(node, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) |
                                          (subtract ? 0 : CRL_TYPE(CRL_FLOAT16)), type, type, err);
    if (s) return s;
    crl_binary *p = node->params;
    switch (type) {
    case CRL_INT32: p->row = subtract ? crl_sub_s32_ref : crl_add_s32_ref; return crl_binary_limits(node, err);
    case CRL_INT64: p->row = subtract ? crl_sub_s64_ref : crl_add_s64_ref; return crl_binary_limits(node, err);
    case CRL_FLOAT16: p->row = crl_add_f16_ref; return crl_binary_limits(node, err);
    case CRL_FLOAT32: p->row = subtract ? crl_sub_f32_ref : crl_add_f32_ref; return crl_binary_limits(node, err);
    default: break;
    }
    if (type == CRL_INT16 && !subtract && node->in[0]->quant.n == 0) {
        p->row = crl_add_s16_ref;
        return crl_binary_limits(node, err);
    }
    s = crl_binary_check_quant(node, false, err);
    if (s) return s;
    if (node->on_chip) return prepare_on_chip(node, subtract, err);
    int32_t exponent[3];
    if (type == CRL_INT16 && crl_node_bool(node, "pot_scale_int16") &&
        crl_is_power_of_two(node->in[0]->quant.scale[0], &exponent[0]) &&
        crl_is_power_of_two(node->in[1]->quant.scale[0], &exponent[1]) &&
        crl_is_power_of_two(node->out[0]->quant.scale[0], &exponent[2]))
        return prepare_shifts(node, subtract, exponent, err);
    return prepare_quantised(node, subtract, err);
}

static crl_status prepare_add(crl_node *node, crl_error *err)
{
    return prepare_kind(node, false, err);
}

static crl_status prepare_sub(crl_node *node, crl_error *err)
{
    return prepare_kind(node, true, err);
}

const crl_op_type crl_op_add = {
    .name = "ADD", .code = CRL_OP_ADD, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_add,
    .invoke = crl_binary_invoke,
};

const crl_op_type crl_op_sub = {
    .name = "SUB", .code = CRL_OP_SUB, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_sub,
    .invoke = crl_binary_invoke,
};
