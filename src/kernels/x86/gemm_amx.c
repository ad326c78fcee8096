/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with tdpbusd: blocks of 32 rows x 32 columns, four tiles of sums.
 *
 *              weights  6        7           a tile of weights is `steps` rows of 16 columns x 4 channels: what the
 *   rows  0..15   4     0        1           panels of avx512vnni hold, some steps one below the other
 *        16..31   5     2        3
 *
 * One product takes 16 cycles whatever its depth, so that a row's channels are cut into as few and as even pieces as
 * divide them; nothing is read beyond a row, nor padded. Tiles have no instruction to requantise: sums go to memory, and
 * what avx512vnni does after its sums does the rest. It also takes what is left of fewer than 16 rows. */
#include "kernels/gemm_panel.h"

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))

enum { TILE_ROWS = 16, COLUMN_BYTES = 64 /* 16 sums, or 16 columns of four weights */ };

/* The operand of LDTILECFG: Intel SDM, volume 1, chapter 18. */
typedef struct configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} configuration;

void crl_gemm_begin_amx(const crl_gemm *g)
{
    const int32_t steps = crl_gemm_tile_steps(g->steps);
    configuration c = { .palette = 1 };
    for (int i = 0; i < 8; i++) {
        const bool activations = i == 4 || i == 5, weights = i > 5;
        c.rows[i] = (uint8_t)(weights ? steps : TILE_ROWS);
        c.row_bytes[i] = (uint16_t)(activations ? 4 * steps : COLUMN_BYTES);
    }
    /* The intrinsic of gcc 12 owns up to the first eight bytes only: have them all in memory. */
    __asm__ volatile("" : : "r"(&c) : "memory");
    _tile_loadconfig(&c);
}

void crl_gemm_end_amx(void)
{
    _tile_release();
}

/* 32 rows if `two`, else 16; columns of vectors h and h + 1 if `pair`, else h. acc [rows][panel->vectors][16]. */
INLINE void multiply(int32_t *acc, const crl_gemm *g, const crl_gemm_panel *panel, const uint8_t *row, size_t step,
                     int32_t h, bool two, bool pair)
{
    const size_t width = (size_t)panel->vectors * COLUMN_BYTES, steps = (size_t)crl_gemm_tile_steps(g->steps);
    const int8_t *w = panel->weights + h * COLUMN_BYTES, *const end = w + (size_t)g->steps * width;
    const int32_t *bias = panel->bias + h * 16;
    const uint8_t *second = row + TILE_ROWS * step;
    _tile_loadd(0, bias, 0); /* a distance of 0: the same in all rows */
    if (pair) _tile_loadd(1, bias + 16, 0);
    if (two) _tile_loadd(2, bias, 0);
    if (two && pair) _tile_loadd(3, bias + 16, 0);
    for (; w < end; w += steps * width, row += 4 * steps, second += 4 * steps) {
        _tile_loadd(4, row, step);
        _tile_loadd(6, w, width);
        _tile_dpbusd(0, 4, 6);
        if (pair) {
            _tile_loadd(7, w + COLUMN_BYTES, width);
            _tile_dpbusd(1, 4, 7);
        }
        if (two) {
            _tile_loadd(5, second, step);
            _tile_dpbusd(2, 5, 6);
            if (pair) _tile_dpbusd(3, 5, 7);
        }
    }
    int32_t *to = acc + h * 16, *const below = to + (size_t)TILE_ROWS * width / sizeof *to;
    _tile_stored(0, to, width);
    if (pair) _tile_stored(1, to + 16, width);
    if (two) _tile_stored(2, below, width);
    if (two && pair) _tile_stored(3, below + 16, width);
}

static void multiply_panel(int32_t *acc, const crl_gemm *g, const crl_gemm_panel *panel, const uint8_t *row, size_t step,
                           bool two)
{
    int32_t h = 0;
    for (; h + 2 <= panel->vectors; h += 2) {
        if (two)
            multiply(acc, g, panel, row, step, h, true, true);
        else
            multiply(acc, g, panel, row, step, h, false, true);
    }
    if (h == panel->vectors) return;
    if (two)
        multiply(acc, g, panel, row, step, h, true, false);
    else
        multiply(acc, g, panel, row, step, h, false, false);
}

void crl_gemm_block_amx(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    enum { ROWS = 2 * TILE_ROWS, COLUMNS = 64 };
    if (block->n < TILE_ROWS || g->steps == 0) {
        crl_gemm_block_avx512vnni(g, block, panel0, panel1);
        return;
    }
    _Alignas(64) int32_t acc[ROWS * COLUMNS];
    for (int32_t i = panel0; i < panel1; i++)
        for (int32_t row = 0; row < block->n;) {
            const bool two = block->n - row >= ROWS;
            /* The last tile may repeat some rows of the one before it. */
            if (!two && block->n - row < TILE_ROWS) row = block->n - TILE_ROWS;
            multiply_panel(acc, g, &g->panel[i], block->first + (size_t)row * block->step, block->step, two);
            const int32_t rows = two ? ROWS : TILE_ROWS;
            crl_gemm_finish_avx512vnni(g, &g->panel[i], block, row, rows, acc);
            row += rows;
        }
}
