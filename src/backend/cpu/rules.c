/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules lower which operator. Those of one operator are asked in order, until one takes it. */
#include "backend/cpu/rules.h"

static const struct {
    int32_t code; /* BuiltinOperator of the schema */
    crl_lower_rule *rule;
} rules[] = {
    { 0, crl_lower_binary },         /* ADD */
    { 0, crl_lower_sum },
    { 2, crl_lower_concatenation },
    { 3, crl_lower_conv },           /* CONV_2D */
    { 4, crl_lower_depthwise },      /* DEPTHWISE_CONV_2D */
    { 9, crl_lower_fully_connected }, /* FULLY_CONNECTED */
    { 14, crl_lower_unary },         /* LOGISTIC */
    { 18, crl_lower_binary },        /* MUL */
    { 19, crl_lower_unary },         /* RELU */
    { 20, crl_lower_unary },         /* RELU_N1_TO_1 */
    { 21, crl_lower_unary },         /* RELU6 */
    { 22, crl_lower_reshape },       /* RESHAPE */
    { 23, crl_lower_resize_bilinear },
    { 28, crl_lower_unary },         /* TANH */
    { 41, crl_lower_binary },        /* SUB */
    { 41, crl_lower_sum },
    { 43, crl_lower_reshape },       /* SQUEEZE */
    { 56, crl_lower_arg_max },
    { 70, crl_lower_reshape },       /* EXPAND_DIMS */
    { 98, crl_lower_unary },         /* LEAKY_RELU */
    { 111, crl_lower_unary },        /* ELU */
    { 114, crl_lower_unary },        /* QUANTIZE */
    { 117, crl_lower_unary },        /* HARD_SWISH */
    { 150, crl_lower_unary },        /* GELU */
    { 152, crl_lower_unary },        /* RELU_0_TO_1 */
};

crl_status crl_lower_by_rules(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_status s = CRL_OK;
    *taken = false;
    for (size_t i = 0; !s && !*taken && i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == node->def->code) s = rules[i].rule(l, node, taken, err);
    return s;
}
