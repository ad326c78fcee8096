/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE to FLOAT32: UINT8, INT8, INT16, FLOAT16; UINT8 and INT8 with one scale, or one per channel. */
#include <math.h>

#include "base/half.h"
#include "kernels/quantize.h"
#include "ops/shapes.h"

static crl_status check_quant(const crl_node *node, const crl_tensor *in, crl_error *err)
{
    const crl_quant *q = &in->quant;
    if (q->n == 0) return CRL_OK; /* the reference takes a scale of 0 then */
    if (q->n == 1) {
        if (in->type == CRL_INT16 && q->zero_point[0])
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in, err, "zero point %d, INT16 needs 0", q->zero_point[0]);
        return isfinite(q->scale[0]) ? CRL_OK : crl_node_check_quant(node, in, err);
    }
    if (in->type == CRL_INT16 || q->axis < 0 || q->axis >= in->shape.rank ||
        q->n != in->shape.dim[q->axis])
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d scales along axis %d do not fit its type and shape", q->n,
                            q->axis);
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT16), err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_FLOAT32), err);
    if (!s && in->type != CRL_FLOAT16) s = check_quant(node, in, err);
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static void dequantise_channels(const crl_tensor *in, float *out)
{
    const crl_quant *q = &in->quant;
    const size_t inner = crl_shape_span(&in->shape, q->axis + 1, in->shape.rank);
    const size_t outer = crl_shape_span(&in->shape, 0, q->axis);
    for (size_t o = 0; o < outer; o++)
        for (size_t c = 0; c < (size_t)q->n; c++) {
            const size_t at = (o * (size_t)q->n + c) * inner;
            crl_dequantize_channel_ref(out + at, (const uint8_t *)in->data + at, in->type, inner, q->scale[c],
                                       q->zero_point[c]);
        }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    float *out = node->out[0]->data;
    const size_t n = crl_shape_count(&in->shape);
    if (in->type == CRL_FLOAT16)
        for (size_t i = 0; i < n; i++) out[i] = crl_half_to_float(((const uint16_t *)in->data)[i]);
    else if (in->quant.n == 0)
        crl_dequantize_ref(out, in->data, in->type, n, 0, 0);
    else if (in->quant.n == 1)
        crl_dequantize_ref(out, in->data, in->type, n, in->quant.scale[0], in->quant.zero_point[0]);
    else
        dequantise_channels(in, out);
    return CRL_OK;
}

const crl_op_type crl_op_dequantize = {
    .name = "DEQUANTIZE", .code = CRL_OP_DEQUANTIZE, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
