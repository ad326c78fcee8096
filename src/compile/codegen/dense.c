/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED, one row: outputs are spread over tiles in groups of 64, inputs come in pieces of 64 bytes to as many tiles, and each
 * piece goes round the ring to all tiles that compute.
 *
 * Source: the programs of the public models dense_256, dense_512 and dense_1024, of the compiler's last release. */
#include "compile/codegen/codegen.h"

#include "base/error.h"
#include "compile/edit.h"

enum {
    GROUP = 64,   /* outputs of a tile, and bytes of an input piece */
    WORD = 4,
    ROW = 256,    /* bytes of wide memory that are read at once */
    UNIT = 64,
    TOP = 8320,   /* unit at which wide memory ends, as programs use it */
    RING = TOP - 8,      /* where tiles receive and send, two rows */
    PIECES = TOP - 24,   /* and where pieces of the input wait to be sent */
    TABLES = 2,   /* multipliers and zero points of the outputs, in front of the weights */
    TABLE_UNITS = ROW / UNIT,
    ALL_COUNTERS = 0x1ffff,
    ALL_UNITS = 0x3ff
};

/* Counters of tiles. */
enum { SCALING = 12, WIDENED = 13, RING_READ = 14, RING_WRITE = 16, PRODUCED = 17, NARROWED = 11 };

typedef struct plan {
    const crl_form *form;
    int32_t in_tiles, tiles;   /* that pieces of the input come to, that compute */
    uint32_t compute;          /* mask of the latter */
    int32_t slots;             /* packets of a group of four tiles in flight */
    int32_t x, y, pieces;      /* narrow bytes: the whole input, the outputs, this tile's piece of the input */
} plan;

static plan plan_of(const crl_form *f)
{
    plan p = { .form = f, .in_tiles = f->inputs / GROUP, .tiles = f->outputs / GROUP };
    p.compute = (uint32_t)(1 << p.tiles) - 1;
    p.slots = (f->inputs + ROW - 1) / ROW;
    p.y = f->inputs;
    p.pieces = ROW * p.slots + 2 * ROW;
    return p;
}

static uint32_t row_of_tiles(const plan *p, int32_t first)
{
    return 0xfu << first & ((1u << p->in_tiles) - 1);
}

/* Wait record k of a mover. */
typedef struct record {
    int32_t counter, level, start, each;
    bool flag;
} record;

static void put_record(uint8_t *at, unsigned k, record r)
{
    crl_isa_write_at(at, "flag", k, r.flag);
    crl_isa_write_at(at, "counter", k, (uint64_t)r.counter);
    crl_isa_write_at(at, "level", k, (uint64_t)r.level);
    crl_isa_write_at(at, "start", k, (uint64_t)r.start);
    crl_isa_write_at(at, "each", k, (uint64_t)r.each);
}

static const record end_of_records = { .flag = true };

/* Bits that say which records of a mover are in use. */
enum { NARROW_RECORD = 611, NARROW_DECREMENT = 656, NARROW_SLICE = 698, NARROW_SKIPS = 543, WIDEN_RECORD = 543, WIDEN_END = 588 };

/* A piece of 64 bytes out of the row group's bytes to each tile of a column. */
static void put_slice(crl_program *p, const plan *l, int32_t column)
{
    uint32_t tiles = 0;
    for (int32_t t = column; t < l->in_tiles; t += 4) tiles |= 1u << t;
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    const int32_t to = l->pieces / WORD;
    crl_isa_write(at, "tiles", tiles);
    crl_isa_write(at, "from", (uint64_t)(TOP - 8 * l->slots));
    crl_isa_write_at(at, "step", 0, 1);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, GROUP / WORD } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_write(at, "mode", 1);
    crl_isa_write(at, "size", 2 * GROUP);
    put_record(at, 0, (record){ RING_READ, 1, 1, 1, false });
    put_record(at, 1, (record){ 0, 1, -1, 1, true });
    put_record(at, 2, end_of_records);
    crl_isa_put(at, NARROW_RECORD, 1, 1);
    crl_isa_put(at, NARROW_SLICE, 1, 1);
    crl_isa_write(at, "done_at", column ? 16 : 8);
    if (!column) return;
    crl_isa_write_at(at, "skips", 0, 1);
    crl_isa_put(at, NARROW_SKIPS, 1, 1);
    crl_isa_write(at, "skip_from", (uint64_t)to);
    crl_isa_write(at, "skip_count", (uint64_t)(column * GROUP / WORD - 1));
    crl_isa_write(at, "skip_end", (uint64_t)(to + column * GROUP / WORD - 1));
}

