/* SPDX-License-Identifier: Apache-2.0 */
/* The operators that we know: a row each, sorted by name. */
#include "ops/registry.h"

#include <string.h>

static const crl_op_type *const types[] = {
    &crl_op_reshape,
};
enum { N_TYPES = sizeof types / sizeof types[0] };

const crl_op_type *crl_op_at(int32_t i)
{
    return i >= 0 && i < N_TYPES ? types[i] : NULL;
}

const crl_op_type *crl_op_find(const crl_operator *def)
{
    for (int32_t i = 0; i < N_TYPES; i++)
        if (types[i]->code == def->code && (def->code != CRL_CUSTOM || !strcmp(types[i]->name, def->name)))
            return types[i];
    return NULL;
}
