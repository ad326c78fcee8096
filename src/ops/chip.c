/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the Edge TPU's arithmetic: see chip.h. */
#include "ops/chip.h"

#include <math.h>

#include "kernels/element.h"
#include "model/chip.h"

bool crl_chip_has(int32_t code)
{
    /* Those that only move bytes are not listed: they do the same everywhere. */
    static const int32_t codes[] = { CRL_OP_CONV_2D, CRL_OP_DEPTHWISE_CONV_2D, CRL_OP_FULLY_CONNECTED, CRL_OP_TRANSPOSE_CONV,
                                     CRL_OP_ADD, CRL_OP_SUB, CRL_OP_MUL, CRL_OP_QUANTIZE, CRL_OP_RELU, CRL_OP_RELU6, CRL_OP_RELU_N1_TO_1, CRL_OP_MEAN,
                                     CRL_OP_SUM, CRL_OP_AVERAGE_POOL_2D, CRL_OP_CONCATENATION, CRL_OP_LOGISTIC, CRL_OP_TANH,
                                     CRL_OP_SOFTMAX, CRL_OP_L2_NORMALIZATION };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i] == code) return true;
    return false;
}

crl_status crl_chip_range(const crl_node *node, const crl_tensor *out, int32_t activation, int32_t *min, int32_t *max, crl_error *err)
{
    crl_status s = crl_node_activation_range(node, out, activation, min, max, err);
    if (s) return s;
    const float scale = out->quant.scale[0], reciprocal = 1.0f / scale;
    const int32_t zero = out->quant.zero_point[0], least = crl_type_min(out->type), most = crl_type_max(out->type);
    float low = (float)(least - zero) * scale, high = (float)(most - zero) * scale;
    if (activation == CRL_ACT_RELU || activation == CRL_ACT_RELU6) low = fmaxf(low, 0);
    if (activation == CRL_ACT_RELU6) high = fminf(high, 6);
    if (activation == CRL_ACT_RELU_N1_TO_1) low = fmaxf(low, -1), high = fminf(high, 1);
    low *= reciprocal;
    high *= reciprocal;
    if (node->def->chip) low = node->def->chip->low, high = node->def->chip->high;
    /* A scale at the end of what a float is gives an endless limit, or none. */
    *min = low > (float)(least - zero) ? (int32_t)lrintf(fminf(low, (float)(most - zero))) + zero : least;
    *max = high < (float)(most - zero) ? (int32_t)lrintf(fmaxf(high, (float)(least - zero))) + zero : most;
    if (*max < *min) *max = *min;
    return CRL_OK;
}

crl_status crl_chip_requant(crl_node *node, const crl_tensor *out, float factor, int32_t activation, crl_requant *q, crl_error *err)
{
    if (node->def->chip) factor = node->def->chip->multiplier;
    if (!isfinite(factor))
        return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "scale %g is out of proportion", (double)out->quant.scale[0]);
    float *single = crl_node_alloc(node, 1, sizeof *single, err);
    if (!single) return CRL_ERR_MEMORY;
    *single = factor;
    *q = (crl_requant){ .single = single, .zero_point = out->quant.zero_point[0] };
    return crl_chip_range(node, out, activation, &q->min, &q->max, err);
}
