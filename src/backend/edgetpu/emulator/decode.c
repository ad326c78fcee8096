/* SPDX-License-Identifier: Apache-2.0 */
/* From words to what units do. Every bit that is set has to be read here, or to be known to change nothing that is computed; an
 * instruction with any other is refused. */
#include <stdio.h>
#include <string.h>

#include "backend/edgetpu/emulator/inside.h"
#include "base/error.h"
#include "package/isa.h"

enum { MOST_BITS = 128 * CRL_ISA_MOST_WORDS, HEAD_BITS = 12, HALF_MESH = 205, MESH_PITCH = 41 };

typedef struct decoder {
    const uint8_t *at;
    const crl_isa_op *type;
    uint64_t seen[MOST_BITS / 64 + 1];
    const crl_disassembly *listing;
    int32_t index;
    crl_status status;
    crl_error *err;
} decoder;

static void mark(decoder *d, unsigned first, unsigned width)
{
    for (unsigned i = first; i < first + width; i++) d->seen[i / 64] |= UINT64_C(1) << i % 64;
}

static uint64_t u(decoder *d, unsigned first, unsigned width)
{
    mark(d, first, width);
    return crl_isa_bits(d->at, first, width);
}

static int64_t s(decoder *d, unsigned first, unsigned width)
{
    return crl_isa_signed(u(d, first, width), width);
}

