/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and depthwise layers: their tensor instructions, and the tables that come before. */
#include "reemit.h"

#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum { LEVELS = 8 };

typedef struct levels {
    crl_level level[LEVELS];
    int32_t n;
} levels;

static void add(levels *l, int32_t stride, int32_t n)
{
    if (l->n < LEVELS) l->level[l->n++] = (crl_level){ stride, n };
}

/* Two directions as one level where the outer goes on where the inner ends; levels of one are left out, but for one. */
static void add_pair(levels *l, const release *r, int32_t stride, int32_t n, int32_t outer, int32_t m)
{
    if (m > 1 && n == 1 && r->merged)
        add(l, outer, m);
    else if (m > 1 && outer == stride * n)
        add(l, stride, n * m);
    else {
        add(l, stride, n);
        if (m > 1) add(l, outer, m);
    }
}

/* Words of a position and taps, as inputs are read. */
static void add_reduction(levels *l, const layer *y, const release *r, int32_t words)
{
    const int32_t position = 4 * y->in_words, kw = y->view.kw, kh = y->view.kh, step = y->x.dilation * position, row = y->y.dilation * y->in_pitch;
    const bool joined = r->merged && words * 4 == step; /* words and columns of the kernel */
    if (joined && kw * kh > 1) {
        add_pair(l, r, 4, words * kw, row, kh);
        return;
    }
    add(l, 4, words);
    if (kw * kh > 1 || (!r->merged && !y->view.depthwise)) add_pair(l, r, step, kw, row, kh);
}

static levels inputs_of(const layer *y, const fills *f, const release *r, bool one)
{
    levels l = { .n = 0 };
    const int32_t position = 4 * y->in_words;
    add_reduction(&l, y, r, y->view.depthwise ? 1 : f->resident ? y->in_words : f->rows / (y->view.kh * y->view.kw));
    if (!y->view.depthwise && f->resident) add(&l, position, 1);
    if (!one) add_pair(&l, r, y->x.stride * position, y->columns, y->y.stride * y->in_pitch, y->rows);
    if (y->view.depthwise) add(&l, 4, f->groups);
    if (!y->view.depthwise && !f->resident) add(&l, 4 * f->rows / (y->view.kh * y->view.kw), f->times);
    return l;
}

static levels outputs_of(const layer *y, const fills *f, const release *r, bool one)
{
    levels l = { .n = 0 };
    const int32_t words = y->view.depthwise ? 1 : (y->view.outputs < 64 ? y->out_channels : 64) / 4;
    add(&l, 4, words);
    if (!one) add_pair(&l, r, y->out_channels, y->columns, y->out_pitch, y->rows);
    add(&l, 4 * words, f->groups);
    return l;
}

/* The loops: reduction, positions, what comes in turn, groups; and which of them the wide operands step in. */
typedef struct loops {
    levels main, par, sum;
    int32_t reduces, group_level, fill_level;
    int32_t par_fill, sum_first; /* the fill's level of par; the first level of sums beyond the reduction that has steps, -1: none */
} loops;

static void add_loop(loops *o, int32_t n, int32_t par, int32_t sum, bool reduces)
{
    if (reduces) o->reduces |= 1 << o->main.n;
    if (!reduces && n > 1 && o->sum_first < 0) o->sum_first = o->sum.n;
    add(&o->main, 0, n);
    add(&o->par, par, n);
    add(&o->sum, sum, n);
}

/* Words and taps: one loop, or apart. Sums go through them as one. */
static void add_reducing_loops(loops *o, const layer *y, const fills *f, const release *r)
{
    const int32_t taps = y->view.kh * y->view.kw, words = y->view.depthwise ? 1 : f->rows / taps;
    if (r->merged)
        add(&o->main, 0, f->rows), add(&o->par, CRL_ROW_UNITS, f->rows);
    else {
        add(&o->main, 0, words), add(&o->par, CRL_ROW_UNITS, words);
        add(&o->main, 0, taps), add(&o->par, CRL_ROW_UNITS * words, taps);
        if (!y->view.depthwise && f->resident) add(&o->main, 0, 1);
    }
    add(&o->sum, 0, f->rows);
    o->reduces = (1 << o->main.n) - 1;
}

