/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpdpbusd on 512 bits: tiles of 6 rows x 64 columns, 12 x 32 and 12 x 16.
 *
 * A step multiplies four channels: the weights of a panel's columns fill one vector per 16 of them, the four bytes of
 * a row's pixel are broadcast. 24 accumulators, 4 vectors of weights and the broadcast make 29 of 32 registers.
 *
 * The tiles are one inline function whose size is constant where it is called. Accumulators are fields with names,
 * since gcc 12 keeps arrays of vectors in memory. */
#include "kernels/x86/gemm_zmm.h"

INLINE void requant_vector(vectors *a, int v, const crl_requant_lanes *q, crl_requant_form f, int32_t z)
{
    if (v == 0) a->v0 = crl_requant_x16_avx512(a->v0, q, f, z);
    if (v == 1) a->v1 = crl_requant_x16_avx512(a->v1, q, f, z);
    if (v == 2) a->v2 = crl_requant_x16_avx512(a->v2, q, f, z);
    if (v == 3) a->v3 = crl_requant_x16_avx512(a->v3, q, f, z);
}

/* One vector of every row. Column by column, parameters are loaded once; after the first store the compiler would have
 * to load them again. */
INLINE void requant_column(tile *t, int rows, int v, const crl_requant_lanes *q, crl_requant_form f, int32_t z)
{
    if (rows > 0) requant_vector(&t->r0, v, q, f, z);
    if (rows > 1) requant_vector(&t->r1, v, q, f, z);
    if (rows > 2) requant_vector(&t->r2, v, q, f, z);
    if (rows > 3) requant_vector(&t->r3, v, q, f, z);
    if (rows > 4) requant_vector(&t->r4, v, q, f, z);
    if (rows > 5) requant_vector(&t->r5, v, q, f, z);
    if (rows > 6) requant_vector(&t->r6, v, q, f, z);
    if (rows > 7) requant_vector(&t->r7, v, q, f, z);
    if (rows > 8) requant_vector(&t->r8, v, q, f, z);
    if (rows > 9) requant_vector(&t->r9, v, q, f, z);
    if (rows > 10) requant_vector(&t->r10, v, q, f, z);
    if (rows > 11) requant_vector(&t->r11, v, q, f, z);
}

/* Groups of one, two and four rows from `row` on, where it exists; rows that do not exist come along. */
INLINE void store_1x4(vectors a, target to, uint8_t *out, int row, int rows)
{
    if (row < rows) store_group(a.v0, a.v1, a.v2, a.v3, 4, to, out, row, rows);
}

INLINE void store_2x2(vectors a, vectors b, target to, uint8_t *out, int row, int rows)
{
    if (row < rows) store_group(a.v0, a.v1, b.v0, b.v1, 2, to, out, row, rows);
}

INLINE void store_4x1(vectors a, vectors b, vectors c, vectors d, target to, uint8_t *out, int row, int rows)
{
    if (row < rows) store_group(a.v0, b.v0, c.v0, d.v0, 1, to, out, row, rows);
}

INLINE void store_tile(const tile *t, int rows, int n, target to, uint8_t *out)
{
    if (n == 4) {
        store_1x4(t->r0, to, out, 0, rows);
        store_1x4(t->r1, to, out, 1, rows);
        store_1x4(t->r2, to, out, 2, rows);
        store_1x4(t->r3, to, out, 3, rows);
        store_1x4(t->r4, to, out, 4, rows);
        store_1x4(t->r5, to, out, 5, rows);
    } else if (n == 2) {
        store_2x2(t->r0, t->r1, to, out, 0, rows);
        store_2x2(t->r2, t->r3, to, out, 2, rows);
        store_2x2(t->r4, t->r5, to, out, 4, rows);
        store_2x2(t->r6, t->r7, to, out, 6, rows);
        store_2x2(t->r8, t->r9, to, out, 8, rows);
        store_2x2(t->r10, t->r11, to, out, 10, rows);
    } else {
        store_4x1(t->r0, t->r1, t->r2, t->r3, to, out, 0, rows);
        store_4x1(t->r4, t->r5, t->r6, t->r7, to, out, 4, rows);
        store_4x1(t->r8, t->r9, t->r10, t->r11, to, out, 8, rows);
    }
}

INLINE void requant_float(tile *t, int rows, int v, const crl_gemm_panel *panel, bool any, int32_t z)
{
    const crl_requant_lanes *q = panel->lanes + v;
    const crl_requant_form plain = any ? CRL_REQUANT_FLOAT_ANY : CRL_REQUANT_FLOAT_CUT;
    if (panel->forms[v] == plain)
        requant_column(t, rows, v, q, plain, z);
    else
        requant_column(t, rows, v, q, any ? CRL_REQUANT_PATCHED_ANY : CRL_REQUANT_PATCHED_CUT, z);
}

