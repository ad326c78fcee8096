/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D alone, 3x3, stride 1, SAME: the picture is cut into 4 x 4 blocks, one to a tile, each with a border of its neighbours' pixels or of
 * zero points; the weights go round the ring from tile 0 while all tiles compute.
 *
 * Source: the programs of twelve public models of that form (coral-usb-oxidized), of the compiler's last release; where several of its rules
 * are one in all of them, those that the project tinycoral published for the release before. */
#include "compile/codegen/codegen.h"

#include "base/error.h"
#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum {
    GRID = 4,
    KERNEL = 3,
    TAPS = KERNEL * KERNEL,
    GROUP = 64,        /* outputs that are computed together */
    PIECE_WORDS = 16,  /* that the mesh moves at once */
    IDENTITY = 16,     /* bytes of a 4 x 4 matrix */
    TABLE_SLOTS = 2,   /* groups whose tables are there */
    BESIDE_TABLES = 128 /* units that are kept free beside them */
};

typedef struct plan {
    const crl_form *form;
    int32_t rows, columns;      /* of a tile's block */
    int32_t position, pitch;    /* bytes of a position of the input, and of a row of the block with its borders */
    int32_t row_bytes, slots;   /* of the picture, and as many packets */
    int32_t words;              /* of a position */
    int32_t group, groups;      /* outputs of a group */
    int32_t tables;             /* rows of a group's tables */
    bool resident;              /* a group's weights come at once, not a word of all taps at a time */
    int32_t fill, fills;        /* rows of weights that come at once, and how often for a group */
    int32_t weight_rows;        /* in all, with tables */
    int32_t x, y, staging, identity, narrow_bytes;       /* narrow memory */
    int32_t sums, tables_at, weights, ring, identity_unit;  /* wide memory */
} plan;

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t positions(const plan *p)
{
    return p->rows * p->columns;
}

/* Where the input, the staging slots, the output and the identity matrix lie. Source: tinycoral. */
static void place_narrow(plan *p)
{
    const int32_t in = (p->rows + 2) * p->pitch, out = positions(p) * p->form->outputs, slots = 2 * p->row_bytes;
    if (out >= slots + IDENTITY && out > in)
        p->x = out, p->identity = slots;
    else if (2 * in >= p->row_bytes)
        p->staging = p->y = in, p->identity = in + slots;
    else if (out > slots || 4 * in < IDENTITY)
        p->x = most(out, slots + IDENTITY), p->identity = slots;
    else
        p->x = slots, p->identity = slots + in;
    p->narrow_bytes = most(most(p->x + in, p->y + out), p->identity + IDENTITY);
}

/* Buffers from the top of wide memory down, the largest first; of equal ones the first. */
static void place_wide(plan *p)
{
    const int32_t tables = BESIDE_TABLES + TABLE_SLOTS * CRL_ROW_UNITS * p->tables;
    int32_t sizes[] = { p->resident ? 0 : CRL_ROW_UNITS * positions(p), tables, CRL_SLOT * p->fill }, at = CRL_TOP;
    int32_t *places[] = { &p->sums, &p->tables_at, &p->weights };
    for (int round = 0; round < 3; round++) {
        int best = 0;
        for (int i = 1; i < 3; i++)
            if (sizes[i] > sizes[best]) best = i;
        at -= sizes[best];
        if (sizes[best]) *places[best] = at;
        sizes[best] = -1;
    }
    p->ring = CRL_TOP - CRL_SLOT * p->slots;
    p->identity_unit = p->ring - CRL_ROW_UNITS;
}

static plan plan_of(const crl_form *f)
{
    plan p = { .form = f, .rows = f->height / GRID, .columns = f->width / GRID, .position = f->inputs, .words = f->inputs / CRL_WORD };
    p.pitch = (p.columns + 2) * p.position;
    p.row_bytes = f->width * f->inputs;
    p.slots = p.row_bytes / CRL_ROW;
    p.group = f->outputs < GROUP ? f->outputs : GROUP;
    p.groups = f->outputs / p.group;
    p.tables = crl_form_tables(f);
    const int32_t all = TAPS * p.words;
    p.resident = 8 * all + 8 < CRL_ROW_UNITS * positions(&p) + CRL_SLOT * TAPS + 8;
    p.fill = p.resident ? all : TAPS;
    p.fills = all / p.fill;
    p.weight_rows = p.groups * (p.tables + all);
    place_narrow(&p);
    place_wide(&p);
    return p;
}

