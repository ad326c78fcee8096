/* SPDX-License-Identifier: Apache-2.0 */
/* See mapped.h. */
#include "compile/mapped.h"

#include <corallite/check.h>
#include <corallite/package.h>

#include "compile/twin.h"

bool crl_read_mapped(bool *mapped, const crl_model *compiled, const crl_model *twin)
{
    crl_pile pile = { 0 };
    bool known = true;
    for (int32_t op = crl_find_compiled(compiled, 0); op >= 0 && known; op = crl_find_compiled(compiled, op + 1)) {
        crl_twin pair;
        known = !crl_twin_find(&pair, twin, twin, compiled, op, &pile, NULL);
        for (int32_t i = 0; known && i < twin->subgraphs->n_operators; i++) mapped[i] = mapped[i] || pair.mapped[i];
    }
    crl_pile_free(&pile);
    return known;
}

crl_status crl_ask_mapped(bool *mapped, const crl_model *model, crl_error *err)
{
    crl_check *check;
    const crl_status s = crl_check_new(&check, model, NULL, err);
    for (int32_t i = 0; !s && i < check->n_ops; i++) mapped[i] = check->ops[i].mapping == CRL_MAPPED;
    crl_check_free(check);
    return s;
}
