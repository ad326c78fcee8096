/* SPDX-License-Identifier: Apache-2.0 */
/* Packed depthwise convolution, written once for all vectors; to be included by the file of a level after it has
 * defined what differs:
 *
 *   BLOCK   bytes of a vector, which is the channels of a block: 16, 32 or 64
 *   BIAS    what its kernels take from bytes: 128 where they flip bit 7 to have signed ones, or 0
 *   CUT, ANY   the forms of requantisation that its loops have inside, by sign; all others are a call
 *   vec     the vector of bytes, and lanes, that of as many 32-bit sums
 * and before it fills in the functions listed under "What a level defines".
 *
 * Channel order. Interleaving four rows of BLOCK bytes gives four vectors of 32-bit lanes; lane i of vector q
 * is channel 16 * (i / 4) + 4 * q + i % 4 of the block. Packing four such vectors to bytes undoes that, so only
 * weights and constants are laid out in this order.
 *
 * Narrow blocks. Where fewer channels than a vector are left, it holds several stretches of the output row, `run`
 * outputs each and `slot` bytes apart; the last may overlap the one before it. Input rows are copied to strips in
 * that order, with their borders, and so are outputs before they go where they belong.
 *
 *   3x3, strides 1 and 2   weights and columns in registers    row_3x3
 *   5x5, strides 1 and 2   sums of five outputs in registers   row_5x5, with 32 registers and weights of int8
 *                          else columns in scratch, of four    row_five
 *                          rows, and of four pixels of the fifth
 *   all others             the columns of a row in scratch     row_any */
#ifndef CRL_KERNELS_DWPACK_FRAME_H
#define CRL_KERNELS_DWPACK_FRAME_H

#include <string.h>

#include "base/alloc.h"
#include "kernels/dwpack.h"
#include "kernels/element.h"

enum {
    LANES = BLOCK / 4,
    QUARTERS = 4,
    FIVE_TERMS = 7, /* of 5x5 */
    MOST_STRIPS = 8, /* of rows that follow each other, by the last bits of their numbers */
    BAND_BYTES = 1 << 17 /* of input: what all blocks visit before the next rows, so that it is fetched once */
};

typedef struct block {
    int32_t first, width;         /* channels */
    int32_t stretches, run, slot; /* of the output row; a whole vector is one stretch */
    uint32_t sums;    /* how the terms are summed: the level's own */
    uint32_t patched; /* bit q: quarter q has a PATCHED form, */
    crl_requant_form form; /* and all have this one otherwise */
    int32_t fourth; /* 3x3: the filter row that comes a second time as row 3 of a column, -1: none */
    _Alignas(64) int32_t bias[QUARTERS][LANES];
    crl_requant_lanes requant[(BLOCK + 15) / 16];
    /* terms follow: [group of filter rows][filter column] */
} block;

/* The weights of one term: a filter column of four rows, two bytes for each weight. */
typedef struct term {
    _Alignas(64) uint8_t q[QUARTERS][2 * BLOCK];
} term;

typedef struct packed_head {
    crl_window window;
    int32_t zero_point, min, max;
    bool clamped; /* by more than the range of bytes: most layers are not */
    uint8_t in_zero;
    bool three;     /* row_3x3 serves, */
    bool five;      /* or terms are those of 5x5, */
    bool kept;      /* and row_5x5 serves */
    int32_t terms;
    int32_t groups; /* of four filter rows */
    int32_t n_blocks;
    size_t block_bytes;
} packed_head;

/* A column: four rows of one pixel (of each stretch), as the level wants them. */
typedef struct column {
    vec q[QUARTERS];
} column;

/* --- What a level defines ------------------------------------------------------------------------- */

/* Before this file: vec, lanes; BLOCK; BIAS; the forms of requantisation CUT and ANY, which loops have inside, by sign,
 * and SLOW, which serves all blocks and is a call; OTHER_SUMS and THIRD_SUMS, values of b->sums which, like 0, are worth a
 * loop of their own (0: there is none); FIVE, 1 where terms are summed by dwpack_lanes.h, 2 where row_5x5 has registers enough. */

/* Lays out the weights of a block (terms_of), of which lane i of vector q belongs to channel[q][i], -1: to none; and
 * decides how they are summed: b->sums, b->fourth. */
