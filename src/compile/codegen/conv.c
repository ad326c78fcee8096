/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution alone, or with a pool behind it: the picture is cut into 4 x 4 blocks, one to a tile, each with a border of its neighbours'
 * pixels or of zero points; the weights go round the ring from tile 0 while all tiles compute.
 *
 * Source: the programs of public models of the compiler's last release: twelve of one convolution (coral-usb-oxidized), two of one and two
 * with a pool (LibrEdgeTPU), and the layers of networks for small pictures (all_cnn, nin_cnn of prbodmann/Coral-TPU), which tell what
 * uneven blocks, other strides and VALID do; where several of its rules are one in all of them, those that the project tinycoral
 * published for the release before. */
#include "compile/codegen/codegen.h"

#include <string.h>

#include "base/error.h"
#include "compile/codegen/functions.h"
#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum {
    GROUP = 64,         /* outputs that are computed together */
    PIECE_WORDS = 16,   /* that the mesh moves at once */
    IDENTITY = 16,      /* bytes of a 4 x 4 matrix */
    FEW = 4,            /* channels up to which bytes are copied one by one, and weights stay */
    BLOCK_LEAST = 16, BLOCK_MOST = 30, /* rows of weights that come into a block, not through a buffer of two halves */
    BESIDE_TABLES = 128 /* units that are kept free beside them */
};

/* One direction of the picture, as the grid cuts it. Numbers of pixels, which may lie outside. */
typedef struct axis {
    int32_t n, out;
    int32_t own[CRL_GRID + 1], made[CRL_GRID + 1];   /* where a tile's inputs and outputs begin */
    int32_t window[CRL_GRID], window_end[CRL_GRID];  /* what its outputs read */
    int32_t block[CRL_GRID], block_end[CRL_GRID];    /* what it has */
} axis;

typedef struct plan {
    const crl_form *form;
    const struct plan *next;    /* layer whose block outputs go into; NULL: this is the last */
    int32_t tile, rows_before;  /* that has its weights, and how many rows of others were sent before */
    axis y, x;
    int32_t position;           /* bytes of a position of the input, and of the output, of whole words: */
    int32_t out_position;
    int32_t words;              /* of a position of the input */
    int32_t row_bytes, slots;   /* of the picture, and as many packets */
    int32_t passes;             /* most that a row of tiles needs of that buffer */
    int32_t slot;               /* bytes of a staging slot */
    int32_t group, groups, last; /* outputs of a group, and of the last one */
    int32_t tables, loaded;     /* rows of a group's tables, and how many of them are for the store */
    int32_t table_slots;
    bool resident;              /* a group's weights come at once, not a word of all taps at a time */
    bool in_block;              /* weights come into a block */
    int32_t fill, fills;        /* rows of weights that come at once, and how often for a group */
    int32_t fill_words;         /* of a position in such a fill */
    int32_t weight_rows;        /* in all, with tables */
    int32_t in_bytes, out_bytes; /* of the largest block */
    int32_t in_at, out_at, staging, identity, identity_bytes, narrow_bytes; /* narrow memory */
    int32_t sums, tables_at, weights, ring, identity_unit;  /* wide memory */
    /* of a pool: the rest is 0 where there is none */
    int32_t pooled_rows, pooled_columns, pooled_at, ones, pool_unit;
} plan;

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t up(int32_t n, int32_t to)
{
    return (n + to - 1) / to * to;
}

static int32_t parts(int32_t n, int32_t of)
{
    return (n + of - 1) / of;
}

/* Where tiles begin; a tile has what it owns and what its outputs read, and what it has to pass on. */
static axis axis_of(int32_t n, int32_t out, int32_t kernel, int32_t stride, int32_t before)
{
    axis a = { .n = n, .out = out };
    int32_t low[CRL_GRID], high[CRL_GRID];
    for (int32_t i = 0; i <= CRL_GRID; i++) a.own[i] = parts(i * n, CRL_GRID), a.made[i] = parts(i * out, CRL_GRID);
    for (int32_t i = 0; i < CRL_GRID; i++) {
        a.window[i] = a.made[i] * stride - before;
        a.window_end[i] = (a.made[i + 1] - 1) * stride - before + kernel;
        low[i] = least(a.own[i], most(a.window[i], 0));
        high[i] = most(a.own[i + 1], least(a.window_end[i], n));
        a.block[i] = least(a.window[i], low[i]);
        a.block_end[i] = most(a.window_end[i], high[i]);
    }
    return a;
}

/* Whether all that a tile needs is its neighbours' own, and only the outermost need what is outside. */
static bool axis_is_simple(const axis *a)
{
    for (int32_t i = 0; i < CRL_GRID; i++) {
        if (a->made[i + 1] <= a->made[i] || a->own[i + 1] <= a->own[i]) return false;
        if (i && a->block[i] < a->own[i - 1]) return false;
        if (i + 1 < CRL_GRID && a->block_end[i] > a->own[i + 2]) return false;
    }
    return true;
}

static int32_t own_of(const axis *a, int32_t i)
{
    return a->own[i + 1] - a->own[i];
}

static int32_t made_of(const axis *a, int32_t i)
{
    return a->made[i + 1] - a->made[i];
}

static int32_t row_of(int32_t tile)
{
    return tile / CRL_GRID;
}

static int32_t column_of(int32_t tile)
{
    return tile % CRL_GRID;
}

static int32_t pitch_of(const plan *p, int32_t tile)
{
    const int32_t c = column_of(tile);
    return (p->x.block_end[c] - p->x.block[c]) * p->position;
}

static int32_t block_bytes(const plan *p, int32_t tile)
{
    const int32_t r = row_of(tile);
    return (p->y.block_end[r] - p->y.block[r]) * pitch_of(p, tile);
}

/* Where a pixel lies in a tile's block. */
static int32_t place_of(const plan *p, int32_t tile, int32_t y, int32_t x)
{
    return p->in_at + (y - p->y.block[row_of(tile)]) * pitch_of(p, tile) + (x - p->x.block[column_of(tile)]) * p->position;
}

/* Positions of the output of a tile, in front of a pool. */
static int32_t positions(const plan *p, int32_t tile)
{
    return made_of(&p->y, row_of(tile)) * made_of(&p->x, column_of(tile));
}

