/* SPDX-License-Identifier: Apache-2.0 */
/* What the Edge TPU's compiler takes. Source: Coral's documentation, "TensorFlow models on the Edge TPU", supported operations;
 * TILE from compiled models, the page does not have it. Runtimes are those of the page: compiled models that say runtime 12 have
 * QUANTIZE and dilated depthwise convolutions in them, too. */
#include "ops/edgetpu.h"

#include <string.h>

static const crl_op_edgetpu rows[CRL_OP_EDGETPU_ROWS] = {
    { "ADD", 0, "" },
    { "AVERAGE_POOL_2D", 0, "no fused activation" },
    { "CONCATENATION", 0, "no fused activation; of two inputs one may be constant, all zeros" },
    { "CONV_2D", 0, "dilation equal in height and width" },
    { "DEPTHWISE_CONV_2D", 0, "dilation equal in height and width, from runtime 13" },
    { "EXPAND_DIMS", 13, "" },
    { "FULLY_CONNECTED", 0, "default weights format; one-dimensional output" },
    { "L2_NORMALIZATION", 0, "" },
    { "LOGISTIC", 0, "" },
    { "MAXIMUM", 0, "" },
    { "MAX_POOL_2D", 0, "no fused activation" },
    { "MEAN", 0, "not over batch; over channels from runtime 13, if a multiple of 4" },
    { "MINIMUM", 0, "" },
    { "MUL", 0, "" },
    { "PACK", 13, "not in batch" },
    { "PAD", 0, "not in batch; channels from runtime 13" },
    { "PRELU", 13, "alpha of the innermost dimension only" },
    { "QUANTIZE", 13, "8 bits to 8 bits" },
    { "REDUCE_MAX", 14, "not over batch" },
    { "REDUCE_MIN", 14, "not over batch" },
    { "RELU", 0, "" },
    { "RELU6", 0, "" },
    { "RELU_N1_TO_1", 0, "" },
    { "RESHAPE", 0, "large tensors may be refused" },
    { "RESIZE_BILINEAR", 0, "some sizes are refused" },
    { "RESIZE_NEAREST_NEIGHBOR", 0, "some sizes are refused" },
    { "RSQRT", 14, "" },
    { "SLICE", 0, "" },
    { "SOFTMAX", 0, "one-dimensional, at most 16,000 elements" },
    { "SPACE_TO_DEPTH", 0, "" },
    { "SPLIT", 0, "not in batch" },
    { "SQUARED_DIFFERENCE", 14, "" },
    { "SQUEEZE", 0, "leading dimensions; others from runtime 13" },
    { "STRIDED_SLICE", 0, "strides of 1, no ellipsis, no new axes" },
    { "SUB", 0, "" },
    { "SUM", 13, "not over batch" },
    { "TANH", 0, "" },
    { "TILE", 0, "" },
    { "TRANSPOSE", 14, "" },
    { "TRANSPOSE_CONV", 13, "" },
    { "UNIDIRECTIONAL_SEQUENCE_LSTM", 14, "" },
};

const crl_op_edgetpu *crl_op_edgetpu_of(const char *name)
{
    for (int i = 0; i < CRL_OP_EDGETPU_ROWS; i++)
        if (!strcmp(rows[i].name, name)) return &rows[i];
    return NULL;
}
