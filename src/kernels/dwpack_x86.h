/* SPDX-License-Identifier: Apache-2.0 */
/* Packed depthwise convolution for x86, written once for all widths of vectors; to be included by the file of
 * a level after it has defined what differs:
 *
 *   BLOCK   bytes of a vector, which is the channels of a block: 32 or 64
 *   vec     the vector
 * and before it fills in the functions listed under "What a level defines".
 *
 * Channel order. Interleaving four rows of BLOCK bytes gives four vectors of 32-bit lanes; lane i of vector q
 * is channel 16 * (i / 4) + 4 * q + i % 4 of the block. Packing four such vectors to bytes undoes that, so only
 * weights and constants are laid out in this order.
 *
 * Narrow blocks. Where a half or a quarter of a block's channels are left, a vector holds two or four stretches
 * of the output row, `run` outputs each; the last may overlap the one before it, and some bytes are then
 * written twice.
 *
 *   3x3, stride 1   two output rows at once, three columns in registers    rows_3x3
 *   3x3, stride 2   one output row, three columns in registers             rows_3x3
 *   all others      the columns of a row in scratch                        rows_any
 *
 * What is constant where it is inlined multiplies the code: stride, sums and kind of block are, for 3x3 only. */
#ifndef CRL_KERNELS_DWPACK_X86_H
#define CRL_KERNELS_DWPACK_X86_H

#include <immintrin.h>
#include <string.h>

#include "base/alloc.h"
#include "kernels/dwpack.h"
#include "kernels/element.h"

enum { LANES = BLOCK / 4, QUARTERS = 4, HALF = BLOCK / 2, QUARTER = BLOCK / 4 };

/* How the terms of a block are summed; a level gives both their meaning, FAST where the weights allow it. */
typedef enum sum_mode { SUM_FAST, SUM_SAFE } sum_mode;

typedef enum block_kind { KIND_WHOLE, KIND_HALVES, KIND_QUARTERS, KIND_MASKED } block_kind;

typedef struct block {
    int32_t first, width; /* channels */
    block_kind kind;
    sum_mode mode;
    int32_t stretches, run; /* of the output row */
    crl_requant_form form;
    _Alignas(64) int32_t bias[QUARTERS][LANES];
    crl_requant_lanes requant[(BLOCK + 15) / 16];
    /* terms follow: [row of the pair][group of filter rows][filter column] */
} block;

/* The weights of one term: a filter column of four rows, of all quarters. */
typedef struct term {
    _Alignas(64) uint8_t q[QUARTERS][2 * BLOCK];
} term;

typedef struct packed_head {
    crl_window window;
    int32_t zero_point, min, max;
    uint8_t in_zero;
    bool three;     /* rows_3x3 serves */
    int32_t pair;   /* output rows at once */
    int32_t groups; /* of four filter rows */
    int32_t n_blocks;
    size_t block_bytes;
} packed_head;

/* A column: four rows of one pixel (of each stretch), interleaved. */
typedef struct column {
    vec q[QUARTERS];
} column;

/* --- What a level defines ------------------------------------------------------------------------- */

/* Whether SUM_FAST serves a channel: w[of columns][row of the group] are the terms that are summed together. */
static bool fast_enough(const int32_t w[][4], int32_t columns);
/* The weights of lane `lane` of a quarter. */
static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode);
CRL_INLINE void add_term(vec acc[QUARTERS], const column *c, const term *t, sum_mode mode);
CRL_INLINE void add_three_terms(vec acc[QUARTERS], const column *c0, const column *c1, const column *c2, const term *t,
                                sum_mode mode);
CRL_INLINE vec vec_fill(uint8_t byte);
CRL_INLINE vec vec_load(const void *p);
CRL_INLINE void vec_store(void *p, vec v);
CRL_INLINE vec load_halves(const uint8_t *a, const uint8_t *b);
CRL_INLINE vec load_quarters(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d);
CRL_INLINE vec load_masked(const uint8_t *p, int32_t width);
CRL_INLINE void store_halves(uint8_t *a, uint8_t *b, vec v);
CRL_INLINE void store_quarters(uint8_t *a, uint8_t *b, uint8_t *c, uint8_t *d, vec v);
CRL_INLINE void store_masked(uint8_t *p, int32_t width, vec v);
CRL_INLINE column interleave(vec a, vec b, vec c, vec d);
/* Requantises and packs. */
CRL_INLINE vec finish_as(const vec acc[QUARTERS], const block *b, int32_t zero_point, crl_requant_form form);
CRL_INLINE vec vec_clamp(vec v, uint8_t min, uint8_t max);

