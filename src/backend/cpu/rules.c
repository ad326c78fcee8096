/* SPDX-License-Identifier: Apache-2.0 */
/* Which rule lowers which operator. */
#include "backend/cpu/rules.h"

static const struct {
    int32_t code; /* BuiltinOperator of the schema */
    crl_lower_rule *rule;
} rules[] = {
    { 2, crl_lower_concatenation },
    { 22, crl_lower_reshape },  /* RESHAPE */
    { 43, crl_lower_reshape },  /* SQUEEZE */
    { 70, crl_lower_reshape },  /* EXPAND_DIMS */
};

crl_lower_rule *crl_lower_find(int32_t code)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == code) return rules[i].rule;
    return NULL;
}