/* The stream of a row of tiles, of whole units: where it begins and ends. */
static int32_t stream_begin(const plan *l, int32_t row)
{
    return l->y.own[row] * l->row_bytes / CRL_STREAM * CRL_STREAM;
}

static int32_t stream_end(const plan *l, int32_t row)
{
    return up(l->y.own[row + 1] * l->row_bytes, CRL_STREAM);
}

/* Where the input, the staging slots, the output and the identity matrix lie. Source: tinycoral. */
static void place_narrow(plan *p)
{
    const int32_t in = p->in_bytes, out = p->out_bytes, slots = 2 * p->slot, identity = p->identity_bytes;
    if (p->form->alone)
        p->identity = slots, p->in_at = p->out_at = up(slots + identity, CRL_ROW);
    else if (out >= slots + identity && out > in)
        p->in_at = out, p->identity = slots;
    else if (2 * in >= p->slot)
        p->staging = p->out_at = in, p->identity = in + slots;
    else if (out > slots || 4 * in < identity)
        p->in_at = most(out, slots + identity), p->identity = slots;
    else
        p->in_at = slots, p->identity = slots + in;
    p->narrow_bytes = most(most(p->in_at + in, p->out_at + out), p->identity + identity);
}

/* Buffers from the top of wide memory down, the largest first; of equal ones the first. */
static void place_wide(plan *p)
{
    const int32_t identity = CRL_ROW_UNITS * parts(p->identity_bytes, CRL_ROW), ring = CRL_SLOT * p->slots;
    const int32_t tables = BESIDE_TABLES + p->table_slots * CRL_ROW_UNITS * p->tables;
    const int32_t weights = (p->in_block ? CRL_ROW_UNITS : CRL_SLOT) * p->fill;
    int32_t sizes[] = { p->resident ? 0 : CRL_ROW_UNITS * most(p->out_bytes / p->out_position, 1), tables, weights }, at = p->pool_unit;
    int32_t *places[] = { &p->sums, &p->tables_at, &p->weights };
    for (int round = 0; round < 3; round++) {
        int best = 0;
        for (int i = 1; i < 3; i++)
            if (sizes[i] > sizes[best]) best = i;
        at -= sizes[best];
        if (sizes[best]) *places[best] = at;
        sizes[best] = -1;
    }
    p->ring = CRL_TOP - ring - (ring > identity ? 0 : identity);
    p->identity_unit = CRL_TOP - identity - (ring > identity ? ring : 0);
}

/* How many rows of weights come at once, if not all. Source: tinycoral. */
static int32_t fill_of(const crl_form *f, int32_t words)
{
    if (f->kernel_height * f->kernel_width > 1) return f->kernel_height * f->kernel_width;
    int32_t fill = least(15, words / 2);
    while (fill > 1 && words % fill) fill--;
    return most(fill, 1);
}

static void choose_fills(plan *p)
{
    const crl_form *f = p->form;
    const int32_t taps = f->kernel_height * f->kernel_width, all = taps * p->words, n = p->out_bytes / p->out_position;
    const int32_t fill = fill_of(f, p->words);
    const int32_t kept = fill < BLOCK_LEAST || fill > BLOCK_MOST ? 8 * fill + 8 : 4 * fill + 4;
    p->resident = f->inputs <= FEW || (all <= BLOCK_MOST ? all <= n + taps : 8 * all + 8 < CRL_ROW_UNITS * n + kept);
    p->fill = p->resident ? all : fill;
    p->fill_words = p->fill / taps;
    p->fills = all / p->fill;
    p->in_block = p->fill >= BLOCK_LEAST && p->fill <= BLOCK_MOST;
    p->table_slots = p->in_block ? 1 : 2;
    p->weight_rows = f->alone ? 0 : p->groups * (p->tables + all);
}

/* What is behind the convolution has its own buffer, and its outputs in the place of the convolution's input. */
static void place_pool(plan *p)
{
    const crl_form *f = p->form;
    p->pool_unit = CRL_TOP;
    if (!f->pool) return;
    p->pooled_rows = made_of(&p->y, 0) / f->pool_size;
    p->pooled_columns = made_of(&p->x, 0) / f->pool_size;
    p->pool_unit = CRL_TOP - positions(p, 0);
}

static plan plan_of(const crl_form *f)
{
    plan p = { .form = f, .position = up(f->inputs, CRL_WORD), .out_position = up(f->outputs, CRL_WORD) };
    p.words = p.position / CRL_WORD;
    p.y = axis_of(f->height, f->out_height, f->kernel_height, f->stride, f->pad_y);
    p.x = axis_of(f->width, f->out_width, f->kernel_width, f->stride, f->pad_x);
    p.row_bytes = f->width * f->inputs;
    p.slots = parts(p.row_bytes, CRL_ROW);
    for (int32_t r = 0; r < CRL_GRID; r++) p.passes = most(p.passes, parts(parts(stream_end(&p, r) - stream_begin(&p, r), CRL_ROW), p.slots));
    p.slot = most(p.row_bytes, CRL_ROW);
    p.group = least(p.out_position, GROUP);
    p.groups = parts(p.out_position, GROUP);
    p.last = p.out_position - GROUP * (p.groups - 1);
    p.tables = crl_form_tables(f);
    p.loaded = p.tables - f->channel_zeros;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        p.in_bytes = most(p.in_bytes, block_bytes(&p, t));
        p.out_bytes = most(p.out_bytes, positions(&p, t) * p.out_position);
    }
    p.identity_bytes = IDENTITY + (f->inputs % CRL_WORD ? CRL_ROW : 0);
    choose_fills(&p);
    place_pool(&p);
    place_narrow(&p);
    place_wide(&p);
    if (f->pool) {
        const int32_t n = p.pooled_rows * p.pooled_columns;
        p.pooled_at = f->alone ? p.in_at + p.in_bytes : p.out_bytes;
        p.ones = f->alone ? p.pooled_at + n * p.out_position : p.in_at + p.in_bytes;
        p.narrow_bytes = most(p.narrow_bytes, f->pool == CRL_POOL_AVERAGE ? p.ones + CRL_WORD * n : p.pooled_at + n * p.out_position);
    }
    return p;
}

/* What of a tile's goes to the host. */
static int32_t output_bytes(const plan *p, int32_t tile)
{
    return (p->form->pool ? p->pooled_rows * p->pooled_columns : positions(p, tile)) * p->out_position;
}

