/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpmaddwd on 16-bit weights and activations: tiles of 6 rows x 16 columns and 12 x 8, for
 * filters that use the whole range of int8, where vpmaddubsw would saturate. */
#include "kernels/gemm_ymm.h"

INLINE void row_pair(vectors *acc, int n, const uint8_t *p, vectors w)
{
    const __m256i x = four(p); /* bytes: two widened channels */
    acc->v0 = pinned(_mm256_add_epi32(acc->v0, _mm256_madd_epi16(x, w.v0)));
    if (n > 1) acc->v1 = pinned(_mm256_add_epi32(acc->v1, _mm256_madd_epi16(x, w.v1)));
}

INLINE void tile_pair(tile *t, int rows, int n, pixels p, size_t at, vectors w)
{
    if (rows > 0) row_pair(&t->r0, n, p.p0 + at, w);
    if (rows > 1) row_pair(&t->r1, n, p.p1 + at, w);
    if (rows > 2) row_pair(&t->r2, n, p.p2 + at, w);
    if (rows > 3) row_pair(&t->r3, n, p.p3 + at, w);
    if (rows > 4) row_pair(&t->r4, n, p.p4 + at, w);
    if (rows > 5) row_pair(&t->r5, n, p.p5 + at, w);
    if (rows > 6) row_pair(&t->r6, n, p.p6 + at, w);
    if (rows > 7) row_pair(&t->r7, n, p.p7 + at, w);
    if (rows > 8) row_pair(&t->r8, n, p.p8 + at, w);
    if (rows > 9) row_pair(&t->r9, n, p.p9 + at, w);
    if (rows > 10) row_pair(&t->r10, n, p.p10 + at, w);
    if (rows > 11) row_pair(&t->r11, n, p.p11 + at, w);
}

/* Rows of the block, widened, as pointers to bytes. */
INLINE pixels wide_rows(const crl_gemm *g, const crl_gemm_block *block, int32_t row, int rows)
{
    const uint8_t *at[12];
    const size_t stride = (size_t)g->wide_steps * 8;
    for (int r = 0; r < rows; r++) at[r] = (const uint8_t *)block->wide + (size_t)(row + r) * stride;
    return load_pixels(at, rows);
}

INLINE void multiply(int rows, int n, const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                     int32_t row, const target *to)
{
    const int8_t *w = panel->weights;
    const size_t bytes = (size_t)g->wide_steps * 8;
    const vectors bias = load_vectors(panel->bias, n);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    const pixels p = wide_rows(g, block, row, rows);
    for (size_t at = 0; at < bytes; at += 8, w += n * 64) {
        tile_pair(&t, rows, n, p, at, load_vectors(w, n));
        tile_pair(&t, rows, n, p, at + 4, load_vectors(w + n * 32, n));
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
                                   { 2, multiply_2x16 }, { 1, multiply_1x16 } };
static const shape shapes_8[] = {
    { 12, multiply_12x8 }, { 8, multiply_8x8 }, { 4, multiply_4x8 }, { 2, multiply_2x8 }, { 1, multiply_1x8 }
};

/* n channels and zeros up to the next multiple of four. */
static int16_t *widen(int16_t *to, const uint8_t *from, size_t n)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(to + i), _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(from + i))));
    for (; i + 4 <= n; i += 4) {
        int32_t x;
        memcpy(&x, from + i, 4);
        _mm_storel_epi64((__m128i *)(to + i), _mm_cvtepu8_epi16(_mm_cvtsi32_si128(x)));
    }
    for (; i < n; i++) to[i] = from[i];
    for (; i % 4; i++) to[i] = 0;
    return to + i;
}

void crl_gemm_wide_avx2(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    int16_t *wide = block->wide;
    for (int32_t row = 0; row < block->n; row++)
        for (int32_t tap = 0; tap < g->taps; tap++)
            wide = widen(wide, block->pixel[(size_t)tap * block->stride + (size_t)row], (size_t)g->channels);
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
