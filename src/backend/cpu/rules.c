/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules lower which operator. Tables come first, and serve whatever is a function of one byte. */
#include "backend/cpu/rules.h"

static const struct {
    int32_t code;
    crl_lower_rule *rule;
    bool state; /* knows of operators that read and write variables in place; others are not asked for those */
} rules[] = {
    { CRL_OP_ABS, crl_lower_map_f32 },
    { CRL_OP_ADD, crl_lower_sum },
    { CRL_OP_ADD, crl_lower_sum16 },
    { CRL_OP_ARG_MAX, crl_lower_arg_max },
    { CRL_OP_AVERAGE_POOL_2D, crl_lower_average_pool },
    { CRL_OP_AVERAGE_POOL_2D, crl_lower_pool },
    { CRL_OP_AVERAGE_POOL_2D, crl_lower_pool_f32 },
    { CRL_OP_BATCH_MATMUL, crl_lower_batch_matmul },
    { CRL_OP_BATCH_MATMUL, crl_lower_batch_matmul_f32 },
    { CRL_OP_CONCATENATION, crl_lower_concatenation },
    { CRL_OP_CONCATENATION, crl_lower_concatenation_rows },
    { CRL_OP_CONV_2D, crl_lower_conv },
    { CRL_OP_CONV_2D, crl_lower_grouped_conv },
    { CRL_OP_CONV_2D, crl_lower_conv_f32 },
    { CRL_OP_CONV_2D, crl_lower_grouped_conv_f32 },
    { CRL_OP_CONV_2D, crl_lower_conv_hybrid },
    { CRL_OP_CONV_2D, crl_lower_conv_s16 },
    { CRL_OP_CONV_2D, crl_lower_grouped_conv_s16 },
    { CRL_OP_DEPTHWISE_CONV_2D, crl_lower_depthwise },
    { CRL_OP_DEPTHWISE_CONV_2D, crl_lower_depthwise_groups },
    { CRL_OP_DEPTHWISE_CONV_2D, crl_lower_depthwise_f32 },
    { CRL_OP_DEPTHWISE_CONV_2D, crl_lower_depthwise_hybrid },
    { CRL_OP_DEPTHWISE_CONV_2D, crl_lower_depthwise_s16 },
    { CRL_CUSTOM, crl_lower_detection },
    { CRL_OP_DEQUANTIZE, crl_lower_dequantize },
    { CRL_OP_EXP, crl_lower_exp_f32 },
    { CRL_OP_EXPAND_DIMS, crl_lower_reshape },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected_few },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected_computed },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected_f32 },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected_f32_computed },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected_hybrid },
    { CRL_OP_FULLY_CONNECTED, crl_lower_fully_connected_s16 },
    { CRL_OP_HARD_SWISH, crl_lower_map_f32 },
    { CRL_OP_LEAKY_RELU, crl_lower_map_f32 },
    { CRL_OP_LOGISTIC, crl_lower_exp_f32 },
    { CRL_OP_LOGISTIC, crl_lower_sigmoid16 },
    { CRL_OP_LSTM, crl_lower_lstm_f32, true },
    { CRL_OP_MAXIMUM, crl_lower_extreme },
    { CRL_OP_MAX_POOL_2D, crl_lower_pool },
    { CRL_OP_MAX_POOL_2D, crl_lower_pool_f32 },
    { CRL_OP_MEAN, crl_lower_mean },
    { CRL_OP_MEAN, crl_lower_mean_f32 },
    { CRL_OP_MINIMUM, crl_lower_extreme },
    { CRL_OP_MUL, crl_lower_product },
    { CRL_OP_MUL, crl_lower_product16 },
    { CRL_OP_NEG, crl_lower_map_f32 },
    { CRL_OP_PAD, crl_lower_pad },
    { CRL_OP_PADV2, crl_lower_pad },
    { CRL_OP_PRELU, crl_lower_prelu },
    { CRL_OP_QUANTIZE, crl_lower_quantize },
    { CRL_OP_RELU, crl_lower_map_f32 },
    { CRL_OP_RELU6, crl_lower_map_f32 },
    { CRL_OP_RELU_0_TO_1, crl_lower_map_f32 },
    { CRL_OP_RELU_N1_TO_1, crl_lower_map_f32 },
    { CRL_OP_RESHAPE, crl_lower_reshape },
    { CRL_OP_RESIZE_BILINEAR, crl_lower_resize_bilinear },
    { CRL_OP_RESIZE_BILINEAR, crl_lower_resize_bilinear_f32 },
    { CRL_OP_RESIZE_NEAREST_NEIGHBOR, crl_lower_resize_nearest },
    { CRL_OP_RSQRT, crl_lower_map_f32 },
    { CRL_OP_SOFTMAX, crl_lower_softmax },
    { CRL_OP_SOFTMAX, crl_lower_softmax_f32 },
    { CRL_OP_SPLIT, crl_lower_split },
    { CRL_OP_SPLIT_V, crl_lower_split },
    { CRL_OP_SQRT, crl_lower_map_f32 },
    { CRL_OP_SQUARE, crl_lower_map_f32 },
    { CRL_OP_SQUEEZE, crl_lower_reshape },
    { CRL_OP_SUB, crl_lower_sum },
    { CRL_OP_SUB, crl_lower_sum16 },
    { CRL_OP_SUM, crl_lower_mean },
    { CRL_OP_SVDF, crl_lower_svdf, true },
    { CRL_OP_TANH, crl_lower_sigmoid16 },
    { CRL_OP_TRANSPOSE_CONV, crl_lower_transpose_conv },
    { CRL_OP_TRANSPOSE_CONV, crl_lower_transpose_conv_f32 },
    { CRL_OP_TRANSPOSE_CONV, crl_lower_transpose_conv_hybrid },
    { CRL_OP_TRANSPOSE_CONV, crl_lower_transpose_conv_s16 },
    { CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, crl_lower_lstm, true },
    { CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM, crl_lower_lstm_f32, true },
};

static bool has_state(const crl_node *node)
{
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i] && (node->in[i]->flags & CRL_TENSOR_VARIABLE)) return true;
    for (int32_t i = 0; i < node->n_out; i++)
        if (node->out[i]->flags & CRL_TENSOR_VARIABLE) return true;
    return false;
}

/* Kernels need not ask whether there is something to read: the definition, which does, is as fast then. */
static bool reads_nothing(const crl_node *node)
{
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i] && !crl_shape_count(&node->in[i]->shape)) return true;
    return false;
}

crl_status crl_lower_by_rules(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    *taken = false;
    if (reads_nothing(node)) return CRL_OK;
    const bool state = has_state(node);
    crl_status s = state ? CRL_OK : crl_lower_table(l, node, taken, err);
    for (size_t i = 0; !s && !*taken && i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == node->def->code && (rules[i].state || !state)) s = rules[i].rule(l, node, taken, err);
    return s;
}

static bool has_rule(int32_t code)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == code) return true;
    return false;
}

const char *crl_lower_why_plain(const crl_lower *l, const crl_node *node)
{
    if (!l->cpu) return "no vector instructions may be used";
    if (!has_rule(node->def->code)) return "there is none for this operator";
    if (has_state(node)) return "it keeps a state";
    if (node->n_in > 1 && node->in[1] && node->in[1]->type == CRL_INT16) return "its operands have 16 bits";
    if (node->n_in > 1 && node->in[1] && !(node->in[1]->flags & CRL_TENSOR_CONST)) return "its weights are computed";
    return "of its shape, or of its scales";
}