/* --- packing -------------------------------------------------------------------------------------- */

static packed_head make_head(const crl_dwpack_spec *s)
{
    const crl_window *w = &s->window;
    packed_head h = { .window = *w, .zero_point = s->requant.zero_point, .min = s->requant.min, .max = s->requant.max,
                      .in_zero = (uint8_t)s->in_zero, .n_blocks = (w->out_c + BLOCK - 1) / BLOCK };
    h.three = w->filter_h == 3 && w->filter_w == 3 && w->dilation_h == 1 && w->dilation_w == 1 &&
              w->stride_h == w->stride_w && w->stride_w <= 2;
    h.pair = h.three && w->stride_w == 1 ? 2 : 1;
    h.groups = (w->filter_h + 3) / 4;
    const size_t terms = (size_t)h.pair * (size_t)h.groups * (size_t)w->filter_w;
    h.block_bytes = crl_size_align(sizeof(block), 64) + terms * sizeof(term);
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

static int32_t lane_channel(int q, int lane)
{
    return 16 * (lane / 4) + 4 * q + lane % 4;
}

static void place_block(block *b, const packed_head *h, int32_t index)
{
    const int32_t channels = h->window.out_c, left = channels - index * BLOCK;
    b->first = index * BLOCK;
    b->width = left < BLOCK ? left : BLOCK;
    b->stretches = 1;
    if (b->width == BLOCK) {
        b->kind = KIND_WHOLE;
    } else if (b->width == HALF && h->window.out_w >= 2) {
        b->kind = KIND_HALVES;
        b->stretches = 2;
    } else if (b->width == QUARTER && h->window.out_w >= 4) {
        b->kind = KIND_QUARTERS;
        b->stretches = 4;
    } else if (channels >= BLOCK) { /* overlap the block before: whole vectors beat masks */
        b->kind = KIND_WHOLE;
        b->first = channels - BLOCK;
        b->width = BLOCK;
    } else {
        b->kind = KIND_MASKED;
    }
    b->run = (h->window.out_w + b->stretches - 1) / b->stretches;
}

/* The four weights of a term for one channel; `of_pair` moves the filter down by one row. */
static void term_weights(int32_t w[4], const crl_dwpack_spec *s, int32_t channel, int of_pair, int group, int32_t fx)
{
    for (int r = 0; r < 4; r++) {
        const int32_t fy = 4 * group + r - of_pair;
        const bool inside = channel >= 0 && fy >= 0 && fy < s->window.filter_h;
        w[r] = inside ? s->weights[((size_t)fy * (size_t)s->window.filter_w + (size_t)fx) * (size_t)s->window.out_c +
                                   (size_t)channel]
                      : 0;
    }
}

static bool channel_is_fast(const packed_head *h, const crl_dwpack_spec *s, int32_t channel)
{
    for (int p = 0; p < h->pair; p++)
        for (int g = 0; g < h->groups; g++) {
            int32_t w[3][4];
            for (int32_t fx = 0; fx < s->window.filter_w; fx++) {
                term_weights(w[h->three ? fx : 0], s, channel, p, g, fx);
                if (!h->three && !fast_enough((const int32_t(*)[4])w, 1)) return false;
            }
            if (h->three && !fast_enough((const int32_t(*)[4])w, 3)) return false;
        }
    return true;
}

static void pack_terms(block *b, const packed_head *h, const crl_dwpack_spec *s, int32_t channel[QUARTERS][LANES])
{
    b->mode = SUM_FAST;
    for (int32_t c = b->first; c < b->first + b->width; c++)
        if (!channel_is_fast(h, s, c)) b->mode = SUM_SAFE;
    term *t = (term *)(uintptr_t)terms_of(b);
    for (int p = 0; p < h->pair; p++)
        for (int g = 0; g < h->groups; g++)
            for (int32_t fx = 0; fx < s->window.filter_w; fx++, t++)
                for (int q = 0; q < QUARTERS; q++)
                    for (int lane = 0; lane < LANES; lane++) {
                        int32_t w[4];
                        term_weights(w, s, channel[q][lane], p, g, fx);
                        put_weights(t, q, lane, w, b->mode);
                    }
}

/* The bias with the zero point of the input folded in: the sums run over raw bytes. */
static int32_t folded_bias(const crl_dwpack_spec *s, int32_t channel)
{
    int64_t sum = s->bias ? s->bias[channel] : 0;
    for (int32_t t = 0; t < s->window.filter_h * s->window.filter_w; t++)
        sum -= (int64_t)s->in_zero * s->weights[(size_t)t * (size_t)s->window.out_c + (size_t)channel];
    return (int32_t)(uint32_t)(uint64_t)sum; /* may wrap, as the sums over bytes then do, too */
}

/* One form for the block, the one that its slowest part needs. */
static void pack_requant(block *b, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    const int32_t *in_order = &channel[0][0];
    for (int i = 0; i < BLOCK / 16; i++) {
        const crl_requant_form form =
            crl_requant_lanes_init(&b->requant[i], &s->requant, s->proof, in_order + 16 * i);
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
                int32_t c = lane_channel(q, lane);
                if (b->stretches > 1) c %= b->width;
                channel[q][lane] = c < b->width ? b->first + c : -1;
                if (c < b->width) b->bias[q][lane] = folded_bias(s, b->first + c);
            }
        pack_terms(b, &h, s, channel);
        pack_requant(b, s, (const int32_t(*)[LANES])channel);
    }
}

