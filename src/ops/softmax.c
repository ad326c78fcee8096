/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX over the last dimension, with the option beta as factor. UINT8, INT8 (each also to INT16), INT16, FLOAT32.
 * The output's quantisation is fixed: 1/256 and the lowest value, 1/32768 and 0 for INT16. */
#include "kernels/softmax.h"

#include <math.h>

#include "kernels/element.h"
#include "kernels/softmax_chip.h"
#include "model/chip.h"
#include "ops/shapes.h"

enum { DIFF_INTEGER_BITS = 5 }; /* differences to the maximum are Q5.26 */

static crl_status check_output(const crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (out->type != in->type && !(out->type == CRL_INT16 && (in->type == CRL_UINT8 || in->type == CRL_INT8)))
        return crl_node_bad_type(node, out, crl_type_name(in->type), err);
    /* As the reference checks it: not for UINT8, and not where 8 bits become 16. */
    if (in->type != out->type || (in->type != CRL_INT8 && in->type != CRL_INT16)) return CRL_OK;
    const float scale = in->type == CRL_INT8 ? 1.0f / 256 : 1.0f / 32768;
    const int32_t zero = in->type == CRL_INT8 ? INT8_MIN : 0;
    if (fabsf(crl_tensor_scale(out) - scale) > 0.001f * scale || crl_tensor_zero(out) != zero)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "scale %g and zero point %d, they have to be %g and %d",
                            (double)crl_tensor_scale(out), crl_tensor_zero(out), (double)scale, zero);
    return CRL_OK;
}

/* Source: TensorFlow Lite, kernels/internal/quantization_util.cc: PreprocessSoftmaxScaling, CalculateInputRadius. */
static void prepare_8bit(crl_softmax *p, double beta, double in_scale)
{
    const double real = beta * in_scale * (1 << (31 - DIFF_INTEGER_BITS));
    p->scale = crl_scale_from_real(real < INT32_MAX ? real : INT32_MAX);
    const double radius = ldexp(((1 << DIFF_INTEGER_BITS) - 1) * (double)(1 << (31 - DIFF_INTEGER_BITS)), -p->scale.shift);
    p->diff_min = radius < 65535 ? -(int32_t)floor(radius) : -65535;
}

static double reciprocal_1p(double x)
{
    return 1.0 / (1.0 + x);
}

static crl_status prepare_16bit(crl_node *node, crl_softmax *p, float beta, float in_scale, crl_error *err)
{
    crl_table16 *tables = crl_node_alloc(node, 2, sizeof *tables, err);
    if (!tables) return CRL_ERR_MEMORY;
    const double range = INT16_MAX - INT16_MIN;
    crl_table16_fill(&tables[0], exp, 10.0 / range, INT16_MAX, 2.0 / range, 0);
    crl_table16_fill(&tables[1], reciprocal_1p, 1.0 / range, INT16_MIN, 2.0 / range, 0);
    p->exp = &tables[0];
    p->reciprocal = &tables[1];
    /* Differences of 65535 mean -10 to the table. */
    p->scale = crl_scale_from_real((double)(in_scale * beta) / (10.0 / 65535.0));
    return CRL_OK;
}

/* As packages have it: of a beta of 1, to 256 steps. */
static crl_status prepare_tiles(crl_node *node, const crl_softmax *p, crl_softmax_chip *chip, crl_error *err)
{
    const struct crl_chip_constants *given = node->def->chip;
    const int32_t least = crl_type_min(chip->type);
    const bool usual = p->beta == 1 && chip->unit == 256 && chip->out_zero == least && p->depth <= CRL_SOFTMAX_TILES_DEPTH;
    if (!given || !given->on_tiles || !usual) return CRL_OK;
    int32_t *e = crl_node_alloc(node, CRL_SOFTMAX_TILES_BYTES, sizeof *e, err);
    if (!e) return CRL_ERR_MEMORY;
    crl_softmax_tiles_exponentials(e, chip->scale);
    chip->tiles = e;
    return CRL_OK;
}

static crl_status prepare_on_chip(crl_node *node, crl_softmax *p, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (in->type != out->type) return CRL_OK;
    crl_status s = crl_node_check_quant(node, out, err);
    if (s) return s;
    crl_softmax_chip *chip = crl_node_alloc(node, 1, sizeof *chip, err);
    if (!chip) return CRL_ERR_MEMORY;
    *chip = (crl_softmax_chip){ .rows = p->rows, .depth = p->depth, .scale = in->quant.scale[0], .unit = 1.0f / out->quant.scale[0],
                                .factor = (float)((double)p->beta * 0x1.71547652b82fep+0), .in_zero = in->quant.zero_point[0],
                                .out_zero = out->quant.zero_point[0], .type = in->type };
    p->chip = chip;
    s = prepare_tiles(node, p, chip, err);
    if (s) return s;
    if (isfinite(chip->unit) && isfinite(255 * chip->scale * chip->factor)) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "scale %g is out of proportion", (double)chip->scale);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_params(node, sizeof(crl_softmax), err);
    if (!s) s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = check_output(node, err);
    if (s) return s;
    if (in->shape.rank < 1) return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "a scalar has no dimension to sum over");
    crl_softmax *p = node->params;
    p->depth = (size_t)in->shape.dim[in->shape.rank - 1];
    p->rows = crl_shape_span(&in->shape, 0, in->shape.rank - 1);
    p->beta = crl_node_float(node, "beta");
    if (p->depth == 0) p->rows = 0;
    if (in->type != CRL_FLOAT32) {
        s = crl_node_check_quant(node, in, err);
        if (s) return s;
        const float scale = in->quant.scale[0];
        if (!(p->beta >= 0) || !isfinite(p->beta * scale))
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "beta %g, it has to be positive", (double)p->beta);
        if (in->type == CRL_INT16)
            s = in->quant.zero_point[0] ? crl_node_bad(node, CRL_ERR_UNSUPPORTED, in, err, "zero point %d, INT16 needs 0",
                                                       in->quant.zero_point[0])
                                        : prepare_16bit(node, p, p->beta, scale, err);
        else
            prepare_8bit(p, p->beta, scale);
        if (!s && node->on_chip) s = prepare_on_chip(node, p, err);
        if (s) return s;
    }
    return crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const void *in = node->in[0]->data;
    void *out = node->out[0]->data;
    const crl_softmax *p = node->params;
    if (p->chip) {
        crl_softmax_chip_ref(out, in, p->chip);
        return CRL_OK;
    }
    const bool widen = node->out[0]->type == CRL_INT16;
    switch (node->in[0]->type) {
    case CRL_UINT8: (widen ? crl_softmax_u8s16_ref : crl_softmax_u8_ref)(out, in, node->params); break;
    case CRL_INT8: (widen ? crl_softmax_s8s16_ref : crl_softmax_s8_ref)(out, in, node->params); break;
    case CRL_INT16: crl_softmax_s16_ref(out, in, node->params); break;
    default: crl_softmax_f32_ref(out, in, node->params); break;
    }
    return CRL_OK;
}

const crl_op_type crl_op_softmax = {
    .name = "SOFTMAX", .code = CRL_OP_SOFTMAX, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
