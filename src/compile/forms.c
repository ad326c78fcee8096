/* SPDX-License-Identifier: Apache-2.0 */
/* See forms.h. */
#include "compile/forms.h"

#include <corallite/reweight.h>

#include <string.h>

#include "base/error.h"
#include "compile/constants.h"
#include "compile/edit.h"
#include "model/chip.h"
#include "model/holder.h"
#include "package/isa.h"

typedef struct form {
    crl_model *twin;
    const crl_disassembly *program;
    crl_twin w;
    crl_constants_table table;
    uint64_t work; /* that may still be done */
} form;

static const uint8_t *instruction_at(const crl_disassembly *program, const crl_instruction *in)
{
    return program->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
}

/* The scalar core's softmax needs its power of two; that of the tiles loads a function. */
static bool is_on_tiles(const crl_disassembly *program)
{
    enum { POWER_OF_TWO = 3 };
    bool loads = false;
    for (int32_t i = 0; i < program->n; i++) {
        const crl_instruction *in = &program->instructions[i];
        loads |= in->opcode == CRL_ISA_TABLE;
        if (in->opcode == CRL_ISA_ALU && crl_isa_read(instruction_at(program, in), "special") == POWER_OF_TWO) return false;
    }
    return loads;
}

static bool give(const form *f, int32_t op, struct crl_chip_constants is)
{
    struct crl_chip_constants *c = crl_pile_alloc(&((crl_model_holder *)f->twin)->pile, sizeof *c);
    if (c) *c = is, ((crl_operator *)(uintptr_t)&f->w.side[0]->operators[op])->chip = c;
    return c;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* What an instruction has for the operator; NULL: none has any of its forms, or that is too long to look for. Its first form is what is computed
 * without. */
static const crl_constants *find_constants(form *f, int32_t op, bool *is_first)
{
    if (f->work < (uint64_t)f->table.n) return NULL;
    f->work -= (uint64_t)f->table.n;
    for (int32_t i = 0, first = -1; i < f->table.n; i++) {
        if (f->table.pairs[i].op != op) continue;
        if (f->work < (uint64_t)f->program->n) return NULL;
        f->work -= (uint64_t)f->program->n;
        if (first < 0) first = i;
        const crl_constants *c = &f->table.pairs[i].side[0];
        *is_first = c->multiplier == f->table.pairs[first].side[0].multiplier;
        for (int32_t k = 0; k < f->program->n; k++) {
            const crl_instruction *in = &f->program->instructions[k];
            if (!crl_edit_is_tensor(in->opcode)) continue;
            const crl_constants now = crl_edit_read(instruction_at(f->program, in));
            if (crl_edit_same(c, &now)) return c;
        }
    }
    return NULL;
}

/* Compilers before 2021 divided an average's multiplier by the number of places, which may be another float. */
static bool take_average(form *f, int32_t op)
{
    bool is_first;
    const crl_constants *c = find_constants(f, op, &is_first);
    if (!c || is_first) return true;
    return give(f, op, (struct crl_chip_constants){ .multiplier = float_of(c->multiplier), .low = float_of(c->low), .high = float_of(c->high) });
}

static crl_status take_forms(form *f, crl_error *err)
{
    const bool on_tiles = is_on_tiles(f->program);
    bool memory = true;
    for (int32_t i = 0; memory && i < f->w.side[0]->n_operators; i++) {
        const crl_operator *op = &f->w.side[0]->operators[i];
        if (!f->w.mapped[i] || op->chip) continue;
        if (op->code == CRL_OP_AVERAGE_POOL) memory = take_average(f, i);
        if (op->code == CRL_OP_SOFTMAX && on_tiles) memory = give(f, i, (struct crl_chip_constants){ .on_tiles = true });
    }
    return memory ? CRL_OK : crl_fail_memory(err, "constants of a package");
}

static bool has_forms(const crl_subgraph *g)
{
    for (int32_t i = 0; i < g->n_operators; i++)
        if (g->operators[i].code == CRL_OP_SOFTMAX || g->operators[i].code == CRL_OP_AVERAGE_POOL) return true;
    return false;
}

crl_status crl_twin_take_forms(crl_model *twin, const crl_model *compiled, int32_t op, crl_error *err)
{
    crl_package *package = NULL;
    crl_disassembly *program = NULL;
    crl_pile pile = { 0 };
    form f = { .twin = twin, .work = CRL_COMPILE_WORK / 8 };
    if (!has_forms(&twin->subgraphs[0])) return CRL_OK;
    crl_status s = crl_package_open(&package, compiled, op, err);
    if (!s) s = crl_disassemble(&program, package->running, err);
    if (!s) s = crl_twin_find(&f.w, twin, twin, compiled, op, &pile, err);
    if (!s) s = crl_constants_find(&f.table, &f.w, &pile, err);
    f.program = program;
    if (!s) s = take_forms(&f, err);
    crl_pile_free(&pile);
    crl_disassembly_free(program);
    crl_package_close(package);
    return s == CRL_ERR_MEMORY ? s : CRL_OK;
}
