/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED, one row: outputs are spread over tiles in groups of 64, inputs come in pieces of 64 bytes to as many tiles, and each
 * piece goes round the ring to all tiles that compute.
 *
 * Source: the programs of the public models dense_256, dense_512 and dense_1024, of the compiler's last release; and for layers on a single
 * tile those of two at the end of a network (stacked_model of prbodmann/Coral-TPU). */
#include "compile/codegen/codegen.h"

#include <string.h>

#include "base/error.h"
#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum {
    GROUP = 64,  /* outputs of a tile, and bytes of a piece of the input */
    PIECES = CRL_TOP - 3 * CRL_SLOT /* unit where such a piece waits to be sent */
};

typedef struct plan {
    const crl_form *form;
    int32_t in_tiles, tiles;   /* that pieces of the input come to, that compute */
    uint32_t compute;          /* mask of the latter */
    int32_t slots;             /* packets of a group of four tiles in flight */
    int32_t tables, loaded;    /* rows in front of the weights, and how many of them are for the store */
    int32_t x, y, pieces;      /* narrow bytes: the whole input, the outputs, this tile's piece of the input */
    int32_t from;              /* unit of wide memory where the layer's parameters begin: behind those of a softmax */
    int32_t words;             /* of its classes */
} plan;

static plan plan_of(const crl_form *f)
{
    plan p = { .form = f, .in_tiles = (f->inputs + GROUP - 1) / GROUP, .tiles = (f->outputs + GROUP - 1) / GROUP };
    p.tables = crl_form_tables(f);
    p.loaded = p.tables - f->channel_zeros;
    p.compute = (uint32_t)(1 << p.tiles) - 1;
    p.slots = (f->inputs + CRL_ROW - 1) / CRL_ROW;
    p.y = f->inputs;
    p.words = f->softmax ? (f->outputs + CRL_WORD - 1) / CRL_WORD : 0;
    p.from = 3 * CRL_ROW_UNITS * p.words;
    p.pieces = CRL_ROW * p.slots + 2 * CRL_ROW;
    if (f->alone) p.y = p.pieces, p.x = 0; /* where it comes, it is computed of */
    return p;
}

/* Bytes of the input's piece that comes to a tile. */
static int32_t piece_of(const plan *p, int32_t tile)
{
    const int32_t n = p->form->inputs - tile * GROUP;
    return n < GROUP ? n : GROUP;
}

/* Bytes of a tile's outputs, of whole words. */
static int32_t made_of(const plan *p, int32_t tile)
{
    const int32_t n = (p->form->outputs - tile * GROUP + CRL_WORD - 1) / CRL_WORD * CRL_WORD;
    return n < GROUP ? n : GROUP;
}

static uint32_t row_of_tiles(const plan *p, int32_t first)
{
    return 0xfu << first & ((1u << p->in_tiles) - 1);
}

/* A piece out of the row group's bytes to a tile. */
static void put_slice(crl_program *p, const plan *l, int32_t tile)
{
    const int32_t column = tile % CRL_GRID;
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", 1u << tile);
    crl_isa_write(at, "from", (uint64_t)(CRL_TOP - CRL_SLOT * l->slots));
    crl_isa_write_at(at, "step", 0, 1);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, piece_of(l, tile) / CRL_WORD } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_write(at, "size", 2 * GROUP);
    crl_slice_write(at, l->pieces / CRL_WORD, column * GROUP / CRL_WORD, 1);
    crl_isa_write(at, "done_at", column ? 16 : 8);
}

static void put_input(crl_program *p, const plan *l)
{
    crl_input_begin(p);
    crl_input_transfer(p, l->form->inputs);
    const size_t begin = p->n;
    for (int32_t t = 0; t < l->in_tiles; t++) {
        put_slice(p, l, t);
        crl_program_join(p, begin);
    }
    for (int32_t first = 0; first < l->in_tiles; first += CRL_GRID) {
        const int32_t from = first * GROUP, bytes = l->form->inputs - from < CRL_ROW ? l->form->inputs - from : CRL_ROW;
        crl_input_group(p, row_of_tiles(l, first), CRL_TOP - CRL_SLOT * l->slots, l->slots, 1, from, bytes);
    }
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    crl_drain(p);
}