/* Tiles take `slots` packets at a time from the ring. */
static void put_consumer(crl_program *p, uint32_t tiles, int32_t slots, int32_t start, int32_t each)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME);
    crl_isa_write(at, "tiles", tiles);
    crl_isa_write(at, "to", (uint64_t)(TOP - 8 * slots));
    crl_isa_write_at(at, "step", 0, 1);
    if (slots > 1) crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", (uint64_t)slots);
    crl_isa_write(at, "mode", 3);
    crl_isa_write(at, "counter", NARROWED);
    crl_isa_write(at, "level", 1);
    crl_isa_write(at, "start", (uint64_t)start);
    crl_isa_write(at, "each", (uint64_t)each);
    crl_isa_write(at, "set", 3);
}

static void put_input(crl_program *p, const plan *l)
{
    enum { DRAIN_RING = 0x20, STREAM_BYTES = 8, CREDIT = 8191 };
    crl_fence(p, 0, DRAIN_RING, false);
    crl_address(p, CRL_BASE_INPUT);
    crl_set_counters(p, 0x4, CREDIT);
    crl_set_counters(p, 0x1, 0);
    crl_pop(p, true, (uint32_t)l->form->inputs / STREAM_BYTES);
    crl_address_copy(p, 4, 11, 10);
    crl_transfer(p, 4, (uint32_t)l->form->inputs, CRL_TAG_INPUT);
    for (int32_t column = 0; column < 4 && column < l->in_tiles; column++) put_slice(p, l, column);
    for (int32_t first = 0; first < l->in_tiles; first += 4) {
        const int32_t tiles = l->in_tiles - first < 4 ? l->in_tiles - first : 4;
        put_consumer(p, row_of_tiles(l, first), l->slots, -UNIT * l->slots, UNIT * l->slots);
        crl_infeed(p, true, (uint32_t)(first * GROUP / STREAM_BYTES), (uint32_t)(tiles * GROUP / STREAM_BYTES), row_of_tiles(l, first), 4);
    }
    crl_fence(p, 0, ALL_UNITS, false);
    crl_fence(p, ALL_COUNTERS, ALL_UNITS, false);
    crl_drain(p);
}

static void put_producer(crl_program *p, int32_t tile, int32_t from, int32_t order, uint32_t to)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_PRODUCE);
    crl_isa_write(at, "tiles", 1u << tile);
    crl_isa_write(at, "from", (uint64_t)from);
    crl_isa_write_at(at, "step", 0, 1);
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", 1);
    crl_isa_write(at, "mode", 3);
    crl_isa_write(at, "role", 20);
    const int32_t counters[] = { PRODUCED, WIDENED }, starts[] = { order, 1 };
    for (unsigned k = 0; k < 2; k++) {
        crl_isa_write_at(at, "counter", k, (uint64_t)counters[k]);
        crl_isa_write_at(at, "level", k, 2 - k);
        crl_isa_write_at(at, "start", k, (uint64_t)starts[k]);
        crl_isa_write_at(at, "each", k, 1);
        crl_isa_write_at(at, "set", k, 1);
    }
    crl_isa_write(at, "to", to);
}

