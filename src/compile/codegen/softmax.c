/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX of one row on tile 0, in 16 bits: the greatest is taken from all, exponentials come of a table, the inverse of their sum of
 * another. Words that are filled up to 4 classes are masked by biases of the least number, and by infinite scales.
 *
 * Source: the softmax of ten classes at the end of networks of the compiler's last release (prbodmann/Coral-TPU: nin_cnn, all_cnn, conv_pool,
 * stacked_model), in which all but addresses is the same; what counts words and classes, by those of 256 and of 1001 (LibrEdgeTPU, MobileNet). */
#include "compile/codegen/codegen.h"

#include <float.h>
#include <string.h>

#include "compile/codegen/functions.h"
#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum {
    TILE = 1, /* the mask of tile 0 */
    IDENTITY = CRL_IDENTITY_UNIT, SECOND = IDENTITY - CRL_ROW_UNITS, ROWS = SECOND - CRL_ROW_UNITS, SUMS = 8296, BUFFER = 8284,
    REPEATS = 2,        /* each word is computed twice: with the biases or scales of either half of the store */
    MOST_ROWS = 4,      /* of the buffer that a sum is made from */
    FUNCTION_BITS = 1525, /* a bit of copies by the second row that no field names */
    EXPONENTIAL = 5, ROOT = 7, WIDE = 4 /* functions: 4 is outputs of 16 bits */
};

static const uint32_t one = 0x3f800000, infinite = 0x7f800000, minus_infinite = 0xff800000;

typedef struct plan {
    int32_t words, pairs; /* of classes; of those, two in a word, without what fills up */
    int32_t in;           /* narrow bytes: logits, */
    int32_t spread, greatest, differences, exponentials, packed, inverse, square, factors, out, fills;
    int32_t tables;       /* unit where the three tables begin, the last first */
} plan;

static plan plan_of(const crl_softmax_plan *s)
{
    plan l = { .words = (s->classes + CRL_WORD - 1) / CRL_WORD, .pairs = (s->classes + 1) / 2, .in = s->from, .tables = s->tables };
    const int32_t w = CRL_WORD * l.words;
    int32_t at = s->free;
    struct {
        int32_t *place, bytes;
    } areas[] = { { &l.out, w }, { &l.spread, w }, { &l.greatest, 4 }, { &l.differences, w }, { &l.exponentials, 2 * w },
                  { &l.packed, CRL_WORD * l.pairs }, { &l.inverse, 8 }, { &l.square, 16 }, { &l.factors, 2 * w }, { &l.fills, 32 } };
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++) *areas[i].place = at, at += areas[i].bytes;
    return l;
}

int32_t crl_softmax_bytes(int32_t classes)
{
    const crl_softmax_plan s = { .classes = classes };
    return plan_of(&s).fills + 32;
}

int32_t crl_softmax_place(const crl_softmax_plan *s)
{
    return plan_of(s).out;
}

/* ---- constants ------------------------------------------------------------------------------------------------ */

static void put_fill(crl_program *p, int opcode, int32_t to, int32_t words, int32_t stride, uint32_t value, bool counted)
{
    uint8_t *at = crl_program_add(p, opcode);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { stride, words } });
    crl_isa_write(at, "to_levels", words > 1);
    if (counted) crl_isa_write(at, "to_mode", 3);
    crl_isa_write(at, "fills", 1);
    crl_isa_write(at, "fill", value);
}

