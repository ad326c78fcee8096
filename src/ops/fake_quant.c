/* SPDX-License-Identifier: Apache-2.0 */
/* FAKE_QUANT: floats rounded to the steps that a quantised tensor of num_bits would have between min and max, with
 * the range moved a little so that 0 is a step. Source: TensorFlow Lite, kernels/internal/quantization_util. */
#include <math.h>

#include "ops/shapes.h"

typedef struct params {
    float min, max, scale;
} params;

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[0], CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], node->in[0], err);
    if (!s) s = crl_node_same_shape(node, 0, 0, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    if (crl_node_bool(node, "narrow_range")) return crl_fail(err, CRL_ERR_UNSUPPORTED, "narrow_range is not supported");
    const int32_t bits = crl_node_int(node, "num_bits");
    const float min = crl_node_float(node, "min"), max = crl_node_float(node, "max");
    if (bits < 2 || bits > 16 || !(min <= 0) || !(max >= 0) || !(max > min) || !isfinite(max - min))
        return crl_fail(err, CRL_ERR_FORMAT, "%d bits from %g to %g: 2 to 16 bits and a range around 0 are accepted", bits,
                        (double)min, (double)max);
    params *p = node->params;
    const float last = (float)((1 << bits) - 1);
    p->scale = (max - min) / last;
    const float zero = 0.0f - min / p->scale;
    const float step = zero < 0 ? 0 : zero > last ? last : roundf(zero);
    p->min = (0.0f - step) * p->scale;
    p->max = (last - step) * p->scale;
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const float *in = node->in[0]->data, inverse = 1.0f / p->scale;
    float *out = node->out[0]->data;
    const size_t n = crl_shape_count(&node->in[0]->shape);
    for (size_t i = 0; i < n; i++) {
        const float above = p->min < in[i] ? in[i] : p->min; /* min for NaN */
        const float within = above < p->max ? above : p->max;
        out[i] = roundf((within - p->min) * inverse) * p->scale + p->min;
    }
    return CRL_OK;
}

const crl_op_type crl_op_fake_quant = {
    .name = "FAKE_QUANT", .code = CRL_OP_FAKE_QUANT, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