static loops loops_of(const layer *y, const fills *f, const release *r, bool one)
{
    loops o = { .sum_first = -1 };
    const bool chunked = !y->view.depthwise && !f->resident;
    add_reducing_loops(&o, y, f, r);
    if (!one) add_loop(&o, y->rows * y->columns, 0, chunked ? CRL_ROW_UNITS : 0, false);
    if (chunked) {
        o.fill_level = o.main.n;
        o.par_fill = o.par.n;
        add_loop(&o, f->times, 0, 0, true);
    }
    o.group_level = o.main.n;
    if (!chunked) o.fill_level = o.group_level, o.par_fill = o.par.n;
    add_loop(&o, f->groups, 0, 0, false);
    return o;
}

static const crl_constants *constants_of(const walk *w, int32_t op, const uint8_t *at)
{
    const crl_constants now = crl_edit_read(at);
    const crl_constants *first = NULL;
    for (int32_t k = 0; k < w->constants->n; k++) {
        const crl_constants_pair *p = &w->constants->pairs[k];
        if (p->op != op) continue;
        if (!first) first = &p->side[0];
        if (crl_edit_same(&now, &p->side[0])) return &p->side[0]; /* one of the forms that releases have */
    }
    return first;
}

static void put_record(uint8_t *to, unsigned k, int32_t counter, int32_t level, int32_t start)
{
    crl_isa_write_at(to, "counter", k, (uint64_t)counter);
    crl_isa_write_at(to, "level", k, (uint64_t)level);
    crl_isa_write_at(to, "start", k, (uint64_t)start);
    crl_isa_write_at(to, "each", k, 1);
    crl_isa_write_at(to, "set", k, 1);
}

static void put_addresses(walk *w)
{
    static const char *const names[] = { "in", "in_low", "out", "out_low", "par", "par_low", "sum", "sum_low", "scaling" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) crl_isa_write(w->to, names[i], crl_isa_read(w->at, names[i]));
}

/* Bits that tell of levels. */
static void put_levels(uint8_t *to, const layer *y, const fills *f, const loops *o, const levels *in, const levels *out, const release *r)
{
    const bool dw = y->view.depthwise, chunked = !dw && !f->resident, one = y->rows * y->columns == 1;
    const int32_t steps = dw || f->resident ? f->rows : f->rows * f->times, groups = out->n - 1;
    crl_isa_write(to, "in_flags", (UINT64_C(1) << (in->n - 2)) - 1);
    crl_isa_write(to, "out_flags", groups > 0 ? (UINT64_C(1) << (groups - 1)) - 1 : 0);
    crl_isa_write(to, "out_level", (uint64_t)groups);
    crl_isa_write(to, "par_level", (uint64_t)o->par_fill);
    crl_isa_write(to, "par_flags", f->ring ? 0x40u * (unsigned)o->par_fill : 0);
    crl_isa_write(to, "par_rows", f->ring ? (uint64_t)f->rows : 0);
    crl_isa_write_at(to, "in_next", 7, 3);
    crl_isa_write_at(to, "out_next", 7, 3);
    crl_isa_write_at(to, "par_next", 7, r->merged ? 1 : 3);
    if (chunked && !(one && r->merged)) crl_isa_write_at(to, "sum_next", 7, 2);
    if ((!chunked || one) && o->sum_first >= 0) crl_isa_write(to, "sum_flags", 0x800u + 0x40u * (unsigned)o->sum_first);
    crl_isa_write(to, "op0", 1);
    crl_isa_write(to, "waits", 1);
    crl_isa_write(to, "op2", chunked ? (one ? 7 : f->rows == 1 ? 2 : 3) : 6u + (steps > 1));
    crl_isa_write(to, "group_level", (uint64_t)o->group_level);
    crl_isa_write(to, "reduces", (uint64_t)o->reduces);
}

/* ---- dense layers, and convolutions of one position, which are computed as these ---- */

static bool is_dense(const crl_twin *w, int32_t op)
{
    const crl_operator *o = &w->side[0]->operators[op];
    const crl_shape *in = &w->side[0]->tensors[o->inputs[0]].shape;
    return o->code == CRL_OP_DENSE || (o->code == CRL_OP_CONV && in->rank == 4 && in->dim[1] == 1 && in->dim[2] == 1);
}