/* Four words that were filled in, to the second row. */
static void put_second_row(crl_program *p, int32_t from)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "from", (uint64_t)(from / CRL_WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, CRL_WORD } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", SECOND);
    crl_isa_write_at(at, "to_step", 0, 1);
    crl_record_write(at, 0, (crl_record){ CRL_SOUTH_IN, 1, 1, 0, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_write(at, "done_at", 1);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
}

/* Eight words that were filled in, to two rows. */
static void put_rows(crl_program *p, int32_t from, bool last)
{
    enum { RECORDS = 4, EAST_IN = 4, WEST_IN = 6 };
    static const int32_t counters[RECORDS] = { CRL_NORTH_IN, CRL_SOUTH_IN, WEST_IN, EAST_IN }, starts[RECORDS] = { 1, 3, 1, 1 };
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "from", (uint64_t)(from / CRL_WORD));
    crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, CRL_WORD }, { CRL_WORD, 2 } });
    crl_isa_write(at, "levels", 3);
    crl_isa_write(at, "to", ROWS);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 1, 2 } });
    crl_isa_write(at, "to_levels", 1);
    for (unsigned k = 0; last && k < RECORDS; k++) crl_record_write(at, k, (crl_record){ counters[k], 2, starts[k], 1, k > 0 });
    if (!last) crl_record_write(at, 0, (crl_record){ CRL_SOUTH_IN, 2, 1, 0, false });
    crl_record_write(at, last ? RECORDS : 1, crl_record_end);
    crl_isa_write(at, "done_at", 1);
    if (last) crl_isa_put(at, CRL_WIDEN_RECORD, 2, 3);
}

static void put_fence(crl_program *p, uint32_t counters)
{
    crl_fence(p, counters, CRL_ALL_UNITS, false);
}

static void put_fences(crl_program *p, int32_t n)
{
    while (n--) put_fence(p, CRL_ALL_COUNTERS);
}

/* ---- instructions that come several times --------------------------------------------------------------------- */

/* A table of `words` rows to the store: of biases, or of scales. */
static void put_table(crl_program *p, const plan *l, int32_t number, bool scales)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "from", (uint64_t)(l->tables + (2 - number) * CRL_ROW_UNITS * l->words));
    crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, 1 }, { 1, l->words } });
    crl_isa_write(at, "levels", 3);
    if (!scales) crl_isa_write(at, "to", 64);
    crl_walk_write(at, "to_step", "to_count", 3, (crl_level[]){ { 1, 2 }, { 64, 1 }, { 0, l->words } });
    crl_isa_write(at, "to_levels", 3);
    crl_isa_write(at, "mode", 2);
    crl_isa_write(at, "size", 64);
    crl_record_write(at, 0, (crl_record){ 0, 2, -1, 1, true });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(at, CRL_NARROW_DECREMENT, 1, 1);
    crl_isa_write(at, "done_at", 9);
}

static uint8_t *add_tensor(crl_program *p, int opcode, const crl_constants *c)
{
    uint8_t *at = crl_program_add(p, opcode);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "last_channels", CRL_WORD - 1);
    crl_isa_write(at, "channels", CRL_WORD - 1);
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_edit_write(at, c);
    return at;
}

static void put_wait(uint8_t *at, unsigned k, int32_t counter, int32_t level, int32_t start)
{
    crl_isa_write_at(at, "counter", k, (uint64_t)counter);
    crl_isa_write_at(at, "level", k, (uint64_t)level);
    crl_isa_write_at(at, "start", k, (uint64_t)start);
    crl_isa_write_at(at, "each", k, 1);
    crl_isa_write_at(at, "set", k, 1);
}

/* `n` words one behind the other, from a place that nothing else is in. */
static void put_out(uint8_t *at, int32_t to, int32_t n)
{
    const int32_t all = CRL_WORD * n;
    crl_isa_write(at, "out", (uint64_t)to);
    crl_walk_write_fine(at, "out", 4, (crl_level[]){ { CRL_WORD, n }, { all, 1 }, { all, 1 }, { all, 1 } });
    crl_isa_write(at, "out_flags", 3);
}

