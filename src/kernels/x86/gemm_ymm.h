/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of 256-bit vectors: what the gemm kernels of the levels avx2 and avxvnni share. A tile has up to 12 rows of one
 * vector (8 columns), or up to 6 of two. As in gemm_avx512vnni.c, all functions are inlined with constant sizes, and
 * accumulators are fields with names. */
#ifndef CRL_KERNELS_GEMM_YMM_H
#define CRL_KERNELS_GEMM_YMM_H

#include <string.h>

#include "kernels/gemm_panel.h"
#include "kernels/x86/requant_avx2.h"

#define INLINE static inline __attribute__((always_inline))

typedef struct vectors {
    __m256i v0, v1;
} vectors;

typedef struct tile {
    vectors r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11;
} tile;

/* Where the rows of a tile are: three of them `step` apart behind each pointer, which addresses of x86 can express. */
typedef struct pixels {
    const uint8_t *p0, *p3, *p6, *p9;
    size_t step;
} pixels;

/* What becomes of a panel's outputs. Passed by value to where they are stored: a store of bytes makes the compiler load
 * again whatever it may have changed. */
typedef struct target {
    __m256i min, max;
    size_t stride;
    size_t columns;
    bool clamped; /* by more than the range of bytes: most layers are not */
    int32_t zero; /* as packing wants it: less CRL_REQUANT_CENTRE */
    const crl_requant_lanes *lanes;
} target;

INLINE target target_of(const crl_gemm *g, const crl_gemm_panel *panel)
{
    return (target){ .min = _mm256_set1_epi8((char)g->out.min),
                     .max = _mm256_set1_epi8((char)g->out.max),
                     .stride = g->out_stride,
                     .columns = (size_t)panel->columns,
                     .clamped = g->out.min > 0 || g->out.max < 255,
                     .zero = g->out.zero_point - CRL_REQUANT_CENTRE,
                     .lanes = panel->lanes };
}

/* A panel and the rows of a block; both pointers move on from tile to tile. */
typedef struct job {
    const crl_gemm *g;
    const crl_gemm_panel *panel;
    const int8_t *weights;
    int32_t steps, n_extra;
    crl_requant_form form;
    const uint8_t *first; /* of a tile's rows, which are `step` bytes apart */
    size_t step;
    int32_t n_taps;
    const size_t *taps;
    uint8_t *out;
    target to;
} job;

/* One row: products of its pixel with weights of the file's own kind. */
typedef void row_fn(vectors *acc, int size, const uint8_t *pixel, const void *weights, int32_t channels);

/* All rows of a tile, `row` being a constant. */
INLINE void each_row(tile *t, int rows, int size, pixels p, const void *weights, int32_t channels, row_fn *row)
{
    if (rows > 0) row(&t->r0, size, p.p0, weights, channels);
    if (rows > 1) row(&t->r1, size, p.p0 + p.step, weights, channels);
    if (rows > 2) row(&t->r2, size, p.p0 + 2 * p.step, weights, channels);
    if (rows > 3) row(&t->r3, size, p.p3, weights, channels);
    if (rows > 4) row(&t->r4, size, p.p3 + p.step, weights, channels);
    if (rows > 5) row(&t->r5, size, p.p3 + 2 * p.step, weights, channels);
    if (rows > 6) row(&t->r6, size, p.p6, weights, channels);
    if (rows > 7) row(&t->r7, size, p.p6 + p.step, weights, channels);
    if (rows > 8) row(&t->r8, size, p.p6 + 2 * p.step, weights, channels);
    if (rows > 9) row(&t->r9, size, p.p9, weights, channels);
    if (rows > 10) row(&t->r10, size, p.p9 + p.step, weights, channels);
    if (rows > 11) row(&t->r11, size, p.p9 + 2 * p.step, weights, channels);
}

