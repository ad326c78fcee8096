/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm_s16 kernels, written once for all vectors; to be included after one of s16_*.h by the file of a level, which calls
 * multiply_panels.
 *
 * A tile is some rows by one or two units of outputs, whose sums live in registers. For each group of channels of a tap the
 * weights of the panel's outputs are loaded, and a row's numbers are spread over a vector. Tiles are inline functions whose sizes
 * are constant where they are called. */
#ifndef CRL_KERNELS_GEMM_S16_FRAME_H
#define CRL_KERNELS_GEMM_S16_FRAME_H

#include <string.h>

#include "kernels/gemm_s16_panel.h"

typedef struct vectors {
    s32s v0, v1, v2, v3;
} vectors;

/* Sums of a tile: fields with names, since gcc 12 keeps arrays of vectors in memory. */
typedef struct tile {
    vectors r0, r1, r2, r3, r4, r5;
} tile;

typedef struct panel_job {
    const crl_gemm_s16 *g;
    const crl_gemm_s16_block *block;
    const crl_gemm_s16_panel *panel;
} panel_job;

/* What the pieces of a row have added up to. */
typedef struct row_sums {
    s16_sum lane[CRL_GEMM_S16_UNITS * 2 * S16_LANES];
} row_sums;

CRL_INLINE void add_products(vectors *acc, const int16_t *in, const s16s *w0, const s16s *w1, const s16s *w2, const s16s *w3, int units)
{
    const s16x x = s16_spread(in);
    acc->v0 = s16_dot(acc->v0, x, *w0);
    acc->v1 = s16_dot(acc->v1, x, *w1);
    if (units > 1) acc->v2 = s16_dot(acc->v2, x, *w2);
    if (units > 1) acc->v3 = s16_dot(acc->v3, x, *w3);
}

/* Channels from..end - 1 of one tap: pixel[r] is what row r sees. Gives the weights that follow. */
CRL_INLINE const int16_t *add_channels(tile *acc, const uint8_t *const *pixel, const int16_t *w, size_t from, size_t end, int rows,
                                       int units)
{
    enum { STEP = S16_LANES * S16_GROUP };
    tile t = *acc;
    const int16_t *p0 = s16_numbers(pixel[0]), *p1 = rows > 1 ? s16_numbers(pixel[1]) : p0, *p2 = rows > 2 ? s16_numbers(pixel[2]) : p0;
    const int16_t *p3 = rows > 3 ? s16_numbers(pixel[3]) : p0, *p4 = rows > 4 ? s16_numbers(pixel[4]) : p0;
    const int16_t *p5 = rows > 5 ? s16_numbers(pixel[5]) : p0;
    for (size_t k = from; k < end; k += S16_GROUP, w += 2 * units * STEP) {
        const s16s w0 = s16_load(w), w1 = s16_load(w + STEP);
        const s16s w2 = units > 1 ? s16_load(w + 2 * STEP) : w0, w3 = units > 1 ? s16_load(w + 3 * STEP) : w0;
        add_products(&t.r0, p0 + k, &w0, &w1, &w2, &w3, units);
        if (rows > 1) add_products(&t.r1, p1 + k, &w0, &w1, &w2, &w3, units);
        if (rows > 2) add_products(&t.r2, p2 + k, &w0, &w1, &w2, &w3, units);
        if (rows > 3) add_products(&t.r3, p3 + k, &w0, &w1, &w2, &w3, units);
        if (rows > 4) add_products(&t.r4, p4 + k, &w0, &w1, &w2, &w3, units);
        if (rows > 5) add_products(&t.r5, p5 + k, &w0, &w1, &w2, &w3, units);
    }
    *acc = t;
    return w;
}

CRL_INLINE tile no_sums(void)
{
    const s32s zero = s32_zero();
    const vectors none = { zero, zero, zero, zero };
    return (tile){ none, none, none, none, none, none };
}

/* `before`: sums of other pieces, or NULL. */
CRL_INLINE void finish_row(int16_t *out, const vectors *acc, const row_sums *before, const panel_job *j, int units)
{
    const crl_unit16 *u = j->panel->unit;
    const s16_sum *sums = before ? before->lane : NULL;
    s16_finish(out + u[0].first, acc->v0, acc->v1, sums, &u[0], &j->g->out);
    if (units > 1) s16_finish(out + u[1].first, acc->v2, acc->v3, sums ? sums + 2 * S16_LANES : NULL, &u[1], &j->g->out);
}