/* --- running -------------------------------------------------------------------------------------- */

/* Scratch: a row of in_zero for what lies above and below the picture, then the columns of rows_any. */
static size_t zero_row_bytes(const crl_window *w)
{
    return crl_size_align((size_t)w->in_w * (size_t)w->in_c, 64);
}

static int32_t column_count(const crl_window *w, int32_t run)
{
    return (run - 1) * w->stride_w + (w->filter_w - 1) * w->dilation_w + 1;
}

static size_t scratch_bytes(const crl_dwpack_spec *s)
{
    const packed_head h = make_head(s);
    block last;
    place_block(&last, &h, h.n_blocks - 1);
    const bool any = !h.three || last.kind == KIND_MASKED;
    const size_t columns = any ? (size_t)column_count(&s->window, s->window.out_w) : 0;
    return zero_row_bytes(&s->window) + columns * (size_t)h.groups * sizeof(column);
}

/* What one block sees of one output row. */
typedef struct view {
    const packed_head *h;
    const block *b;
    const uint8_t *row[4]; /* first channel of the block at x = 0 */
    int32_t x[4];          /* input position of column 0, per stretch; may lie outside */
    int32_t inner_first, inner_end; /* columns that are inside the picture in every stretch */
} view;

CRL_INLINE const uint8_t *pixel(const view *v, const uint8_t *row, int stretch, int32_t i)
{
    return row + (size_t)(v->x[stretch] + i) * (size_t)v->h->window.in_c;
}

CRL_INLINE vec load_inner(const view *v, const uint8_t *row, int32_t i, block_kind kind)
{
    const uint8_t *p = pixel(v, row, 0, i);
    switch (kind) {
    case KIND_WHOLE: return vec_load(p);
    case KIND_HALVES: return load_halves(p, pixel(v, row, 1, i));
    case KIND_QUARTERS: return load_quarters(p, pixel(v, row, 1, i), pixel(v, row, 2, i), pixel(v, row, 3, i));
    default: return load_masked(p, v->b->width);
    }
}

/* At the left and right border: each stretch on its own. */
static __attribute__((noinline)) vec load_border(const view *v, const uint8_t *row, int32_t i)
{
    _Alignas(64) uint8_t bytes[BLOCK];
    memset(bytes, v->h->in_zero, sizeof bytes);
    for (int32_t s = 0; s < v->b->stretches; s++) {
        const int32_t x = v->x[s] + i;
        if (x >= 0 && x < v->h->window.in_w)
            memcpy(bytes + s * v->b->width, row + (size_t)x * (size_t)v->h->window.in_c, (size_t)v->b->width);
    }
    return vec_load(bytes);
}

/* Column i of up to four rows; what lies below `rows` has weights of zero. */
CRL_INLINE column load_column(const view *v, int32_t i, int rows, block_kind kind)
{
    const vec none = vec_fill(0);
    if (i >= v->inner_first && i < v->inner_end)
        return interleave(load_inner(v, v->row[0], i, kind), rows > 1 ? load_inner(v, v->row[1], i, kind) : none,
                          rows > 2 ? load_inner(v, v->row[2], i, kind) : none,
                          rows > 3 ? load_inner(v, v->row[3], i, kind) : none);
    return interleave(load_border(v, v->row[0], i), rows > 1 ? load_border(v, v->row[1], i) : none,
                      rows > 2 ? load_border(v, v->row[2], i) : none, rows > 3 ? load_border(v, v->row[3], i) : none);
}

