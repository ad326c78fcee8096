/* SPDX-License-Identifier: Apache-2.0 */
/* See moves.h. */
#include "compile/codegen/moves.h"

void crl_record_write(uint8_t *at, unsigned k, crl_record r)
{
    crl_isa_write_at(at, "flag", k, r.flag);
    crl_isa_write_at(at, "counter", k, (uint64_t)r.counter);
    crl_isa_write_at(at, "level", k, (uint64_t)r.level);
    crl_isa_write_at(at, "start", k, (uint64_t)r.start);
    crl_isa_write_at(at, "each", k, (uint64_t)r.each);
}

void crl_slice_write(uint8_t *at, int32_t to, int32_t skip, int32_t level)
{
    crl_isa_write(at, "mode", 1);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_record_write(at, 0, (crl_record){ CRL_READ_FIRST, level, 1, 1, false });
    crl_record_write(at, 1, (crl_record){ 0, 1, -1, 1, true });
    crl_record_write(at, 2, crl_record_end);
    crl_isa_put(at, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(at, CRL_NARROW_SECOND, 1, 1);
    if (!skip) return;
    crl_isa_write_at(at, "skips", 0, 1);
    crl_isa_put(at, CRL_NARROW_SKIPS, 1, 1);
    crl_isa_write(at, "skip_from", (uint64_t)to);
    crl_isa_write(at, "skip_count", (uint64_t)(skip - 1));
    crl_isa_write(at, "skip_end", (uint64_t)(to + skip - 1));
}

void crl_input_begin(crl_program *p)
{
    enum { DRAIN_RING = 0x20 };
    crl_fence(p, 0, DRAIN_RING, false);
}

void crl_input_transfer(crl_program *p, int32_t bytes)
{
    enum { CREDIT = 8191 };
    crl_address(p, CRL_BASE_INPUT);
    crl_set_counters(p, 0x4, CREDIT);
    crl_set_counters(p, 0x1, 0);
    crl_pop(p, true, (uint32_t)(bytes / CRL_STREAM));
    crl_address_copy(p, 4, 11, 10);
    crl_transfer(p, 4, (uint32_t)bytes, CRL_TAG_INPUT);
}

int32_t crl_ring_level(int32_t slots, int32_t packets)
{
    return slots > 1 || packets == 1;
}

void crl_ring_walk_write(uint8_t *at, int32_t slots, int32_t packets)
{
    const int32_t level = crl_ring_level(slots, packets), passes = (packets + slots - 1) / slots, over = packets % slots;
    if (level)
        crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, slots }, { 0, passes } });
    else
        crl_isa_write_at(at, "count", 0, (uint64_t)(packets - 1));
    crl_isa_write(at, "levels", (uint64_t)level);
    crl_isa_write(at, "circular", (uint64_t)level);
    crl_isa_write(at, "slots", (uint64_t)slots);
    if (!over) return;
    crl_isa_write(at, "last", (uint64_t)(over - 1));
    crl_isa_write(at, "skip", (uint64_t)(4 * (slots - over) + level));
}

void crl_consume(crl_program *p, uint32_t tiles, int32_t to, int32_t slots, int32_t packets, int32_t came)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME);
    crl_isa_write(at, "tiles", tiles);
    const int32_t level = crl_ring_level(slots, packets);
    crl_isa_write(at, "to", (uint64_t)to);
    if (packets > 1)
        crl_ring_walk_write(at, slots, packets);
    else {
        crl_isa_write_at(at, "step", 0, 1);
        crl_isa_write(at, "levels", slots > 1);
        crl_isa_write(at, "circular", 1);
        crl_isa_write(at, "slots", (uint64_t)slots);
    }
    crl_isa_write(at, "mode", (uint64_t)(1 + 2 * level));
    crl_isa_write(at, "counter", CRL_NARROWED);
    crl_isa_write(at, "level", (uint64_t)level);
    crl_isa_write(at, "start", (uint64_t)(came - CRL_UNIT * slots));
    crl_isa_write(at, "each", (uint64_t)(CRL_UNIT * slots));
    crl_isa_write(at, "set", 3);
}

void crl_input_group(crl_program *p, uint32_t tiles, int32_t to, int32_t slots, int32_t packets, int32_t from, int32_t bytes)
{
    crl_consume(p, tiles, to, slots, packets, 0);
    crl_infeed(p, true, (uint32_t)(from / CRL_STREAM), (uint32_t)(bytes / CRL_STREAM), tiles, 4);
}

void crl_produce(crl_program *p, int32_t tile, int32_t from, int32_t packets, int32_t order, uint32_t to)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_PRODUCE);
    crl_isa_write(at, "tiles", 1u << tile);
    crl_isa_write(at, "from", (uint64_t)from);
    crl_isa_write_at(at, "step", 0, 1);
    if (packets > 1) crl_isa_write_at(at, "count", 1, (uint64_t)(packets - 1));
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", 1);
    crl_isa_write(at, "mode", 3);
    crl_isa_write(at, "role", 20);
    const int32_t counters[] = { CRL_PRODUCED_FIRST, CRL_WIDENED }, starts[] = { order, 1 };
    for (unsigned k = 0; k < 2; k++) {
        crl_isa_write_at(at, "counter", k, (uint64_t)counters[k]);
        crl_isa_write_at(at, "level", k, 2 - k);
        crl_isa_write_at(at, "start", k, (uint64_t)starts[k]);
        crl_isa_write_at(at, "each", k, 1);
        crl_isa_write_at(at, "set", k, 1);
    }
    crl_isa_write(at, "to", to);
}