CRL_INLINE void finish_tile(const tile *t, const row_sums *before, const panel_job *j, int32_t row, int rows, int units)
{
    const size_t stride = j->g->out_stride;
    int16_t *out = j->block->out + (size_t)row * stride;
    finish_row(out, &t->r0, before, j, units);
    if (rows > 1) finish_row(out + stride, &t->r1, before ? before + 1 : NULL, j, units);
    if (rows > 2) finish_row(out + 2 * stride, &t->r2, before ? before + 2 : NULL, j, units);
    if (rows > 3) finish_row(out + 3 * stride, &t->r3, before ? before + 3 : NULL, j, units);
    if (rows > 4) finish_row(out + 4 * stride, &t->r4, before ? before + 4 : NULL, j, units);
    if (rows > 5) finish_row(out + 5 * stride, &t->r5, before ? before + 5 : NULL, j, units);
}

CRL_INLINE void keep_row(row_sums *sums, const vectors *acc, int units)
{
    s16_keep(sums->lane, acc->v0);
    s16_keep(sums->lane + S16_LANES, acc->v1);
    if (units > 1) s16_keep(sums->lane + 2 * S16_LANES, acc->v2);
    if (units > 1) s16_keep(sums->lane + 3 * S16_LANES, acc->v3);
}

CRL_INLINE void keep_tile(row_sums *sums, const tile *t, int rows, int units)
{
    keep_row(sums, &t->r0, units);
    if (rows > 1) keep_row(sums + 1, &t->r1, units);
    if (rows > 2) keep_row(sums + 2, &t->r2, units);
    if (rows > 3) keep_row(sums + 3, &t->r3, units);
    if (rows > 4) keep_row(sums + 4, &t->r4, units);
    if (rows > 5) keep_row(sums + 5, &t->r5, units);
}

/* Piece after piece, of one tap each. */
CRL_INLINE void multiply_pieces(const panel_job *j, int32_t row, int rows, int units)
{
    row_sums sums[6];
    memset(sums, 0, sizeof sums);
    const int16_t *w = j->g->weights + j->panel->at;
    const uint8_t *const *pixel = j->block->pixel + row;
    const size_t channels = (size_t)j->g->channels;
    for (int32_t tap = 0; tap < j->g->taps; tap++, pixel += j->block->stride)
        for (size_t from = 0, end; from < channels; from = end) {
            tile t = no_sums();
            end = channels - from < CRL_GEMM_S16_PIECE ? channels : from + CRL_GEMM_S16_PIECE;
            w = add_channels(&t, pixel, w, from, end, rows, units);
            keep_tile(sums, &t, rows, units);
        }
    const tile none = no_sums();
    finish_tile(&none, sums, j, row, rows, units);
}

/* Rows row .. row + rows - 1 of a panel. */
CRL_INLINE void multiply_tile(const panel_job *j, int32_t row, int rows, int units)
{
    if (j->g->pieces) {
        multiply_pieces(j, row, rows, units);
        return;
    }
    tile t = no_sums();
    const int16_t *w = j->g->weights + j->panel->at;
    const uint8_t *const *pixel = j->block->pixel + row;
    for (int32_t tap = 0; tap < j->g->taps; tap++, pixel += j->block->stride)
        w = add_channels(&t, pixel, w, 0, (size_t)j->g->channels, rows, units);
    finish_tile(&t, NULL, j, row, rows, units);
}

enum { TILE_ROWS = 6 };

/* All rows of the block. */
CRL_INLINE void multiply_panel(const panel_job *j, int units)
{
    int32_t row = 0;
    for (; row + TILE_ROWS <= j->block->n; row += TILE_ROWS) multiply_tile(j, row, TILE_ROWS, units);
    for (; row + 3 <= j->block->n; row += 3) multiply_tile(j, row, 3, units);
    for (; row < j->block->n; row++) multiply_tile(j, row, 1, units);
}

/* `most`: units of the widest panel. */
CRL_INLINE void multiply_panels(const crl_gemm_s16 *g, const crl_gemm_s16_block *block, int32_t panel0, int32_t panel1, int most)
{
    for (int32_t i = panel0; i < panel1; i++) {
        const panel_job j = { g, block, &g->panel[i] };
        if (most > 1 && j.panel->units == 2)
            multiply_panel(&j, 2);
        else
            multiply_panel(&j, 1);
    }
}

#endif