/* Outputs of the tile, where each has a group; 0: they have several, for which there is no rule. */
static int32_t outputs_of_tile(const crl_layer_view *v, int32_t tile)
{
    const int32_t left = v->outputs - 64 * tile;
    return v->outputs > 64 * TILES ? 0 : left < 64 ? left : 64;
}

static bool write_dense(walk *w, int32_t op)
{
    crl_layer_view v;
    if (!crl_layer_of(&v, w->twin, CRL_SIDE_A, op)) return false;
    const int32_t outputs = outputs_of_tile(&v, tile_of(w->at)), words = (v.inputs + 3) / 4, out = (outputs + 3) / 4;
    const int32_t group = v.outputs < 64 ? 4 * out : 64;
    if (outputs < 1 || v.kh * v.kw != 1) return false;
    const bool apart = !w->release.merged;
    put_addresses(w);
    crl_isa_write_at(w->to, "loop", 0, (uint64_t)(words - 1));
    crl_walk_write_fine(w->to, "in", 3, (crl_level[]){ { 4, words }, { 4 * words, 1 }, { 4 * words, 1 } });
    crl_walk_write_fine(w->to, "out", 3,
                        (crl_level[]){ { 4, out },
                                       { apart ? (v.outputs + 3) / 4 * 4 : 4 * out, 1 },
                                       { apart ? 4 * out : group, 1 } });
    const int32_t all = CRL_ROW_UNITS * words;
    crl_walk_write_fine(w->to, "par", apart ? 4 : 1, (crl_level[]){ { CRL_ROW_UNITS, words }, { 0, 1 }, { all, 1 }, { all, 1 } });
    crl_walk_write_fine(w->to, "sum", apart ? 2 : 1, (crl_level[]){ { 0, words }, { CRL_ROW_UNITS, 1 } });
    if (apart) crl_isa_write_at(w->to, "sum_next", 7, 2);
    crl_isa_write_at(w->to, "in_next", 7, 3);
    crl_isa_write_at(w->to, "out_next", 7, 3);
    crl_isa_write_at(w->to, "par_next", 7, 1);
    crl_isa_write(w->to, "par_flags", apart ? 3 : 0);
    crl_isa_write(w->to, "in_flags", 1);
    crl_isa_write(w->to, "out_flags", 1);
    crl_isa_write(w->to, "op0", 1);
    crl_isa_write(w->to, "out_level", 2);
    crl_isa_write(w->to, "waits", 1);
    crl_isa_write(w->to, "par_level", apart ? 2 : 1);
    put_record(w->to, 0, CRL_SCALES_CAME, apart ? 3 : 1, 1);
    crl_isa_write(w->to, "op2", 7);
    crl_isa_write(w->to, "group_level", apart ? 3 : 1);
    crl_isa_write(w->to, "reduces", apart ? 5 : 1);
    crl_isa_write(w->to, "last_channels", (uint64_t)(4 * out - 1));
    crl_isa_write(w->to, "channels", (uint64_t)(4 * out - 1));
    crl_isa_write(w->to, "op3", v.scales_differ ? 8 : 0);
    crl_isa_write(w->to, "per_channel", v.scales_differ);
    crl_isa_write(w->to, "bias", v.bias && !v.zero_bias);
    const crl_constants *c = constants_of(w, op, w->at);
    if (c) crl_edit_write(w->to, c);
    return true;
}