/* What is left of a block from `row` on. */
INLINE job job_of(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row)
{
    return (job){ .g = g,
                  .panel = panel,
                  .weights = panel->weights,
                  .steps = g->steps,
                  .n_extra = panel->n_extra,
                  .form = panel->form,
                  .first = block->first + (size_t)row * block->step,
                  .step = block->step,
                  .n_taps = g->taps,
                  .taps = block->taps,
                  .out = block->out + panel->first + (size_t)row * g->out_stride,
                  .to = target_of(g, panel) };
}

INLINE void next_tile(job *j, size_t rows)
{
    j->first += rows * j->step;
    j->out += rows * j->to.stride;
}

INLINE vectors load_vectors(const void *from, int n)
{
    vectors v;
    v.v0 = _mm256_load_si256((const __m256i *)from);
    v.v1 = n > 1 ? _mm256_load_si256((const __m256i *)from + 1) : v.v0;
    return v;
}

INLINE pixels pixels_at(const uint8_t *first, size_t step)
{
    return (pixels){ first, first + 3 * step, first + 6 * step, first + 9 * step, step };
}

INLINE void advance(pixels *p, size_t bytes)
{
    p->p0 += bytes;
    p->p3 += bytes;
    p->p6 += bytes;
    p->p9 += bytes;
}

/* acc + sum, as an instruction: integer additions may be reordered, and gcc 12 does. It adds the products of several
 * steps to each other before the accumulators, which then no longer fit the registers. */
INLINE __m256i add_to(__m256i acc, __m256i sum)
{
    __asm__("vpaddd %1, %0, %0" : "+x"(acc) : "x"(sum));
    return acc;
}

/* Does the rows from `row` on that it can, whole tiles; returns the first that is left. */
typedef int32_t multiply_fn(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row);

/* One for a height, by the file's own multiply(rows, kind, job). */
#define INSTANCE(name, rows, kind)                                                                                     \
    static int32_t name(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row)      \
    {                                                                                                                  \
        job j = job_of(g, panel, block, row);                                                                          \
        for (; row + rows <= block->n; row += rows, next_tile(&j, rows)) multiply(rows, kind, &j);                     \
        return row;                                                                                                    \
    }

/* All rows of a block: `tiles` from the tallest down, each takes what the ones before it left. */
INLINE void multiply_block(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                           multiply_fn *const *tiles)
{
    for (int32_t row = 0; row < block->n; tiles++) row = (*tiles)(g, panel, block, row);
}

/* Four channels of a pixel in every lane. */
INLINE __m256i four(const uint8_t *p)
{
    int32_t x;
    memcpy(&x, p, 4);
    return _mm256_set1_epi32(x);
}

/* The same where only the first n of them may be there, n in 1..4. */
INLINE __m256i some(const uint8_t *p, int32_t n)
{
    int32_t x = p[0];
    if (n > 1) x |= p[1] << 8;
    if (n > 2) x |= p[2] << 16;
    if (n > 3) x = (int32_t)((uint32_t)x | (uint32_t)p[3] << 24);
    return _mm256_set1_epi32(x);
}

INLINE __m256i read(const uint8_t *p, int32_t channels)
{
    return channels == 4 ? four(p) : some(p, channels);
}

