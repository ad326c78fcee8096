/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpmaddwd on 16-bit weights and activations: tiles of 6 rows x 16 columns and 12 x 8, for
 * filters that use the whole range of int8, where vpmaddubsw would saturate. */
#include "kernels/x86/gemm_ymm.h"

/* Two widened channels, which are four bytes. */
INLINE void row_pair(vectors *acc, int n, const uint8_t *pixel, const void *weights, int32_t channels)
{
    (void)channels; /* all are there */
    const vectors *w = weights;
    const __m256i x = four(pixel);
    acc->v0 = add_to(acc->v0, _mm256_madd_epi16(x, w->v0));
    if (n > 1) acc->v1 = add_to(acc->v1, _mm256_madd_epi16(x, w->v1));
}

INLINE void tile_pair(tile *t, int rows, int n, pixels p, vectors w)
{
    each_row(t, rows, n, p, &w, 4, row_pair);
}

INLINE void multiply(int rows, int n, const job *j)
{
    const int8_t *w = j->weights;
    const vectors bias = load_vectors(j->panel->bias, n);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    pixels p = pixels_at(j->first, j->step);
    for (size_t k = 0; k < j->step; k += 4, w += n * 32, advance(&p, 4)) /* widened rows are padded, and side by side */
        tile_pair(&t, rows, n, p, load_vectors(w, n));
    finish(&t, rows, n, j);
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

static multiply_fn *const tiles_16[] = { multiply_6x16, multiply_5x16, multiply_4x16, multiply_2x16, multiply_1x16 };
static multiply_fn *const tiles_8[] = { multiply_12x8, multiply_8x8, multiply_4x8, multiply_2x8, multiply_1x8 };

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
        wide = widen(wide, block->first + (size_t)row * block->step, (size_t)g->channels);
    const crl_gemm_block widened = { .first = (const uint8_t *)block->wide,
                                     .step = (size_t)g->wide_steps * 8,
                                     .n = block->n,
                                     .out = block->out };
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        multiply_fn *const *tiles = panel->vectors == 2 ? tiles_16 : tiles_8;
        multiply_block(g, panel, &widened, tiles);
    }
}