/* The other forms are rare and long: a call keeps the loops short. Vectors travel in registers. */
static __attribute__((noinline)) vec finish_rare(vec a, vec b, vec c, vec d, const block *at, int32_t zero_point)
{
    const vec acc[QUARTERS] = { a, b, c, d };
    switch (at->form) {
    case CRL_REQUANT_PATCHED_CUT: return finish_as(acc, at, zero_point, CRL_REQUANT_PATCHED_CUT);
    case CRL_REQUANT_PATCHED_ANY: return finish_as(acc, at, zero_point, CRL_REQUANT_PATCHED_ANY);
    case CRL_REQUANT_EXACT_CUT: return finish_as(acc, at, zero_point, CRL_REQUANT_EXACT_CUT);
    default: return finish_as(acc, at, zero_point, CRL_REQUANT_EXACT_ANY);
    }
}

CRL_INLINE vec finish(const vec acc[QUARTERS], const view *v)
{
    const packed_head *h = v->h;
    vec y;
    if (v->b->form == CRL_REQUANT_FLOAT_CUT)
        y = finish_as(acc, v->b, h->zero_point, CRL_REQUANT_FLOAT_CUT);
    else if (v->b->form == CRL_REQUANT_FLOAT_ANY)
        y = finish_as(acc, v->b, h->zero_point, CRL_REQUANT_FLOAT_ANY);
    else
        y = finish_rare(acc[0], acc[1], acc[2], acc[3], v->b, h->zero_point);
    return vec_clamp(y, (uint8_t)h->min, (uint8_t)h->max);
}

/* Where stretch s begins in the output row. */
CRL_INLINE int32_t stretch_start(const view *v, int32_t s)
{
    const int32_t last = v->h->window.out_w - v->b->run;
    return s * v->b->run < last ? s * v->b->run : last;
}

/* Output x of every stretch; `out` is the block's first channel at x = 0. */
CRL_INLINE void store(uint8_t *out, const view *v, int32_t x, vec y, block_kind kind)
{
    const size_t step = (size_t)v->h->window.out_c;
    uint8_t *p = out + (size_t)x * step;
    switch (kind) {
    case KIND_WHOLE: vec_store(p, y); break;
    case KIND_HALVES: store_halves(p, p + (size_t)stretch_start(v, 1) * step, y); break;
    case KIND_QUARTERS:
        store_quarters(p, p + (size_t)stretch_start(v, 1) * step, p + (size_t)stretch_start(v, 2) * step,
                       p + (size_t)stretch_start(v, 3) * step, y);
        break;
    case KIND_MASKED: store_masked(p, v->b->width, y); break;
    }
}

static void place_stretches(view *v)
{
    const crl_window *w = &v->h->window;
    v->inner_first = 0;
    v->inner_end = INT32_MAX;
    for (int32_t s = 0; s < v->b->stretches; s++) {
        v->x[s] = stretch_start(v, s) * w->stride_w - w->pad_left;
        if (-v->x[s] > v->inner_first) v->inner_first = -v->x[s];
        if (w->in_w - v->x[s] < v->inner_end) v->inner_end = w->in_w - v->x[s];
    }
}

CRL_INLINE void start(vec acc[QUARTERS], const block *b)
{
    for (int q = 0; q < QUARTERS; q++) acc[q] = vec_load(b->bias[q]);
}

/* One output row, or two (`pair`), of a 3x3 filter. out1 is the second row, or NULL where there is none. */
CRL_INLINE void row_3x3(uint8_t *out0, uint8_t *out1, const view *v, int stride, int pair, sum_mode mode,
                        block_kind kind)
{
    const term *t = terms_of(v->b);
    const int rows = pair == 2 ? 4 : 3;
    column c0 = load_column(v, 0, rows, kind), c1, c2;
    if (stride == 1) c1 = load_column(v, 1, rows, kind);
    for (int32_t x = 0; x < v->b->run; x++) {
        if (stride == 2) c1 = load_column(v, 2 * x + 1, rows, kind);
        c2 = load_column(v, stride * x + 2, rows, kind);
        for (int p = 0; p < pair; p++) {
            vec acc[QUARTERS];
            start(acc, v->b);
            add_three_terms(acc, &c0, &c1, &c2, t + 3 * p, mode);
            uint8_t *out = p == 0 ? out0 : out1;
            if (out) store(out, v, x, finish(acc, v), kind);
        }
        c0 = stride == 1 ? c1 : c2;
        if (stride == 1) c1 = c2;
    }
}

