/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule lowers which operator. */
#include "backend/cpu/rules.h"

static const struct {
    int32_t code; /* BuiltinOperator of the schema */
    crl_lower_rule *rule;
} rules[] = {
    { 0, crl_lower_binary },         /* ADD */
    { 2, crl_lower_concatenation },
    { 4, crl_lower_depthwise },      /* DEPTHWISE_CONV_2D */
    { 14, crl_lower_unary },         /* LOGISTIC */
    { 18, crl_lower_binary },        /* MUL */
    { 19, crl_lower_unary },         /* RELU */
    { 20, crl_lower_unary },         /* RELU_N1_TO_1 */
    { 21, crl_lower_unary },         /* RELU6 */
    { 22, crl_lower_reshape },       /* RESHAPE */
    { 28, crl_lower_unary },         /* TANH */
    { 41, crl_lower_binary },        /* SUB */
    { 43, crl_lower_reshape },       /* SQUEEZE */
    { 70, crl_lower_reshape },       /* EXPAND_DIMS */
    { 98, crl_lower_unary },         /* LEAKY_RELU */
    { 111, crl_lower_unary },        /* ELU */
    { 114, crl_lower_unary },        /* QUANTIZE */
    { 117, crl_lower_unary },        /* HARD_SWISH */
    { 150, crl_lower_unary },        /* GELU */
    { 152, crl_lower_unary },        /* RELU_0_TO_1 */
};

crl_lower_rule *crl_lower_find(int32_t code)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == code) return rules[i].rule;
    return NULL;
}