void crl_widen(crl_program *p, uint32_t tiles, int32_t from, int32_t levels, const crl_level *level, int32_t to, int32_t packets)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    const bool one = packets == 1;
    crl_isa_write(at, "tiles", tiles);
    crl_isa_write(at, "from", (uint64_t)(from / CRL_WORD));
    crl_walk_write(at, "step", "count", levels, level);
    crl_isa_write(at, "levels", levels == 1 && level[0].n == 1 ? 0 : (1u << levels) - 1); /* a single word walks nowhere */
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write(at, "slots", 1);
    if (one) {
        crl_isa_write_at(at, "to_step", 0, 1);
        crl_isa_write(at, "circular", 1);
    } else
        crl_isa_write_at(at, "to_count", 0, (uint64_t)(packets - 1));
    crl_record_write(at, 0, (crl_record){ CRL_RING_WRITTEN, one, -1, 1, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_write(at, "done_at", (uint64_t)levels);
    crl_isa_put(at, CRL_WIDEN_RECORD, 2, one ? 3 : 1);
    crl_isa_put(at, CRL_WIDEN_END, 1, 1);
}

void crl_widen_identity(crl_program *p, int32_t narrow, int32_t to)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "from", (uint64_t)(narrow / CRL_WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, CRL_WORD } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write_at(at, "to_step", 0, 1);
    crl_isa_write(at, "done_at", 1);
    crl_record_write(at, 0, (crl_record){ CRL_SOUTH_IN, 1, 1, 0, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_WIDEN_RECORD, 2, 3);
}

void crl_output_tiles(crl_program *p, int32_t tiles, const int32_t *bytes, int32_t first, int32_t rows)
{
    enum { HOST = 0x10000, FIRST = 5, SECOND = 6, DRAIN = 0xc };
    for (int32_t t = 0; t < tiles; t++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_OUTFEED);
        crl_isa_write(at, "limit0", (uint64_t)(bytes[t] / CRL_STREAM - 1));
        crl_isa_write(at, "to_host", 3);
        crl_isa_write(at, "lanes", 0x7f);
        crl_produce(p, t, CRL_RING, (bytes[t] + CRL_ROW - 1) / CRL_ROW, first + t, HOST);
    }
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    const uint32_t counters = 1u << FIRST | (rows ? 1u << SECOND : 0);
    uint8_t *at = crl_program_add(p, CRL_ISA_WAIT);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "counters", counters);
    crl_isa_write_at(at, "threshold", FIRST, (uint64_t)(first + tiles));
    crl_isa_write_at(at, "threshold", SECOND, (uint64_t)rows);
    crl_isa_write(at, "waits", counters);
    crl_isa_write(at, "units", DRAIN);
    crl_fence(p, 1u << CRL_PRODUCED_FIRST | (rows ? 1u << CRL_PRODUCED_SECOND : 0), CRL_ALL_UNITS, true);
}

void crl_tables_write(uint8_t *at, int32_t to, int32_t end, int32_t tables)
{
    enum { ROWS = 286, TABLES = 318 }; /* the former less 1 */
    crl_isa_write(at, "bias", 1);
    crl_isa_write(at, "bias_to", (uint64_t)to);
    crl_isa_write(at, "bias_end", (uint64_t)end);
    crl_isa_put(at, ROWS, 14, (uint64_t)(tables - 1));
    crl_isa_put(at, TABLES, 2, (uint64_t)tables);
}

enum { SOFTMAX_TABLES = 3 };

/* Units of 64 bytes. */
static int32_t units_of(const crl_cached *c)
{
    return c->pieces * (c->tables + c->rows) * c->lanes + SOFTMAX_TABLES * c->words;
}

/* What lies from unit `from` of the parameters on. */
static void put_cached(crl_program *p, const crl_cached *c, int32_t from)
{
    enum { BEHIND_TABLES = 2 }; /* low bits of the address: rows come behind tables */
    const int32_t units = (c->tables + c->rows) * c->lanes, pieces = c->pieces;
    for (int32_t t = 0; t < pieces; t++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME);
        crl_isa_write(at, "tiles", 1u << (c->tile + t));
        crl_isa_write(at, "to", (uint64_t)(c->from + c->tables * CRL_ROW_UNITS + BEHIND_TABLES));
        crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, c->rows } });
        crl_isa_write(at, "levels", 1);
        if (!c->tables) continue;
        crl_tables_write(at, c->from, c->from + (c->tables - 1) * CRL_ROW_UNITS, c->tables);
    }
    for (int32_t t = 0; t < pieces; t++) crl_infeed(p, false, (uint32_t)(from + t * units), (uint32_t)units, 1u << (c->tile + t), c->lanes);
    for (int32_t k = 0; k < SOFTMAX_TABLES && c->words; k++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME);
        crl_isa_write(at, "tiles", 1);
        crl_isa_write(at, "to", (uint64_t)(CRL_ROW_UNITS * c->words * (SOFTMAX_TABLES - 1 - k) + BEHIND_TABLES));
        crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, c->words } });
        crl_isa_write(at, "levels", 1);
        crl_infeed(p, false, (uint32_t)(from + pieces * units + k * c->words), (uint32_t)c->words, 1, 1);
    }
}

void crl_caching_program(crl_program *p, const crl_cached *c)
{
    int32_t all = 0, from = 0;
    for (const crl_cached *i = c; i; i = i->next) all += units_of(i);
    crl_program_begin(p, true);
    crl_address_copy(p, 2, 1, 0);
    crl_transfer(p, 2, (uint32_t)(all * CRL_UNIT), CRL_TAG_PARAMETERS);
    crl_pop(p, false, (uint32_t)all);
    for (const crl_cached *i = c; i; from += units_of(i), i = i->next) put_cached(p, i, from);
    crl_program_end(p, true);
}
