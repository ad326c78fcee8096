/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE: FLOAT32 to UINT8, INT8, INT16 (one scale, or one per channel); and from one quantisation to another:
 * UINT8, INT8, INT16, INT32 to UINT8, INT8, INT16, INT32, in the pairs that the reference has. */
#include "kernels/quantize.h"

#include <math.h>

#include "ops/chip.h"
#include "ops/requant.h"
#include "ops/shapes.h"

/* Output types by input type. */
static unsigned pairs(crl_type in)
{
    switch (in) {
    case CRL_FLOAT32: return CRL_TYPE_QUANT;
    case CRL_INT32: return CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16);
    case CRL_INT16: return CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE(CRL_INT32);
    default: return CRL_TYPE_QUANT;
    }
}

static crl_status check_channels(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    const crl_quant *q = &t->quant;
    if (q->n == 1) return crl_node_check_quant(node, t, err);
    if (q->n == 0 || q->axis < 0 || q->axis >= t->shape.rank || q->n != t->shape.dim[q->axis])
        return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%d scales along axis %d do not fit its shape", q->n, q->axis);
    for (int32_t i = 0; i < q->n; i++)
        if (!(q->scale[i] > 0) || !isfinite(q->scale[i]))
            return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "scale %g of channel %d, it has to be positive",
                                (double)q->scale[i], i);
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_params(node, sizeof(crl_requantize), err);
    if (!s) s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, out, pairs(in->type), err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (s) return s;
    if (in->type == CRL_FLOAT32) return check_channels(node, out, err);
    s = crl_node_check_quant_in(node, in, err);
    if (!s) s = crl_node_check_quant(node, out, err);
    if (s) return s;
    if (in->type == CRL_INT16 && out->type == CRL_INT16 && (in->quant.zero_point[0] || out->quant.zero_point[0]))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->quant.zero_point[0] ? in : out, err,
                            "zero points have to be 0 from INT16 to INT16");
    crl_requantize *q = node->params;
    q->in_zero = in->quant.zero_point[0];
    if (node->on_chip)
        return crl_chip_requant(node, out, crl_chip_scale(in->quant.scale[0], out->quant.scale[0]), CRL_ACT_NONE, &q->out, err);
    return crl_node_requant(node, out, crl_scale_from_real((double)in->quant.scale[0] / (double)out->quant.scale[0]), &q->out, err);
}

static void quantise_channels(const crl_tensor *in, const crl_tensor *out)
{
    const crl_quant *q = &out->quant;
    const size_t inner = crl_shape_span(&in->shape, q->axis + 1, in->shape.rank);
    const size_t outer = crl_shape_span(&in->shape, 0, q->axis), size = crl_type_bytes(out->type);
    for (size_t o = 0; o < outer; o++)
        for (size_t c = 0; c < (size_t)q->n; c++) {
            const size_t at = (o * (size_t)q->n + c) * inner;
            crl_quantize_ref((uint8_t *)out->data + at * size, out->type, (const float *)in->data + at, inner,
                             q->scale[c], q->zero_point[c]);
        }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t n = crl_shape_count(&in->shape);
    if (in->type != CRL_FLOAT32)
        crl_requantize_ref(out->data, out->type, in->data, in->type, n, node->params);
    else if (out->quant.n == 1)
        crl_quantize_ref(out->data, out->type, in->data, n, out->quant.scale[0], out->quant.zero_point[0]);
    else
        quantise_channels(in, out);
    return CRL_OK;
}

const crl_op_type crl_op_quantize = {
    .name = "QUANTIZE", .code = CRL_OP_QUANTIZE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