/* One output row of any filter: all its columns first, then the outputs. */
static void row_any(uint8_t *out, view *v, const uint8_t *const *rows, column *columns)
{
    const crl_window *w = &v->h->window;
    const int32_t n = column_count(w, v->b->run), groups = v->h->groups;
    for (int32_t g = 0; g < groups; g++) {
        const int32_t left = w->filter_h - 4 * g;
        for (int r = 0; r < 4; r++) v->row[r] = r < left ? rows[4 * g + r] : NULL;
        for (int32_t i = 0; i < n; i++)
            columns[(size_t)i * (size_t)groups + (size_t)g] = load_column(v, i, left, v->b->kind);
    }
    for (int32_t x = 0; x < v->b->run; x++) {
        const term *t = terms_of(v->b);
        vec acc[QUARTERS];
        start(acc, v->b);
        for (int32_t g = 0; g < groups; g++)
            for (int32_t fx = 0; fx < w->filter_w; fx++, t++) {
                const column *c = &columns[(size_t)(x * w->stride_w + fx * w->dilation_w) * (size_t)groups + (size_t)g];
                if (v->b->mode == SUM_FAST)
                    add_term(acc, c, t, SUM_FAST);
                else
                    add_term(acc, c, t, SUM_SAFE);
            }
        store(out, v, x, finish(acc, v), v->b->kind);
    }
}

/* Input row `y` at the block's first channel; what lies outside is the row of in_zero. */
static const uint8_t *input_row(const view *v, const uint8_t *in, const uint8_t *zero_row, int32_t y)
{
    const crl_window *w = &v->h->window;
    const uint8_t *row = y < 0 || y >= w->in_h ? zero_row : in + (size_t)y * (size_t)w->in_w * (size_t)w->in_c;
    return row + v->b->first;
}

CRL_INLINE void rows_3x3(view *v, uint8_t *out, const uint8_t *in, int32_t y0, int32_t y1, const uint8_t *zero_row,
                         block_kind kind)
{
    const crl_window *w = &v->h->window;
    const size_t row_bytes = (size_t)w->out_w * (size_t)w->out_c;
    const bool fast = v->b->mode == SUM_FAST;
    for (int32_t y = y0; y < y1; y += v->h->pair) {
        for (int r = 0; r < 4; r++) v->row[r] = input_row(v, in, zero_row, y * w->stride_h - w->pad_top + r);
        uint8_t *out0 = out + (size_t)y * row_bytes + v->b->first, *out1 = y + 1 < y1 ? out0 + row_bytes : NULL;
        if (w->stride_w == 1 && fast)
            row_3x3(out0, out1, v, 1, 2, SUM_FAST, kind);
        else if (w->stride_w == 1)
            row_3x3(out0, out1, v, 1, 2, SUM_SAFE, kind);
        else if (fast)
            row_3x3(out0, NULL, v, 2, 1, SUM_FAST, kind);
        else
            row_3x3(out0, NULL, v, 2, 1, SUM_SAFE, kind);
    }
}

static void rows_any(view *v, uint8_t *out, const uint8_t *in, int32_t y0, int32_t y1, const uint8_t *zero_row,
                     column *columns)
{
    const crl_window *w = &v->h->window;
    const uint8_t *rows[CRL_DWPACK_FILTER_ROWS];
    for (int32_t y = y0; y < y1; y++) {
        for (int32_t r = 0; r < w->filter_h; r++)
            rows[r] = input_row(v, in, zero_row, y * w->stride_h - w->pad_top + r * w->dilation_h);
        row_any(out + (size_t)y * (size_t)w->out_w * (size_t)w->out_c + v->b->first, v, rows, columns);
    }
}

static void run_rows(const void *packed, uint8_t *out, const uint8_t *in, int32_t first_row, int32_t last_row,
                     void *scratch)
{
    const packed_head *h = packed;
    memset(scratch, h->in_zero, (size_t)h->window.in_w * (size_t)h->window.in_c);
    const uint8_t *at = (const uint8_t *)packed + crl_size_align(sizeof *h, 64);
    for (int32_t i = 0; i < h->n_blocks; i++, at += h->block_bytes) {
        view v = { .h = h, .b = (const block *)at };
        place_stretches(&v);
        column *columns = (column *)((uint8_t *)scratch + zero_row_bytes(&h->window));
        if (!h->three || v.b->kind == KIND_MASKED)
            rows_any(&v, out, in, first_row, last_row, scratch, columns);
        else if (v.b->kind == KIND_WHOLE)
            rows_3x3(&v, out, in, first_row, last_row, scratch, KIND_WHOLE);
        else if (v.b->kind == KIND_HALVES)
            rows_3x3(&v, out, in, first_row, last_row, scratch, KIND_HALVES);
        else
            rows_3x3(&v, out, in, first_row, last_row, scratch, KIND_QUARTERS);
    }
}

#endif