/* Each layer's weights are kept by a tile of its own, the most by the first. Source: placements of networks. */
static void spread_weights(plan *l, int32_t n)
{
    static const int32_t order[CRL_CHAIN_MOST] = { 0, 1, 3, 7, 15, 8, 4, 9 };
    for (int32_t k = 0; k < n; k++) {
        int32_t before = 0;
        for (int32_t i = 0; i < n; i++) before += l[i].weight_rows > l[k].weight_rows || (l[i].weight_rows == l[k].weight_rows && i < k);
        l[k].tile = order[before];
    }
}

/* The plans of all layers; the result is how many there are. In a chain blocks take turns in two places. */
static int32_t plans_of(const crl_form *form, plan *l)
{
    int32_t n = 0, rows = 0, places[2] = { 0 };
    for (const crl_form *f = form; f; f = f->next) {
        l[n] = plan_of(f);
        l[n].rows_before = rows;
        rows += l[n].weight_rows;
        places[n % 2] = most(places[n % 2], l[n].in_bytes);
        n++;
    }
    if (n == 1) return n;
    places[n % 2] = most(places[n % 2], l[n - 1].out_bytes);
    const int32_t begin = up(2 * l->slot + l->identity_bytes, CRL_ROW), at[] = { begin, begin + places[0] };
    for (int32_t k = 0; k < n; k++) {
        l[k].staging = 0;
        l[k].identity = 2 * l->slot;
        l[k].in_at = at[k % 2];
        l[k].out_at = at[(k + 1) % 2];
        l[k].narrow_bytes = at[1] + places[1];
        l[k].next = k + 1 < n ? &l[k + 1] : NULL;
    }
    spread_weights(l, n);
    return n;
}

/* Why a layer's sizes are none. `comes`: its input is the host's. */
static const char *obstacle_of(const plan *p, bool comes)
{
    enum { MOST_POSITIONS = 16384, MOST_WORDS = 0xffff, MOST_UNITS = 32768 }; /* that numbers of instructions have been seen to count */
    const crl_form *f = p->form;
    if (!axis_is_simple(&p->y) || !axis_is_simple(&p->x))
        return "its picture is so small that a tile needs pixels of more than its neighbours, or has nothing to do";
    for (int32_t t = 0; t < CRL_TILES; t++) {
        if (positions(p, t) < 2) return "its output is so small that a tile has a single position";
        if (positions(p, t) > MOST_POSITIONS || (comes && (own_of(&p->y, row_of(t)) * (p->row_bytes / CRL_WORD) > MOST_WORDS ||
                                                           stream_begin(p, row_of(t)) / CRL_STREAM >= MOST_UNITS)))
            return "its picture is larger than its instructions count";
        if (!p->next && output_bytes(p, t) % CRL_STREAM) return "its output is one of which a tile has no multiple of 8 bytes";
    }
    if (!f->alone && !p->resident && p->fill == 1) return "its channels do not come in parts";
    if (f->pool && (p->y.out % (CRL_GRID * f->pool_size) || p->x.out % (CRL_GRID * f->pool_size) || made_of(&p->x, 0) % CRL_WORD))
        return "its pool's windows do not lie in single tiles";
    if (f->pool && p->groups > 1) return "its pool has more channels than are computed together";
    if (f->pool && !f->alone && (!p->in_at || p->in_at != p->out_bytes)) return "its pool's output has no place that is known";
    if (f->pool == CRL_POOL_AVERAGE && !f->alone && p->pooled_rows * p->pooled_columns * p->out_position > p->in_bytes)
        return "its pool's output has no place that is known";
    return NULL;
}

const char *crl_conv_obstacle(const crl_form *f)
{
    plan l[CRL_CHAIN_MOST];
    const int32_t n = plans_of(f, l);
    int32_t lowest = CRL_TOP, rows = 0;
    bool small = true;
    for (int32_t k = 0; k < n; k++) {
        const plan *p = &l[k];
        const char *obstacle = obstacle_of(p, !k);
        if (obstacle) return obstacle;
        lowest = least(lowest, least(least(p->weights, p->tables_at), p->resident ? CRL_TOP : p->sums));
        rows = most(rows, p->weight_rows);
        small = small && p->narrow_bytes <= CRL_NARROW_BYTES && least(p->identity_unit, p->ring) > 0;
    }
    if (!small || CRL_ROW_UNITS * rows > lowest || l[n - 1].rows_before + l[n - 1].weight_rows > 0xffff)
        return "it needs more memory than tiles have at once";
    return NULL;
}

/* ---- the input ----------------------------------------------------------------------------------------- */

/* The 4 x 4 identity, by which words are copied: four fills, and a row of wide memory. Where bytes are copied, zeros follow. */
static void put_identity(crl_program *p, const plan *l)
{
    const int32_t zeros = (l->identity_bytes - IDENTITY) / CRL_WORD, words = l->identity_bytes / CRL_WORD;
    crl_fill_identity(p, l->identity, !zeros);
    if (!zeros) {
        crl_widen_identity(p, l->identity, l->identity_unit);
        return;
    }
    uint8_t *at = crl_program_add(p, CRL_ISA_NORTH);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "to", (uint64_t)(l->identity + IDENTITY));
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, zeros } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_write(at, "fills", 1);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "from", (uint64_t)(l->identity / CRL_WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, words } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", (uint64_t)l->identity_unit);
    crl_isa_write(at, "done_at", 1);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, parts(words, CRL_UNIT) } });
    crl_isa_write(at, "to_levels", 1);
}

/* Where a tile's part of the picture begins in what it gets: from the begin of its group of rows' unit of the stream. */
static int32_t offset_of(const plan *l, int32_t tile)
{
    return l->y.own[row_of(tile)] * l->row_bytes % CRL_STREAM + l->x.own[column_of(tile)] * l->form->inputs;
}

