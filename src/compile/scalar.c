/* SPDX-License-Identifier: Apache-2.0 */
/* A softmax on the scalar core, as compilers up to 2020 have it, and the layer in front of it, spread over the tiles:
 *
 *   dense layer, a tile for each 64 outputs -> wide memory -> scalar memory, at its end -> three loops over the outputs -> pushed to the host
 *
 * All instructions that the number of outputs N shows in are looked up by what they have for A, and get what they would have for B.
 * With W = ceil(N / 4) words: the outputs lie in the last 4 W bytes of 16384. */
#include "compile/edit.h"

#include <string.h>

#include "package/isa.h"

enum { SCALAR_BYTES = 16384, BLOCK = 64, MOVE = 0x2f, SUBTRACT = 0x22, MULTIPLY = 0x34, ADD = 0x21, DESCRIBE = 0xa, PUSH_BODY = 2 };

typedef struct numbers {
    uint32_t n, words, bytes;   /* outputs; 4-byte words of them; 4 times that */
    uint32_t host_bytes, pairs; /* what the host gets, in units of 8 bytes; pairs of words that are pushed in the loop */
    uint32_t zero, scale; /* of the softmax's input */
} numbers;

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static numbers numbers_of(const crl_twin *w, crl_side side, const crl_operator *op)
{
    const crl_tensor_def *in = crl_twin_tensor(w, side, op->inputs[0]);
    const uint32_t n = (uint32_t)in->shape.dim[in->shape.rank - 1], words = (n + 3) / 4;
    return (numbers){ .n = n,
                      .words = words,
                      .bytes = 4 * words,
                      .host_bytes = (n + 7) / 8 * 8,
                      .pairs = words % 2 ? (words - 3) / 2 : (words - 2) / 2,
                      .zero = (uint32_t)crl_stored_zero(in),
                      .scale = bits_of(crl_stored_scale(in)) };
}

/* An immediate of the scalar core. */
static void replace(uint8_t *at, uint32_t operation, uint32_t a, uint32_t b)
{
    if (crl_isa_read(at, "operation") == operation && crl_isa_read(at, "b") == a) crl_isa_write(at, "b", b);
}

/* The loops and what is around them; `first` is the first loop. */
static void edit_scalar(const crl_edit *e, int32_t first, const numbers *a, const numbers *b)
{
    int32_t begin = first;
    while (begin && e->program->instructions[begin - 1].opcode == CRL_ISA_ALU) begin--;
    for (int32_t i = begin; i < e->program->n; i++) {
        uint8_t *at = crl_edit_at(e, i);
        const int32_t opcode = e->program->instructions[i].opcode;
        if (opcode == CRL_ISA_FENCE) break;
        if (opcode == CRL_ISA_LOOP) {
            const bool pushes = crl_isa_read(at, "body") == PUSH_BODY;
            if (crl_isa_read(at, "count") == (pushes ? a->pairs : a->n)) crl_isa_write(at, "count", pushes ? b->pairs : b->n);
        }
        if (opcode != CRL_ISA_ALU) continue;
        replace(at, SUBTRACT, a->zero, b->zero);
        if (crl_isa_read(at, "operation") == MULTIPLY && crl_isa_read(at, "b") == a->scale) crl_isa_write(at, "b", b->scale);
        if (a->n == b->n) continue;
        if (crl_isa_read(at, "store") == DESCRIBE) {
            replace(at, MOVE, a->host_bytes, b->host_bytes);
            continue;
        }
        /* Of these two numbers neither can be the other: one counts bytes, the other words. */
        const uint32_t bytes = SCALAR_BYTES - a->bytes, word = bytes / 4;
        if (crl_isa_read(at, "operation") == MOVE && crl_isa_read(at, "b") == bytes)
            crl_isa_write(at, "b", SCALAR_BYTES - b->bytes);
        else if (crl_isa_read(at, "operation") == MOVE && crl_isa_read(at, "b") == word)
            crl_isa_write(at, "b", (SCALAR_BYTES - b->bytes) / 4);
        else
            replace(at, ADD, a->bytes, b->bytes);
    }
}

/* ---- the layer in front ------------------------------------------------------------------------- */