static void pack_terms(block *b, const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES]);
/* The last touch at a packed block. Forms other than CUT and ANY take the way of SLOW. */
static void settle_block(block *b);
CRL_INLINE column make_column(vec a, vec b, vec c, vec d);
/* A column's term; `rows` of its rows have weights. */
CRL_INLINE void add_column(lanes acc[QUARTERS], const column *c, const term *t, int rows, uint32_t sums);
/* The three columns of a 3x3 filter; w are the first BLOCK bytes of t. */
CRL_INLINE void add_three(lanes acc[QUARTERS], const column *c0, const column *c1, const column *c2, const column w[3],
                          const term *t, uint32_t sums);
/* What a PATCHED form does after the FLOAT form: y for the accumulators acc. */
CRL_INLINE lanes patch(lanes y, lanes acc, const block *b, int q);
CRL_INLINE vec vec_fill(uint8_t byte);
CRL_INLINE vec vec_load(const void *p);
CRL_INLINE void vec_store(void *p, vec v);
CRL_INLINE lanes lanes_load(const int32_t *p);
CRL_INLINE lanes requant(lanes acc, const block *b, int q, const packed_head *h, crl_requant_form form);
/* Results to bytes, with the clamp. */
CRL_INLINE vec pack_bytes(lanes y0, lanes y1, lanes y2, lanes y3, const packed_head *h);

/* --- packing -------------------------------------------------------------------------------------- */

static bool is_square(const crl_window *w, int32_t size)
{
    return w->filter_h == size && w->filter_w == size && w->dilation_h == 1 && w->dilation_w == 1 && w->stride_h == w->stride_w &&
           w->stride_w <= 2;
}

static bool all_int8(const crl_dwpack_spec *s)
{
    const size_t n = (size_t)s->window.filter_h * (size_t)s->window.filter_w * (size_t)s->window.out_c;
    bool fit = true;
    for (size_t i = 0; i < n; i++) fit = fit & (s->weights[i] >= -128) & (s->weights[i] <= 127);
    return fit;
}

static packed_head make_head(const crl_dwpack_spec *s)
{
    const crl_window *w = &s->window;
    packed_head h = { .window = *w, .zero_point = s->requant.zero_point, .min = s->requant.min, .max = s->requant.max,
                      .clamped = s->requant.min > 0 || s->requant.max < 255,
                      .in_zero = (uint8_t)s->in_zero, .n_blocks = (w->out_c + BLOCK - 1) / BLOCK };
    h.three = is_square(w, 3);
    h.five = FIVE > 0 && is_square(w, 5);
    h.kept = FIVE > 1 && h.five && all_int8(s);
    h.groups = (w->filter_h + 3) / 4;
    h.terms = h.five ? FIVE_TERMS : h.groups * w->filter_w;
    h.block_bytes = crl_size_align(sizeof(block), 64) + (size_t)h.terms * sizeof(term);
    return h;
}

static size_t packed_bytes(const crl_dwpack_spec *s)
{
    const packed_head h = make_head(s);
    return crl_size_align(sizeof h, 64) + (size_t)h.n_blocks * h.block_bytes;
}

CRL_INLINE const term *terms_of(const block *b)
{
    return (const term *)((const uint8_t *)b + crl_size_align(sizeof *b, 64));
}

/* The byte of a vector that comes to this lane. */
static int32_t lane_byte(int q, int lane)
{
    return 16 * (lane / 4) + 4 * q + lane % 4;
}

static void place_block(block *b, const packed_head *h, int32_t index)
{
    const int32_t channels = h->window.out_c, left = channels - index * BLOCK;
    b->first = index * BLOCK;
    b->width = left < BLOCK ? left : BLOCK;
    b->slot = 1;
    while (b->slot < b->width) b->slot *= 2;
    if (b->slot == BLOCK && channels >= BLOCK) { /* overlap the block before: no copies */
        b->first = channels - BLOCK < b->first ? channels - BLOCK : b->first;
        b->width = BLOCK;
    }
    b->stretches = BLOCK / b->slot;
    b->run = (h->window.out_w + b->stretches - 1) / b->stretches;
}

static bool is_narrow(const block *b)
{
    return b->width < BLOCK;
}