/* Each piece of the input goes to all tiles that compute. */
static void put_broadcast(crl_program *p, const plan *l)
{
    for (int32_t t = 0; t < l->in_tiles; t++) {
        const crl_level piece = { 1, piece_of(l, t) / CRL_WORD };
        uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
        crl_isa_write(at, "tiles", l->compute);
        crl_isa_write(at, "from", CRL_RING);
        crl_isa_write_at(at, "step", 0, 1);
        crl_isa_write(at, "circular", 1);
        crl_isa_write(at, "slots", 1);
        crl_isa_write(at, "to", (uint64_t)((l->x + t * GROUP) / CRL_WORD));
        crl_walk_write(at, "to_step", "to_count", 1, &piece);
        crl_isa_write(at, "to_levels", 1);
        crl_record_write(at, 0, (crl_record){ CRL_READ_FIRST, 1, 1 + t, 1, false });
        crl_record_write(at, 1, crl_record_end);
        crl_isa_put(at, CRL_NARROW_RECORD, 1, 1);
        crl_isa_write(at, "done_at", 8);
        crl_consume(p, l->compute, CRL_RING, 1, 1, t * GROUP / CRL_WORD);
        crl_produce(p, t, PIECES, 1, t, l->compute);
        crl_widen(p, 1u << t, l->pieces, 1, &piece, PIECES, 1);
    }
    crl_drain(p);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    crl_set_counters(p, 0, 0);
}

static void put_tables(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", l->compute);
    crl_isa_write(at, "from", (uint64_t)l->from);
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, l->loaded } }); /* zero points stay in wide memory */
    crl_isa_write(at, "levels", 1);
    if (!l->form->channel_scales) crl_isa_write(at, "to", GROUP); /* biases lie behind scales */
    crl_walk_write(at, "to_step", "to_count", 2, (crl_level[]){ { 1, GROUP / 2 }, { GROUP, l->loaded } });
    crl_isa_write(at, "to_levels", 3);
    crl_isa_write(at, "mode", 2);
    crl_isa_write(at, "size", GROUP);
    crl_record_write(at, 0, (crl_record){ 0, 2, -1, 1, true });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(at, CRL_NARROW_DECREMENT, 1, 1);
    crl_isa_write(at, "done_at", 9);
}

static void put_sums_of(crl_program *p, const plan *l, int32_t tile, const crl_constants *c)
{
    const int32_t words = l->form->inputs / CRL_WORD, out = made_of(l, tile) / CRL_WORD;
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    crl_isa_write(at, "tiles", 1u << tile);
    crl_isa_write_at(at, "loop", 0, (uint64_t)(words - 1));
    crl_isa_write(at, "in", (uint64_t)l->x);
    const int32_t in_all = CRL_WORD * words, out_all = CRL_WORD * out;
    crl_walk_write_fine(at, "in", 3, (crl_level[]){ { CRL_WORD, words }, { in_all, 1 }, { in_all, 1 } });
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 1);
    crl_isa_write(at, "out", (uint64_t)l->y);
    crl_walk_write_fine(at, "out", 3, (crl_level[]){ { CRL_WORD, out }, { out_all, 1 }, { out_all, 1 } });
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 1);
    crl_isa_write(at, "par", (uint64_t)(l->from + l->tables * CRL_ROW_UNITS));
    crl_walk_write_fine(at, "par", 1, (crl_level[]){ { CRL_ROW_UNITS, words } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, words } });
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    if (l->loaded) {
        crl_isa_write_at(at, "counter", 0, CRL_SCALES_CAME);
        crl_isa_write_at(at, "level", 0, 1);
        crl_isa_write_at(at, "start", 0, 1);
        crl_isa_write_at(at, "each", 0, 1);
        crl_isa_write_at(at, "set", 0, 1);
    }
    crl_isa_write(at, "op2", 6 + (words > 1));
    if (l->form->channel_zeros) {
        const uint64_t zeros = (uint64_t)(l->from / CRL_ROW_UNITS + l->loaded); /* their row, from group to group, of the last group */
        crl_isa_write(at, "op3", 8);
        crl_isa_write(at, "scaling", zeros << 24 | UINT64_C(1) << 12 | zeros);
    }
    crl_isa_write(at, "bias", l->form->bias);
    crl_isa_write(at, "group_level", 1);
    crl_isa_write(at, "reduces", 1);
    crl_isa_write(at, "last_channels", (uint64_t)(made_of(l, tile) - 1));
    crl_isa_write(at, "channels", (uint64_t)(made_of(l, tile) - 1));
    crl_isa_write(at, "per_channel", l->form->channel_scales);
    crl_edit_write(at, c);
}

static void put_sums(crl_program *p, const plan *l, const crl_constants *c)
{
    const size_t begin = p->n;
    for (int32_t t = 0; t < l->tiles; t++) {
        put_sums_of(p, l, t, c);
        crl_program_join(p, begin);
    }
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, true);
}

