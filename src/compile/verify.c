/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a package has a model's weights and constants: see include/corallite/reweight.h. */
#include <corallite/reweight.h>

#include "compile/edit.h"
#include "compile/parameters.h"
#include "package/isa.h"

/* What one operator has constants for of its own, in every release. */
static bool has_constants(const crl_twin *w, int32_t op)
{
    switch (w->side[0]->operators[op].code) {
    case CRL_OP_CONV: case CRL_OP_DEPTHWISE: case CRL_OP_DENSE: case CRL_OP_ADD: case CRL_OP_MUL: case CRL_OP_AVERAGE_POOL:
    case CRL_OP_MEAN: case CRL_OP_LOGISTIC: return w->mapped[op];
    default: return false;
    }
}

/* Marks the operators whose constants an instruction has. */
static crl_status mark(bool *found, const crl_disassembly *program, const crl_constants_table *table, crl_error *err)
{
    uint64_t work = CRL_COMPILE_WORK / 8;
    for (int32_t i = 0; i < program->n; i++) {
        const crl_instruction *in = &program->instructions[i];
        if (!crl_edit_is_tensor(in->opcode)) continue;
        if (work < (uint64_t)table->n)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "its program has too many instructions, and the model too many operators, to be compared");
        work -= (uint64_t)table->n;
        const crl_constants now = crl_edit_read(program->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD);
        for (int32_t k = 0; k < table->n; k++)
            if (table->pairs[k].op >= 0 && crl_edit_same(&table->pairs[k].side[0], &now)) found[table->pairs[k].op] = true;
    }
    return CRL_OK;
}

static crl_status verify(crl_twin_verified *v, const crl_model *compiled, const crl_model *twin, const crl_package *package,
                         const crl_disassembly *program, int32_t op, crl_pile *pile, crl_error *err)
{
    crl_twin w;
    crl_constants_table table;
    crl_status s = crl_twin_find(&w, twin, twin, compiled, op, pile, err);
    if (!s) s = crl_parameters_count(&w, package, pile, &v->layers, &v->layers_equal, &v->first_layer, err);
    if (!s) s = crl_constants_find(&table, &w, pile, err);
    bool *found = s ? NULL : crl_pile_array(pile, (size_t)w.side[0]->n_operators + 1, sizeof *found);
    if (!s && !found) s = crl_fail_memory(err, "constants");
    if (!s) s = mark(found, program, &table, err);
    for (int32_t i = 0; !s && i < w.side[0]->n_operators; i++) {
        if (!has_constants(&w, i)) continue;
        v->constants++;
        v->constants_equal += found[i];
        if (!found[i] && v->first_constant < 0) v->first_constant = i;
    }
    return s;
}

crl_status crl_twin_verify(crl_twin_verified *out, const crl_model *compiled, int32_t op, const crl_model *twin, crl_error *err)
{
    crl_package *package = NULL;
    crl_disassembly *program = NULL;
    crl_pile pile = { 0 };
    crl_twin_verified v = { .first_layer = -1, .first_constant = -1 };
    *out = v;
    if (crl_find_compiled(twin, 0) >= 0) return crl_fail(err, CRL_ERR_ARGUMENT, "the twin is compiled itself");
    crl_status s = crl_package_open(&package, compiled, op, err);
    if (!s) s = crl_disassemble(&program, package->running, err);
    if (!s) s = verify(&v, compiled, twin, package, program, op, &pile, err);
    if (!s) *out = v;
    crl_pile_free(&pile);
    crl_disassembly_free(program);
    crl_package_close(package);
    return s;
}