/* Words of tile t's outputs, 0: it has none. One block of 64 to a tile. */
static uint32_t words_of(const numbers *n, uint32_t t)
{
    const uint32_t first = t * BLOCK;
    if (first >= n->n) return 0;
    const uint32_t outputs = n->n - first < BLOCK ? n->n - first : BLOCK;
    return (outputs + 3) / 4;
}

static uint32_t tile_of(uint32_t mask)
{
    uint32_t t = 0;
    while (t < 16 && !(mask >> t & 1)) t++;
    return mask && mask == 1u << t ? t : 16;
}

/* A walk over a row of the output: words of the tile, and, by a level that is not walked, from row to row. */
static void put_row(uint8_t *at, const crl_isa_field *step, const crl_isa_field *count, int level, int levels, const numbers *n, uint32_t words)
{
    const uint64_t mask = ((uint64_t)1 << step->width) - 1;
    for (int k = level; k <= levels; k++) crl_isa_set(at, step, (unsigned)k, ((uint64_t)n->words - (words - 1)) & mask);
    for (unsigned k = (unsigned)levels + 1; k < step->n; k++) crl_isa_set(at, step, k, (0 - (uint64_t)(words - 1)) & mask);
    crl_isa_set(at, count, 0, words - 1);
}

/* Whether the words hold what would be written for these numbers. */
static bool holds_tensor(const uint8_t *at, const numbers *n, uint32_t t, uint8_t *copy)
{
    const crl_isa_op *op = crl_isa_find(CRL_ISA_TENSOR);
    const crl_isa_field *step = crl_isa_field_of(op, "out_step"), *count = crl_isa_field_of(op, "out_count");
    const uint32_t words = words_of(n, t), channels = 4 * words - 1;
    memcpy(copy, at, CRL_ISA_MOST_WORDS * (size_t)CRL_ISA_WORD);
    put_row(copy, step, count, 1, 1, n, words);
    crl_isa_set(copy, step, 2, 1);
    crl_isa_write(copy, "channels", channels);
    crl_isa_write(copy, "last_channels", channels);
    return !memcmp(at, copy, CRL_ISA_MOST_WORDS * (size_t)CRL_ISA_WORD);
}

static bool holds_widen(const uint8_t *at, const numbers *n, uint32_t t, uint8_t *copy)
{
    const crl_isa_op *op = crl_isa_find(CRL_ISA_WIDEN);
    const size_t bytes = op->words * (size_t)CRL_ISA_WORD;
    memcpy(copy, at, bytes);
    put_row(copy, crl_isa_field_of(op, "step"), crl_isa_field_of(op, "count"), 1, 3, n, words_of(n, t));
    return !memcmp(at, copy, bytes);
}

static bool holds_outfeed(const uint8_t *at, const numbers *n, uint32_t t, uint8_t *copy)
{
    const crl_isa_op *op = crl_isa_find(CRL_ISA_OUTFEED);
    const size_t bytes = op->words * (size_t)CRL_ISA_WORD;
    const uint64_t back = (0 - (uint64_t)(words_of(n, t) - 1)) & 0xffff;
    memcpy(copy, at, bytes);
    crl_isa_write(copy, "to_word", (SCALAR_BYTES - n->bytes) / 4 + BLOCK / 4 * t);
    crl_isa_write(copy, "limit0", words_of(n, t) - 1);
    crl_isa_write(copy, "stride1", back);
    crl_isa_write(copy, "stride2", back);
    return !memcmp(at, copy, bytes);
}

typedef bool holds(const uint8_t *at, const numbers *n, uint32_t t, uint8_t *copy);

/* Changes what holds the numbers of A for tile t, and counts it. */
static void change(uint8_t *at, size_t words, holds *as, const numbers *a, const numbers *b, uint32_t t, int *n)
{
    uint8_t copy[CRL_ISA_MOST_WORDS * CRL_ISA_WORD];
    if (t > 15 || !words_of(a, t) || !as(at, a, t, copy)) return;
    as(at, b, t, copy);
    memcpy(at, copy, words * CRL_ISA_WORD);
    ++*n;
}