/* The bias with the zero point of the input folded in: the sums run over bytes. */
static int32_t folded_bias(const crl_dwpack_spec *s, int32_t channel)
{
    int64_t sum = crl_dwpack_bias(s, channel);
    for (int32_t t = 0; t < s->window.filter_h * s->window.filter_w; t++)
        sum -= (int64_t)(s->in_zero - BIAS) * s->weights[(size_t)t * (size_t)s->window.out_c + (size_t)channel];
    return (int32_t)(uint32_t)(uint64_t)sum; /* may wrap, as the sums over bytes then do, too */
}

/* One form for the block, the one that its slowest part needs; but patches are applied by quarters. */
static void pack_requant(block *b, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    const int32_t *in_order = &channel[0][0];
    for (int i = 0; i < BLOCK / 16; i++) {
        crl_requant_form form = crl_requant_lanes_init(&b->requant[i], &s->requant, s->proof, in_order + 16 * i);
        if (form == CRL_REQUANT_PATCHED_CUT || form == CRL_REQUANT_PATCHED_ANY) {
            for (int q = 16 * i / LANES; q < 16 * (i + 1) / LANES; q++) b->patched |= 1u << q;
            form = form == CRL_REQUANT_PATCHED_CUT ? CRL_REQUANT_FLOAT_CUT : CRL_REQUANT_FLOAT_ANY;
        }
        b->form = i == 0 ? form : crl_requant_form_common(form, b->form);
    }
}

static void pack(void *packed, const crl_dwpack_spec *s)
{
    const packed_head h = make_head(s);
    memcpy(packed, &h, sizeof h);
    uint8_t *at = (uint8_t *)packed + crl_size_align(sizeof h, 64);
    for (int32_t i = 0; i < h.n_blocks; i++, at += h.block_bytes) {
        block *b = (block *)at;
        memset(b, 0, h.block_bytes);
        place_block(b, &h, i);
        int32_t channel[QUARTERS][LANES];
        for (int q = 0; q < QUARTERS; q++)
            for (int lane = 0; lane < LANES; lane++) {
                const int32_t c = lane_byte(q, lane) % b->slot;
                channel[q][lane] = c < b->width ? b->first + c : -1;
                if (c < b->width) b->bias[q][lane] = folded_bias(s, b->first + c);
            }
        pack_terms(b, &h, s, (const int32_t(*)[LANES])channel);
        pack_requant(b, s, (const int32_t(*)[LANES])channel);
        settle_block(b);
    }
}

/* --- running -------------------------------------------------------------------------------------- */

static int32_t column_count(const crl_window *w, int32_t run)
{
    return (run - 1) * w->stride_w + (w->filter_w - 1) * w->dilation_w + 1;
}

/* What a thread needs, one after the other: */
typedef struct scratch_parts {
    size_t zero_row; /* a row of in_zero, for what lies above and below the picture */
    size_t columns;  /* the columns of row_any */
    size_t strip;    /* of narrow blocks: `strips` of input rows, */
    int32_t strips;
    size_t out;      /* and one of outputs */
} scratch_parts;

static scratch_parts part_scratch(const packed_head *h)
{
    const crl_window *w = &h->window;
    scratch_parts p = { .zero_row = crl_size_align((size_t)w->in_w * (size_t)w->in_c, 64), .strips = h->five ? MOST_STRIPS : 4 };
    if (!h->three && !h->kept) p.columns = (size_t)column_count(w, w->out_w) * (size_t)h->groups * sizeof(column);
    block last;
    place_block(&last, h, h->n_blocks - 1);
    if (is_narrow(&last)) {
        p.strip = (size_t)column_count(w, last.run) * BLOCK;
        p.out = (size_t)last.run * BLOCK;
    }
    return p;
}

static size_t scratch_bytes(const crl_dwpack_spec *s)
{
    const packed_head h = make_head(s);
    const scratch_parts p = part_scratch(&h);
    return p.zero_row + p.columns + (size_t)p.strips * p.strip + p.out;
}

/* What one block sees of one output row: input pixels, or those of strips. */
typedef struct view {
    const packed_head *h;
    const block *b;
    const uint8_t *row[5]; /* first channel of the block at x = 0 */
    size_t step;           /* from pixel to pixel */
    int32_t x, in_w;       /* column 0 is pixel x; 0 .. in_w - 1 are there, the others are in_zero */
} view;