/* All rows of a tile whose lanes have float forms: first the arithmetic of all, then the stores. */
INLINE void finish_float(tile *t, int rows, int n, const crl_gemm_panel *panel, bool any, target to, uint8_t *out)
{
    requant_float(t, rows, 0, panel, any, to.zero);
    if (n > 1) requant_float(t, rows, 1, panel, any, to.zero);
    if (n > 2) requant_float(t, rows, 2, panel, any, to.zero);
    if (n > 2) requant_float(t, rows, 3, panel, any, to.zero);
    store_tile(t, rows, n, to, out);
}

INLINE void spill_row(uint8_t *to, vectors a, int n)
{
    _mm512_storeu_si512(to, a.v0);
    if (n > 1) _mm512_storeu_si512(to + 64, a.v1);
    if (n > 2) _mm512_storeu_si512(to + 128, a.v2);
    if (n > 2) _mm512_storeu_si512(to + 192, a.v3);
}

/* Rows `step` bytes apart. */
INLINE void spill(uint8_t *to, size_t step, const tile *t, int rows, int n)
{
    if (rows > 0) spill_row(to, t->r0, n);
    if (rows > 1) spill_row(to + step, t->r1, n);
    if (rows > 2) spill_row(to + 2 * step, t->r2, n);
    if (rows > 3) spill_row(to + 3 * step, t->r3, n);
    if (rows > 4) spill_row(to + 4 * step, t->r4, n);
    if (rows > 5) spill_row(to + 5 * step, t->r5, n);
    if (rows > 6) spill_row(to + 6 * step, t->r6, n);
    if (rows > 7) spill_row(to + 7 * step, t->r7, n);
    if (rows > 8) spill_row(to + 8 * step, t->r8, n);
    if (rows > 9) spill_row(to + 9 * step, t->r9, n);
    if (rows > 10) spill_row(to + 10 * step, t->r10, n);
    if (rows > 11) spill_row(to + 11 * step, t->r11, n);
}

/* Panels with lanes that no float form was found for: every 16 columns have their own form. */
static __attribute__((noinline)) void finish_spilled(__m512i *acc, int rows, int n, const crl_gemm *g,
                                                     const crl_gemm_panel *panel, const target *to, uint8_t *out)
{
    if (panel->form == CRL_REQUANT_SUMS) {
        crl_gemm_store_sums(g, panel, out, (const int32_t *)acc, rows, n * 16);
        return;
    }
    for (int v = 0; v < n; v++) requant_memory(acc + v, rows, n, panel->lanes + v, panel->forms[v], to->zero);
    for (int row = 0; row < rows; row += 4 / n, acc += 4) {
        if (n == 4)
            store_group(acc[0], acc[1], acc[2], acc[3], 4, *to, out, row, rows);
        else if (n == 2)
            store_group(acc[0], acc[1], acc[2], acc[3], 2, *to, out, row, rows);
        else
            store_group(acc[0], acc[1], acc[2], acc[3], 1, *to, out, row, rows);
    }
}

/* Extra steps follow the weights of the main ones; `row` is the first of the tile. */
INLINE void add_extras(tile *t, int rows, int n, const crl_gemm_panel *panel, const int8_t *w, const crl_gemm_block *block,
                       int32_t row)
{
    const uint8_t *first = block->first + (size_t)row * block->step;
    for (int32_t e = 0; e < panel->n_extra; e++, w += (size_t)n * 64) {
        const crl_gemm_extra x = panel->extra[e];
        const vectors v = load_vectors(w, n);
        const pixels p = pixels_at(first + block->taps[x.tap] + x.channel, block->step);
        if (x.channels == 4)
            tile_step(t, rows, n, p, v, 0xf);
        else
            tile_step(t, rows, n, p, v, (__mmask16)((1 << x.channels) - 1));
    }
}

INLINE void finish(tile *t, int rows, int n, const crl_gemm *g, const crl_gemm_panel *panel, const target *to, uint8_t *out)
{
    if (is_float(panel)) {
        if (is_any(panel))
            finish_float(t, rows, n, panel, true, *to, out);
        else
            finish_float(t, rows, n, panel, false, *to, out);
    } else if (panel->form == CRL_REQUANT_SUMS && to->full) {
        spill(crl_gemm_sums_at(panel, out), to->stride, t, rows, n);
    } else {
        __m512i acc[28]; /* 24, and what the last group reads beyond the last row */
        spill((uint8_t *)acc, (size_t)n * sizeof *acc, t, rows, n);
        finish_spilled(acc, rows, n, g, panel, to, out);
    }
}

/* The steps of one run of bytes; returns the weights that follow. */
INLINE const int8_t *add_run(tile *t, int rows, int n, const crl_gemm *g, const uint8_t *first, size_t step, const int8_t *w)
{
    pixels p = pixels_at(first, step);
    for (int32_t k = 0; k < g->steps; k++, w += (size_t)n * 64) {
        tile_step(t, rows, n, p, load_vectors(w, n), 0xf);
        p.p0 += 4, p.p3 += 4, p.p6 += 4, p.p9 += 4;
    }
    return w;
}