bool crl_conv_fits(const crl_form *form)
{
    const plan p = plan_of(form);
    const int32_t lowest = p.weights < p.tables_at ? p.weights : p.tables_at;
    return p.narrow_bytes <= CRL_NARROW_BYTES && p.identity_unit > 0 && CRL_ROW_UNITS * p.weight_rows <= lowest && p.weight_rows <= 0xffff;
}

/* ---- the input ----------------------------------------------------------------------------------------- */

/* The 4 x 4 identity, by which words are copied: four fills, and a row of wide memory. */
static void put_identity(crl_program *p, const plan *l)
{
    for (int i = 0; i < CRL_WORD; i++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_NORTH);
        crl_isa_write(at, "tiles", CRL_ALL_TILES);
        crl_isa_write(at, "to", (uint64_t)(l->identity + CRL_WORD * i));
        crl_isa_write_at(at, "to_step", 0, 1);
        if (i == CRL_WORD - 1) crl_isa_write(at, "to_mode", 3);
        crl_isa_write(at, "fills", 1);
        crl_isa_write(at, "fill", UINT64_C(1) << 8 * i);
    }
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "from", (uint64_t)(l->identity / CRL_WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, CRL_WORD } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", (uint64_t)l->identity_unit);
    crl_isa_write_at(at, "to_step", 0, 1);
    crl_record_write(at, 0, (crl_record){ CRL_SOUTH_IN, 1, 1, 0, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_write(at, "done_at", 1);
    crl_isa_put(at, CRL_WIDEN_RECORD, 2, 3);
}

/* Rows of the picture from the staging slots to their places in the block: `rows` from number `first` on. */
static void put_copy(crl_program *p, const plan *l, int32_t first, int32_t rows)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    const int32_t row = l->row_bytes / CRL_WORD, block = (l->rows + 2) * l->pitch;
    const int32_t loops[] = { 1, l->words, l->columns, rows }, steps[] = { l->words, 1, l->columns, rows };
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    for (unsigned k = 0; k < 4; k++) {
        crl_isa_write_at(at, "loop", k, (uint64_t)(loops[k] - 1));
        crl_isa_write_at(at, "par_count", k, (uint64_t)(steps[k] - 1));
        crl_isa_write_at(at, "sum_count", k, (uint64_t)(steps[k] - 1));
    }
    crl_isa_write(at, "in", (uint64_t)(l->staging + first % 2 * l->row_bytes)); /* rows take the two slots in turn */
    crl_walk_write_fine(at, "in", 3, (crl_level[]){ { CRL_WORD, l->words }, { l->position, l->columns }, { 0, rows } });
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 0x80);
    crl_isa_write(at, "in_wait", (uint64_t)(2 * l->row_bytes));
    crl_isa_write(at, "out", (uint64_t)(l->x + (1 + first) * l->pitch + l->position));
    crl_walk_write_fine(at, "out", 4, (crl_level[]){ { CRL_WORD, l->words }, { l->position, l->columns }, { l->pitch, rows }, { block, 1 } });
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 3);
    crl_isa_write(at, "par", (uint64_t)l->identity_unit);
    crl_isa_write(at, "sum_flags", 0x800);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write_at(at, "counter", 0, CRL_NARROWED);
    crl_isa_write_at(at, "level", 0, 3);
    crl_isa_write_at(at, "start", 0, (uint64_t)(first ? first * row + row / GRID : row));
    crl_isa_write_at(at, "each", 0, (uint64_t)row);
    crl_isa_write_at(at, "set", 0, 1);
    crl_isa_write(at, "op2", 6);
    crl_isa_write(at, "group_level", 4);
    crl_isa_write(at, "last_channels", CRL_WORD - 1);
    crl_isa_write(at, "channels", CRL_WORD - 1);
    crl_edit_write(at, &(crl_constants){ .multiplier = 0x3f800000, .high = 0x7f800000, .low = 0xff800000 }); /* 1, and no limits */
}