/* The walks of a copy by words: loops, input and output. */
static void put_word_walks(uint8_t *at, const plan *l, int32_t tile, int32_t rows)
{
    const int32_t columns = own_of(&l->x, column_of(tile)), pitch = pitch_of(l, tile);
    const int32_t loops[] = { 1, l->words, columns, rows }, steps[] = { l->words, 1, columns, rows };
    for (unsigned k = 0; k < 4; k++) {
        crl_isa_write_at(at, "loop", k, (uint64_t)(loops[k] - 1));
        crl_isa_write_at(at, "par_count", k, (uint64_t)(steps[k] - 1));
        crl_isa_write_at(at, "sum_count", k, (uint64_t)(steps[k] - 1));
    }
    crl_walk_write_fine(at, "in", 3, (crl_level[]){ { CRL_WORD, l->words }, { l->position, columns }, { 0, rows } });
    crl_isa_write(at, "in_flags", 0x80);
    crl_walk_write_fine(at, "out", 4,
                        (crl_level[]){ { CRL_WORD, l->words }, { l->position, columns }, { pitch, rows }, { block_bytes(l, tile), 1 } });
    crl_isa_write(at, "out_flags", 3);
    crl_isa_write(at, "sum_flags", 0x800);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write(at, "group_level", 4);
}

/* The same byte by byte: a word takes those of a position, one after the other. */
static void put_byte_walks(uint8_t *at, const plan *l, int32_t tile, int32_t rows, bool one)
{
    const int32_t columns = own_of(&l->x, column_of(tile)), pitch = pitch_of(l, tile), bytes = l->form->inputs;
    const int32_t loops[] = { bytes, columns, 1, rows }, levels = one ? 2 : 3;
    const crl_level in[] = { { 1, bytes }, { bytes, columns }, { l->row_bytes, 1 }, { 0, rows } };
    const crl_level out[] = { { CRL_WORD, 1 }, { CRL_WORD, columns }, { pitch, 1 }, { pitch, rows }, { block_bytes(l, tile), 1 } };
    const crl_level last[] = { { CRL_WORD, 1 }, { CRL_WORD, columns }, { pitch, 1 }, { block_bytes(l, tile), 1 } };
    for (unsigned k = 0; k < 4; k++) crl_isa_write_at(at, "loop", k, (uint64_t)(loops[k] - 1));
    crl_walk_write_fine(at, "in", 4, in);
    crl_isa_write(at, "in_flags", 0xc1);
    crl_walk_write_fine(at, "out", one ? 4 : 5, one ? last : out);
    crl_isa_write(at, "out_flags", one ? 3 : 7);
    crl_walk_write_fine(at, "par", levels, (crl_level[]){ { 1, bytes }, { 0, columns }, { 0, rows } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_walk_write_fine(at, "sum", levels, (crl_level[]){ { bytes == 1, bytes }, { 0, columns }, { 0, rows } });
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "out_level", 3);
    crl_isa_write(at, "op3", 7);
    crl_isa_write(at, "group_level", 3);
    crl_isa_write(at, "reduces", 1);
}

/* Rows of the picture from the staging slots to their places in the block: all but the last, which may come late, or that. */
static void put_copies(crl_program *p, const plan *l, bool last)
{
    const size_t begin = p->n;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        const int32_t rows = own_of(&l->y, row_of(t)), first = last ? rows - 1 : 0, n = last ? 1 : rows - 1;
        const int32_t offset = offset_of(l, t), row = l->row_bytes / CRL_WORD;
        if (!n) continue;
        uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
        crl_isa_write(at, "tiles", 1u << t);
        crl_isa_write(at, "in", (uint64_t)(l->staging + first % 2 * l->slot + offset % CRL_WORD)); /* rows take the two slots in turn */
        crl_isa_write(at, "in_wait", (uint64_t)(2 * l->slot));
        crl_isa_write(at, "out", (uint64_t)place_of(l, t, l->y.own[row_of(t)] + first, l->x.own[column_of(t)]));
        if (l->form->inputs % CRL_WORD)
            put_byte_walks(at, l, t, n, last);
        else
            put_word_walks(at, l, t, n);
        crl_isa_write_at(at, "in_next", 7, 3);
        crl_isa_write_at(at, "out_next", 7, 3);
        crl_isa_write(at, "par", (uint64_t)l->identity_unit);
        crl_isa_write(at, "op0", 1);
        crl_isa_write_at(at, "counter", 0, CRL_NARROWED);
        crl_isa_write_at(at, "level", 0, 3);
        const int32_t part = offset % CRL_WORD + own_of(&l->x, column_of(t)) * l->form->inputs;
        crl_isa_write_at(at, "start", 0, (uint64_t)(last ? first * row + parts(part, CRL_WORD) : row));
        crl_isa_write_at(at, "each", 0, (uint64_t)row);
        crl_isa_write_at(at, "set", 0, 1);
        crl_isa_write(at, "op2", 6);
        crl_isa_write(at, "last_channels", CRL_WORD - 1);
        crl_isa_write(at, "channels", CRL_WORD - 1);
        crl_edit_write(at, &(crl_constants){ .multiplier = 0x3f800000, .high = 0x7f800000, .low = 0xff800000 }); /* 1, and no limits */
        crl_program_join(p, begin);
    }
}

/* Tiles take the bytes of a row of the picture from their own on. */
static void put_slices(crl_program *p, const plan *l)
{
    enum { HEAD = 0x10000 };
    const size_t begin = p->n;
    const int32_t row = l->row_bytes / CRL_WORD;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        const int32_t rows = own_of(&l->y, row_of(t)), skip = offset_of(l, t) / CRL_WORD;
        const int32_t packets = parts(stream_end(l, row_of(t)) - stream_begin(l, row_of(t)), CRL_ROW), come = CRL_UNIT * packets - skip;
        const bool more = parts(come, row) > rows + 1; /* than are taken */
        const int32_t n = more ? rows + 1 : parts(come, row);
        int32_t head = come - (n - 1) * row;
        if (more && head % row == 0) head -= row;
        uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
        crl_isa_write(at, "tiles", 1u << t);
        crl_isa_write(at, "from", (uint64_t)l->ring);
        crl_ring_walk_write(at, l->slots, packets);
        crl_walk_write(at, "to_step", "to_count", 2, (crl_level[]){ { 1, row }, { 0, n } });
        crl_isa_write(at, "to_levels", 1);
        crl_isa_write(at, "size", (uint64_t)(l->slot / 2));
        crl_slice_write(at, l->staging / CRL_WORD, skip, crl_ring_level(l->slots, packets));
        crl_isa_write(at, "done_at", 16);
        if (more || head < row) {
            crl_isa_write(at, "head", (uint64_t)(HEAD + head - 1));
            crl_isa_write(at, "tail", (uint64_t)(int64_t)(CRL_WORD * (row - head)));
        }
        crl_program_join(p, begin);
    }
}