/* Four vectors of results are 32 bytes: 2 rows of 2 vectors or 4 rows of 1. */
INLINE void store_group(__m256i y0, __m256i y1, __m256i y2, __m256i y3, int n, target to, uint8_t *out, int row, int rows)
{
    __m256i y = crl_requant_pack_avx2(y0, y1, y2, y3);
    if (to.clamped) y = _mm256_min_epu8(_mm256_max_epu8(y, to.min), to.max);
    y = n == 2 ? _mm256_permute4x64_epi64(y, 0xD8)
               : _mm256_permutevar8x32_epi32(y, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    const __m128i lo = _mm256_castsi256_si128(y), hi = _mm256_extracti128_si256(y, 1);
    const size_t s = to.stride;
    out += (size_t)row * s;
    if (to.columns < (size_t)n * 8) {
        uint8_t bytes[32];
        _mm256_storeu_si256((__m256i *)bytes, y);
        for (int r = 0; r < 4 / n && row + r < rows; r++) memcpy(out + (size_t)r * s, bytes + 8 * n * r, to.columns);
    } else if (n == 2) {
        _mm_storeu_si128((__m128i *)out, lo);
        if (row + 1 < rows) _mm_storeu_si128((__m128i *)(out + s), hi);
    } else {
        _mm_storel_epi64((__m128i *)out, lo);
        if (row + 1 < rows) _mm_storeh_pi((__m64 *)(void *)(out + s), _mm_castsi128_ps(lo));
        if (row + 2 < rows) _mm_storel_epi64((__m128i *)(out + 2 * s), hi);
        if (row + 3 < rows) _mm_storeh_pi((__m64 *)(void *)(out + 3 * s), _mm_castsi128_ps(hi));
    }
}

INLINE void requant_row(vectors *a, int n, const crl_requant_lanes *q, crl_requant_form f, int32_t z)
{
    a->v0 = crl_requant_x8_avx2(a->v0, q, 0, f, z);
    if (n > 1) a->v1 = crl_requant_x8_avx2(a->v1, q, 1, f, z);
}

INLINE void store_2x2(vectors a, vectors b, target to, uint8_t *out, int row, int rows)
{
    store_group(a.v0, a.v1, b.v0, b.v1, 2, to, out, row, rows);
}

INLINE void store_4x1(vectors a, vectors b, vectors c, vectors d, target to, uint8_t *out, int row, int rows)
{
    store_group(a.v0, b.v0, c.v0, d.v0, 1, to, out, row, rows);
}

/* All rows of a tile with one form: first the arithmetic, whose parameters the compiler would load again after every
 * store. Rows that do not exist repeat one that does. */
INLINE void finish_form(tile *t, int rows, int n, crl_requant_form f, target to, uint8_t *out)
{
    const crl_requant_lanes *q = to.lanes;
    const int32_t z = to.zero;
    if (rows > 0) requant_row(&t->r0, n, q, f, z);
    if (rows > 1) requant_row(&t->r1, n, q, f, z);
    if (rows > 2) requant_row(&t->r2, n, q, f, z);
    if (rows > 3) requant_row(&t->r3, n, q, f, z);
    if (rows > 4) requant_row(&t->r4, n, q, f, z);
    if (rows > 5) requant_row(&t->r5, n, q, f, z);
    if (rows > 6) requant_row(&t->r6, n, q, f, z);
    if (rows > 7) requant_row(&t->r7, n, q, f, z);
    if (rows > 8) requant_row(&t->r8, n, q, f, z);
    if (rows > 9) requant_row(&t->r9, n, q, f, z);
    if (rows > 10) requant_row(&t->r10, n, q, f, z);
    if (rows > 11) requant_row(&t->r11, n, q, f, z);
    if (n == 2) {
        if (rows > 0) store_2x2(t->r0, rows > 1 ? t->r1 : t->r0, to, out, 0, rows);
        if (rows > 2) store_2x2(t->r2, rows > 3 ? t->r3 : t->r2, to, out, 2, rows);
        if (rows > 4) store_2x2(t->r4, rows > 5 ? t->r5 : t->r4, to, out, 4, rows);
    } else {
        if (rows > 0)
            store_4x1(t->r0, rows > 1 ? t->r1 : t->r0, rows > 2 ? t->r2 : t->r0, rows > 3 ? t->r3 : t->r0, to, out, 0,
                      rows);
        if (rows > 4)
            store_4x1(t->r4, rows > 5 ? t->r5 : t->r4, rows > 6 ? t->r6 : t->r4, rows > 7 ? t->r7 : t->r4, to, out, 4,
                      rows);
        if (rows > 8)
            store_4x1(t->r8, rows > 9 ? t->r9 : t->r8, rows > 10 ? t->r10 : t->r8, rows > 11 ? t->r11 : t->r8, to, out,
                      8, rows);
    }
}

INLINE void spill_row(__m256i *to, vectors a, int n)
{
    _mm256_store_si256(to, a.v0);
    if (n > 1) _mm256_store_si256(to + 1, a.v1);
}

INLINE void spill(__m256i *to, const tile *t, int rows, int n)
{
    if (rows > 0) spill_row(to, t->r0, n);
    if (rows > 1) spill_row(to + n, t->r1, n);
    if (rows > 2) spill_row(to + 2 * n, t->r2, n);
    if (rows > 3) spill_row(to + 3 * n, t->r3, n);
    if (rows > 4) spill_row(to + 4 * n, t->r4, n);
    if (rows > 5) spill_row(to + 5 * n, t->r5, n);
    if (rows > 6) spill_row(to + 6 * n, t->r6, n);
    if (rows > 7) spill_row(to + 7 * n, t->r7, n);
    if (rows > 8) spill_row(to + 8 * n, t->r8, n);
    if (rows > 9) spill_row(to + 9 * n, t->r9, n);
    if (rows > 10) spill_row(to + 10 * n, t->r10, n);
    if (rows > 11) spill_row(to + 11 * n, t->r11, n);
}

/* `acc` has room for whole groups. */
INLINE void finish_spilled_form(const __m256i *acc, int rows, int n, crl_requant_form f, target to, uint8_t *out)
{
    const crl_requant_lanes *q = to.lanes;
    const int32_t z = to.zero;
    for (int row = 0; row < rows; row += 4 / n, acc += 4)
        store_group(crl_requant_x8_avx2(acc[0], q, 0, f, z), crl_requant_x8_avx2(acc[1], q, n == 2, f, z),
                    crl_requant_x8_avx2(acc[2], q, 0, f, z), crl_requant_x8_avx2(acc[3], q, n == 2, f, z), n, to, out,
                    row, rows);
}

INLINE void finish_spilled_rows(const __m256i *acc, int rows, int n, crl_requant_form form, target to, uint8_t *out)
{
    switch (form) {
    case CRL_REQUANT_EXACT_CUT: finish_spilled_form(acc, rows, n, CRL_REQUANT_EXACT_CUT, to, out); break;
    case CRL_REQUANT_REAL: finish_spilled_form(acc, rows, n, CRL_REQUANT_REAL, to, out); break;
    default: finish_spilled_form(acc, rows, n, CRL_REQUANT_EXACT_ANY, to, out);
    }
}

/* The forms that few panels need: by memory, so that their code does not follow every tile. */
static __attribute__((noinline)) void finish_spilled(const __m256i *acc, int rows, int n, const crl_gemm *g,
                                                     const crl_gemm_panel *panel, uint8_t *out)
{
    const target to = target_of(g, panel);
    if (panel->form == CRL_REQUANT_SUMS)
        crl_gemm_store_sums(g, panel, out, (const int32_t *)acc, rows, n * 8);
    else if (n == 2)
        finish_spilled_rows(acc, rows, 2, panel->form, to, out);
    else
        finish_spilled_rows(acc, rows, 1, panel->form, to, out);
}

INLINE void finish(tile *t, int rows, int n, const job *j)
{
    if (j->form == CRL_REQUANT_FLOAT_CUT) {
        finish_form(t, rows, n, CRL_REQUANT_FLOAT_CUT, j->to, j->out);
    } else if (j->form == CRL_REQUANT_FLOAT_ANY) {
        finish_form(t, rows, n, CRL_REQUANT_FLOAT_ANY, j->to, j->out);
    } else if (j->form == CRL_REQUANT_PATCHED_CUT) {
        finish_form(t, rows, n, CRL_REQUANT_PATCHED_CUT, j->to, j->out);
    } else if (j->form == CRL_REQUANT_PATCHED_ANY) {
        finish_form(t, rows, n, CRL_REQUANT_PATCHED_ANY, j->to, j->out);
    } else {
        __m256i acc[16]; /* 12, and what the last group reads beyond the last row */
        spill(acc, t, rows, n);
        finish_spilled(acc, rows, n, j->g, j->panel, j->out);
    }
}

#endif