/* Column i of the rows, of which there are up to four; others have weights of zero. */
CRL_INLINE column load_column(const view *v, int32_t i, int rows)
{
    const int32_t x = v->x + i;
    if ((uint32_t)x < (uint32_t)v->in_w) {
        const size_t at = (size_t)x * v->step;
        const vec none = vec_fill(0);
        return make_column(vec_load(v->row[0] + at), rows > 1 ? vec_load(v->row[1] + at) : none,
                           rows > 2 ? vec_load(v->row[2] + at) : none, rows > 3 ? vec_load(v->row[3] + at) : none);
    }
    const vec zero = vec_fill(v->h->in_zero);
    return make_column(zero, zero, zero, zero);
}

/* Channels without one of the fast forms are rare: a call keeps the loops short. Vectors travel in registers. */
static __attribute__((noinline)) vec finish_exact(lanes a, lanes b, lanes c, lanes d, const block *at,
                                                  const packed_head *h)
{
    return pack_bytes(requant(a, at, 0, h, SLOW), requant(b, at, 1, h, SLOW), requant(c, at, 2, h, SLOW),
                      requant(d, at, 3, h, SLOW), h);
}

/* `form`: CUT, ANY or SLOW. */
CRL_INLINE vec finish(const lanes acc[QUARTERS], const view *v, crl_requant_form form)
{
    const packed_head *h = v->h;
    const block *b = v->b;
    if (form == SLOW) return finish_exact(acc[0], acc[1], acc[2], acc[3], b, h);
    lanes y[QUARTERS];
    for (int q = 0; q < QUARTERS; q++) y[q] = requant(acc[q], b, q, h, form);
    if (ANY == CRL_REQUANT_FLOAT_ANY && b->patched)
        for (int q = 0; q < QUARTERS; q++)
            if (b->patched >> q & 1) y[q] = patch(y[q], acc[q], b, q);
    return pack_bytes(y[0], y[1], y[2], y[3], h);
}

CRL_INLINE void start(lanes acc[QUARTERS], const block *b)
{
    for (int q = 0; q < QUARTERS; q++) acc[q] = lanes_load(b->bias[q]);
}

/* One output row of a 3x3 filter, `run` outputs `step` bytes apart. */
CRL_INLINE void row_3x3(uint8_t *out, size_t step, const view *v, int stride, crl_requant_form form)
{
    const term *t = terms_of(v->b);
    const uint32_t sums = v->b->sums;
    column w[3];
    for (int i = 0; i < 3; i++)
        for (int q = 0; q < QUARTERS; q++) w[i].q[q] = vec_load(t[i].q[q]);
    column c0 = load_column(v, 0, 4), c1, c2;
    if (stride == 1) c1 = load_column(v, 1, 4);
    for (int32_t x = 0; x < v->b->run; x++, out += step) {
        if (stride == 2) c1 = load_column(v, 2 * x + 1, 4);
        c2 = load_column(v, stride * x + 2, 4);
        lanes acc[QUARTERS];
        start(acc, v->b);
        add_three(acc, &c0, &c1, &c2, w, t, sums);
        vec_store(out, finish(acc, v, form));
        c0 = stride == 1 ? c1 : c2;
        if (stride == 1) c1 = c2;
    }
}

CRL_INLINE void output_3x3(uint8_t *out, const view *v, const column *c0, const column *c1, const column *c2,
                           const column w[3], crl_requant_form form, uint32_t sums)
{
    lanes acc[QUARTERS], y[QUARTERS];
    start(acc, v->b);
    add_three(acc, c0, c1, c2, w, terms_of(v->b), sums);
    for (int q = 0; q < QUARTERS; q++) y[q] = requant(acc[q], v->b, q, v->h, form);
    vec_store(out, pack_bytes(y[0], y[1], y[2], y[3], v->h));
}

/* row_3x3 with CUT or ANY, known sums and no patches, which is most of all rows. Columns change their places instead of
 * being moved, and all that is not a vector is here by value: after a store of bytes compilers load again what they
 * reach by a pointer. */
