/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of the operators that lowering knows by name. Source: BuiltinOperator of the TensorFlow Lite schema. */
#ifndef CRL_OPS_CODES_H
#define CRL_OPS_CODES_H

enum {
    CRL_OP_ADD = 0,
    CRL_OP_AVERAGE_POOL_2D = 1,
    CRL_OP_CONCATENATION = 2,
    CRL_OP_CONV_2D = 3,
    CRL_OP_DEPTHWISE_CONV_2D = 4,
    CRL_OP_DEQUANTIZE = 6,
    CRL_OP_FULLY_CONNECTED = 9,
    CRL_OP_LOGISTIC = 14,
    CRL_OP_MAX_POOL_2D = 17,
    CRL_OP_MUL = 18,
    CRL_OP_RELU = 19,
    CRL_OP_RELU_N1_TO_1 = 20,
    CRL_OP_RELU6 = 21,
    CRL_OP_RESHAPE = 22,
    CRL_OP_RESIZE_BILINEAR = 23,
    CRL_OP_SOFTMAX = 25,
    CRL_OP_TANH = 28,
    CRL_OP_PAD = 34,
    CRL_OP_MEAN = 40,
    CRL_OP_SUB = 41,
    CRL_OP_DIV = 42,
    CRL_OP_SQUEEZE = 43,
    CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM = 44,
    CRL_OP_EXP = 47,
    CRL_OP_SPLIT = 49,
    CRL_OP_CAST = 53,
    CRL_OP_MAXIMUM = 55,
    CRL_OP_ARG_MAX = 56,
    CRL_OP_MINIMUM = 57,
    CRL_OP_NEG = 59,
    CRL_OP_PADV2 = 60,
    CRL_OP_TRANSPOSE_CONV = 67,
    CRL_OP_EXPAND_DIMS = 70,
    CRL_OP_LOG = 73,
    CRL_OP_SUM = 74,
    CRL_OP_SQRT = 75,
    CRL_OP_RSQRT = 76,
    CRL_OP_SQUARE = 92,
    CRL_OP_LEAKY_RELU = 98,
    CRL_OP_SPLIT_V = 102,
    CRL_OP_ELU = 111,
    CRL_OP_QUANTIZE = 114,
    CRL_OP_HARD_SWISH = 117,
    CRL_OP_GELU = 150,
    CRL_OP_RELU_0_TO_1 = 152
};

#endif
