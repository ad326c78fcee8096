/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpdpbusd on 256 bits: tiles of 6 rows x 16 columns and 12 x 8. 12 accumulators, the weights and
 * the broadcast make 15 of 16 registers. */
#include "kernels/x86/gemm_ymm.h"

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

/* A step, of which `channels` of four are there. */
INLINE void row_step(vectors *acc, int n, const uint8_t *pixel, const void *weights, int32_t channels)
{
    const vectors *w = weights;
    const __m256i x = read(pixel, channels);
    acc->v0 = dot(acc->v0, x, w->v0);
    if (n > 1) acc->v1 = dot(acc->v1, x, w->v1);
}

INLINE void tile_step(tile *t, int rows, int n, pixels p, vectors w, int32_t channels)
{
    each_row(t, rows, n, p, &w, channels, row_step);
}

INLINE void multiply(int rows, int n, const job *j)
{
    const int8_t *w = j->weights;
    const size_t step_bytes = (size_t)n * 32;
    const vectors bias = load_vectors(j->panel->bias, n);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    for (int32_t i = 0; i < j->n_taps; i++) {
        pixels p = pixels_at(j->first + j->taps[i], j->step);
        for (int32_t k = 0; k < j->steps; k++, w += step_bytes, advance(&p, 4))
            tile_step(&t, rows, n, p, load_vectors(w, n), 4);
    }
    for (int32_t e = 0; e < j->n_extra; e++, w += step_bytes) {
        const crl_gemm_extra x = j->panel->extra[e];
        const pixels p = pixels_at(j->first + j->taps[x.tap] + x.channel, j->step);
        if (x.channels == 4)
            tile_step(&t, rows, n, p, load_vectors(w, n), 4);
        else
            tile_step(&t, rows, n, p, load_vectors(w, n), x.channels);
    }
    finish(&t, rows, n, j);
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

static multiply_fn *const tiles_16[] = { multiply_6x16, multiply_5x16, multiply_4x16,
                                         multiply_3x16, multiply_2x16, multiply_1x16 };
static multiply_fn *const tiles_8[] = { multiply_12x8, multiply_8x8, multiply_4x8, multiply_2x8, multiply_1x8 };

void crl_gemm_block_avxvnni(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        multiply_fn *const *tiles = panel->vectors == 2 ? tiles_16 : tiles_8;
        multiply_block(g, panel, block, tiles);
    }
}