CRL_INLINE void row_3x3_quick(uint8_t *out, size_t step, const view *outer, int stride, crl_requant_form form,
                              uint32_t sums)
{
    const packed_head head = *outer->h;
    view v = *outer;
    v.h = &head;
    const int32_t run = v.b->run;
    const term *t = terms_of(v.b);
    column w[3];
    for (int i = 0; i < 3; i++)
        for (int q = 0; q < QUARTERS; q++) w[i].q[q] = vec_load(t[i].q[q]);
    column a = load_column(&v, 0, 4), b = a, c;
    int32_t x = 0;
    if (stride == 1) {
        b = load_column(&v, 1, 4);
        for (; x + 3 <= run; x += 3, out += 3 * step) {
            c = load_column(&v, x + 2, 4);
            output_3x3(out, &v, &a, &b, &c, w, form, sums);
            a = load_column(&v, x + 3, 4);
            output_3x3(out + step, &v, &b, &c, &a, w, form, sums);
            b = load_column(&v, x + 4, 4);
            output_3x3(out + 2 * step, &v, &c, &a, &b, w, form, sums);
        }
        for (; x < run; x++, out += step) {
            c = load_column(&v, x + 2, 4);
            output_3x3(out, &v, &a, &b, &c, w, form, sums);
            a = b;
            b = c;
        }
    } else {
        for (; x < run; x++, out += step) {
            b = load_column(&v, 2 * x + 1, 4);
            c = load_column(&v, 2 * x + 2, 4);
            output_3x3(out, &v, &a, &b, &c, w, form, sums);
            a = c;
        }
    }
}

CRL_INLINE void row_3x3_sums(uint8_t *out, size_t step, const view *v, int stride, crl_requant_form form)
{
    const bool quick = ANY != CRL_REQUANT_FLOAT_ANY || !v->b->patched;
    if (quick && v->b->sums == 0)
        row_3x3_quick(out, step, v, stride, form, 0);
    else if (quick && OTHER_SUMS > 0 && v->b->sums == OTHER_SUMS)
        row_3x3_quick(out, step, v, stride, form, OTHER_SUMS);
    else if (quick && THIRD_SUMS > 0 && v->b->sums == THIRD_SUMS)
        row_3x3_quick(out, step, v, stride, form, THIRD_SUMS);
    else
        row_3x3(out, step, v, stride, form);
}

CRL_INLINE void row_3x3_form(uint8_t *out, size_t step, const view *v, int stride)
{
    if (v->b->form == CUT)
        row_3x3_sums(out, step, v, stride, CUT);
    else if (v->b->form == ANY)
        row_3x3_sums(out, step, v, stride, ANY);
    else
        row_3x3(out, step, v, stride, SLOW);
}

static void row_three(uint8_t *out, size_t step, const view *v)
{
    if (v->h->window.stride_w == 1)
        row_3x3_form(out, step, v, 1);
    else
        row_3x3_form(out, step, v, 2);
}

CRL_INLINE vec pixel(const view *v, int r, int32_t i)
{
    const int32_t x = v->x + i;
    return (uint32_t)x < (uint32_t)v->in_w ? vec_load(v->row[r] + (size_t)x * v->step) : vec_fill(v->h->in_zero);
}

/* The last row's columns i - 3 to i. */
CRL_INLINE column fifth_row(const view *v, int32_t i)
{
    const int32_t x = v->x + i;
    if (x >= 3 && x < v->in_w) {
        const uint8_t *p = v->row[4] + (size_t)x * v->step;
        return make_column(vec_load(p - 3 * v->step), vec_load(p - 2 * v->step), vec_load(p - v->step), vec_load(p));
    }
    return make_column(pixel(v, 4, i - 3), pixel(v, 4, i - 2), pixel(v, 4, i - 1), pixel(v, 4, i));
}

/* The sums of an output that is not complete. */
typedef struct partial {
    lanes q[QUARTERS];
} partial;

CRL_INLINE void add_rows(partial *s, const column *c, const term *t)
{
    add_column(s->q, c, t, 4, 0);
}

CRL_INLINE partial begin_output(const block *b, const column *first, const column *fifth, const term *t)
{
    partial s;
    start(s.q, b);
    add_rows(&s, first, t);
    add_rows(&s, fifth, t + 6);
    return s;
}