/* Tiles of a column take the bytes of a row of the picture from their own on. */
static void put_slice(crl_program *p, const plan *l, int32_t column)
{
    enum { HEAD = 0x10000 };
    const int32_t row = l->row_bytes / CRL_WORD, skip = column * l->columns * l->words;
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", 0x1111u << column);
    crl_isa_write(at, "from", (uint64_t)l->ring);
    crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, l->slots }, { 0, l->rows } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", (uint64_t)l->slots);
    crl_walk_write(at, "to_step", "to_count", 2, (crl_level[]){ { 1, row }, { 0, l->rows } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_write(at, "size", (uint64_t)(l->row_bytes / 2));
    crl_slice_write(at, l->staging / CRL_WORD, skip);
    crl_isa_write(at, "done_at", 16);
    if (!skip) return;
    crl_isa_write(at, "head", (uint64_t)(HEAD + row - skip - 1));
    crl_isa_write(at, "tail", (uint64_t)(CRL_WORD * skip));
}

static void put_input(crl_program *p, const plan *l)
{
    const int32_t group = l->rows * l->row_bytes;
    put_identity(p, l);
    crl_input_begin(p);
    put_copy(p, l, 0, l->rows - 1);
    crl_input_transfer(p, GRID * group);
    crl_fence(p, 1u << CRL_NARROWED, 0, false);
    for (int32_t column = 0; column < GRID; column++) put_slice(p, l, column);
    for (int32_t row = 0; row < GRID; row++) crl_input_group(p, 0xfu << GRID * row, l->slots, l->rows * l->slots, row * group, group);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    put_copy(p, l, l->rows - 1, 1);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
}

/* ---- borders ------------------------------------------------------------------------------------------------ */

/* A row or column of the block to the neighbour, and the neighbour's on the other side from it. */
typedef struct border {
    int opcode;
    int32_t from, to;      /* narrow bytes */
    int32_t stride, n;     /* of its positions */
    uint32_t first, last;  /* tiles that only receive: their neighbour is the one that sends; tiles that have none to receive from */
    bool corners;          /* waits for the rows, whose ends it moves along */
} border;

static void put_half(uint8_t *at, const plan *l, const border *b, bool out)
{
    enum { MODE = 5 };
    const int32_t words = l->words < PIECE_WORDS ? l->words : PIECE_WORDS, pieces = l->words / words, levels = pieces > 1 ? 3 : 2;
    const crl_level level[] = { { 1, words }, { b->stride / CRL_WORD, b->n }, { PIECE_WORDS, pieces } };
    crl_isa_write(at, out ? "from" : "to", (uint64_t)(out ? b->from : b->to));
    crl_walk_write(at, out ? "step" : "to_step", out ? "count" : "to_count", levels, level);
    crl_isa_write(at, out ? "levels" : "to_levels", (1u << levels) - 1);
    if (!out) crl_isa_write(at, "to_mode", MODE);
    if (!out || !b->corners) return;
    const int32_t counters[] = { CRL_NORTH_IN, CRL_SOUTH_IN };
    for (unsigned k = 0; k < 2; k++) {
        crl_isa_write_at(at, "counter", k, (uint64_t)counters[k]);
        crl_isa_write_at(at, "level", k, 2);
        crl_isa_write_at(at, "start", k, 1);
        crl_isa_write_at(at, "each", k, 1);
        crl_isa_write_at(at, "set", k, 1);
    }
}

static void put_border(crl_program *p, const plan *l, const border *b, uint32_t zero)
{
    const uint32_t inner = CRL_ALL_TILES & ~(b->first | b->last);
    uint32_t masks[] = { b->first, inner, b->last };
    if (b->last < b->first) masks[0] = b->last, masks[2] = b->first; /* in the order of the tiles */
    for (int k = 0; k < 3; k++) {
        uint8_t *at = crl_program_add(p, b->opcode);
        crl_isa_write(at, "tiles", masks[k]);
        if (masks[k] != b->first) put_half(at, l, b, true);
        put_half(at, l, b, false);
        if (masks[k] != b->last) continue;
        crl_isa_write(at, "fills", 1);
        crl_isa_write(at, "fill", zero * 0x01010101u);
    }
}

static void put_borders(crl_program *p, const plan *l, const crl_constants *c)
{
    const int32_t last_row = l->rows * l->pitch, last_column = l->columns * l->position, x = l->x;
    const border borders[] = {
        { CRL_ISA_NORTH, x + l->pitch + l->position, x + l->pitch + last_row + l->position, l->position, l->columns, 0xf, 0xf000, false },
        { CRL_ISA_SOUTH, x + last_row + l->position, x + l->position, l->position, l->columns, 0xf000, 0xf, false },
        { CRL_ISA_WEST, x + l->position, x + l->position + last_column, l->pitch, l->rows + 2, 0x1111, 0x8888, true },
        { CRL_ISA_EAST, x + last_column, x, l->pitch, l->rows + 2, 0x8888, 0x1111, true },
    };
    for (int i = 0; i < 4; i++) put_border(p, l, &borders[i], c->in_zero);
    crl_drain(p);
}

/* ---- sums ---------------------------------------------------------------------------------------------------- */

/* Weights come through a buffer of a fill, tables go beside it. */
static void put_weights(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME2);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "to", (uint64_t)l->weights);
    crl_walk_write(at, "step", "count", 4, (crl_level[]){ { 1, l->fill }, { 0, l->fills }, { 0, 1 }, { 0, l->groups } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", (uint64_t)l->fill);
    const int32_t group_level = l->resident ? 1 : 2; /* stands in the two lowest bits */
    crl_tables_write(at, l->tables_at + group_level, l->tables_at + (l->tables * TABLE_SLOTS - 1) * CRL_ROW_UNITS, l->tables);
    crl_isa_write(at, "mode", 3);
    crl_isa_write(at, "counter", CRL_PARAMETERS_CAME);
    crl_isa_write(at, "level", 1);
    crl_isa_write(at, "start", (uint64_t)-1);
    crl_isa_write(at, "each", 1);
    crl_isa_write(at, "set", 3);
}

static void put_tables(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    const int32_t loaded = l->tables - 1; /* zero points stay in wide memory */
    crl_isa_write(at, "from", (uint64_t)l->tables_at);
    crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, loaded }, { 0, l->groups } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", (uint64_t)l->tables);
    crl_walk_write(at, "to_step", "to_count", 3, (crl_level[]){ { 1, l->group / 2 }, { GROUP, loaded }, { 0, l->groups } });
    crl_isa_write(at, "to_levels", 3);
    crl_isa_write(at, "mode", 2);
    crl_isa_write(at, "size", GROUP);
    crl_record_write(at, 0, (crl_record){ CRL_READ_SECOND, 1, 1, l->fills, true });
    crl_record_write(at, 1, (crl_record){ 0, 2, -1, 1, true });
    crl_record_write(at, 2, crl_record_end);
    crl_isa_put(at, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(at, CRL_NARROW_SECOND, 1, 1);
    crl_isa_write(at, "done_at", 9);
}

/* What the two ways of reading weights walk. */
static void put_walks(uint8_t *at, const plan *l)
{
    const int32_t n = positions(l), out = l->form->outputs;
    const crl_level in_whole[] = { { CRL_WORD, KERNEL * l->words }, { l->pitch, KERNEL }, { l->position, 1 }, { l->position, l->columns },
                                   { l->pitch, l->rows }, { 0, l->groups } };
    const crl_level in_words[] = { { CRL_WORD, 1 }, { l->position, KERNEL }, { l->pitch, KERNEL }, { l->position, l->columns },
                                   { l->pitch, l->rows }, { CRL_WORD, l->fills }, { 0, l->groups } };
    const crl_level weights[] = { { CRL_ROW_UNITS, l->fill }, { 0, n }, { 0, l->resident ? l->groups : l->fills }, { 0, l->groups } };
    const crl_level sums[] = { { 0, l->fill }, { l->resident ? 0 : CRL_ROW_UNITS, n }, { 0, l->resident ? l->groups : l->fills }, { 0, l->groups } };
    const int32_t levels = l->resident ? 3 : 4;
    for (int32_t k = 0; k < levels; k++) crl_isa_write_at(at, "loop", (unsigned)k, (uint64_t)(weights[k].n - 1));
    crl_walk_write_fine(at, "in", l->resident ? 6 : 7, l->resident ? in_whole : in_words);
    crl_walk_write_fine(at, "out", 3, (crl_level[]){ { CRL_WORD, l->group / CRL_WORD }, { out, n }, { l->group, l->groups } });
    crl_walk_write_fine(at, "par", levels, weights);
    crl_walk_write_fine(at, "sum", levels, sums);
}

static void put_sums(crl_program *p, const plan *l, const crl_constants *c)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    const int32_t zeros = l->tables_at / CRL_ROW_UNITS + l->tables - 1; /* the first row of them */
    const unsigned group_level = l->resident ? 2 : 3;
    put_walks(at, l);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "in", (uint64_t)l->x);
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", l->resident ? 0x7 : 0xf);
    crl_isa_write(at, "out", (uint64_t)l->y);
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 1);
    crl_isa_write(at, "par", (uint64_t)l->weights);
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_isa_write(at, "par_flags", 0x80);
    crl_isa_write(at, "par_rows", (uint64_t)l->fill);
    crl_isa_write(at, "sum", (uint64_t)l->sums);
    if (!l->resident) crl_isa_write_at(at, "sum_next", 7, 2);
    crl_isa_write(at, "sum_flags", l->resident ? 0x840 : 0);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 2);
    const int32_t counters[] = { CRL_READ_SECOND, CRL_SCALES_CAME }, levels[] = { 2, (int32_t)group_level };
    for (unsigned k = 0; k < 2; k++) {
        crl_isa_write_at(at, "counter", k, (uint64_t)counters[k]);
        crl_isa_write_at(at, "level", k, (uint64_t)levels[k]);
        crl_isa_write_at(at, "start", k, 1);
        crl_isa_write_at(at, "each", k, 1);
        crl_isa_write_at(at, "set", k, 1);
    }
    crl_isa_write(at, "op2", l->resident ? 7 : 3);
    crl_isa_write(at, "op3", 8);
    crl_isa_write(at, "scaling", (uint64_t)zeros << 24 | (uint64_t)l->tables << 12 | (uint64_t)(zeros + l->tables * (TABLE_SLOTS - 1)));
    crl_isa_write(at, "bias", l->form->bias);
    crl_isa_write(at, "group_level", group_level);
    crl_isa_write(at, "reduces", l->resident ? 1 : 5);
    crl_isa_write(at, "last_channels", (uint64_t)(l->group - 1));
    crl_isa_write(at, "channels", (uint64_t)(l->group - 1));
    crl_isa_write(at, "per_channel", 1);
    crl_edit_write(at, c);
}