/* 64 bytes of narrow memory to a row of wide memory, from which the ring takes them. */
static void put_widen(crl_program *p, uint32_t tiles, int32_t from, int32_t to)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", tiles);
    crl_isa_write(at, "from", (uint64_t)(from / WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, GROUP / WORD } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write_at(at, "to_step", 0, 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", 1);
    put_record(at, 0, (record){ RING_WRITE, 1, -1, 1, false });
    put_record(at, 1, end_of_records);
    crl_isa_write(at, "done_at", 1);
    crl_isa_put(at, WIDEN_RECORD, 2, 3);
    crl_isa_put(at, WIDEN_END, 1, 1);
}

/* Each piece of the input goes to all tiles that compute. */
static void put_broadcast(crl_program *p, const plan *l)
{
    for (int32_t t = 0; t < l->in_tiles; t++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
        crl_isa_write(at, "tiles", l->compute);
        crl_isa_write(at, "from", RING);
        crl_isa_write_at(at, "step", 0, 1);
        crl_isa_write(at, "circular", 1);
        crl_isa_write(at, "slots", 1);
        crl_isa_write(at, "to", (uint64_t)((l->x + t * GROUP) / WORD));
        crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, GROUP / WORD } });
        crl_isa_write(at, "to_levels", 1);
        put_record(at, 0, (record){ RING_READ, 1, 1 + t, 1, false });
        put_record(at, 1, end_of_records);
        crl_isa_put(at, NARROW_RECORD, 1, 1);
        crl_isa_write(at, "done_at", 8);
        put_consumer(p, l->compute, 1, -UNIT + t * GROUP / WORD, UNIT);
        put_producer(p, t, PIECES, t, l->compute);
        put_widen(p, 1u << t, l->pieces, PIECES);
    }
    crl_drain(p);
    crl_fence(p, ALL_COUNTERS, ALL_UNITS, false);
    crl_set_counters(p, 0, 0);
}

static void put_tables(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", l->compute);
    crl_isa_write_at(at, "step", 0, 1);
    crl_isa_write(at, "levels", 1);
    crl_walk_write(at, "to_step", "to_count", 2, (crl_level[]){ { 1, GROUP / 2 }, { GROUP, 1 } });
    crl_isa_write(at, "to_levels", 3);
    crl_isa_write(at, "mode", 2);
    crl_isa_write(at, "size", GROUP);
    put_record(at, 0, (record){ 0, 2, -1, 1, true });
    put_record(at, 1, end_of_records);
    crl_isa_put(at, NARROW_RECORD, 1, 1);
    crl_isa_put(at, NARROW_DECREMENT, 1, 1);
    crl_isa_write(at, "done_at", 9);
}

static void put_sums(crl_program *p, const plan *l, const crl_constants *c)
{
    const int32_t words = l->form->inputs / WORD, out = GROUP / WORD;
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    crl_isa_write(at, "tiles", l->compute);
    crl_isa_write_at(at, "loop", 0, (uint64_t)(words - 1));
    crl_isa_write(at, "in", (uint64_t)l->x);
    const int32_t in_all = WORD * words, out_all = WORD * out;
    crl_walk_write_fine(at, "in", 3, (crl_level[]){ { WORD, words }, { in_all, 1 }, { in_all, 1 } });
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 1);
    crl_isa_write(at, "out", (uint64_t)l->y);
    crl_walk_write_fine(at, "out", 3, (crl_level[]){ { WORD, out }, { out_all, 1 }, { out_all, 1 } });
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 1);
    crl_isa_write(at, "par", TABLES * TABLE_UNITS);
    crl_walk_write_fine(at, "par", 1, (crl_level[]){ { TABLE_UNITS, words } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, words } });
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    crl_isa_write_at(at, "counter", 0, SCALING);
    crl_isa_write_at(at, "level", 0, 1);
    crl_isa_write_at(at, "start", 0, 1);
    crl_isa_write_at(at, "each", 0, 1);
    crl_isa_write_at(at, "set", 0, 1);
    crl_isa_write(at, "op2", 7);
    crl_isa_write(at, "op3", 8);
    crl_isa_write(at, "scaling", 0x1001001);
    crl_isa_write(at, "group_level", 1);
    crl_isa_write(at, "reduces", 1);
    crl_isa_write(at, "last_channels", GROUP - 1);
    crl_isa_write(at, "channels", GROUP - 1);
    crl_isa_write(at, "per_channel", 1);
    crl_edit_write(at, c);
    crl_fence(p, ALL_COUNTERS, ALL_UNITS, false);
    crl_fence(p, ALL_COUNTERS, ALL_UNITS, true);
    crl_drain(p);
}