static void put_input(crl_program *p, const plan *l)
{
    enum { PASSES = 3 }; /* through the ring's buffer, from which on words that come are counted from 0. Source: tinycoral */
    put_identity(p, l);
    crl_input_begin(p);
    put_copies(p, l, false);
    crl_input_transfer(p, l->form->height * l->row_bytes);
    if (l->passes >= PASSES) crl_fence(p, 1u << CRL_NARROWED, 0, false);
    put_slices(p, l);
    for (int32_t row = 0; row < CRL_GRID; row++) {
        const int32_t from = stream_begin(l, row), bytes = stream_end(l, row) - from;
        crl_input_group(p, 0xfu << CRL_GRID * row, l->ring, l->slots, parts(bytes, CRL_ROW), from, bytes);
    }
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    put_copies(p, l, true);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
}

/* ---- borders ------------------------------------------------------------------------------------------------ */

/* Rows and columns that a tile sends or gets: where they begin, and how many. */
typedef struct strip {
    int32_t at;
    int32_t rows, columns;
} strip;

static const struct direction {
    int opcode;
    int32_t row, column; /* where a tile's neighbour lies that gets what it sends */
} directions[] = { { CRL_ISA_NORTH, -1, 0 }, { CRL_ISA_SOUTH, 1, 0 }, { CRL_ISA_WEST, 0, -1 }, { CRL_ISA_EAST, 0, 1 } };

/* Pixels of an axis that tile i gets from the side that `from` points to: 1, those behind its own, -1, those in front. */
static int32_t lacking(const axis *a, int32_t i, int32_t from, int32_t *begin)
{
    *begin = from > 0 ? a->own[i + 1] : a->block[i];
    return from > 0 ? a->block_end[i] - a->own[i + 1] : a->own[i] - a->block[i];
}

/* What `tile` has of the pixels that `of` lacks. */
static strip strip_of(const plan *l, const struct direction *d, int32_t tile, int32_t of)
{
    const int32_t r = row_of(of), c = column_of(of);
    int32_t begin;
    if (d->row) {
        const int32_t n = lacking(&l->y, r, -d->row, &begin);
        return (strip){ place_of(l, tile, begin, l->x.own[c]), n, own_of(&l->x, c) };
    }
    const int32_t n = lacking(&l->x, c, -d->column, &begin);
    return (strip){ place_of(l, tile, l->y.window[r], begin), l->y.window_end[r] - l->y.window[r], n };
}

/* Writes half an instruction; the result is how many levels it walks, apart from pieces of long positions. */
static int32_t put_half(uint8_t *at, const plan *l, int32_t tile, strip s, bool out)
{
    enum { LAST = 233, LAST_SKIP = 249, INBOUND = 205 };
    const int32_t words = least(l->words, PIECE_WORDS), pieces = parts(l->words, PIECE_WORDS), over = l->words % PIECE_WORDS;
    const crl_level all[] = { { 1, words }, { l->words, s.columns }, { pitch_of(l, tile) / CRL_WORD, s.rows } };
    crl_level level[4];
    int32_t levels = 0;
    for (int32_t k = 0; k < 3; k++)
        if (all[k].n > 1) level[levels++] = all[k];
    if (!levels) level[levels++] = (crl_level){ 1, 1 };
    if (pieces > 1) level[levels] = (crl_level){ PIECE_WORDS, pieces };
    const int32_t in_all = levels + (pieces > 1);
    crl_isa_write(at, out ? "from" : "to", (uint64_t)s.at);
    crl_walk_write(at, out ? "step" : "to_step", out ? "count" : "to_count", in_all, level);
    crl_isa_write(at, out ? "levels" : "to_levels", (1u << in_all) - 1);
    if (!out) crl_isa_write(at, "to_mode", (uint64_t)(1 + 2 * levels));
    if (pieces > 1 && over) {
        const unsigned half = out ? 0 : INBOUND;
        crl_isa_put(at, LAST + half, 10, (uint64_t)(over - 1));
        crl_isa_put(at, LAST_SKIP + half, 18, (uint64_t)(CRL_WORD * (PIECE_WORDS - over) + levels));
    }
    return levels;
}

/* Columns are moved along with the ends of the rows that came from above and below. */
static void put_waits(uint8_t *at, const plan *l, int32_t tile, int32_t levels)
{
    static const int32_t counters[] = { CRL_NORTH_IN, CRL_SOUTH_IN };
    const int32_t r = row_of(tile);
    unsigned n = 0;
    for (int k = 0; k < 2; k++) {
        int32_t begin;
        if (lacking(&l->y, r, k ? 1 : -1, &begin) <= 0) continue;
        crl_isa_write_at(at, "counter", n, (uint64_t)counters[k]);
        crl_isa_write_at(at, "level", n, (uint64_t)levels);
        crl_isa_write_at(at, "start", n, 1);
        crl_isa_write_at(at, "each", n, 1);
        crl_isa_write_at(at, "set", n, 1);
        n++;
    }
}

static bool is_inside(int32_t row, int32_t column)
{
    return row >= 0 && row < CRL_GRID && column >= 0 && column < CRL_GRID;
}

static void put_direction(crl_program *p, const plan *l, const struct direction *d, uint32_t zero)
{
    const size_t begin = p->n;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        const int32_t r = row_of(t), c = column_of(t), to = t + CRL_GRID * d->row + d->column;
        const strip in = strip_of(l, d, t, t);
        strip out = { 0, 0, 0 };
        if (is_inside(r + d->row, c + d->column)) out = strip_of(l, d, t, to);
        const bool gets = in.rows > 0 && in.columns > 0, sends = out.rows > 0 && out.columns > 0;
        if (!gets && !sends) continue;
        uint8_t *at = crl_program_add(p, d->opcode);
        crl_isa_write(at, "tiles", 1u << t);
        if (sends) {
            const int32_t levels = put_half(at, l, t, out, true);
            if (d->column) put_waits(at, l, t, levels);
        }
        if (gets) put_half(at, l, t, in, false);
        if (gets && !is_inside(r - d->row, c - d->column)) {
            crl_isa_write(at, "fills", 1);
            crl_isa_write(at, "fill", zero * 0x01010101u);
        }
        crl_program_join(p, begin);
    }
}