/* Tile 0, which keeps them, sends tables and weights to all. */
static void put_weight_producer(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_PRODUCE);
    crl_isa_write(at, "tiles", 1);
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, l->weight_rows } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "role", 4);
    crl_isa_write_at(at, "counter", 0, CRL_PRODUCED_SECOND);
    crl_isa_write_at(at, "level", 0, 1);
    crl_isa_write_at(at, "each", 0, 1);
    crl_isa_write_at(at, "set", 0, 1);
    crl_isa_write(at, "to_second", 1);
    crl_isa_write(at, "to", CRL_ALL_TILES);
    crl_drain(p);
}

static void put_output(crl_program *p, const plan *l)
{
    const int32_t words = l->form->outputs / CRL_WORD, bytes = positions(l) * l->form->outputs;
    const crl_level level[] = { { 1, words }, { words, l->columns }, { words * l->columns, l->rows } };
    crl_address(p, CRL_BASE_OUTPUT);
    crl_address_copy(p, 4, 11, 10);
    crl_widen(p, CRL_ALL_TILES, l->y, 3, level, CRL_RING, (bytes + CRL_ROW - 1) / CRL_ROW);
    crl_transfer(p, 4, (uint32_t)(CRL_TILES * bytes), CRL_TAG_OUTPUT);
    crl_output_tiles(p, CRL_TILES, bytes, 0, l->weight_rows);
}