static float f(decoder *d, unsigned first)
{
    const uint32_t bits = (uint32_t)u(d, first, 32);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void refuse(decoder *d, const char *field, uint64_t value)
{
    if (d->status) return;
    d->status = crl_fail(d->err, CRL_ERR_UNSUPPORTED, "instruction %d (word %d, %s): %s is 0x%llx, which the emulator does not know to execute",
                         d->index, d->listing->instructions[d->index].word, d->type->name, field, (unsigned long long)value);
}

/* What was not read and is not 0. */
static void refuse_rest(decoder *d)
{
    char name[48];
    for (unsigned i = HEAD_BITS; i < 128u * d->type->words && !d->status; i++) {
        if (d->seen[i / 64] >> i % 64 & 1 || !crl_isa_bits(d->at, i, 1)) continue;
        unsigned width = 1;
        while (width < 16 && i + width < 128u * d->type->words && !(d->seen[(i + width) / 64] >> (i + width) % 64 & 1)) width++;
        snprintf(name, sizeof name, "what stands in bits %u to %u", i, i + width - 1);
        refuse(d, name, crl_isa_bits(d->at, i, width));
    }
}

/* ---- walks --------------------------------------------------------------------------------------------------- */

/* Where the levels of a walk stand. Steps are stored less what the inner levels went. */
typedef struct layout {
    unsigned first, step, count; /* of the first level: the bit; widths */
    unsigned levels;
    bool low; /* the lowest two bits of steps stand one place before */
    int64_t unit; /* of a step */
} layout;

static void read_levels(decoder *d, crl_walk *w, layout l)
{
    static const int64_t MOST_WAY = INT64_C(1) << 32; /* more than any memory has */
    const unsigned pitch = l.step + l.count + (l.low ? 2 : 0);
    int64_t gone = 0;
    for (unsigned k = 0; k < CRL_WALK_LEVELS; k++) {
        w->count[k] = 1;
        if (k >= l.levels) continue;
        const unsigned first = l.first + k * pitch;
        int64_t step = s(d, first, l.step);
        if (l.low) step = 4 * step + (int64_t)u(d, first - 2, 2);
        w->count[k] = (uint32_t)u(d, first + l.step, l.count) + 1;
        w->stride[k] = (step + gone) * l.unit;
        gone += (int64_t)(w->count[k] - 1) * (step + gone);
        if (gone > MOST_WAY || gone < -MOST_WAY) {
            refuse(d, "the way of a walk", (uint64_t)gone);
            return;
        }
    }
    if (l.low) mark(d, l.first + l.levels * pitch - 2, 2); /* which writers set to 0 to 3 */
}

/* The buffer of two halves that rings and meshes write and read: level, and the size of a half. */
static void read_halves(decoder *d, crl_walk *w, unsigned first, int64_t unit)
{
    w->turn = (int32_t)u(d, first, 2);
    w->half = (int64_t)u(d, first + 2, 11) * unit;
}

/* A last pass that is shorter. The skip, which says what the level below does not go, follows from it. */
static void read_last(decoder *d, crl_walk *w, unsigned count, unsigned skip)
{
    const uint64_t last = u(d, count, 10);
    w->last_level = (int32_t)u(d, skip, 2);
    if (u(d, skip + 2, 16)) w->last_count = (uint32_t)last + 1;
    else if (last || w->last_level) refuse(d, "a last pass that skips nothing", last);
}

/* ---- waits --------------------------------------------------------------------------------------------------- */

typedef struct record {
    unsigned first, level; /* the bit where the counter stands; the width of the level */
    bool has_target;       /* one more bit at the end */
} record;

static void read_wait(decoder *d, crl_emu_op *op, record r)
{
    const unsigned at = r.first + 5 + r.level;
    crl_emu_wait w = { .counter = (uint8_t)u(d, r.first, 5), .level = (uint8_t)u(d, r.first + 5, r.level),
                       .start = (uint16_t)u(d, at, 16), .each = (uint16_t)u(d, at + 16, 16) };
    const bool set = u(d, at + 32, 1);
    w.of_target = r.has_target && u(d, at + 33, 1);
    if (!set) return;
    if (w.counter >= EMU_COUNTERS) refuse(d, "the counter of a wait", w.counter);
    else op->waits.wait[op->waits.n++] = w;
}

static crl_emu_count read_count(decoder *d, unsigned first, unsigned width)
{
    return (crl_emu_count){ .on = u(d, first, 1), .level = (uint8_t)u(d, first + 1, width) };
}

/* ---- the tensor unit ------------------------------------------------------------------------------------------- */

/* Sums that are done leave registers with each pass of the walk of partial sums; so many levels of the loop those are. */
static void find_inner(decoder *d, crl_emu_tensor *t)
{
    uint64_t steps = 1, gone = 1;
    for (int32_t k = 0; k < t->sum.turn; k++) steps *= t->sum.count[k];
    t->inner = 0;
    for (; t->inner < CRL_WALK_LEVELS && gone < steps; t->inner++) {
        const uint64_t inside = gone / t->loop.count[0];
        gone *= t->loop.count[t->inner];
        if (t->loop.last_count && t->inner == t->loop.last_level) gone -= (t->loop.count[0] - t->loop.last_count) * inside;
    }
    if (gone != steps) refuse(d, "the steps of a sum", steps);
}

/* Levels that only add up come first, where they can be kept in registers; others go by partial sums in wide memory. */
static void split_sums(decoder *d, crl_emu_tensor *t, uint32_t mask)
{
    if (t->sum.half) {
        find_inner(d, t);
    } else {
        while (t->inner < CRL_WALK_LEVELS && (mask >> t->inner & 1 || t->loop.count[t->inner] == 1)) t->inner++;
    }
    for (int32_t k = t->inner; k < CRL_WALK_LEVELS; k++)
        if (mask >> k & 1 && t->loop.count[k] > 1) t->outer |= 1u << k;
    if (t->outer && t->sum.half) refuse(d, "reduces", mask);
}

static void read_channels(decoder *d, crl_emu_tensor *t)
{
    t->last_channels = (int32_t)u(d, 1934, 6) + 1;
    t->channels = (int32_t)u(d, 1940, 6) + 1;
    t->zero_end = (int64_t)u(d, 1886, 12);
    t->zero_each = (int64_t)u(d, 1898, 12);
    t->zero_from = (int64_t)u(d, 1910, 12);
}

/* Four multipliers of 8 bits take four products of bytes, two of a byte and 16 bits, one of 16 bits twice; or one of the narrower. */
static void read_products(decoder *d, crl_emu_tensor *t)
{
    enum { ALWAYS = 2, FINISHES = 4, WIDE_IN = 8, WIDE_WEIGHTS = 16, ONE_MIXED = 6, ONE_OF_BYTES = 7, ZEROS = 8 };
    const uint64_t kind = u(d, 1843, 5), form = u(d, 1850, 4);
    t->wide_in = kind & WIDE_IN;
    t->wide_weights = kind & WIDE_WEIGHTS;
    t->keeps_all = !(kind & FINISHES);
    t->has_zeros = form == ZEROS;
    const int32_t wide = t->wide_in + t->wide_weights;
    if (!(kind & ALWAYS)) refuse(d, "op2", kind);
    if (form && form != (wide == 0 ? ONE_OF_BYTES : ONE_MIXED) && (form != ZEROS || wide)) refuse(d, "op3", form);
    t->products = form == 0 && wide == 1 ? EMU_PAIRS : (form && !t->has_zeros) || wide ? EMU_SINGLE : EMU_BYTES;
    if (d->type->opcode == CRL_ISA_MAX) {
        if (wide || t->has_zeros || t->outer) refuse(d, "op2", kind);
        t->products = EMU_GREATEST;
    } else if (d->type->opcode == CRL_ISA_SUM) {
        if (t->products != EMU_PAIRS || t->wide_in) refuse(d, "op2", kind);
        t->products = EMU_TOTAL;
    }
}

static void read_function(decoder *d, crl_emu_tensor *t)
{
    const uint64_t function = u(d, 1946, 3);
    t->wide_out = function & 4;
    t->function = (crl_emu_function)(function & 3);
    const int32_t in_word = t->wide_out ? 2 : 4;
    if (t->channels % in_word) refuse(d, "channels", (uint64_t)t->channels - 1);
    if (t->last_channels % in_word) refuse(d, "last_channels", (uint64_t)t->last_channels - 1);
    if (t->function == 2 || (t->function == EMU_BY_ROOT && !t->wide_out)) refuse(d, "function", function);
}

static void read_arithmetic(decoder *d, crl_emu_tensor *t)
{
    t->weight_zero = (int32_t)u(d, 1854, 16);
    t->in_zero = (int32_t)u(d, 1870, 16);
    t->multiplier = f(d, 1949);
    t->high = f(d, 1981);
    t->low = f(d, 2013);
    t->offset = (int32_t)s(d, 2045, 32);
    t->out_zero = (int32_t)u(d, 2077, 16);
    t->has_bias = u(d, 2093, 1);
    t->has_scales = u(d, 2094, 1);
}

static void read_output(decoder *d, crl_emu_tensor *t)
{
    t->out.base = (int64_t)u(d, 574, 18);
    read_levels(d, &t->out, (layout){ 594, 17, 18, 8, true, 1 });
    mark(d, 890, 4); /* levels in use */
    const uint32_t words = (uint32_t)u(d, 918, 18) + 1;
    t->out.last_level = (int32_t)u(d, 936, 3);
    if (u(d, 941, 16)) t->out.last_count = words; /* the skip itself follows */
}

/* A last pass that is shorter: of the main loop, of the rows of weights that come in pieces. */
static void read_last_rounds(decoder *d, crl_emu_tensor *t)
{
    crl_walk *const walks[2] = { &t->loop, &t->par };
    for (int k = 0; k < 2; k++) {
        const unsigned at = k ? 1229 : 174;
        const uint32_t last = (uint32_t)u(d, at, 14) + 1;
        walks[k]->last_level = (int32_t)u(d, at + 14, 3);
        if (walks[k]->last_level) walks[k]->last_count = last;
        else if (last > 1) refuse(d, "a last pass of no level", last);
    }
    if (t->loop.last_count > t->loop.count[0]) refuse(d, "last", t->loop.last_count - 1);
    mark(d, 1246, 14); /* what the level below does not go, which follows */
}

static void read_tensor(decoder *d, crl_emu_op *op)
{
    crl_emu_tensor *t = &op->u.tensor;
    for (unsigned k = 0; k < CRL_WALK_LEVELS; k++) t->loop.count[k] = (uint32_t)u(d, 62 + 14 * k, 14) + 1;
    read_last_rounds(d, t);
    t->in.base = (int64_t)u(d, 191, 18);
    read_levels(d, &t->in, (layout){ 211, 17, 18, 8, true, 1 });
    mark(d, 507, 6); /* levels in use */
    t->in.turn = (int32_t)u(d, 513, 3);
    t->in.half = (int64_t)u(d, 516, 20);
    read_output(d, t);
    t->par.base = (int64_t)u(d, 957, 14);
    read_levels(d, &t->par, (layout){ 973, 13, 14, 8, true, 1 });
    mark(d, 1205, 6);
    t->par.turn = (int32_t)u(d, 1211, 3);
    t->par.half = 4 * (int64_t)u(d, 1216, 13);
    t->sum.base = (int64_t)u(d, 1260, 14);
    read_levels(d, &t->sum, (layout){ 1276, 13, 14, 8, true, 1 });
    mark(d, 1508, 6);
    t->sum.turn = (int32_t)u(d, 1514, 3);
    t->sum.half = 4 * (int64_t)u(d, 1519, 13);
    t->done = read_count(d, 1563, 3);
    t->filled = read_count(d, 1568, 3);
    read_wait(d, op, (record){ 1578, 3, false });
    read_wait(d, op, (record){ 1619, 3, false });
    t->group_level = (int32_t)u(d, 1923, 3);
    read_channels(d, t);
    split_sums(d, t, (uint32_t)u(d, 1926, 8));
    read_products(d, t);
    read_function(d, t);
    read_arithmetic(d, t);
}

static void read_table(decoder *d, crl_emu_op *op)
{
    enum { OF_ANY_SIGN = 3 };
    crl_emu_table *t = &op->u.table;
    for (unsigned i = 0; i < 40; i++) t->coefficient[i / 5][i % 5] = f(d, 62 + 32 * i);
    for (unsigned i = 0; i < 7; i++) t->place[i] = f(d, 1342 + 32 * i);
    const uint64_t mode = u(d, 1566, 32);
    if (mode != OF_ANY_SIGN) refuse(d, "mode", mode);
}

/* ---- movers ------------------------------------------------------------------------------------------------------ */

static void read_narrow(decoder *d, crl_emu_op *op)
{
    crl_emu_move *m = &op->u.move;
    m->source.base = (int64_t)u(d, 60, 14);
    read_levels(d, &m->source, (layout){ 78, 17, 16, 4, false, EMU_ROW / EMU_UNIT });
    mark(d, 210, 4);
    read_halves(d, &m->source, 214, EMU_ROW / EMU_UNIT);
    read_last(d, &m->source, 233, 249);
    m->target.base = (int64_t)u(d, 267, 16);
    read_levels(d, &m->target, (layout){ 283, 17, 16, 6, false, 1 });
    mark(d, 481, 6);
    m->target.turn = (int32_t)u(d, 487, 2);
    const int64_t size = (int64_t)u(d, 489, 18);
    const uint32_t last = (uint32_t)u(d, 507, 16) + 1;
    m->target.last_level = 1;
    if (u(d, 523, 1)) m->target.last_count = last;
    mark(d, 524, 18); /* what a last pass that is longer goes too far */
    const bool skips = u(d, 542, 1);
    mark(d, 543, 2);
    mark(d, 546, 16);
    if (skips) m->skip = (int64_t)u(d, 562, 16) + 1;
    mark(d, 578, 18);
    m->done = read_count(d, 611, 3);
    for (unsigned k = 0; k < EMU_WAITS; k++) read_wait(d, op, (record){ 615 + 42 * k, 3, true });
    m->to_store = u(d, 867, 1);
    if (!m->to_store) m->target.half = size / 2;
    mark(d, 868, 2);
    m->flush = (int32_t)u(d, 870, 3);
}

static void read_widen(decoder *d, crl_emu_op *op)
{
    crl_emu_move *m = &op->u.move;
    m->source.base = (int64_t)u(d, 62, 16);
    read_levels(d, &m->source, (layout){ 78, 17, 16, 6, false, 1 });
    mark(d, 276, 6);
    const uint32_t last = (uint32_t)u(d, 302, 16) + 1;
    m->source.last_level = (int32_t)u(d, 318, 3);
    if (m->source.last_level) m->source.last_count = last;
    mark(d, 321, 14);
    m->target.base = (int64_t)u(d, 335, 14);
    read_levels(d, &m->target, (layout){ 353, 17, 16, 4, false, EMU_ROW / EMU_UNIT });
    mark(d, 485, 4);
    read_halves(d, &m->target, 489, EMU_ROW / EMU_UNIT);
    read_last(d, &m->target, 508, 524);
    m->done = read_count(d, 543, 3);
    for (unsigned k = 0; k < EMU_WAITS - 1; k++) read_wait(d, op, (record){ 547 + 42 * k, 3, true });
    const bool of_words = u(d, 800, 1);
    m->transposes = u(d, 799, 1) ? of_words ? 2 : 4 : 0;
    m->source.shorter = m->transposes ? 1 : 0; /* places are the innermost level then, and all are there */
    if (m->source.last_count && m->source.last_level <= m->source.shorter) refuse(d, "last_level", (uint64_t)m->source.last_level);
    m->flush = (int32_t)u(d, 801, 3);
}

static void read_consume(decoder *d, crl_emu_op *op)
{
    crl_emu_move *m = &op->u.move;
    m->target.base = (int64_t)u(d, 60, 18) & ~INT64_C(3); /* the lowest two bits are set where there are biases before the rows */
    read_levels(d, &m->target, (layout){ 78, 17, 16, 4, false, EMU_ROW / EMU_UNIT });
    mark(d, 210, 4);
    read_halves(d, &m->target, 214, EMU_ROW / EMU_UNIT);
    read_last(d, &m->target, 233, 249);
    m->has_bias = u(d, 267, 1);
    m->bias_level = (int32_t)u(d, 268, 2);
    m->bias_from = (int64_t)u(d, 270, 16) * (EMU_ROW / EMU_UNIT);
    m->bias_rows = (int32_t)u(d, 286, 14) + 1;
    m->bias_end = (int64_t)u(d, 300, 18);
    mark(d, 318, 2); /* which tables they are: of biases, of single channels */
    m->done = read_count(d, 335, 2);
    read_wait(d, op, (record){ 339, 2, true });
    m->port = op->opcode == CRL_ISA_CONSUME2;
    if (m->has_bias && m->bias_end < m->bias_from) m->bias_end = m->bias_from; /* one row */
    if (!m->bias_level) m->bias_level = 1;
}

static void read_produce(decoder *d, crl_emu_op *op)
{
    crl_emu_move *m = &op->u.move;
    m->source.base = (int64_t)u(d, 60, 18) & ~INT64_C(3);
    read_levels(d, &m->source, (layout){ 78, 17, 16, 4, false, EMU_ROW / EMU_UNIT });
    mark(d, 210, 4);
    read_halves(d, &m->source, 214, EMU_ROW / EMU_UNIT);
    read_last(d, &m->source, 233, 249);
    m->done = read_count(d, 335, 2);
    const crl_emu_count sent = read_count(d, 339, 2);
    m->flush = sent.on ? sent.level : -1;
    for (unsigned k = 0; k < 3; k++) read_wait(d, op, (record){ 343 + 41 * k, 2, false });
    m->port = (int32_t)u(d, 466, 1);
    m->to = (uint32_t)u(d, 467, 17);
    if (!m->to) refuse(d, "to", 0);
}

static bool is_there(const crl_walk *w)
{
    for (int32_t k = 0; k < CRL_WALK_LEVELS; k++)
        if (w->stride[k] || w->count[k] > 1) return true;
    return w->half != 0;
}

static void read_mesh(decoder *d, crl_emu_op *op)
{
    crl_emu_mesh *m = &op->u.mesh;
    crl_walk *half[2] = { &m->source, &m->target };
    for (unsigned k = 0; k < 2; k++) {
        const unsigned at = k * HALF_MESH;
        half[k]->base = (int64_t)u(d, 60 + at, 18);
        read_levels(d, half[k], (layout){ 78 + at, 17, 16, 4, false, 4 });
        mark(d, 210 + at, 4);
        read_halves(d, half[k], 214 + at, 4);
        read_last(d, half[k], 233 + at, 249 + at);
    }
    m->sent = read_count(d, 473, 3);
    m->received = read_count(d, 477, 3);
    for (unsigned k = 0; k < 5; k++) read_wait(d, op, (record){ 481 + MESH_PITCH * k, 2, true });
    m->fills = u(d, 727, 1);
    m->fill = (uint32_t)u(d, 728, 32);
    m->sends = is_there(&m->source);
    m->receives = m->fills || is_there(&m->target);
}

/* ---- scalar side ------------------------------------------------------------------------------------------------ */

static void read_scalar(decoder *d, crl_emu_op *op)
{
    crl_emu_scalar *a = &op->u.scalar;
    a->predicated = crl_isa_bits(d->at, 0, 1);
    a->predicate = (uint8_t)crl_isa_bits(d->at, 1, 3);
    a->polarity = crl_isa_bits(d->at, 4, 1);
    a->load = (uint8_t)u(d, 12, 2);
    a->load_to = (uint8_t)u(d, 14, 5);
    a->load_at = (uint16_t)u(d, 19, 12);
    a->store = (uint8_t)u(d, 31, 5);
    a->store_at = (uint16_t)u(d, 36, 13);
    a->store_from = (uint8_t)u(d, 49, 5);
    a->operation = (uint8_t)u(d, 54, 6);
    a->to = (uint8_t)u(d, 60, 5);
    a->a = (uint8_t)u(d, 65, 5);
    a->b = (uint32_t)u(d, 70, 32);
    a->special = (uint8_t)u(d, 102, 3);
    a->special_from = (uint8_t)u(d, 105, 5);
    a->special_to = (uint8_t)u(d, 110, 5);
    if (a->store && a->store != 2 && a->store != 4 && a->store != 6 && a->store != 8 && a->store != 0xa && a->store != 0xc)
        refuse(d, "store", a->store);
    if ((a->operation & 31) > 0x16) refuse(d, "operation", a->operation);
    if (a->special && a->special != 2 && a->special != 3) refuse(d, "special", a->special);
}

static void read_core_wait(decoder *d, crl_emu_op *op)
{
    enum { PRODUCERS = 0x60 };
    crl_emu_core_wait *w = &op->u.core_wait;
    const uint32_t counters = (uint32_t)u(d, 32, 9), waits = (uint32_t)u(d, 237, 9);
    mark(d, 12, 16);
    w->value = (uint16_t)u(d, 41, 15);
    const bool tokens = u(d, 57, 1);
    const uint32_t tiles = (uint32_t)u(d, 73, 16);
    for (unsigned k = 0; k < 9; k++) w->threshold[k] = (uint16_t)u(d, 93 + 16 * k, 16);
    w->units = (uint32_t)u(d, 246, 5);
    w->tokens = tokens ? tiles : 0;
    w->waits = counters & waits;
    w->set = counters & ~waits;
    if (w->waits & ~(uint32_t)PRODUCERS) refuse(d, "a wait for scalar counters", w->waits);
}

static void read_fence(decoder *d, crl_emu_op *op)
{
    crl_emu_fence *x = &op->u.fence;
    mark(d, 28, 15);
    mark(d, 43, 1);
    x->counters = (uint32_t)u(d, 44, 19);
    x->value = (uint16_t)u(d, 63, 16);
    x->units = (uint32_t)u(d, 79, 10);
    x->waits_a = u(d, 89, 1);
    x->waits_b = u(d, 90, 1);
    x->produced = (uint16_t)u(d, 91, 16);
    x->token = u(d, 107, 1);
    mark(d, 109, 2);
}

/* Walks of feeds go straight on through their buffer, over and over: passes of a whole buffer, and a last one. */
static void read_units(crl_emu_feed *f, uint64_t limit0, uint64_t limit1, uint64_t last, bool partial)
{
    f->window = limit0 + 1;
    f->n = partial ? limit1 * f->window + last + 1 : (limit1 + 1) * f->window;
}

static void read_pop(decoder *d, crl_emu_op *op)
{
    crl_emu_feed *p = &op->u.feed;
    p->activations = u(d, 12, 1);
    p->size = p->activations ? 8 : 64;
    p->from = u(d, 13, 14);
    read_units(p, u(d, 44, 15), u(d, 75, 15), u(d, 142, 14), u(d, 157, 1));
    mark(d, 13, 243);
}

static void read_infeed(decoder *d, crl_emu_op *op)
{
    crl_emu_feed *i = &op->u.feed;
    i->activations = u(d, 12, 1);
    i->scalar = u(d, 13, 1);
    i->size = i->scalar ? 4 : i->activations ? 8 : 64;
    i->from = u(d, 14, 20);
    read_units(i, u(d, 55, 20), u(d, 96, 20), u(d, 183, 14), u(d, 203, 1));
    i->after = (uint32_t)u(d, 320, 16);
    i->to = (uint32_t)u(d, 409, 16);
    i->packet = (uint32_t)u(d, 434, 6) + 1;
    mark(d, 14, 306);
    mark(d, 336, 73);
    if (!i->to) refuse(d, "to_tiles", 0);
}

static void read_outfeed(decoder *d, crl_emu_op *op)
{
    enum { FED_ON = 1, HOST = 3 };
    crl_emu_feed *o = &op->u.feed;
    o->from = u(d, 12, 15);
    read_units(o, u(d, 43, 15), u(d, 74, 15), 0, false);
    o->scalar = u(d, 120, 1);
    const uint64_t kind = u(d, 173, 2);
    o->size = o->scalar ? 4 : 8;
    o->ahead = (uint16_t)u(d, 184, 14);
    o->feeds_on = kind == FED_ON;
    mark(d, 27, 229);
    if (o->scalar ? kind > FED_ON : kind != HOST) refuse(d, "to_host", kind);
}

/* ---- programs ------------------------------------------------------------------------------------------------------- */

/* The instruction of a chunk that begins at a word; -1: none does. */
static int32_t find_word(const crl_disassembly *l, int32_t chunk, int64_t word)
{
    for (int32_t i = 0; i < l->n; i++)
        if (l->instructions[i].chunk == chunk && l->instructions[i].word == word) return i;
    return -1;
}

static void read_jump(decoder *d, crl_emu_op *op)
{
    const crl_instruction *at = &d->listing->instructions[d->index];
    int64_t word = at->word;
    if (op->opcode == CRL_ISA_LOOP) {
        op->u.loop.count = (uint32_t)u(d, 12, 16);
        word += 1 + (int64_t)u(d, 28, 15);
    } else {
        const uint64_t condition = u(d, 12, 5), set = u(d, 33, 1);
        if (condition != 0x11 || !set) refuse(d, "condition", condition);
        word += s(d, 17, 15);
    }
    const int32_t target = find_word(d->listing, at->chunk, word);
    if (target < 0 && !d->status)
        d->status = crl_fail(d->err, CRL_ERR_FORMAT, "instruction %d (word %d, %s) goes to word %lld, where none begins", d->index, at->word,
                             d->type->name, (long long)word);
    if (op->opcode == CRL_ISA_LOOP) op->u.loop.end = target;
    else op->u.target = target;
}

static uint8_t unit_of(int opcode)
{
    switch (opcode) {
    case CRL_ISA_PRODUCE: return EMU_PRODUCE;
    case CRL_ISA_CONSUME: return EMU_CONSUME_A;
    case CRL_ISA_CONSUME2: return EMU_CONSUME_B;
    case CRL_ISA_WIDEN: return EMU_TO_WIDE;
    case CRL_ISA_NARROW: return EMU_TO_NARROW;
    case CRL_ISA_FENCE: return EMU_UNITS;
    default: return opcode >= CRL_ISA_SOUTH && opcode <= CRL_ISA_EAST ? (uint8_t)(EMU_SOUTH + opcode - CRL_ISA_SOUTH) : EMU_TENSOR;
    }
}

static void read_op(decoder *d, crl_emu_op *op)
{
    switch (op->opcode) {
    case CRL_ISA_TENSOR:
    case CRL_ISA_MAX:
    case CRL_ISA_SUM: read_tensor(d, op); return;
    case CRL_ISA_TABLE: read_table(d, op); return;
    case CRL_ISA_PRODUCE: read_produce(d, op); return;
    case CRL_ISA_CONSUME:
    case CRL_ISA_CONSUME2: read_consume(d, op); return;
    case CRL_ISA_WIDEN: read_widen(d, op); return;
    case CRL_ISA_NARROW: read_narrow(d, op); return;
    case CRL_ISA_SOUTH:
    case CRL_ISA_SOUTH + 1:
    case CRL_ISA_SOUTH + 2:
    case CRL_ISA_EAST: read_mesh(d, op); return;
    case CRL_ISA_FENCE: read_fence(d, op); return;
    case CRL_ISA_ALU: read_scalar(d, op); return;
    case CRL_ISA_BRANCH:
    case CRL_ISA_LOOP: read_jump(d, op); return;
    case CRL_ISA_WAIT: read_core_wait(d, op); return;
    case CRL_ISA_POP: read_pop(d, op); return;
    case CRL_ISA_INFEED: read_infeed(d, op); return;
    case CRL_ISA_OUTFEED: read_outfeed(d, op); return;
    case CRL_ISA_HALT: mark(d, 14, 5); return;
    case CRL_ISA_START: mark(d, 19, 32); return;
    case CRL_ISA_END: mark(d, 19, 13); return;
    default: refuse(d, "the opcode", op->opcode); return;
    }
}

static crl_status decode(crl_emu_program *p, int32_t i, crl_error *err)
{
    const crl_instruction *from = &p->listing->instructions[i];
    const uint8_t *at = p->executable->chunks[from->chunk].bytes + (size_t)from->word * CRL_ISA_WORD;
    decoder d = { .at = at, .type = crl_isa_find((unsigned)from->opcode), .listing = p->listing, .index = i, .err = err };
    crl_emu_op *op = &p->ops[i];
    op->opcode = (uint8_t)from->opcode;
    op->word = from->word;
    if (op->opcode < CRL_ISA_ALU) {
        op->tiles = (uint32_t)u(&d, 12, 16);
        op->unit = unit_of(op->opcode);
        if (op->opcode != CRL_ISA_FENCE) mark(&d, 46, 14);
    }
    read_op(&d, op);
    if (!d.status) refuse_rest(&d);
    return d.status;
}

crl_status crl_emu_program_make(crl_emu_program **out, const crl_disassembly *listing, crl_pile *pile, crl_error *err)
{
    enum { ROUNDS = 4 }; /* in which a program may send to tiles what it has of such instructions */
    crl_emu_program *p = crl_pile_alloc(pile, sizeof *p);
    if (p) {
        p->executable = listing->executable;
        p->listing = listing;
        p->n = listing->n;
        p->log_room = (int64_t)ROUNDS * p->n;
        p->ops = crl_pile_array(pile, (size_t)p->n, sizeof *p->ops);
        p->log = crl_pile_array(pile, (size_t)p->log_room, sizeof *p->log);
    }
    if (!p || !p->ops || !p->log) return crl_fail_memory(err, "a program for the emulator");
    for (int32_t i = 0; i < p->n; i++) {
        const crl_status status = decode(p, i, err);
        if (status) return status;
    }
    *out = p;
    return CRL_OK;
}