static void put_borders(crl_program *p, const plan *l, const crl_constants *c)
{
    for (size_t i = 0; i < sizeof directions / sizeof directions[0]; i++) put_direction(p, l, &directions[i], c->in_zero);
    crl_drain(p);
}

/* ---- sums ---------------------------------------------------------------------------------------------------- */

/* Weights come through a buffer of a fill, tables go beside it. */
static void put_weights(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME2);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "to", (uint64_t)l->weights);
    crl_walk_write(at, "step", "count", 4,
                   (crl_level[]){ { 1, l->fill }, { 0, l->fills }, { 0, l->resident ? l->groups : 1 }, { 0, l->resident ? 1 : l->groups } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "circular", 1);
    if (!l->in_block) crl_isa_write(at, "slots", (uint64_t)l->fill);
    const int32_t group_level = l->resident ? 1 : 2; /* stands in the two lowest bits */
    crl_tables_write(at, l->tables_at + group_level, l->tables_at + (l->tables * l->table_slots - 1) * CRL_ROW_UNITS, l->tables);
    crl_isa_write(at, "mode", 3);
    crl_isa_write(at, "counter", CRL_PARAMETERS_CAME);
    crl_isa_write(at, "level", 1);
    crl_isa_write(at, "start", l->in_block ? 0 : (uint64_t)-1);
    crl_isa_write(at, "each", 1);
    crl_isa_write(at, "set", 3);
}

static void put_tables(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "from", (uint64_t)l->tables_at);
    crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, l->loaded }, { 0, l->groups } }); /* zero points stay in wide memory */
    crl_isa_write(at, "levels", 1);
    if (!l->in_block) {
        crl_isa_write(at, "circular", 1);
        crl_isa_write(at, "slots", (uint64_t)l->tables);
    }
    if (!l->form->channel_scales) crl_isa_write(at, "to", GROUP); /* biases lie behind scales */
    crl_walk_write(at, "to_step", "to_count", 3, (crl_level[]){ { 1, up(l->group, 16) / 2 }, { GROUP, l->loaded }, { 0, l->groups } });
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

/* Levels that go on where the one inside ends are one with it; the last are left out where they go nowhere. */
static int32_t merge(crl_level *level, int32_t n)
{
    int32_t kept = 1;
    for (int32_t i = 1; i < n; i++)
        if (level[i].stride == level[kept - 1].stride * level[kept - 1].n)
            level[kept - 1].n *= level[i].n;
        else
            level[kept++] = level[i];
    while (kept > 1 && level[kept - 1].n == 1) kept--;
    return kept;
}

/* What a tile's sums read of its block. The result is how many levels that is, but for groups. */
static int32_t put_input_walk(uint8_t *at, const plan *l, int32_t tile)
{
    const crl_form *f = l->form;
    const int32_t pitch = pitch_of(l, tile), r = row_of(tile), c = column_of(tile), n = f->stride;
    crl_level level[8];
    int32_t levels = 0;
    crl_level taps[] = { { CRL_WORD, l->fill_words }, { l->position, f->kernel_width }, { pitch, f->kernel_height } };
    crl_level places[] = { { n * l->position, made_of(&l->x, c) }, { n * pitch, made_of(&l->y, r) } };
    const int32_t of_taps = merge(taps, 3), of_places = merge(places, 2);
    memcpy(level, taps, (size_t)of_taps * sizeof *level), levels = of_taps;
    if (l->resident) level[levels++] = (crl_level){ n * l->position, 1 };
    memcpy(level + levels, places, (size_t)of_places * sizeof *level), levels += of_places;
    if (!l->resident) level[levels++] = (crl_level){ CRL_WORD * l->fill_words, l->fills };
    level[levels] = (crl_level){ 0, l->groups };
    crl_walk_write_fine(at, "in", levels + 1, level);
    return levels;
}

/* Where outputs go: side by side, or to their places in the next layer's block, whose rows are longer. */
static void put_output_walk(uint8_t *at, const plan *l, int32_t tile)
{
    const int32_t r = row_of(tile), c = column_of(tile), words = l->group / CRL_WORD;
    const crl_level group = { l->group, l->groups };
    if (!l->next) {
        crl_isa_write(at, "out", (uint64_t)l->out_at);
        crl_walk_write_fine(at, "out", 3, (crl_level[]){ { CRL_WORD, words }, { l->out_position, positions(l, tile) }, group });
        crl_isa_write(at, "out_flags", 1);
        crl_isa_write(at, "out_level", 2);
        return;
    }
    const crl_level row = { pitch_of(l->next, tile), made_of(&l->y, r) };
    crl_isa_write(at, "out", (uint64_t)place_of(l->next, tile, l->next->y.own[r], l->next->x.own[c]));
    crl_walk_write_fine(at, "out", 4, (crl_level[]){ { CRL_WORD, words }, { l->out_position, made_of(&l->x, c) }, row, group });
    crl_isa_write(at, "out_flags", 3);
    crl_isa_write(at, "out_level", 3);
}

/* What the two ways of reading weights walk. */
static void put_walks(uint8_t *at, const plan *l, int32_t tile)
{
    const int32_t n = positions(l, tile), partial = l->last % GROUP;
    const crl_level weights[] = { { CRL_ROW_UNITS, l->fill }, { 0, n }, { 0, l->resident ? l->groups : l->fills }, { 0, l->groups } };
    const crl_level sums[] = { { 0, l->fill }, { l->resident ? 0 : CRL_ROW_UNITS, n }, { 0, l->resident ? l->groups : l->fills }, { 0, l->groups } };
    const int32_t levels = l->resident ? 3 : 4;
    for (int32_t k = 0; k < levels; k++) crl_isa_write_at(at, "loop", (unsigned)k, (uint64_t)(weights[k].n - 1));
    crl_isa_write(at, "in_flags", (1u << (put_input_walk(at, l, tile) - 2)) - 1);
    put_output_walk(at, l, tile);
    crl_walk_write_fine(at, "par", levels, weights);
    crl_walk_write_fine(at, "sum", levels, sums);
    if (l->groups == 1 || !partial) return;
    crl_isa_write(at, "partial_words", (uint64_t)(partial / CRL_WORD - 1));
    crl_isa_write(at, "partial_level", l->next ? 3 : 2);
    crl_isa_write(at, "partial_skip", (uint64_t)((GROUP - partial) / CRL_WORD));
}