/* Bytes that a tile sends to the host. */
static int32_t output_of(const plan *p, int32_t tile)
{
    return (made_of(p, tile) + CRL_STREAM - 1) / CRL_STREAM * CRL_STREAM;
}

static void put_each(crl_program *p, const plan *l, const crl_constants *c)
{
    crl_each each[CRL_TILES] = { 0 };
    for (int32_t t = 0; t < l->tiles; t++) each[t] = (crl_each){ l->y, 1, made_of(l, t) / CRL_WORD };
    crl_codegen_each(p, l->form, each, l->form->alone ? l->x : l->pieces, c); /* what is not read any more */
}

static crl_softmax_plan softmax_of(const plan *l, const crl_constants *c)
{
    return (crl_softmax_plan){ .classes = l->form->outputs, .from = l->y, .free = l->pieces, .constants = c };
}

/* `at`: where outputs are. */
static void put_output(crl_program *p, const plan *l, int32_t at)
{
    int32_t bytes[CRL_TILES];
    int32_t all = 0;
    crl_address(p, CRL_BASE_OUTPUT);
    crl_address_copy(p, 4, 11, 10);
    const size_t begin = p->n;
    for (int32_t t = 0; t < l->tiles; t++) {
        crl_widen(p, 1u << t, at, 1, (crl_level[]){ { 1, made_of(l, t) / CRL_WORD } }, CRL_RING, 1);
        crl_program_join(p, begin);
        bytes[t] = output_of(l, t);
        all += bytes[t];
    }
    crl_transfer(p, 4, (uint32_t)all, CRL_TAG_OUTPUT);
    crl_output_tiles(p, l->tiles, bytes, l->form->alone ? 0 : l->in_tiles, 0);
}

/* A layer of a row that has come to tiles. */
static void put_layer(crl_program *p, const plan *l, const crl_constants *c)
{
    put_broadcast(p, l);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    if (l->loaded) put_tables(p, l);
    put_sums(p, l, c);
}

crl_status crl_codegen_dense(crl_code *code, const crl_form *form, const crl_twin *w, const crl_constants *c, crl_error *err)
{
    const plan l = plan_of(form);
    crl_program *p = &code->run;
    crl_program_begin(p, false);
    put_input(p, &l);
    if (!form->alone) put_layer(p, &l, &c[CRL_OF_LAYER]);
    const crl_softmax_plan softmax = softmax_of(&l, &c[CRL_OF_SOFTMAX]);
    if (form->each)
        put_each(p, &l, &c[CRL_OF_EACH]);
    else if (l.words)
        crl_codegen_softmax(p, &softmax);
    else
        crl_drain(p);
    put_output(p, &l, l.words ? crl_softmax_place(&softmax) : l.y);
    crl_program_end(p, false);
    const crl_cached cached = { .pieces = l.tiles, .rows = form->inputs / CRL_WORD, .lanes = form->outputs > GROUP ? 4 : (form->outputs + 15) / 16,
                                .tables = l.tables, .from = l.from, .words = l.words };
    if (!form->alone) crl_caching_program(&code->cache, &cached);
    enum { IDENTITY = 16 };
    const int32_t more = l.words ? crl_softmax_bytes(form->outputs) : form->each ? IDENTITY : 0;
    code->narrow_bytes = l.pieces + (more > piece_of(&l, 0) ? more : piece_of(&l, 0));
    code->layout = (crl_layout){ .rows = 1, .columns = 1, .depth = made_of(&l, 0), .row_of = { 0, 1 }, .column_of = { 0, 1 } };
    const int32_t end = GROUP * (l.tiles - 1) + made_of(&l, l.tiles - 1);
    code->output_bytes = (size_t)(GROUP * (l.tiles - 1) + output_of(&l, l.tiles - 1));
    for (int32_t t = 0; t < CRL_TILES; t++) code->layout.offset[t] = t < l.tiles ? GROUP * t : end;
    const crl_pack_choice choice = { .out = w->side[0]->operators[form->op].outputs[0], .drops_zero = true, .sixteen_rows = true };
    const size_t tables = (size_t)(3 * CRL_UNIT * l.words);
    const crl_status s = crl_code_pack(code, form, w, &choice, tables, err);
    if (!s && tables)
        crl_softmax_tables(code->parameters + code->parameter_bytes - tables, form->outputs, crl_stored_scale(&w->side[0]->tensors[choice.out]));
    return s;
}