/* Words with a table: `to` has `wide` words for each. */
static void put_tabled(crl_program *p, const plan *l, int32_t from, int32_t to, int32_t wide, bool first, const crl_constants *c)
{
    const int32_t all = CRL_WORD * l->words;
    const crl_level still[] = { { 0, REPEATS }, { 0, l->words } };
    uint8_t *at = add_tensor(p, CRL_ISA_TENSOR, c);
    crl_isa_write_at(at, "loop", 1, REPEATS - 1);
    crl_isa_write_at(at, "loop", 2, (uint64_t)(l->words - 1));
    crl_isa_write(at, "in", (uint64_t)from);
    crl_walk_write_fine(at, "in", 4, (crl_level[]){ { CRL_WORD, 1 }, { 0, REPEATS }, { all, 1 }, { CRL_WORD, l->words } });
    crl_isa_write_at(at, "in_next", 7, 1);
    crl_isa_write(at, "in_flags", 3);
    crl_isa_write(at, "out", (uint64_t)to);
    crl_walk_write_fine(at, "out", 4, (crl_level[]){ { CRL_WORD, wide }, { wide * all, 1 }, { 0, REPEATS }, { wide * CRL_WORD, l->words } });
    crl_isa_write(at, "out_flags", 2);
    crl_isa_write(at, "par", IDENTITY);
    crl_walk_write_fine(at, "par", 2, still);
    crl_isa_write(at, "par_flags", 0x40);
    crl_walk_write_fine(at, "sum", 2, still);
    crl_isa_write(at, "sum_flags", 0x800);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 3);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    put_wait(at, 0, CRL_SCALES_CAME, 2, 1);
    put_wait(at, 1, CRL_WIDENED, 3, first); /* the identity */
    crl_isa_write(at, "op2", 6);
    crl_isa_write(at, "group_level", 2);
    if (wide > 1)
        crl_isa_write(at, "function", EXPONENTIAL), crl_isa_write(at, "per_channel", 1);
    else
        crl_isa_write(at, "bias", 1);
}

/* `n` words by a row of wide memory, that `from` has as `have` words; where they are fewer, the same again. */
static void put_copy(crl_program *p, int32_t from, int32_t have, int32_t to, int32_t n, int32_t row, int32_t size)
{
    const crl_level step = { have > 1 ? CRL_WORD : 0, n };
    const crl_level copied[] = { { CRL_WORD, n }, { 0, 1 }, { size, 1 }, { 0, 1 }, { size, 1 }, { 0, 1 }, { size, 1 }, { 0, 1 } };
    const crl_level spread[] = { { CRL_WORD, 1 }, step, { size, 1 }, { 0, 1 }, { size, 1 }, { 0, 1 }, { size, 1 }, { 0, 1 } };
    uint8_t *at = add_tensor(p, CRL_ISA_TENSOR, &(crl_constants){ .multiplier = one, .high = infinite, .low = minus_infinite });
    crl_isa_write_at(at, "loop", 1, (uint64_t)(n - 1));
    crl_isa_write(at, "in", (uint64_t)from);
    crl_walk_write_fine(at, "in", 8, have > 1 ? copied : spread);
    crl_isa_write_at(at, "in_next", 7, 1);
    crl_isa_write(at, "in_flags", 0x15);
    put_out(at, to, n);
    crl_isa_write(at, "par", (uint64_t)row);
    crl_walk_write_fine(at, "par", 2, (crl_level[]){ { CRL_ROW_UNITS, 1 }, { 0, n } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, n } });
    crl_isa_write(at, "op2", 6);
    crl_isa_put(at, FUNCTION_BITS, 1, 1);
}

/* `n` words, each to a row of its own, of a buffer of one. */
static void put_rows_of(crl_program *p, int32_t from, int32_t n, int32_t to)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "from", (uint64_t)(from / CRL_WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, n } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 0, n } });
    crl_isa_write(at, "slots", 1);
    crl_record_write(at, 0, (crl_record){ CRL_PARAMETERS_CAME, 0, -1, 1, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_WIDEN_RECORD, 1, 1);
    crl_isa_put(at, CRL_WIDEN_END, 1, 1);
}

/* ---- the steps ------------------------------------------------------------------------------------------------ */

static void put_greatest(crl_program *p, const plan *l, const crl_constants *c)
{
    put_rows_of(p, l->spread, l->words, ROWS);
    uint8_t *at = add_tensor(p, CRL_ISA_MAX, c);
    crl_isa_write_at(at, "loop", 0, CRL_WORD - 1);
    crl_isa_write_at(at, "loop", 1, (uint64_t)(l->words - 1));
    put_out(at, l->greatest, 1);
    crl_isa_write(at, "par", ROWS);
    crl_walk_write_fine(at, "par", 2, (crl_level[]){ { 1, CRL_WORD }, { 0, l->words } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_isa_write(at, "par_flags", 0x40);
    crl_isa_write(at, "par_rows", 1);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, CRL_WORD * l->words } });
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    put_wait(at, 0, CRL_WIDENED, 1, 1);
    crl_isa_write(at, "op2", 6);
    crl_isa_write(at, "group_level", 1);
    crl_isa_write(at, "reduces", 3);
    put_fences(p, 3);
    put_fill(p, CRL_ISA_NORTH, l->fills, CRL_WORD, 1, 1, true);
    put_second_row(p, l->fills);
    put_copy(p, l->greatest, 1, l->spread, l->words, SECOND, CRL_WORD);
    put_fence(p, CRL_ALL_COUNTERS);
}