static crl_layout layout_of(const plan *l)
{
    crl_layout y = { .rows = l->form->height, .columns = l->form->width, .depth = l->form->outputs };
    for (int32_t i = 0; i <= GRID; i++) y.row_of[i] = i * l->rows, y.column_of[i] = i * l->columns;
    for (int32_t t = 0; t < CRL_TILES; t++) y.offset[t] = t * positions(l) * l->form->outputs;
    return y;
}

crl_status crl_codegen_conv(crl_code *code, const crl_form *form, const crl_twin *w, const crl_constants *c, crl_error *err)
{
    const plan l = plan_of(form);
    crl_program *p = &code->run;
    crl_program_begin(p, false);
    put_input(p, &l);
    put_borders(p, &l, c);
    put_weights(p, &l);
    put_tables(p, &l);
    put_sums(p, &l, c);
    put_weight_producer(p, &l);
    put_output(p, &l);
    crl_program_end(p, false);
    const crl_cached cached = { 1, l.weight_rows, l.group / 16, 0 };
    crl_caching_program(&code->cache, &cached);
    code->output_bytes = (size_t)(CRL_TILES * positions(&l)) * (size_t)form->outputs;
    code->narrow_bytes = l.narrow_bytes;
    code->layout = layout_of(&l);
    return crl_code_pack(code, form, w, &(crl_pack_choice){ .out = w->side[0]->operators[form->op].outputs[0], .drops_zero = true,
                                                            .by_channel = !l.resident }, err);
}