static crl_status edit_width(const crl_edit *e, int32_t first, const numbers *a, const numbers *b)
{
    const uint32_t tiles = (a->n + BLOCK - 1) / BLOCK;
    const bool fits = tiles == (b->n + BLOCK - 1) / BLOCK && a->words % 2 == b->words % 2 &&
                      a->host_bytes / 4 - a->words == b->host_bytes / 4 - b->words && tiles > 1 && tiles <= 16;
    if (!fits)
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                        "%u classes, the template's model has %u: how the compiler lays them out is known only where both fill as many blocks of 64, "
                        "16 at most, and ceil(N / 4) is even for both or odd for both; take a template with nearer a number", b->n, a->n);
    int tensors = 0, widens = 0, outfeeds = 0;
    uint32_t next = 0;
    for (int32_t i = 0; i < first; i++) {
        uint8_t *at = crl_edit_at(e, i);
        const crl_instruction *in = &e->program->instructions[i];
        if (in->opcode == CRL_ISA_TENSOR && crl_isa_read(at, "counter") == 12)
            change(at, (size_t)in->words, holds_tensor, a, b, tile_of((uint32_t)crl_isa_read(at, "tiles")), &tensors);
        if (in->opcode == CRL_ISA_WIDEN)
            change(at, (size_t)in->words, holds_widen, a, b, tile_of((uint32_t)crl_isa_read(at, "tiles")), &widens);
        if (in->opcode == CRL_ISA_OUTFEED && crl_isa_read(at, "to_scalar")) {
            const int before = outfeeds;
            change(at, (size_t)in->words, holds_outfeed, a, b, next, &outfeeds);
            next += outfeeds > before;
        }
    }
    if (tensors == (int)tiles && widens == (int)tiles && outfeeds == (int)tiles) return CRL_OK;
    return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                    "the last layer of the template is not laid out as is known for %u classes (%d, %d, %d of %u instructions); take a template with "
                    "as many classes as the model, %u", a->n, tensors, widens, outfeeds, tiles, b->n);
}

/* The softmax on the chip; -1: there is none, -2: several. */
static int32_t find_softmax(const crl_twin *w)
{
    int32_t found = -1;
    for (int32_t i = 0; i < w->side[0]->n_operators; i++)
        if (w->mapped[i] && w->side[0]->operators[i].code == CRL_OP_SOFTMAX) found = found == -1 ? i : -2;
    return found;
}

crl_status crl_edit_softmax(crl_edit *e)
{
    const int32_t op = find_softmax(e->twin);
    const bool wide = e->twin->wide_op >= 0;
    numbers a = { 0 }, b = { 0 };
    int32_t first = -1, loops = 0;
    if (op >= 0) {
        a = numbers_of(e->twin, CRL_SIDE_A, &e->twin->side[0]->operators[op]);
        b = numbers_of(e->twin, CRL_SIDE_B, &e->twin->side[0]->operators[op]);
    }
    for (int32_t i = 0; op >= 0 && i < e->program->n; i++) {
        const uint8_t *at = crl_edit_at(e, i);
        if (e->program->instructions[i].opcode != CRL_ISA_LOOP || crl_isa_read(at, "count") != a.n || crl_isa_read(at, "body") == PUSH_BODY) continue;
        if (first < 0) first = i;
        loops++;
    }
    if (wide && (loops != 3 || e->twin->side[0]->operators[op].inputs[0] != e->twin->side[0]->operators[e->twin->wide_op].outputs[0]))
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                        "%d classes, the template's model has %d: a change is known only of a last layer whose softmax the scalar core computes; take a "
                        "template with %d classes", e->twin->width[1], e->twin->width[0], e->twin->width[1]);
    if (loops != 3) return CRL_OK;
    if (!a.zero != !b.zero)
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                        "op %d SOFTMAX: the zero point of its input is %u, in the template's model %u, and the program for 0 is another one; take a "
                        "template where it is %s0", op, b.zero, a.zero, b.zero ? "not " : "");
    if (wide) {
        const crl_status s = edit_width(e, first, &a, &b);
        if (s) return s;
    }
    edit_scalar(e, first, &a, &b);
    return CRL_OK;
}