/* What the biases of the differences are: a sum that goes to wide memory. */
static void put_offset(crl_program *p, const plan *l, const crl_constants *c)
{
    const int32_t all = CRL_WORD * l->words;
    put_fill(p, CRL_ISA_NORTH, l->fills, 8, 1, 0, true);
    put_rows(p, l->fills, false);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "last_channels", CRL_WORD - 1);
    crl_isa_write(at, "channels", CRL_WORD - 1);
    crl_isa_write(at, "in", (uint64_t)l->spread);
    crl_walk_write_fine(at, "in", 3, (crl_level[]){ { 1, 1 }, { 0, 1 }, { all, 1 } });
    crl_isa_write_at(at, "in_next", 7, 1);
    crl_isa_write(at, "in_flags", 1);
    crl_isa_write(at, "out", (uint64_t)l->fills);
    crl_walk_write_fine(at, "out", 3, (crl_level[]){ { 1, 1 }, { 0, 1 }, { all, 1 } });
    crl_isa_write(at, "out_flags", 1);
    crl_isa_write(at, "par", ROWS);
    crl_walk_write_fine(at, "par", 1, (crl_level[]){ { 1, 1 } });
    crl_isa_write(at, "sum", SUMS);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 1, 1 } });
    crl_isa_write(at, "op2", 0x12);
    crl_isa_write(at, "op3", 6);
    crl_edit_write(at, c);
    put_fence(p, 1u << CRL_PARAMETERS_CAME);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
}

static void put_differences(crl_program *p, const plan *l, const crl_constants *c)
{
    const int32_t f = l->fills, all = CRL_WORD * l->words;
    put_fill(p, CRL_ISA_NORTH, f, 1, 1, 0x10002, true);
    put_fill(p, CRL_ISA_EAST, f + 4, 1, 1, 0x20001, true);
    put_fill(p, CRL_ISA_WEST, f + 8, 4, 1, 0x10001, true);
    put_fill(p, CRL_ISA_SOUTH, f + 24, 1, 1, 0x10002, true);
    put_fill(p, CRL_ISA_NORTH, f + 28, 1, 1, 0x20001, true);
    put_rows(p, f, true);
    uint8_t *at = crl_program_add(p, CRL_ISA_NARROW);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "from", SUMS);
    crl_walk_write(at, "step", "count", 3, (crl_level[]){ { 1, 1 }, { 0, 2 }, { 1, 1 } });
    crl_isa_write(at, "levels", 5);
    crl_isa_write(at, "to", 64);
    crl_walk_write(at, "to_step", "to_count", 2, (crl_level[]){ { 1, 32 }, { 0, 2 } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_write(at, "mode", 1);
    crl_isa_write(at, "size", 64);
    crl_record_write(at, 0, (crl_record){ 0, 2, 0, 1, true });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_NARROW_RECORD, 1, 1);
    crl_isa_put(at, CRL_NARROW_DECREMENT, 1, 1);
    crl_isa_write(at, "done_at", 9);
    at = add_tensor(p, CRL_ISA_TENSOR, c);
    crl_isa_write_at(at, "loop", 0, 1);
    crl_isa_write_at(at, "loop", 1, (uint64_t)(l->words - 1));
    crl_isa_write(at, "in", (uint64_t)l->in);
    crl_walk_write_fine(at, "in", 4, (crl_level[]){ { 2, 2 * l->words }, { all, 1 }, { all, 1 }, { all, 1 } });
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 3);
    put_out(at, l->differences, l->words);
    crl_isa_write(at, "par", ROWS);
    crl_walk_write_fine(at, "par", 2, (crl_level[]){ { CRL_ROW_UNITS, 2 }, { 0, l->words } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_walk_write_fine(at, "sum", 2, (crl_level[]){ { 0, 2 }, { 0, l->words } });
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 3);
    put_wait(at, 0, CRL_WIDENED, 2, 1);
    put_wait(at, 1, CRL_SCALES_CAME, 2, 1);
    crl_isa_write(at, "op2", 0x16);
    crl_isa_write(at, "group_level", 1);
    crl_isa_write(at, "reduces", 1);
    crl_isa_write(at, "bias", 1);
    put_fences(p, 3);
}