static void put_sums_of(uint8_t *at, const plan *l, int32_t tile, const crl_constants *c)
{
    const int32_t zeros = l->tables_at / CRL_ROW_UNITS + l->loaded; /* the first row of them */
    const unsigned group_level = l->resident ? 2 : 3;
    put_walks(at, l, tile);
    crl_isa_write(at, "tiles", 1u << tile);
    crl_isa_write(at, "in", (uint64_t)place_of(l, tile, l->y.window[row_of(tile)], l->x.window[column_of(tile)]));
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "par", (uint64_t)l->weights);
    crl_isa_write_at(at, "par_next", 7, 1);
    if (!l->in_block) {
        crl_isa_write(at, "par_flags", 0x80);
        crl_isa_write(at, "par_rows", (uint64_t)l->fill);
    }
    crl_isa_write(at, "sum", (uint64_t)l->sums);
    if (!l->resident) crl_isa_write_at(at, "sum_next", 7, 2);
    crl_isa_write(at, "sum_flags", l->resident ? 0x840 : 0);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 2);
    const int32_t counters[] = { CRL_READ_SECOND, CRL_SCALES_CAME }, levels[] = { 2, (int32_t)group_level };
    for (unsigned k = 0; k < (l->loaded ? 2u : 1u); k++) {
        crl_isa_write_at(at, "counter", k, (uint64_t)counters[k]);
        crl_isa_write_at(at, "level", k, (uint64_t)levels[k]);
        crl_isa_write_at(at, "start", k, 1);
        crl_isa_write_at(at, "each", k, 1);
        crl_isa_write_at(at, "set", k, 1);
    }
    crl_isa_write(at, "op2", l->resident ? 6 + (l->fill > 1) : 3);
    if (l->form->channel_zeros) {
        const int32_t step = l->table_slots > 1 ? l->tables : 1;
        crl_isa_write(at, "op3", 8);
        crl_isa_write(at, "scaling", (uint64_t)zeros << 24 | (uint64_t)step << 12 | (uint64_t)(zeros + l->tables * (l->table_slots - 1)));
    }
    crl_isa_write(at, "bias", l->form->bias);
    crl_isa_write(at, "group_level", group_level);
    crl_isa_write(at, "reduces", l->resident ? 1 : 5);
    crl_isa_write(at, "last_channels", (uint64_t)(l->last - 1));
    crl_isa_write(at, "channels", (uint64_t)(l->group - 1));
    crl_isa_write(at, "per_channel", l->form->channel_scales);
    crl_edit_write(at, c);
}

static void put_sums(crl_program *p, const plan *l, const crl_constants *c)
{
    const size_t begin = p->n;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        put_sums_of(crl_program_add(p, CRL_ISA_TENSOR), l, t, c);
        crl_program_join(p, begin);
    }
}

/* The tile that keeps them sends tables and weights to all. */
static void put_weight_producer(crl_program *p, const plan *l)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_PRODUCE);
    crl_isa_write(at, "tiles", 1u << l->tile);
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, l->weight_rows } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "role", 4);
    crl_isa_write_at(at, "counter", 0, CRL_PRODUCED_SECOND);
    crl_isa_write_at(at, "level", 0, 1);
    crl_isa_write_at(at, "start", 0, (uint64_t)l->rows_before);
    crl_isa_write_at(at, "each", 0, 1);
    crl_isa_write_at(at, "set", 0, 1);
    crl_isa_write(at, "to_second", 1);
    crl_isa_write(at, "to", CRL_ALL_TILES);
}

/* ---- a pool -------------------------------------------------------------------------------------------------- */

/* Words of four positions become rows of wide memory, each byte's positions together. */
static void put_turn(crl_program *p, const plan *l)
{
    const int32_t words = l->out_position / CRL_WORD, columns = made_of(&l->x, 0), rows = made_of(&l->y, 0);
    const crl_level level[] = { { words, CRL_WORD }, { 1, words }, { CRL_WORD * words, columns / CRL_WORD }, { columns * words, rows } };
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "from", (uint64_t)(l->out_at / CRL_WORD));
    crl_walk_write(at, "step", "count", 4, level);
    crl_isa_write(at, "levels", 0xf);
    crl_isa_write(at, "to", (uint64_t)l->pool_unit);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, rows * columns / CRL_WORD } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_put(at, CRL_WIDEN_RECORD, 2, 3);
    crl_isa_write(at, "transpose", 1);
    crl_isa_write(at, "done_at", 2);
}

static void put_pooled(crl_program *p, const plan *l, const crl_constants *c)
{
    const int32_t size = l->form->pool_size, columns = made_of(&l->x, 0), rows = made_of(&l->y, 0);
    const int32_t n = l->pooled_rows * l->pooled_columns, group = l->out_position;
    const bool average = l->form->pool == CRL_POOL_AVERAGE;
    const int32_t loops[] = { size, size, l->pooled_columns, l->pooled_rows };
    uint8_t *at = crl_program_add(p, average ? CRL_ISA_TENSOR : CRL_ISA_MAX);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    for (unsigned k = 0; k < 4; k++) crl_isa_write_at(at, "loop", k, (uint64_t)(loops[k] - 1));
    if (average) { /* each output has its own one, by which its positions are multiplied */
        crl_isa_write(at, "in", (uint64_t)l->ones);
        crl_walk_write_fine(at, "in", 4, (crl_level[]){ { 0, size }, { 0, size }, { CRL_WORD, n }, { CRL_WORD * n, 1 } });
        crl_isa_write(at, "in_flags", 3);
    }
    crl_isa_write(at, "out", (uint64_t)l->pooled_at);
    crl_walk_write_fine(at, "out", 5,
                        (crl_level[]){ { CRL_WORD, group / CRL_WORD },
                                       { group, l->pooled_columns },
                                       { group * l->pooled_columns, l->pooled_rows },
                                       { group, 1 },
                                       { group * n, 1 } });
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 7);
    crl_isa_write(at, "par", (uint64_t)l->pool_unit);
    crl_walk_write_fine(at, "par", 6,
                        (crl_level[]){ { 1, size },
                                       { columns, size },
                                       { size, l->pooled_columns },
                                       { size * columns, l->pooled_rows },
                                       { rows * columns, 1 },
                                       { rows * columns, 1 } });
    crl_isa_write_at(at, "par_next", 7, 3);
    crl_isa_write(at, "par_flags", 0xf);
    crl_walk_write_fine(at, "sum", 2, (crl_level[]){ { 0, size * size }, { 0, n } });
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 3);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 4);
    crl_isa_write(at, "op2", average ? 0xe : 6);
    crl_isa_write(at, "op3", average ? 6 : 7);
    crl_isa_write(at, "group_level", 4);
    crl_isa_write(at, "reduces", 3);
    crl_isa_write(at, "last_channels", (uint64_t)(group - 1));
    crl_isa_write(at, "channels", (uint64_t)(group - 1));
    crl_edit_write(at, c);
}