static void put_output(crl_program *p, const plan *l)
{
    enum { PRODUCERS = 0x20 };
    crl_address(p, CRL_BASE_OUTPUT);
    crl_address_copy(p, 4, 11, 10);
    put_widen(p, l->compute, l->y, RING);
    crl_transfer(p, 4, (uint32_t)l->form->outputs, CRL_TAG_OUTPUT);
    for (int32_t t = 0; t < l->tiles; t++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_OUTFEED);
        crl_isa_write(at, "limit0", GROUP / 8 - 1);
        crl_isa_write(at, "to_host", 3);
        crl_isa_write(at, "lanes", 0x7f);
        put_producer(p, t, RING, l->in_tiles + t, 0x10000);
    }
    crl_fence(p, ALL_COUNTERS, ALL_UNITS, false);
    uint8_t *at = crl_program_add(p, CRL_ISA_WAIT);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "counters", PRODUCERS);
    crl_isa_write_at(at, "threshold", 5, (uint64_t)(l->in_tiles + l->tiles));
    crl_isa_write(at, "waits", PRODUCERS);
    crl_isa_write(at, "units", 0xc);
    crl_fence(p, 1u << PRODUCED, ALL_UNITS, true);
}

/* Each tile keeps its outputs' tables and weights at the begin of its wide memory. */
static void put_caching(crl_program *p, const plan *l)
{
    const int32_t words = l->form->inputs / WORD, units = TABLES * TABLE_UNITS + words * TABLE_UNITS;
    crl_program_begin(p, true);
    crl_address_copy(p, 2, 1, 0);
    crl_transfer(p, 2, (uint32_t)(l->tiles * units * UNIT), CRL_TAG_PARAMETERS);
    crl_pop(p, false, (uint32_t)(l->tiles * units));
    for (int32_t t = 0; t < l->tiles; t++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME);
        crl_isa_write(at, "tiles", 1u << t);
        crl_isa_write(at, "to", TABLES * TABLE_UNITS + 2);
        crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, words } });
        crl_isa_write(at, "levels", 1);
        crl_isa_write(at, "bias", 1);
        crl_isa_write(at, "bias_end", (TABLES - 1) * TABLE_UNITS);
        crl_isa_put(at, 286, 1, 1);
        crl_isa_put(at, 319, 1, 1);
    }
    for (int32_t t = 0; t < l->tiles; t++) crl_infeed(p, false, (uint32_t)(t * units), (uint32_t)units, 1u << t, 4);
    crl_program_end(p, true);
}

static crl_status pack(crl_code *code, const crl_form *f, const crl_twin *w, crl_error *err)
{
    crl_layer_view v;
    const crl_pack_choice choice = { .out = w->side[0]->operators[f->op].outputs[0] };
    if (!crl_layer_of(&v, w, CRL_SIDE_A, f->op)) return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d: its weights are of no form that is known", f->op);
    code->parameter_bytes = crl_pack(&v, w, CRL_SIDE_A, f->op, &choice, NULL);
    code->parameters = crl_alloc(code->parameter_bytes);
    if (!code->parameters) return crl_fail_memory(err, "parameters");
    crl_pack(&v, w, CRL_SIDE_A, f->op, &choice, code->parameters);
    return CRL_OK;
}

crl_status crl_codegen_dense(crl_code *code, const crl_form *form, const crl_twin *w, const crl_constants *c, crl_error *err)
{
    const plan l = plan_of(form);
    crl_program *p = &code->run;
    crl_program_begin(p, false);
    put_input(p, &l);
    put_broadcast(p, &l);
    crl_fence(p, ALL_COUNTERS, ALL_UNITS, false);
    put_tables(p, &l);
    put_sums(p, &l, c);
    put_output(p, &l);
    crl_program_end(p, false);
    put_caching(&code->cache, &l);
    code->output_bytes = (size_t)form->outputs;
    code->narrow_bytes = l.pieces + GROUP;
    code->layout = (crl_layout){ .rows = 1, .columns = 1, .depth = GROUP, .row_of = { 0, 1 }, .column_of = { 0, 1 } };
    for (int32_t t = 0; t < CRL_TILES; t++) code->layout.offset[t] = GROUP * (t < l.tiles ? t : l.tiles);
    if (p->failed || code->cache.failed) return crl_fail_memory(err, "a program");
    return pack(code, form, w, err);
}