CRL_INLINE void end_output(uint8_t *out, partial *s, const view *v, const column *last, const column *fifth, const term *t, crl_requant_form form)
{
    add_rows(s, last, t + 4);
    add_rows(s, fifth, t + 5);
    vec_store(out, finish(s->q, v, form));
}

/* One output row of a 5x5 filter. A column of the first four rows goes to all outputs that see it, whose sums are kept: terms 0 to 4.
 * Of the last row four columns that follow each other are the bytes of a lane: the last of them is the first column of the
 * output that begins there, term 6, and all four are the others of the one that ends, term 5. That is 28 dot products for
 * 4 * LANES outputs, where columns of that row would take 40. Weights come from memory, as operands. */
CRL_INLINE void row_5x5_stride_1(uint8_t *out, size_t step, const view *v, crl_requant_form form)
{
    const term *t = terms_of(v->b);
    partial a = { 0 }, b = a, c = a, d = a; /* of four outputs, from the oldest on */
    for (int32_t i = 0; i < v->b->run + 4; i++) {
        const column new = load_column(v, i, 4), fifth = fifth_row(v, i);
        const partial e = begin_output(v->b, &new, &fifth, t);
        if (i > 0) add_rows(&d, &new, t + 1);
        if (i > 1) add_rows(&c, &new, t + 2);
        if (i > 2) add_rows(&b, &new, t + 3);
        if (i > 3) {
            end_output(out, &a, v, &new, &fifth, t, form);
            out += step;
        }
        a = b;
        b = c;
        c = d;
        d = e;
    }
}

CRL_INLINE void row_5x5_stride_2(uint8_t *out, size_t step, const view *v, crl_requant_form form)
{
    const term *t = terms_of(v->b);
    partial a = { 0 }, b = a;
    for (int32_t i = 0; i < v->b->run + 2; i++) {
        if (i > 0) {
            const column odd = load_column(v, 2 * i - 1, 4);
            add_rows(&b, &odd, t + 1);
            add_rows(&a, &odd, t + 3);
        }
        const column new = load_column(v, 2 * i, 4), fifth = fifth_row(v, 2 * i);
        add_rows(&b, &new, t + 2);
        if (i > 1) {
            end_output(out, &a, v, &new, &fifth, t, form);
            out += step;
        }
        a = b;
        b = begin_output(v->b, &new, &fifth, t);
    }
}

CRL_INLINE void row_5x5(uint8_t *out, size_t step, const view *v, crl_requant_form form)
{
    if (v->h->window.stride_w == 1)
        row_5x5_stride_1(out, step, v, form);
    else
        row_5x5_stride_2(out, step, v, form);
}

CRL_INLINE vec finish_any(const lanes acc[QUARTERS], const view *v)
{
    if (v->b->form == CUT) return finish(acc, v, CUT);
    if (v->b->form == ANY) return finish(acc, v, ANY);
    return finish(acc, v, SLOW);
}

/* A 5x5 row: `columns` is for those of four rows and, beside each of them, the last row's. */
static void row_five(uint8_t *out, size_t step, const view *v, column *columns)
{
    if (FIVE > 1 && v->h->kept) {
        if (v->b->form == CUT)
            row_5x5(out, step, v, CUT);
        else if (v->b->form == ANY)
            row_5x5(out, step, v, ANY);
        else
            row_5x5(out, step, v, SLOW);
        return;
    }
    const int32_t stride = v->h->window.stride_w, n = column_count(&v->h->window, v->b->run);
    const uint32_t sums = v->b->sums;
    const term *t = terms_of(v->b);
    for (int32_t i = 0; i < n; i++) {
        columns[2 * i] = load_column(v, i, 4);
        columns[2 * i + 1] = fifth_row(v, i);
    }
    for (int32_t x = 0; x < v->b->run; x++, out += step, columns += 2 * stride) {
        lanes acc[QUARTERS];
        start(acc, v->b);
        for (int32_t fx = 0; fx < 5; fx++) add_column(acc, &columns[2 * fx], t + fx, 4, sums);
        add_column(acc, &columns[9], t + 5, 4, sums);
        add_column(acc, &columns[1], t + 6, 4, sums);
        vec_store(out, finish_any(acc, v));
    }
}

