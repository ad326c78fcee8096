/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm_f32 kernels, written once for all vectors; to be included after one of f32_*.h by the file of a level, which calls
 * multiply_panel for the widths that its panels have.
 *
 * A tile is some rows by some vectors of outputs, whose sums live in registers. For each channel of a tap the weights of
 * the panel's outputs are loaded, and a row's value is spread over a vector. Tiles are inline functions whose sizes and mode
 * are constant where they are called. */
#ifndef CRL_KERNELS_GEMM_F32_FRAME_H
#define CRL_KERNELS_GEMM_F32_FRAME_H

#include "kernels/f32_vectors.h"
#include "kernels/gemm_f32_panel.h"

/* Sums of a tile: fields with names, since gcc 12 keeps arrays of vectors in memory. */
typedef struct tile {
    vectors r0, r1, r2, r3, r4, r5;
} tile;

/* One row or two wait for weights to be loaded, and would for activations that are loaded with each of them. */
CRL_INLINE f32s times(f32s w, const float *x, int rows)
{
    return rows > 2 ? f32_times(w, x) : f32_mul(w, f32_fill(*x));
}

CRL_INLINE f32s add_one(f32s acc, const float *x, f32s w, int rows, crl_gemm_f32_mode mode)
{
    return mode == CRL_GEMM_F32_FUSED ? f32_fused(f32_fill(*x), w, acc) : f32_add(acc, times(w, x, rows));
}

CRL_INLINE void add_product(vectors *acc, const float *x, const vectors *w, int rows, int n, crl_gemm_f32_mode mode)
{
    acc->v0 = add_one(acc->v0, x, w->v0, rows, mode);
    if (n > 1) acc->v1 = add_one(acc->v1, x, w->v1, rows, mode);
    if (n > 2) acc->v2 = add_one(acc->v2, x, w->v2, rows, mode);
    if (n > 2) acc->v3 = add_one(acc->v3, x, w->v3, rows, mode);
}

CRL_INLINE const float *floats(const uint8_t *pixel)
{
    return (const float *)(const void *)pixel;
}

/* One tap: pixel[r] is what row r sees. */
CRL_INLINE const float *add_tap(tile *acc, const uint8_t *const *pixel, const float *w, size_t channels, int rows, int n,
                                crl_gemm_f32_mode mode)
{
    tile t = *acc;
    const float *p0 = floats(pixel[0]), *p1 = rows > 1 ? floats(pixel[1]) : p0, *p2 = rows > 2 ? floats(pixel[2]) : p0;
    const float *p3 = rows > 3 ? floats(pixel[3]) : p0, *p4 = rows > 4 ? floats(pixel[4]) : p0;
    const float *p5 = rows > 5 ? floats(pixel[5]) : p0;
    for (size_t k = 0; k < channels; k++, w += n * F32_LANES) {
        const vectors v = load_vectors(w, n);
        add_product(&t.r0, p0 + k, &v, rows, n, mode);
        if (rows > 1) add_product(&t.r1, p1 + k, &v, rows, n, mode);
        if (rows > 2) add_product(&t.r2, p2 + k, &v, rows, n, mode);
        if (rows > 3) add_product(&t.r3, p3 + k, &v, rows, n, mode);
        if (rows > 4) add_product(&t.r4, p4 + k, &v, rows, n, mode);
        if (rows > 5) add_product(&t.r5, p5 + k, &v, rows, n, mode);
    }
    *acc = t;
    return w;
}

typedef struct panel_job {
    const crl_gemm_f32 *g;
    const crl_gemm_f32_block *block;
    const crl_gemm_f32_panel *panel;
} panel_job;

CRL_INLINE void store_vector(float *out, f32s v, int32_t left)
{
    if (left >= F32_LANES)
        f32_store(out, v);
    else if (left > 0)
        f32_store_some(out, v, left);
}

CRL_INLINE void finish_row(float *out, const vectors *acc, const panel_job *j, int n)
{
    const f32s min = f32_fill(j->g->min), max = f32_fill(j->g->max);
    const vectors bias = load_vectors(j->panel->bias, n);
    const int32_t left = j->panel->columns;
    store_vector(out, f32_clamp(f32_add(acc->v0, bias.v0), min, max), left);
    if (n > 1) store_vector(out + F32_LANES, f32_clamp(f32_add(acc->v1, bias.v1), min, max), left - F32_LANES);
    if (n > 2) store_vector(out + 2 * F32_LANES, f32_clamp(f32_add(acc->v2, bias.v2), min, max), left - 2 * F32_LANES);
    if (n > 2) store_vector(out + 3 * F32_LANES, f32_clamp(f32_add(acc->v3, bias.v3), min, max), left - 3 * F32_LANES);
}

