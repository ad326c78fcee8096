/* SPDX-License-Identifier: Apache-2.0 */
/* Packets on the ring: out of narrow memory, from tile to tile or to the host, and into narrow memory; one packet at a time, and as many
 * words of it as the package says. */
#include "reemit.h"

#include <string.h>

#include "compile/codegen/moves.h"

static int32_t number(const uint8_t *at, const char *name, unsigned k)
{
    return (int32_t)crl_isa_get(at, crl_isa_field_of(crl_isa_find(crl_isa_opcode(at)), name), k);
}

/* What a function of the library writes, but for the number and the tiles. */
static bool take(walk *w, crl_program *p)
{
    if (!p->failed) {
        const size_t bytes = (size_t)w->program->instructions[w->i].words * CRL_ISA_WORD;
        crl_isa_write(p->bytes, "sequence", crl_isa_read(w->to, "sequence"));
        crl_isa_write(p->bytes, "tiles", crl_isa_read(w->to, "tiles"));
        memcpy(w->to, p->bytes, bytes);
    }
    crl_program_release(p);
    return true;
}

/* Packets that the tile has sent out of the same buffer. */
static int32_t sent_before(const walk *w, int32_t tile)
{
    return w->sent_from[tile] == (int32_t)crl_isa_read(w->at, "from") ? w->sent_by[tile] : 0;
}

bool reemit_produce(walk *w)
{
    enum { TO_TILES_AND_HOST = 20 };
    crl_program p = { .n = 0 };
    if (crl_isa_read(w->at, "role") != TO_TILES_AND_HOST) return false;
    crl_produce(&p, tile_of(w->at), (int32_t)crl_isa_read(w->at, "from"), number(w->at, "count", 1) + 1, w->produced,
                (uint32_t)crl_isa_read(w->at, "to"));
    if (!p.failed) crl_isa_write_at(p.bytes, "start", 1, (uint64_t)(1 + sent_before(w, tile_of(w->at))));
    return take(w, &p);
}

bool reemit_widen(walk *w)
{
    crl_program p = { .n = 0 };
    const int32_t words = number(w->at, "count", 0) + 1, from = (int32_t)crl_isa_read(w->at, "from");
    if (!crl_isa_read(w->at, "circular") || crl_isa_read(w->at, "levels") > 1 || number(w->at, "counter", 0) != CRL_RING_WRITTEN) return false;
    crl_widen(&p, 1, CRL_WORD * from, 1, (crl_level[]){ { 1, words } }, (int32_t)crl_isa_read(w->at, "to"), 1);
    if (p.failed) return false;
    if (words == 1) crl_isa_write(p.bytes, "levels", 0);
    crl_isa_write_at(p.bytes, "start", 0, (uint64_t)(w->widened[tile_of(w->at)] - 1));
    return take(w, &p);
}

bool reemit_receive(walk *w)
{
    const int32_t words = number(w->at, "to_count", 0) + 1;
    if (crl_isa_read(w->at, "mode") || !crl_isa_read(w->at, "circular") || crl_isa_read(w->at, "to_levels") > 1 ||
        crl_isa_read(w->at, "levels"))
        return false;
    crl_isa_write(w->to, "from", crl_isa_read(w->at, "from"));
    crl_isa_write(w->to, "to", crl_isa_read(w->at, "to"));
    crl_isa_write_at(w->to, "step", 0, 1);
    crl_isa_write(w->to, "circular", 1);
    crl_isa_write(w->to, "slots", 1);
    crl_walk_write(w->to, "to_step", "to_count", 1, (crl_level[]){ { 1, words } });
    crl_isa_write(w->to, "to_levels", words > 1);
    crl_record_write(w->to, 0, (crl_record){ CRL_READ_FIRST, 1, 1 + w->received[tile_of(w->at)], 1, false });
    crl_record_write(w->to, 1, crl_record_end);
    crl_isa_put(w->to, CRL_NARROW_RECORD, 2, words > 1 ? 1 : 3);
    crl_isa_write(w->to, "done_at", 8);
    return true;
}

/* The receipt before it is of the same packet. */
bool reemit_consume(walk *w)
{
    if (crl_isa_read(w->at, "slots") != 1 || crl_isa_read(w->at, "levels") || crl_isa_read(w->at, "bias")) return false;
    crl_isa_write(w->to, "to", crl_isa_read(w->at, "to"));
    crl_isa_write_at(w->to, "step", 0, 1);
    crl_isa_write(w->to, "circular", 1);
    crl_isa_write(w->to, "slots", 1);
    crl_isa_write(w->to, "mode", 3);
    crl_isa_write(w->to, "counter", CRL_NARROWED);
    crl_isa_write(w->to, "level", 1);
    crl_isa_write(w->to, "start", (uint64_t)(w->taken[tile_of(w->at)] - w->receives[tile_of(w->at)] - CRL_UNIT));
    crl_isa_write(w->to, "each", CRL_UNIT);
    crl_isa_write(w->to, "set", 3);
    return true;
}

bool reemit_outfeed(walk *w)
{
    if (crl_isa_read(w->at, "to_scalar")) return false;
    crl_isa_write(w->to, "limit0", crl_isa_read(w->at, "limit0"));
    crl_isa_write(w->to, "to_host", 3);
    crl_isa_write(w->to, "lanes", 0x7f);
    return true;
}

void reemit_count_ring(walk *w)
{
    const int32_t opcode = w->program->instructions[w->i].opcode;
    const uint32_t tiles = crl_isa_field_of(crl_isa_find((unsigned)opcode), "tiles") ? (uint32_t)crl_isa_read(w->at, "tiles") : 0;
    const bool receives = opcode == CRL_ISA_NARROW && !crl_isa_read(w->at, "mode");
    if (opcode == CRL_ISA_PRODUCE && number(w->at, "counter", 0) == CRL_PRODUCED_FIRST) /* the level says whether it counts packets */
        w->produced += number(w->at, "level", 0) > 1 ? 1 : number(w->at, "count", 1) + 1;
    for (int32_t t = 0; t < TILES; t++) {
        if (!(tiles & 1u << t)) continue;
        w->widened[t] += opcode == CRL_ISA_WIDEN && crl_isa_read(w->at, "circular");
        w->received[t] += receives;
        if (receives) w->receives[t] = number(w->at, "to_count", 0) + 1;
        if (receives) w->taken[t] += w->receives[t];
        if (opcode != CRL_ISA_PRODUCE) continue;
        w->sent_by[t] = sent_before(w, t) + 1;
        w->sent_from[t] = (int32_t)crl_isa_read(w->at, "from");
    }
    if (opcode != CRL_ISA_FENCE || crl_isa_read(w->at, "value")) return;
    const uint32_t counters = (uint32_t)crl_isa_read(w->at, "counters");
    if (counters & 1u << CRL_PRODUCED_FIRST) w->produced = 0;
    for (int32_t t = 0; t < TILES; t++) {
        if (counters & 1u << CRL_RING_WRITTEN) w->widened[t] = 0;
        if (counters & 1u << CRL_READ_FIRST) w->received[t] = 0;
        if (counters & 1u << CRL_NARROWED) w->taken[t] = w->receives[t] = 0;
        if (counters & 1u << CRL_WIDENED) w->sent_by[t] = 0;
    }
}