/* One output row of any filter, from its columns. */
static void row_any(uint8_t *out, size_t step, const view *v, const column *columns)
{
    const crl_window *w = &v->h->window;
    const int32_t groups = v->h->groups;
    const uint32_t sums = v->b->sums;
    for (int32_t x = 0; x < v->b->run; x++, out += step) {
        const term *t = terms_of(v->b);
        lanes acc[QUARTERS];
        start(acc, v->b);
        for (int32_t g = 0; g < groups; g++) {
            const int rows = w->filter_h - 4 * g;
            for (int32_t fx = 0; fx < w->filter_w; fx++, t++)
                add_column(acc, &columns[(size_t)(x * w->stride_w + fx * w->dilation_w) * (size_t)groups + (size_t)g], t,
                           rows, sums);
        }
        vec_store(out, finish_any(acc, v));
    }
}

/* Where stretch s begins in the output row. */
static int32_t stretch_start(const view *v, int32_t s)
{
    const int32_t last = v->h->window.out_w - v->b->run;
    return s * v->b->run < last ? s * v->b->run : last;
}

/* n pieces of `bytes`, from_step and to_step apart. Compilers make moves of constant sizes. */
static void copy_pieces(uint8_t *to, size_t to_step, const uint8_t *from, size_t from_step, int32_t n, size_t bytes)
{
    switch (bytes) {
    case 8:
        for (; n > 0; n--, to += to_step, from += from_step) memcpy(to, from, 8);
        break;
    case 16:
        for (; n > 0; n--, to += to_step, from += from_step) memcpy(to, from, 16);
        break;
    case 24:
        for (; n > 0; n--, to += to_step, from += from_step) memcpy(to, from, 24);
        break;
    case 32:
        for (; n > 0; n--, to += to_step, from += from_step) memcpy(to, from, 32);
        break;
    default:
        for (; n > 0; n--, to += to_step, from += from_step) memcpy(to, from, bytes);
    }
}

/* An input row of a narrow block, all its stretches with their borders; NULL: outside the picture. */
static void fill_strip(uint8_t *strip, const view *v, const uint8_t *row)
{
    const crl_window *w = &v->h->window;
    const int32_t n = column_count(w, v->b->run);
    if (!row) {
        memset(strip, v->h->in_zero, (size_t)n * BLOCK);
        return;
    }
    for (int32_t s = 0; s < v->b->stretches; s++) {
        const int32_t x = stretch_start(v, s) * w->stride_w - w->pad_left;
        uint8_t *to = strip + s * v->b->slot;
        int32_t first = x < 0 ? -x : 0, end = w->in_w - x;
        end = end < 0 ? 0 : end > n ? n : end;
        first = first > end ? end : first;
        for (int32_t i = 0; i < first; i++) memset(to + (size_t)i * BLOCK, v->h->in_zero, (size_t)v->b->width);
        if (first < end)
            copy_pieces(to + (size_t)first * BLOCK, BLOCK, row + (size_t)(x + first) * (size_t)w->in_c, (size_t)w->in_c,
                        end - first, (size_t)v->b->width);
        for (int32_t i = end; i < n; i++) memset(to + (size_t)i * BLOCK, v->h->in_zero, (size_t)v->b->width);
    }
}

/* A task: rows of the picture, and the scratch by parts. */
typedef struct task {
    const packed_head *h;
    const uint8_t *in;
    uint8_t *out;
    uint8_t *zero_row;
    column *columns;
    uint8_t *strip[MOST_STRIPS];
    uint8_t *out_strip;
} task;

/* Input row `y` at the block's first channel; NULL: outside. */
static const uint8_t *input_row(const task *k, const block *b, int32_t y)
{
    const crl_window *w = &k->h->window;
    return y < 0 || y >= w->in_h ? NULL : k->in + (size_t)y * (size_t)w->in_w * (size_t)w->in_c + b->first;
}

/* Points the view's row r to input row `y`, through strip `s` where the block is narrow. */
static void see_row(view *v, const task *k, int r, int32_t y, int s)
{
    const uint8_t *row = input_row(k, v->b, y);
    if (is_narrow(v->b)) {
        fill_strip(k->strip[s], v, row);
        v->row[r] = k->strip[s];
    } else {
        v->row[r] = row ? row : k->zero_row;
    }
}