/* The inverse root of the sum of all, and its square. */
static void put_inverse(crl_program *p, const plan *l)
{
    static const uint32_t inverse_of_all = 0x37800080; /* 1 / 65535 */
    const int32_t n = l->pairs, some = (n + 1) / 2, rows = some < MOST_ROWS ? some : MOST_ROWS, passes = (n + rows - 1) / rows, over = n % rows;
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "from", (uint64_t)(l->packed / CRL_WORD));
    crl_walk_write(at, "step", "count", 1, (crl_level[]){ { 1, n } });
    crl_isa_write(at, "levels", 1);
    crl_isa_write(at, "to", BUFFER);
    crl_walk_write(at, "to_step", "to_count", 2, (crl_level[]){ { 1, rows }, { 0, passes } });
    crl_isa_write(at, "to_levels", 1);
    crl_isa_write(at, "circular", 1);
    crl_isa_write(at, "slots", (uint64_t)rows);
    if (over) {
        crl_isa_write(at, "to_last", (uint64_t)(over - 1));
        crl_isa_write(at, "to_last_level", 1);
        crl_isa_write(at, "to_skip", (uint64_t)(rows - over));
    }
    crl_record_write(at, 0, (crl_record){ CRL_PARAMETERS_CAME, 1, -1, 1, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_WIDEN_RECORD, 2, 3);
    crl_isa_put(at, CRL_WIDEN_END, 1, 1);
    at = add_tensor(p, CRL_ISA_SUM, &(crl_constants){ .multiplier = inverse_of_all, .high = infinite, .low = minus_infinite });
    crl_isa_write_at(at, "loop", 0, (uint64_t)(rows - 1));
    crl_isa_write_at(at, "loop", 1, (uint64_t)(passes - 1));
    put_out(at, l->inverse, 2);
    crl_isa_write(at, "par", BUFFER);
    crl_walk_write_fine(at, "par", 2, (crl_level[]){ { CRL_ROW_UNITS, rows }, { 0, passes } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_isa_write(at, "par_flags", 0x40);
    crl_isa_write(at, "par_rows", (uint64_t)rows);
    if (over) {
        crl_isa_write(at, "last", (uint64_t)(over - 1));
        crl_isa_write(at, "last_level", 1);
        crl_isa_write(at, "par_last", (uint64_t)(over - 1));
        crl_isa_write(at, "par_last_level", 1);
        crl_isa_write(at, "par_skip", (uint64_t)(CRL_ROW_UNITS * (rows - over)));
    }
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, n } });
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    put_wait(at, 0, CRL_WIDENED, 1, 1);
    crl_isa_write(at, "op2", 0x16);
    crl_isa_write(at, "group_level", 1);
    crl_isa_write(at, "reduces", 3);
    crl_isa_write(at, "function", ROOT);
    put_fences(p, 3);
}