static bool write_dense_tables(walk *w, int32_t op)
{
    enum { LOADS = 2, STORE = 64 };
    crl_layer_view v;
    if (!crl_layer_of(&v, w->twin, CRL_SIDE_A, op)) return false;
    const int32_t outputs = outputs_of_tile(&v, tile_of(w->at)), tables = v.scales_differ && v.bias && !v.zero_bias ? 2 : 1;
    if (outputs < 1) return false;
    crl_isa_write(w->to, "from", crl_isa_read(w->at, "from"));
    crl_isa_write_at(w->to, "step", 0, 1);
    crl_isa_write_at(w->to, "step", 1, !w->release.merged);
    crl_isa_write(w->to, "levels", w->release.merged ? 1 : 3);
    crl_isa_write(w->to, "to", v.scales_differ ? 0 : STORE);
    crl_walk_write(w->to, "to_step", "to_count", 2,
                   (crl_level[]){ { 1, (v.outputs < 64 ? (v.outputs + 15) / 16 * 16 : 64) / 2 }, { STORE, tables } });
    crl_isa_write(w->to, "to_levels", 3);
    crl_isa_write(w->to, "mode", LOADS);
    crl_isa_write(w->to, "size", STORE);
    crl_record_write(w->to, 0, (crl_record){ 0, 2, -1, 1, true });
    crl_record_write(w->to, 1, crl_record_end);
    crl_isa_put(w->to, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(w->to, CRL_NARROW_DECREMENT, 1, 1);
    crl_isa_write(w->to, "done_at", 9);
    return true;
}

bool reemit_layer(walk *w)
{
    const int32_t op = w->ops[w->i], tile = tile_of(w->at);
    layer y;
    if (op < 0) return false;
    if (is_dense(w->twin, op)) return write_dense(w, op);
    if (!layer_of(&y, w->twin, op, tile)) return false;
    const fills f = fills_of(&y);
    const bool one = (w->release.merged ? y.rows * y.columns : y.most) == 1, dw = y.view.depthwise;
    const loops o = loops_of(&y, &f, &w->release, one);
    levels in = inputs_of(&y, &f, &w->release, one);
    const levels out = outputs_of(&y, &f, &w->release, one);
    put_levels(w->to, &y, &f, &o, &(levels){ .n = in.n + !dw }, &out, &w->release);
    put_addresses(w);
    if (!dw && f.groups > 1 && f.group < 64) { /* the last group of outputs is shorter */
        const int32_t words = (f.group + 3) / 4;
        crl_isa_write(w->to, "partial_words", (uint64_t)(words - 1));
        crl_isa_write(w->to, "partial_level", (uint64_t)(out.n - 1));
        crl_isa_write(w->to, "partial_skip", (uint64_t)(16 - words));
    }
    if (!dw) crl_isa_write(w->to, "in_flags", (UINT64_C(1) << (in.n - 2)) - 1);
    if (!dw) add(&in, 0, f.groups);
    for (int32_t k = 0; k < o.main.n; k++) crl_isa_write_at(w->to, "loop", (unsigned)k, (uint64_t)(o.main.level[k].n - 1));
    crl_walk_write_fine(w->to, "in", in.n, in.level);
    crl_walk_write_fine(w->to, "out", out.n, out.level);
    crl_walk_write_fine(w->to, "par", o.par.n, o.par.level);
    crl_walk_write_fine(w->to, "sum", o.sum.n, o.sum.level);
    put_record(w->to, 0, dw ? CRL_READ_FIRST : CRL_READ_SECOND, o.fill_level, 1 + w->fills[!dw][tile]);
    put_record(w->to, 1, CRL_SCALES_CAME, o.group_level, 1 + w->groups[tile]);
    const int32_t group = dw ? 4 : f.group, most = dw ? 4 : y.view.outputs < 64 ? y.view.outputs : 64;
    crl_isa_write(w->to, "last_channels", (uint64_t)(group - 1));
    crl_isa_write(w->to, "channels", (uint64_t)(most - 1));
    crl_isa_write(w->to, "op3", y.view.scales_differ ? 8 : 0);
    crl_isa_write(w->to, "per_channel", y.view.scales_differ);
    crl_isa_write(w->to, "bias", y.view.bias && !y.view.zero_bias);
    const crl_constants *c = constants_of(w, op, w->at);
    if (c) crl_edit_write(w->to, c);
    return true;
}

/* The operator whose tables are loaded: that of the next tensor instruction for a tile of these. */
static int32_t next_layer(const walk *w)
{
    const uint32_t tiles = (uint32_t)crl_isa_read(w->at, "tiles");
    for (int32_t i = w->i + 1; i < w->program->n; i++) {
        const crl_instruction *in = &w->program->instructions[i];
        const uint8_t *at = w->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
        if (in->opcode == CRL_ISA_TENSOR && crl_isa_read(at, "tiles") & tiles) return w->ops[i];
    }
    return -1;
}

bool reemit_tables(walk *w)
{
    enum { LOADS = 2, STORE = 64, SCALES = 0 };
    const int32_t tile = tile_of(w->at);
    layer y;
    if (crl_isa_read(w->at, "mode") != LOADS) return false;
    const int32_t op = next_layer(w);
    if (op >= 0 && is_dense(w->twin, op)) return write_dense_tables(w, op);
    if (op < 0 || !layer_of(&y, w->twin, op, tile)) return false;
    const fills f = fills_of(&y);
    const bool dw = y.view.depthwise, per_channel = y.view.scales_differ, bias = y.view.bias && !y.view.zero_bias;
    const int32_t tables = per_channel && bias ? 2 : 1;
    const int32_t outputs = dw ? 4 : y.view.outputs < 64 ? (y.view.outputs + 15) / 16 * 16 : 64;
    crl_isa_write(w->to, "from", crl_isa_read(w->at, "from"));
    crl_isa_write(w->to, "slots", crl_isa_read(w->at, "slots"));
    crl_isa_write(w->to, "circular", f.ring);
    crl_isa_write_at(w->to, "step", 0, 1);
    crl_isa_write_at(w->to, "count", 1, (uint64_t)(f.groups - 1));
    crl_isa_write(w->to, "levels", 1);
    crl_isa_write(w->to, "to", per_channel ? SCALES : STORE);
    crl_walk_write(w->to, "to_step", "to_count", 3, (crl_level[]){ { 1, outputs / 2 }, { STORE, tables }, { 0, f.groups } });
    crl_isa_write(w->to, "to_levels", 3);
    crl_isa_write(w->to, "mode", LOADS);
    crl_isa_write(w->to, "size", STORE);
    crl_record_write(w->to, 0, (crl_record){ dw ? CRL_READ_FIRST : CRL_READ_SECOND, 1, 1 + w->fills[!dw][tile], f.times, true });
    crl_record_write(w->to, 1, (crl_record){ 0, 2, w->groups[tile] - 1, 1, true });
    crl_record_write(w->to, 2, crl_record_end);
    crl_isa_put(w->to, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(w->to, CRL_NARROW_SECOND, 1, 1);
    crl_isa_write(w->to, "done_at", 9);
    return true;
}

/* ---- counters ---- */

static void count_layer(walk *w)
{
    const uint32_t tiles = (uint32_t)crl_isa_read(w->at, "tiles");
    const int32_t op = w->ops[w->i];
    layer y;
    bool scales = false;
    for (unsigned k = 0; k < 2; k++) {
        const crl_isa_field *f = crl_isa_field_of(crl_isa_find(crl_isa_opcode(w->at)), "counter");
        scales |= crl_isa_get(w->at, f, k) == CRL_SCALES_CAME;
    }
    const crl_isa_field *loop = crl_isa_field_of(crl_isa_find(CRL_ISA_TENSOR), "loop");
    const int32_t groups = (int32_t)crl_isa_get(w->at, loop, (unsigned)crl_isa_read(w->at, "group_level")) + 1;
    for (int32_t t = 0; t < TILES; t++) {
        if (!(tiles & 1u << t)) continue;
        if (scales) w->groups[t] += groups;
        if (op < 0 || !layer_of(&y, w->twin, op, t)) continue;
        const fills f = fills_of(&y);
        w->fills[!y.view.depthwise][t] += f.times * f.groups;
    }
}

void reemit_count(walk *w)
{
    const int32_t opcode = w->program->instructions[w->i].opcode;
    if (opcode == CRL_ISA_TENSOR) count_layer(w);
    if (opcode == CRL_ISA_POP) w->sent[crl_isa_read(w->at, "activations")] = 0;
    if (opcode != CRL_ISA_FENCE || crl_isa_read(w->at, "value")) return;
    const uint32_t counters = (uint32_t)crl_isa_read(w->at, "counters");
    for (int32_t t = 0; t < TILES; t++) {
        if (counters & 1u << CRL_READ_FIRST) w->fills[0][t] = 0;
        if (counters & 1u << CRL_READ_SECOND) w->fills[1][t] = 0;
        if (counters & 1u << CRL_SCALES_CAME) w->groups[t] = 0;
    }
}