static void put_pool(crl_program *p, const plan *l, const crl_constants *c)
{
    if (l->form->pool == CRL_POOL_AVERAGE) {
        uint8_t *at = crl_program_add(p, CRL_ISA_NORTH);
        crl_isa_write(at, "tiles", CRL_ALL_TILES);
        crl_isa_write(at, "to", (uint64_t)l->ones);
        crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, l->pooled_rows * l->pooled_columns } });
        crl_isa_write(at, "to_levels", 1);
        crl_isa_write(at, "fills", 1);
        crl_isa_write(at, "fill", 1);
    }
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    put_turn(p, l);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    put_pooled(p, l, c);
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
}

/* ---- the output ---------------------------------------------------------------------------------------------- */

static void put_each(crl_program *p, const plan *l, const crl_constants *c)
{
    const bool pooled = l->form->pool;
    crl_each each[CRL_TILES];
    for (int32_t t = 0; t < CRL_TILES; t++) {
        each[t].at = pooled ? l->pooled_at : l->out_at;
        each[t].positions = output_bytes(l, t) / l->out_position;
        each[t].words = l->out_position / CRL_WORD;
    }
    crl_codegen_each(p, l->form, each, l->form->alone ? l->identity : pooled ? l->out_at : l->in_at, c); /* what is no longer read */
}

static void put_output(crl_program *p, const plan *l, const int32_t *bytes)
{
    const bool pooled = l->form->pool;
    const int32_t words = l->out_position / CRL_WORD;
    int32_t all = 0;
    crl_address(p, CRL_BASE_OUTPUT);
    crl_address_copy(p, 4, 11, 10);
    const size_t begin = p->n;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        const int32_t columns = pooled ? l->pooled_columns : made_of(&l->x, column_of(t));
        const int32_t rows = pooled ? l->pooled_rows : made_of(&l->y, row_of(t));
        const crl_level walk[] = { { 1, words }, { words, columns }, { words * columns, rows } };
        crl_level level[3];
        int32_t levels = 0;
        for (int32_t k = 0; k < 3; k++)
            if (walk[k].n > 1) level[levels++] = walk[k];
        crl_widen(p, 1u << t, pooled ? l->pooled_at : l->out_at, levels, level, CRL_RING, parts(bytes[t], CRL_ROW));
        crl_program_join(p, begin);
        all += bytes[t];
    }
    crl_transfer(p, 4, (uint32_t)all, CRL_TAG_OUTPUT);
    crl_output_tiles(p, CRL_TILES, bytes, 0, l->rows_before + l->weight_rows);
}

static void lay_out(crl_code *code, const plan *l, const int32_t *bytes)
{
    crl_layout *y = &code->layout;
    const int32_t by = l->form->pool ? l->form->pool_size : 1;
    *y = (crl_layout){ .rows = l->y.out / by, .columns = l->x.out / by, .depth = l->out_position };
    for (int32_t i = 0; i <= CRL_GRID; i++) y->row_of[i] = l->y.made[i] / by, y->column_of[i] = l->x.made[i] / by;
    code->output_bytes = 0;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        y->offset[t] = (int32_t)code->output_bytes;
        code->output_bytes += (size_t)bytes[t];
    }
}

static void put_layer(crl_program *p, const plan *l, const crl_constants *c)
{
    put_borders(p, l, c);
    put_weights(p, l);
    if (l->loaded) put_tables(p, l);
    put_sums(p, l, c);
    put_weight_producer(p, l);
}

static crl_status pack_layers(crl_code *code, const plan *l, int32_t n, const crl_twin *w, crl_error *err)
{
    crl_cached cached[CRL_CHAIN_MOST];
    crl_status s = CRL_OK;
    for (int32_t k = 0; k < n; k++)
        cached[k] = (crl_cached){ .pieces = 1, .rows = l[k].weight_rows, .lanes = up(l[k].group, 16) / 16, .tile = l[k].tile,
                                  .next = k + 1 < n ? &cached[k + 1] : NULL };
    if (!l->form->alone) crl_caching_program(&code->cache, cached);
    for (int32_t k = 0; k < n && !s; k++)
        s = crl_code_pack(code, l[k].form, w, &(crl_pack_choice){ .out = w->side[0]->operators[l[k].form->op].outputs[0], .drops_zero = true,
                                                                  .by_channel = !l[k].resident }, 0, err);
    return s;
}

crl_status crl_codegen_conv(crl_code *code, const crl_form *form, const crl_twin *w, const crl_constants *c, crl_error *err)
{
    plan l[CRL_CHAIN_MOST];
    const int32_t n = plans_of(form, l);
    const plan *last = &l[n - 1];
    int32_t bytes[CRL_TILES];
    crl_program *p = &code->run;
    for (int32_t t = 0; t < CRL_TILES; t++) bytes[t] = output_bytes(last, t);
    crl_program_begin(p, false);
    put_input(p, l);
    for (int32_t k = 0; k < n && !form->alone; k++) {
        if (k) crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false), crl_drain(p);
        put_layer(p, &l[k], &c[k * CRL_OF_ALL + CRL_OF_LAYER]);
    }
    c += (n - 1) * CRL_OF_ALL;
    if (form->pool) put_pool(p, last, &c[CRL_OF_POOL]);
    if (last->form->each)
        put_each(p, last, &c[CRL_OF_EACH]);
    else
        crl_drain(p);
    put_output(p, last, bytes);
    crl_program_end(p, false);
    code->narrow_bytes = last->narrow_bytes;
    lay_out(code, last, bytes);
    return pack_layers(code, l, n, w, err);
}