static void put_square(crl_program *p, const plan *l)
{
    enum { TENSOR = 0x20, FOUR = 4 };
    uint8_t *at = add_tensor(p, CRL_ISA_TENSOR, &(crl_constants){ .multiplier = 0x37800080, .high = 0x47000000 /* 32768 */ });
    crl_isa_write_at(at, "loop", 0, 1);
    crl_isa_write_at(at, "loop", 1, 1);
    crl_isa_write(at, "in", (uint64_t)l->inverse);
    crl_walk_write_fine(at, "in", 4, (crl_level[]){ { 2, FOUR }, { 8, 1 }, { 8, 1 }, { 8, 1 } });
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 3);
    crl_isa_write(at, "out", (uint64_t)l->square);
    crl_walk_write_fine(at, "out", 5, (crl_level[]){ { CRL_WORD, 2 }, { CRL_WORD, FOUR }, { 16, 1 }, { 16, 1 }, { 16, 1 } });
    crl_isa_write(at, "out_flags", 7);
    crl_isa_write(at, "par", BUFFER);
    crl_walk_write_fine(at, "par", 2, (crl_level[]){ { 2, 2 }, { 0, 2 } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_isa_write(at, "par_flags", 0x40);
    crl_isa_write(at, "par_rows", 1);
    crl_walk_write_fine(at, "sum", 2, (crl_level[]){ { 1, 1 }, { 0, FOUR } });
    crl_isa_write_at(at, "sum_next", 7, 1);
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    put_wait(at, 0, CRL_WIDENED, 1, 1);
    crl_isa_write(at, "op2", 0x1e);
    crl_isa_write(at, "group_level", 4);
    crl_isa_write(at, "function", WIDE);
    put_rows_of(p, l->inverse, 2, BUFFER);
    crl_fence(p, 0, TENSOR, false);
    at = add_tensor(p, CRL_ISA_TENSOR, &(crl_constants){ .multiplier = one, .high = infinite, .low = minus_infinite });
    crl_isa_write_at(at, "loop", 0, FOUR - 1);
    crl_isa_write(at, "in", (uint64_t)l->square);
    crl_walk_write_fine(at, "in", 4, (crl_level[]){ { CRL_WORD, FOUR }, { 16, 1 }, { 16, 1 }, { 16, 1 } });
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 3);
    put_out(at, l->inverse, 2);
    crl_isa_write(at, "par", IDENTITY);
    crl_walk_write_fine(at, "par", 1, (crl_level[]){ { 1, FOUR } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_isa_write(at, "par_flags", 0x40);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, FOUR } });
    crl_isa_write(at, "sum_flags", 0x840);
    crl_isa_write(at, "op2", 0xe);
    crl_isa_write(at, "op3", 6);
    crl_isa_write(at, "group_level", 2);
    crl_isa_write(at, "function", WIDE);
    put_fence(p, 1u << CRL_WIDENED);
    put_fence(p, 1u << CRL_PARAMETERS_CAME);
    put_fences(p, 3);
}

/* Exponentials times the inverse. */
static void put_products(crl_program *p, const plan *l)
{
    const int32_t w = l->words, twos = (w + 1) / 2, all = 2 * CRL_WORD * w;
    put_fill(p, CRL_ISA_NORTH, l->fills, 2, 2, 1, false);
    put_fill(p, CRL_ISA_NORTH, l->fills + 4, 2, 2, 0x100, true);
    put_second_row(p, l->fills);
    put_copy(p, l->inverse, 1, l->factors, 2 * w, SECOND, 8);
    put_fence(p, CRL_ALL_COUNTERS);
    uint8_t *at = crl_program_add(p, CRL_ISA_WIDEN);
    crl_isa_write(at, "tiles", TILE);
    crl_isa_write(at, "from", (uint64_t)(l->exponentials / CRL_WORD));
    crl_walk_write(at, "step", "count", 3, (crl_level[]){ { 2, 2 }, { 1, 2 }, { 4, twos } });
    crl_isa_write(at, "levels", 7);
    if (w % 2) crl_isa_write(at, "last", 1), crl_isa_write(at, "last_level", 2);
    crl_isa_write(at, "to", ROWS);
    crl_walk_write(at, "to_step", "to_count", 1, (crl_level[]){ { 0, twos } });
    crl_isa_write(at, "slots", 1);
    crl_record_write(at, 0, (crl_record){ CRL_PARAMETERS_CAME, 0, -1, 1, false });
    crl_record_write(at, 1, crl_record_end);
    crl_isa_put(at, CRL_WIDEN_RECORD, 1, 1);
    crl_isa_put(at, CRL_WIDEN_END, 1, 1);
    crl_isa_write(at, "transpose", 1);
    crl_isa_write(at, "of_pairs", 1);
    crl_isa_write(at, "done_at", 2);
    static const uint32_t to_bytes = 0x34000157; /* 1.19214164e-07, of products of 16 bits and 15 to 256 steps; all public programs have it */
    at = add_tensor(p, CRL_ISA_TENSOR, &(crl_constants){ .multiplier = to_bytes, .high = 0x437f0000 /* 255 */ });
    crl_isa_write_at(at, "loop", 0, 1);
    crl_isa_write_at(at, "loop", 1, (uint64_t)(twos - 1));
    if (w % 2) crl_isa_write(at, "last_level", 1), crl_isa_write(at, "par_last_level", 1), crl_isa_write(at, "par_skip", 2);
    crl_isa_write(at, "in", (uint64_t)l->factors);
    crl_walk_write_fine(at, "in", 5, (crl_level[]){ { CRL_WORD, 1 }, { 0, w }, { all, 1 }, { all, 1 }, { all, 1 } });
    crl_isa_write_at(at, "in_next", 7, 1);
    crl_isa_write(at, "in_flags", 7);
    put_out(at, l->out, w);
    crl_isa_write(at, "par", ROWS);
    crl_walk_write_fine(at, "par", 2, (crl_level[]){ { 2, 2 }, { 0, twos } });
    crl_isa_write_at(at, "par_next", 7, 1);
    crl_isa_write(at, "par_flags", 0x40);
    crl_isa_write(at, "par_rows", 1);
    crl_walk_write_fine(at, "sum", 1, (crl_level[]){ { 0, w } });
    crl_isa_write(at, "sum_flags", 0x800);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", 1);
    put_wait(at, 0, CRL_WIDENED, 1, 1);
    crl_isa_write(at, "op2", 0x1e);
    crl_isa_write(at, "group_level", 1);
    put_fence(p, 1u << CRL_WIDENED);
    put_fence(p, 1u << CRL_PARAMETERS_CAME);
    put_fences(p, 2);
}

