/* SPDX-License-Identifier: Apache-2.0 */
/* What operators ask of the scales of their tensors, and the version from which on they take int8. Sources: TensorFlow Lite's 8-bit
 * quantisation specification; its kernels' checks; its op_version.cc. SUM is not among them: the reference takes its int8 for uint8
 * (ops/reduce.c). */
#include "ops/codes.h"
#include "quantize/quantize.h"

#define OWN(code, version) { code, CRL_SCALING_OWN, version, { 0, 0 }, 0, 0, 0, 0, 0 }
#define SAME(code, version) { code, CRL_SCALING_SAME, version, { 0, 0 }, 0, 0, 0, 0, 0 }
#define FIXED(code, version, scale, zero) { code, CRL_SCALING_FIXED, version, { scale, zero }, 0, 0, 0, 0, 0 }
#define WEIGHTS(code, version, in, rank, axis) { code, CRL_SCALING_WEIGHTS, version, { 0, 0 }, in, 1, in ? in + 1 : 2, rank, axis }

static const crl_quantize_rule rules[] = {
    WEIGHTS(CRL_OP_CONV_2D, 3, 0, 4, 0),
    WEIGHTS(CRL_OP_DEPTHWISE_CONV_2D, 3, 0, 4, 3),
    WEIGHTS(CRL_OP_FULLY_CONNECTED, 4, 0, 2, 0),
    WEIGHTS(CRL_OP_TRANSPOSE_CONV, 3, 2, 4, 0),

    FIXED(CRL_OP_L2_NORMALIZATION, 2, 1 / 128.0f, 0),
    FIXED(CRL_OP_LOGISTIC, 2, 1 / 256.0f, -128),
    FIXED(CRL_OP_LOG_SOFTMAX, 2, 16 / 256.0f, 127),
    FIXED(CRL_OP_SOFTMAX, 2, 1 / 256.0f, -128),
    FIXED(CRL_OP_TANH, 2, 1 / 128.0f, 0),

    SAME(CRL_OP_AVERAGE_POOL_2D, 2),
    SAME(CRL_OP_BATCH_TO_SPACE_ND, 2),
    SAME(CRL_OP_BROADCAST_TO, 2),
    SAME(CRL_OP_CONCATENATION, 2),
    SAME(CRL_OP_DEPTH_TO_SPACE, 1),
    SAME(CRL_OP_EXPAND_DIMS, 1),
    SAME(CRL_OP_GATHER, 2),
    SAME(CRL_OP_GATHER_ND, 2),
    SAME(CRL_OP_MAXIMUM, 2),
    SAME(CRL_OP_MAX_POOL_2D, 2),
    SAME(CRL_OP_MINIMUM, 2),
    SAME(CRL_OP_MIRROR_PAD, 2),
    SAME(CRL_OP_PACK, 2),
    SAME(CRL_OP_PAD, 2),
    SAME(CRL_OP_PADV2, 2),
    SAME(CRL_OP_REDUCE_MAX, 2),
    SAME(CRL_OP_REDUCE_MIN, 2),
    SAME(CRL_OP_RESHAPE, 1),
    SAME(CRL_OP_RESIZE_BILINEAR, 2),
    SAME(CRL_OP_RESIZE_NEAREST_NEIGHBOR, 2),
    SAME(CRL_OP_REVERSE_V2, 1),
    SAME(CRL_OP_SELECT, 1),
    SAME(CRL_OP_SELECT_V2, 1),
    SAME(CRL_OP_SLICE, 2),
    SAME(CRL_OP_SPACE_TO_BATCH_ND, 2),
    SAME(CRL_OP_SPACE_TO_DEPTH, 2),
    SAME(CRL_OP_SPLIT, 2),
    SAME(CRL_OP_SPLIT_V, 2),
    SAME(CRL_OP_SQUEEZE, 1),
    SAME(CRL_OP_STRIDED_SLICE, 2),
    SAME(CRL_OP_TILE, 2),
    SAME(CRL_OP_TOPK_V2, 2),
    SAME(CRL_OP_TRANSPOSE, 2),
    SAME(CRL_OP_UNPACK, 2),

    OWN(CRL_OP_ABS, 2),
    OWN(CRL_OP_ADD, 2),
    OWN(CRL_OP_ARG_MAX, 2),
    OWN(CRL_OP_ARG_MIN, 2),
    OWN(CRL_OP_BATCH_MATMUL, 2),
    OWN(CRL_OP_ELU, 1),
    OWN(CRL_OP_EQUAL, 2),
    OWN(CRL_OP_EXP, 2),
    OWN(CRL_OP_GREATER, 2),
    OWN(CRL_OP_GREATER_EQUAL, 2),
    OWN(CRL_OP_HARD_SWISH, 1),
    OWN(CRL_OP_LEAKY_RELU, 2),
    OWN(CRL_OP_LESS, 2),
    OWN(CRL_OP_LESS_EQUAL, 2),
    OWN(CRL_OP_LOG, 2),
    OWN(CRL_OP_MEAN, 2),
    OWN(CRL_OP_MUL, 2),
    OWN(CRL_OP_NOT_EQUAL, 2),
    OWN(CRL_OP_PRELU, 1),
    OWN(CRL_OP_RELU, 2),
    OWN(CRL_OP_RELU6, 2),
    OWN(CRL_OP_RELU_N1_TO_1, 1),
    OWN(CRL_OP_RSQRT, 2),
    OWN(CRL_OP_SQUARED_DIFFERENCE, 2),
    OWN(CRL_OP_SUB, 2),
};

const crl_quantize_rule *crl_quantize_rule_of(const crl_operator *op)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].code == op->code) return &rules[i];
    return NULL;
}
