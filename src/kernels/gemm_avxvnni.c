/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpdpbusd on 256 bits: tiles of 6 rows x 16 columns and 12 x 8. 12 accumulators, the weights and
 * the broadcast make 15 of 16 registers. */
#include "kernels/gemm_ymm.h"

/* A check builds this file for machines that have the instruction in the other encoding only. */
#ifndef CRL_VPDPBUSD
#define CRL_VPDPBUSD "%{vex%} vpdpbusd"
#endif

/* In assembly, since the intrinsic makes gcc 12 copy accumulators from register to register. */
INLINE __m256i dot(__m256i acc, __m256i u8, __m256i s8)
{
    __asm__(CRL_VPDPBUSD " %2, %1, %0" : "+x"(acc) : "x"(u8), "x"(s8));
    return acc;
}

INLINE void row_step(vectors *acc, int n, __m256i x, vectors w)
{
    acc->v0 = dot(acc->v0, x, w.v0);
    if (n > 1) acc->v1 = dot(acc->v1, x, w.v1);
}

/* One step of all rows at offset k of their pixels, where `channels` of four are there. */
INLINE void tile_step(tile *t, int rows, int n, pixels p, size_t k, vectors w, bool partial, int32_t channels)
{
    if (rows > 0) row_step(&t->r0, n, partial ? some(p.p0 + k, channels) : four(p.p0 + k), w);
    if (rows > 1) row_step(&t->r1, n, partial ? some(p.p1 + k, channels) : four(p.p1 + k), w);
    if (rows > 2) row_step(&t->r2, n, partial ? some(p.p2 + k, channels) : four(p.p2 + k), w);
    if (rows > 3) row_step(&t->r3, n, partial ? some(p.p3 + k, channels) : four(p.p3 + k), w);
    if (rows > 4) row_step(&t->r4, n, partial ? some(p.p4 + k, channels) : four(p.p4 + k), w);
    if (rows > 5) row_step(&t->r5, n, partial ? some(p.p5 + k, channels) : four(p.p5 + k), w);
    if (rows > 6) row_step(&t->r6, n, partial ? some(p.p6 + k, channels) : four(p.p6 + k), w);
    if (rows > 7) row_step(&t->r7, n, partial ? some(p.p7 + k, channels) : four(p.p7 + k), w);
    if (rows > 8) row_step(&t->r8, n, partial ? some(p.p8 + k, channels) : four(p.p8 + k), w);
    if (rows > 9) row_step(&t->r9, n, partial ? some(p.p9 + k, channels) : four(p.p9 + k), w);
    if (rows > 10) row_step(&t->r10, n, partial ? some(p.p10 + k, channels) : four(p.p10 + k), w);
    if (rows > 11) row_step(&t->r11, n, partial ? some(p.p11 + k, channels) : four(p.p11 + k), w);
}

INLINE void multiply(int rows, int n, const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                     int32_t row, const target *to)
{
    const int8_t *w = panel->weights;
    const size_t step_bytes = (size_t)n * 32, channels = (size_t)g->steps * 4;
    const uint8_t *const *pixel = block->pixel + row;
    const vectors bias = load_vectors(panel->bias, n);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    for (int32_t tap = 0; tap < g->taps; tap++) {
        const pixels p = load_pixels(pixel + (size_t)tap * block->stride, rows);
        for (size_t k = 0; k < channels; k += 4, w += step_bytes)
            tile_step(&t, rows, n, p, k, load_vectors(w, n), false, 4);
    }
    for (int32_t e = 0; e < panel->n_extra; e++, w += step_bytes) {
        const crl_gemm_extra x = panel->extra[e];
        const pixels p = load_pixels(pixel + (size_t)x.tap * block->stride, rows);
        tile_step(&t, rows, n, p, (size_t)x.channel, load_vectors(w, n), true, x.channels);
    }
    finish(&t, rows, n, panel, to, row);
}

typedef void multiply_fn(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                         const target *to);

#define INSTANCE(name, rows, n)                                                                                        \
    static void name(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,         \
                     const target *to)                                                                                 \
    {                                                                                                                  \
        multiply(rows, n, g, panel, block, row, to);                                                                   \
    }

INSTANCE(multiply_1x16, 1, 2)
INSTANCE(multiply_2x16, 2, 2)
INSTANCE(multiply_3x16, 3, 2)
INSTANCE(multiply_4x16, 4, 2)
INSTANCE(multiply_5x16, 5, 2)
INSTANCE(multiply_6x16, 6, 2)
INSTANCE(multiply_1x8, 1, 1)
INSTANCE(multiply_2x8, 2, 1)
INSTANCE(multiply_4x8, 4, 1)
INSTANCE(multiply_8x8, 8, 1)
INSTANCE(multiply_12x8, 12, 1)

/* The tallest tile that fits the rows that are left. */
typedef struct shape {
    int32_t rows;
    multiply_fn *multiply;
} shape;

static const shape shapes_16[] = { { 6, multiply_6x16 }, { 5, multiply_5x16 }, { 4, multiply_4x16 },
                                   { 3, multiply_3x16 }, { 2, multiply_2x16 }, { 1, multiply_1x16 } };
static const shape shapes_8[] = {
    { 12, multiply_12x8 }, { 8, multiply_8x8 }, { 4, multiply_4x8 }, { 2, multiply_2x8 }, { 1, multiply_1x8 }
};

void crl_gemm_block_avxvnni(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        const target to = target_of(g, panel, block);
        const shape *s = panel->vectors == 2 ? shapes_16 : shapes_8;
        for (int32_t row = 0; row < block->n; row += s->rows) {
            while (s->rows > block->n - row) s++;
            s->multiply(g, panel, block, row, &to);
        }
    }
}