/* Rows row .. row + rows - 1 of a panel of n vectors. */
CRL_INLINE void multiply_tile(const panel_job *j, int32_t row, int rows, int n, crl_gemm_f32_mode mode)
{
    const f32s zero = f32_fill(0);
    const vectors none = { zero, zero, zero, zero };
    tile t = { none, none, none, none, none, none };
    const float *w = j->block->weights + j->panel->at;
    const uint8_t *const *pixel = j->block->pixel + row;
    for (int32_t tap = 0; tap < j->g->taps; tap++, pixel += j->block->stride)
        w = add_tap(&t, pixel, w, (size_t)j->g->channels, rows, n, mode);
    const size_t stride = j->g->out_stride;
    float *out = j->block->out + j->panel->first + (size_t)row * stride;
    finish_row(out, &t.r0, j, n);
    if (rows > 1) finish_row(out + stride, &t.r1, j, n);
    if (rows > 2) finish_row(out + 2 * stride, &t.r2, j, n);
    if (rows > 3) finish_row(out + 3 * stride, &t.r3, j, n);
    if (rows > 4) finish_row(out + 4 * stride, &t.r4, j, n);
    if (rows > 5) finish_row(out + 5 * stride, &t.r5, j, n);
}

enum { TILE_ROWS = 6, TALL_ROWS = 2 * TILE_ROWS };

/* One vector of outputs leaves registers for twice as many rows, which read the weights half as often, where there are 32. Exact sums. */
CRL_INLINE void multiply_tall_tile(const panel_job *j, int32_t row)
{
    const f32s zero = f32_fill(0);
    f32s a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero, b4 = zero, b5 = zero;
    const float *w = j->block->weights + j->panel->at;
    const uint8_t *const *pixel = j->block->pixel + row;
    const size_t channels = (size_t)j->g->channels;
    for (int32_t tap = 0; tap < j->g->taps; tap++, pixel += j->block->stride)
        for (size_t k = 0; k < channels; k++, w += F32_LANES) {
            const f32s v = f32_load(w);
            a0 = f32_add(a0, f32_times(v, floats(pixel[0]) + k));
            a1 = f32_add(a1, f32_times(v, floats(pixel[1]) + k));
            a2 = f32_add(a2, f32_times(v, floats(pixel[2]) + k));
            a3 = f32_add(a3, f32_times(v, floats(pixel[3]) + k));
            a4 = f32_add(a4, f32_times(v, floats(pixel[4]) + k));
            a5 = f32_add(a5, f32_times(v, floats(pixel[5]) + k));
            b0 = f32_add(b0, f32_times(v, floats(pixel[6]) + k));
            b1 = f32_add(b1, f32_times(v, floats(pixel[7]) + k));
            b2 = f32_add(b2, f32_times(v, floats(pixel[8]) + k));
            b3 = f32_add(b3, f32_times(v, floats(pixel[9]) + k));
            b4 = f32_add(b4, f32_times(v, floats(pixel[10]) + k));
            b5 = f32_add(b5, f32_times(v, floats(pixel[11]) + k));
        }
    const f32s sum[TALL_ROWS] = { a0, a1, a2, a3, a4, a5, b0, b1, b2, b3, b4, b5 };
    float *out = j->block->out + j->panel->first + (size_t)row * j->g->out_stride;
    for (int i = 0; i < TALL_ROWS; i++, out += j->g->out_stride) finish_row(out, &(vectors){ sum[i], zero, zero, zero }, j, 1);
}

/* A panel of n vectors, all rows of the block. */
CRL_INLINE void multiply_panel(const panel_job *j, int n, crl_gemm_f32_mode mode)
{
    int32_t row = 0;
    for (; n == 1 && F32_REGISTERS > 16 && mode == CRL_GEMM_F32_EXACT && row + TALL_ROWS <= j->block->n; row += TALL_ROWS) multiply_tall_tile(j, row);
    for (; row + TILE_ROWS <= j->block->n; row += TILE_ROWS) multiply_tile(j, row, TILE_ROWS, n, mode);
    if (mode != CRL_GEMM_F32_EXACT) { /* not worth the code of a tile of each height */
        for (; row < j->block->n; row++) multiply_tile(j, row, 1, n, mode);
        return;
    }
    switch (j->block->n - row) {
    case 1: multiply_tile(j, row, 1, n, mode); break;
    case 2: multiply_tile(j, row, 2, n, mode); break;
    case 3: multiply_tile(j, row, 3, n, mode); break;
    case 4: multiply_tile(j, row, 4, n, mode); break;
    case 5: multiply_tile(j, row, 5, n, mode); break;
    default: break;
    }
}

/* `most`: vectors of the widest panel. */
CRL_INLINE void multiply_panels(const crl_gemm_f32 *g, const crl_gemm_f32_block *block, int32_t panel0, int32_t panel1, int most,
                                crl_gemm_f32_mode mode)
{
    for (int32_t i = panel0; i < panel1; i++) {
        const panel_job j = { g, block, &g->panel[i] };
        if (most > 2 && j.panel->vectors == 4)
            multiply_panel(&j, 4, mode);
        else if (most > 1 && j.panel->vectors == 2)
            multiply_panel(&j, 2, mode);
        else
            multiply_panel(&j, 1, mode);
    }
}

CRL_INLINE void multiply_mode(const crl_gemm_f32 *g, const crl_gemm_f32_block *block, int32_t panel0, int32_t panel1, int most)
{
    switch (g->mode) {
    case CRL_GEMM_F32_EXACT: multiply_panels(g, block, panel0, panel1, most, CRL_GEMM_F32_EXACT); break;
    case CRL_GEMM_F32_FUSED: multiply_panels(g, block, panel0, panel1, most, CRL_GEMM_F32_FUSED); break;
    }
}

#endif