void crl_codegen_softmax(crl_program *p, const crl_softmax_plan *s)
{
    const plan l = plan_of(s);
    const crl_constants *c = s->constants;
    put_fences(p, 1);
    crl_put_identity(p, l.fills);
    put_table(p, &l, 0, false);
    put_tabled(p, &l, l.in, l.spread, 1, true, &c[CRL_SOFTMAX_MOVE]);
    put_fences(p, 2);
    put_greatest(p, &l, &c[CRL_SOFTMAX_GREATEST]);
    put_offset(p, &l, &c[CRL_SOFTMAX_DIFFERENCE]);
    put_differences(p, &l, &c[CRL_SOFTMAX_DIFFERENCE]);
    put_table(p, &l, 1, false);
    put_tabled(p, &l, l.differences, l.differences, 1, false, &c[CRL_SOFTMAX_MASK]);
    put_fences(p, 2);
    crl_put_function(p, TILE, CRL_FUNCTION_EXPONENTIAL);
    put_table(p, &l, 2, true);
    put_tabled(p, &l, l.differences, l.exponentials, 2, false, &c[CRL_SOFTMAX_EXPONENTIAL]);
    put_fences(p, 1);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    put_copy(p, l.exponentials, l.pairs, l.packed, l.pairs, IDENTITY, 2 * CRL_WORD * l.words);
    put_fences(p, 1);
    crl_fence(p, 0, CRL_ALL_UNITS, false);
    put_fences(p, 1);
    crl_put_function(p, TILE, CRL_FUNCTION_ROOT);
    put_inverse(p, &l);
    put_square(p, &l);
    put_products(p, &l);
    crl_drain(p);
}

void crl_softmax_tables(uint8_t *to, int32_t classes, float scale)
{
    const int32_t words = (classes + CRL_WORD - 1) / CRL_WORD;
    const float all = scale * FLT_MAX;
    uint32_t bits[2];
    memcpy(&bits[0], &scale, sizeof scale);
    memcpy(&bits[1], &all, sizeof all);
    memset(to, 0, (size_t)(3 * CRL_UNIT * words));
    for (int32_t table = 0; table < 3; table++)
        for (int32_t i = 0; i < CRL_WORD * words; i++) {
            const uint32_t word = table == 2 ? bits[i >= classes] : i >= classes ? UINT32_C(1) << 31 : 0;
            uint8_t *at = to + CRL_UNIT * (table * words + i / CRL_WORD) + CRL_WORD * (i % CRL_WORD);
            for (int b = 0; b < 4; b++) at[b] = (uint8_t)(word >> 8 * b);
        }
}
