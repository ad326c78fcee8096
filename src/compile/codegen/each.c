/* SPDX-License-Identifier: Apache-2.0 */
/* What is computed of each output alone, in its place: RELU and its kin, LOGISTIC. Words go through the identity, by which the engine scales,
 * clamps and looks them up.
 *
 * Source: LOGISTIC behind a dense layer in a public model of the compiler's last release (fredriktegnell/edgetpu-tcn); the same instruction
 * on flat tensors and on pictures in the softmax and in the changes of scale of others (LibrEdgeTPU, prbodmann/Coral-TPU). */
#include "compile/codegen/codegen.h"

#include "compile/codegen/functions.h"
#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum { LOGISTIC = 1 };

/* Words of a position are the outer loop; of a flat tensor it is the only one. */
static void put_each(crl_program *p, uint32_t tile, const crl_each *e, const crl_constants *c, bool function)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    const bool flat = e->positions == 1, one = flat && e->words == 1;
    const int32_t bytes = CRL_WORD * e->words, n = flat ? 1 : 2;
    const crl_level level[] = { { CRL_WORD, 1 }, { bytes, e->positions }, { CRL_WORD, e->words } };
    const crl_level still[] = { { one, flat ? e->words : e->positions }, { 0, e->words } };
    crl_isa_write(at, "tiles", tile);
    for (int32_t k = 0; k < n; k++) crl_isa_write_at(at, "loop", (unsigned)k, (uint64_t)(still[k].n - 1));
    crl_isa_write(at, "in", (uint64_t)e->at);
    crl_walk_write_fine(at, "in", 3, level);
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 1);
    crl_isa_write(at, "out", (uint64_t)e->at);
    crl_walk_write_fine(at, "out", 3, level);
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 1);
    crl_isa_write(at, "par", CRL_IDENTITY_UNIT);
    crl_walk_write_fine(at, "par", n, still);
    crl_walk_write_fine(at, "sum", n, still);
    crl_isa_write(at, "sum_flags", one ? 0 : 0x800);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", !flat || one);
    crl_isa_write_at(at, "counter", 0, CRL_WIDENED);
    crl_isa_write_at(at, "level", 0, (uint64_t)n);
    crl_isa_write_at(at, "start", 0, 1);
    crl_isa_write_at(at, "each", 0, 1);
    crl_isa_write_at(at, "set", 0, 1);
    crl_isa_write(at, "op2", 6);
    crl_isa_write(at, "group_level", !flat);
    crl_isa_write(at, "last_channels", CRL_WORD - 1);
    crl_isa_write(at, "channels", CRL_WORD - 1);
    crl_isa_write(at, "function", function ? LOGISTIC : 0);
    crl_edit_write(at, c);
}

void crl_codegen_each(crl_program *p, const crl_form *form, const crl_each *each, int32_t narrow, const crl_constants *c)
{
    const bool function = form->each == CRL_OP_LOGISTIC;
    uint32_t tiles = 0;
    for (int32_t t = 0; t < CRL_TILES; t++) tiles |= (uint32_t)(each[t].words > 0) << t;
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    crl_put_identity(p, narrow);
    if (function) crl_put_function(p, tiles, CRL_FUNCTION_LOGISTIC);
    const size_t begin = p->n;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        if (!each[t].words) continue;
        put_each(p, 1u << t, &each[t], c, function);
        crl_program_join(p, begin);
    }
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    crl_drain(p);
}