INLINE void multiply_tile(int rows, int n, const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                          int32_t row, const target *to)
{
    const uint8_t *first = block->first + (size_t)row * block->step;
    const vectors bias = load_vectors(panel->bias, n);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    /* The first run apart: most layers have one, and no loop of runs then. */
    const int8_t *w = add_run(&t, rows, n, g, first + block->taps[0], block->step, panel->weights);
    for (int32_t i = 1; i < g->taps; i++) w = add_run(&t, rows, n, g, first + block->taps[i], block->step, w);
    add_extras(&t, rows, n, panel, w, block, row);
    finish(&t, rows, n, g, panel, to, to->out + (size_t)row * to->stride);
}

/* As many tiles as fit from `row` on; the row after them. */
typedef int32_t multiply_fn(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                            const target *to);

#define INSTANCE(name, height, width)                                                                                  \
    static int32_t name(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,      \
                        const target *to)                                                                              \
    {                                                                                                                  \
        for (; row + height <= block->n; row += height) multiply_tile(height, width, g, panel, block, row, to);        \
        return row;                                                                                                    \
    }

INSTANCE(multiply_1x64, 1, 4)
INSTANCE(multiply_2x64, 2, 4)
INSTANCE(multiply_3x64, 3, 4)
INSTANCE(multiply_4x64, 4, 4)
INSTANCE(multiply_5x64, 5, 4)
INSTANCE(multiply_6x64, 6, 4)
INSTANCE(multiply_1x32, 1, 2)
INSTANCE(multiply_2x32, 2, 2)
INSTANCE(multiply_4x32, 4, 2)
INSTANCE(multiply_8x32, 8, 2)
INSTANCE(multiply_12x32, 12, 2)
INSTANCE(multiply_1x16, 1, 1)
INSTANCE(multiply_2x16, 2, 1)
INSTANCE(multiply_4x16, 4, 1)
INSTANCE(multiply_8x16, 8, 1)
INSTANCE(multiply_12x16, 12, 1)

/* From the tallest down; each takes what the ones before it left. */
static multiply_fn *const tiles_64[] = { multiply_6x64, multiply_5x64, multiply_4x64, multiply_3x64, multiply_2x64,
                                         multiply_1x64 };
static multiply_fn *const tiles_32[] = { multiply_12x32, multiply_8x32, multiply_4x32, multiply_2x32, multiply_1x32 };
static multiply_fn *const tiles_16[] = { multiply_12x16, multiply_8x16, multiply_4x16, multiply_2x16, multiply_1x16 };

/* The tallest that fits n rows: of a single row, calls for nothing would be a good part. */
INLINE multiply_fn *const *tiles_for(const crl_gemm_panel *panel, int32_t n)
{
    if (panel->vectors == 4) return tiles_64 + (n < 6 ? 6 - n : 0);
    multiply_fn *const *tiles = panel->vectors == 2 ? tiles_32 : tiles_16;
    return tiles + (n >= 12 ? 0 : n >= 8 ? 1 : n >= 4 ? 2 : n >= 2 ? 3 : 4);
}

void crl_gemm_block_avx512vnni(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        if (panel->halved) {
            crl_gemm_halved_avx512vnni(g, block, panel);
            continue;
        }
        const target to = target_of(g, panel, block);
        multiply_fn *const *tiles = tiles_for(panel, block->n);
        for (int32_t row = 0; row < block->n; tiles++) row = (*tiles)(g, panel, block, row, &to);
    }
}

INLINE tile load_tile(const __m512i *acc, int rows, int n)
{
    tile t;
    t.r0 = load_vectors(acc, n);
    t.r1 = load_vectors(acc + n, n);
    t.r2 = load_vectors(acc + 2 * n, n);
    t.r3 = load_vectors(acc + 3 * n, n);
    t.r4 = rows > 4 ? load_vectors(acc + 4 * n, n) : t.r0;
    t.r5 = rows > 5 ? load_vectors(acc + 5 * n, n) : t.r0;
    t.r6 = rows > 6 ? load_vectors(acc + 6 * n, n) : t.r0;
    t.r7 = rows > 7 ? load_vectors(acc + 7 * n, n) : t.r0;
    t.r8 = t.r9 = t.r10 = t.r11 = t.r0;
    return t;
}

/* `height` rows at once. */
INLINE void finish_rows(int height, int n, const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                        int32_t row, int32_t rows, const __m512i *acc)
{
    const target to = target_of(g, panel, block);
    const int8_t *extra = panel->weights + (size_t)g->steps * (size_t)n * 64;
    for (const int32_t end = row + rows; row < end; row += height, acc += height * n) {
        tile t = load_tile(acc, height, n);
        add_extras(&t, height, n, panel, extra, block, row);
        finish(&t, height, n, g, panel, &to, to.out + (size_t)row * to.stride);
    }
}

void crl_gemm_finish_avx512vnni(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                                int32_t rows, const int32_t *acc)
{
    const __m512i *sums = (const __m512i *)(const void *)acc;
    if (panel->vectors == 4)
        finish_rows(4, 4, g, panel, block, row, rows, sums);
    else if (panel->vectors == 2)
        finish_rows(8, 2, g, panel, block, row, rows, sums);
    else
        finish_rows(8, 1, g, panel, block, row, rows, sums);
}