/* Four rows of a group, and from them its columns. */
static void make_columns(view *v, const task *k, int32_t y, int32_t g)
{
    const crl_window *w = &k->h->window;
    const int32_t n = column_count(w, v->b->run), groups = k->h->groups, left = w->filter_h - 4 * g;
    for (int r = 0; r < 4 && r < left; r++)
        see_row(v, k, r, y * w->stride_h - w->pad_top + (4 * g + r) * w->dilation_h, r);
    for (int32_t i = 0; i < n; i++) k->columns[(size_t)i * (size_t)groups + (size_t)g] = load_column(v, i, left);
}

/* The rows of a 3x3 or 5x5 filter; strips of the output row before still hold some of them. */
static void see_rows(view *v, const task *k, int32_t y, bool first)
{
    const crl_window *w = &k->h->window;
    const int32_t top = y * w->stride_h - w->pad_top;
    const uint32_t strips = k->h->five ? MOST_STRIPS : 4;
    for (int r = 0; r < w->filter_h; r++) {
        const int s = (int)((uint32_t)(top + r) % strips);
        if (is_narrow(v->b) && !first && r + w->stride_h < w->filter_h)
            v->row[r] = k->strip[s];
        else
            see_row(v, k, r, top + r, s);
    }
    if (k->h->three) v->row[3] = v->row[v->b->fourth < 0 ? 0 : v->b->fourth];
}

static void run_block(const task *k, const block *b, int32_t y0, int32_t y1)
{
    const crl_window *w = &k->h->window;
    const bool narrow = is_narrow(b);
    view v = { .h = k->h, .b = b, .step = (size_t)w->in_c, .x = -w->pad_left, .in_w = w->in_w };
    if (narrow) v.step = BLOCK, v.x = 0, v.in_w = column_count(w, b->run);
    const size_t step = narrow ? BLOCK : (size_t)w->out_c;
    for (int32_t y = y0; y < y1; y++) {
        uint8_t *out = k->out + (size_t)y * (size_t)w->out_w * (size_t)w->out_c + b->first;
        uint8_t *to = narrow ? k->out_strip : out;
        if (k->h->three || k->h->five) {
            see_rows(&v, k, y, y == y0);
            if (k->h->three)
                row_three(to, step, &v);
            else
                row_five(to, step, &v, k->columns);
        } else {
            for (int32_t g = 0; g < k->h->groups; g++) make_columns(&v, k, y, g);
            row_any(to, step, &v, k->columns);
        }
        for (int32_t s = 0; narrow && s < b->stretches; s++)
            copy_pieces(out + (size_t)stretch_start(&v, s) * (size_t)w->out_c, (size_t)w->out_c, to + s * b->slot, BLOCK,
                        b->run, (size_t)b->width);
    }
}

static void run_rows(const void *packed, uint8_t *out, const uint8_t *in, int32_t first_row, int32_t last_row,
                     void *scratch)
{
    const packed_head *h = packed;
    const crl_window *w = &h->window;
    const scratch_parts p = part_scratch(h);
    uint8_t *at = scratch, *strips = at + p.zero_row + p.columns;
    task k = { .h = h, .in = in, .out = out, .zero_row = at, .columns = (column *)(at + p.zero_row),
               .out_strip = strips + (size_t)p.strips * p.strip };
    for (int i = 0; i < p.strips; i++) k.strip[i] = strips + (size_t)i * p.strip;
    memset(scratch, h->in_zero, p.zero_row);
    memset(strips, h->in_zero, (size_t)p.strips * p.strip);
    const size_t row_bytes = (size_t)w->in_w * (size_t)w->in_c * (size_t)w->stride_h;
    const int32_t band = row_bytes < BAND_BYTES ? (int32_t)(BAND_BYTES / row_bytes) : 1;
    for (int32_t y = first_row; y < last_row; y += band) {
        const int32_t end = last_row - y < band ? last_row : y + band;
        const uint8_t *b = (const uint8_t *)packed + crl_size_align(sizeof *h, 64);
        for (int32_t i = 0; i < h->n_blocks; i++, b += h->block_bytes) run_block(&k, (const block *)b, y, end);
    }
}

#endif
