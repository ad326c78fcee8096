/* SPDX-License-Identifier: Apache-2.0 */
/* What is not for tiles: transfers, streams, begin and end; and the fences and caches that go with them. */
#include "reemit.h"

#include <string.h>

#include "compile/codegen/moves.h"
#include "script.h"

/* ---- bundles of the scalar core ------------------------------------------------------------------------ */

bool reemit_scalar(walk *w)
{
    return script_next(&w->script, w->at, w->to, script_place(w->executable, w->program, w->i));
}

/* ---- streams --------------------------------------------------------------------------------------------- */

/* Units of a stream, as its instruction has them. */
static uint32_t units_of(const uint8_t *at)
{
    const uint32_t buffer = crl_isa_read(at, "activations") ? 16384 : 1024, passes = (uint32_t)crl_isa_read(at, "limit1") + 1;
    return crl_isa_read(at, "partial") || passes > 1 || crl_isa_read(at, "limit0")
               ? buffer * (passes - 1) + (crl_isa_read(at, "partial") ? (uint32_t)crl_isa_read(at, "last") + 1 : buffer)
               : 1;
}

bool reemit_stream(walk *w)
{
    const int32_t opcode = w->program->instructions[w->i].opcode;
    const bool activations = crl_isa_read(w->at, "activations");
    const uint32_t units = units_of(w->at);
    crl_program p = { .n = 0 };
    if (opcode == CRL_ISA_INFEED && crl_isa_read(w->at, "from_scalar")) return false;
    if (opcode == CRL_ISA_POP)
        crl_pop(&p, activations, units);
    else {
        crl_infeed(&p, activations, w->sent[activations], units, (uint32_t)crl_isa_read(w->at, "to_tiles"),
                   (int32_t)crl_isa_read(w->at, "lanes") + 1);
        w->sent[activations] += units;
    }
    if (!p.failed) memcpy(w->to, p.bytes, p.n);
    crl_program_release(&p);
    return true;
}

/* ---- fences -------------------------------------------------------------------------------------------------- */

static const uint8_t *words_of(const walk *w, int32_t i)
{
    const crl_instruction *in = &w->program->instructions[i];
    return w->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
}

static bool caches(const walk *w)
{
    return w->executable == w->package->caching;
}

bool reemit_fence(walk *w)
{
    enum { TILE_COUNTERS = 0x7ffff, SCALAR_COUNTERS = 0x1ff, SCALAR_UNITS = 0x1f, TILES_AND_SCALAR = 0xc, LAST = 3 };
    const int32_t opcode = w->program->instructions[w->i].opcode;
    const bool first = w->i < 3, last = opcode == CRL_ISA_FENCE && crl_isa_read(w->at, "last");
    if (opcode == CRL_ISA_WAIT) { /* for what the fence before it has reported */
        const int32_t before = w->i ? w->program->instructions[w->i - 1].opcode : -1;
        if (before != CRL_ISA_FENCE || !crl_isa_read(words_of(w, w->i - 1), "token")) return false;
        crl_isa_write(w->to, "tiles", CRL_ALL_TILES);
        crl_isa_write(w->to, "counters", first ? SCALAR_COUNTERS : 0);
        crl_isa_write(w->to, "for_tokens", 1);
        crl_isa_write(w->to, "token_tiles", CRL_ALL_TILES);
        crl_isa_write(w->to, "units", first ? SCALAR_UNITS : TILES_AND_SCALAR);
        return true;
    }
    if (!first && !last) return false;
    crl_isa_write(w->to, "outermost", caches(w));
    crl_isa_write(w->to, "counters", first ? TILE_COUNTERS : 0);
    crl_isa_write(w->to, "units", CRL_ALL_UNITS);
    crl_isa_write(w->to, "token", 1);
    crl_isa_write(w->to, "last", last ? LAST : 0);
    return true;
}

/* ---- caches --------------------------------------------------------------------------------------------------- */

bool reemit_cache(walk *w)
{
    const uint32_t tiles = (uint32_t)crl_isa_read(w->at, "tiles");
    int32_t i = w->i + 1;
    while (i < w->program->n && !(w->program->instructions[i].opcode == CRL_ISA_INFEED && crl_isa_read(words_of(w, i), "to_tiles") == tiles)) i++;
    if (i == w->program->n || crl_isa_read(w->at, "bias")) return false;
    const int32_t lanes = (int32_t)crl_isa_read(words_of(w, i), "lanes") + 1, rows = ((int32_t)units_of(words_of(w, i)) + lanes - 1) / lanes;
    crl_isa_write(w->to, "to", crl_isa_read(w->at, "to"));
    crl_walk_write(w->to, "step", "count", 1, (crl_level[]){ { 1, rows } });
    crl_isa_write(w->to, "levels", rows > 1);
    return true;
}
