/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpmaddubsw: tiles of 12, 10 or 8 rows x 8 columns, for groups of 1, 2 and 4 steps.
 *
 * vpmaddubsw multiplies 32 pairs of bytes and sums neighbours in 16 bits, with saturation; the packing sees to it that
 * nothing saturates (CRL_GEMM_PAIRS). The sums of a group are added in 16 bits, where an intermediate result may wrap
 * but the last cannot, and widened to 32 bits by a multiplication with ones. The larger the group the fewer of those;
 * but its weights stay in registers, and then fewer rows fit. */
#include "kernels/x86/gemm_ymm.h"

typedef struct weights {
    __m256i w0, w1, w2, w3;
} weights;

INLINE weights load_weights(const int8_t *from, int group)
{
    const __m256i *p = (const __m256i *)from;
    weights w;
    w.w0 = _mm256_load_si256(p);
    w.w1 = group > 1 ? _mm256_load_si256(p + 1) : w.w0;
    w.w2 = group > 2 ? _mm256_load_si256(p + 2) : w.w0;
    w.w3 = group > 2 ? _mm256_load_si256(p + 3) : w.w0;
    return w;
}

INLINE __m256i widen_add(__m256i acc, __m256i sums)
{
    static const _Alignas(32) int16_t ones[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    return add_to(acc, _mm256_madd_epi16(sums, _mm256_load_si256((const __m256i *)ones)));
}

/* One group. */
INLINE void row_group(vectors *acc, int group, const uint8_t *p, const void *of, int32_t channels)
{
    (void)channels; /* all are there */
    const weights *w = of;
    __m256i sums = _mm256_maddubs_epi16(four(p), w->w0);
    if (group > 1) sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(four(p + 4), w->w1));
    if (group > 2) sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(four(p + 8), w->w2));
    if (group > 2) sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(four(p + 12), w->w3));
    acc->v0 = widen_add(acc->v0, sums);
}

INLINE void tile_group(tile *t, int rows, int group, pixels p, size_t at, weights w)
{
    p.p0 += at, p.p3 += at, p.p6 += at, p.p9 += at;
    each_row(t, rows, group, p, &w, 4, row_group);
}

INLINE void row_extra(vectors *acc, int size, const uint8_t *p, const void *of, int32_t channels)
{
    (void)size;
    acc->v0 = widen_add(acc->v0, _mm256_maddubs_epi16(read(p, channels), *(const __m256i *)of));
}

INLINE void tile_extra(tile *t, int rows, pixels p, __m256i w, int32_t channels)
{
    each_row(t, rows, 1, p, &w, channels, row_extra);
}

INLINE void multiply(int rows, int group, const job *j)
{
    const int8_t *w = j->weights;
    const vectors bias = load_vectors(j->panel->bias, 1);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    pixels p = pixels_at(j->first, j->step);
    int32_t k = 0;
    for (; group == 2 && k + 4 <= j->steps; k += 4, w += 128, advance(&p, 16)) {
        tile_group(&t, rows, 2, p, 0, load_weights(w, 2));
        tile_group(&t, rows, 2, p, 8, load_weights(w + 64, 2));
    }
    for (; k + group <= j->steps; k += group, w += group * 32, advance(&p, (size_t)group * 4))
        tile_group(&t, rows, group, p, 0, load_weights(w, group));
    for (; group > 1 && k < j->steps; k++, w += 32, advance(&p, 4)) tile_group(&t, rows, 1, p, 0, load_weights(w, 1));
    for (int32_t e = 0; e < j->n_extra; e++, w += 32) {
        const crl_gemm_extra x = j->panel->extra[e];
        const __m256i v = _mm256_load_si256((const __m256i *)w);
        p = pixels_at(j->first + x.channel, j->step);
        if (x.channels == 4)
            tile_extra(&t, rows, p, v, 4);
        else
            tile_extra(&t, rows, p, v, x.channels);
    }
    finish(&t, rows, 1, j);
}

INSTANCE(multiply_1x8_1, 1, 1)
INSTANCE(multiply_2x8_1, 2, 1)
INSTANCE(multiply_4x8_1, 4, 1)
INSTANCE(multiply_8x8_1, 8, 1)
INSTANCE(multiply_12x8_1, 12, 1)
INSTANCE(multiply_1x8_2, 1, 2)
INSTANCE(multiply_2x8_2, 2, 2)
INSTANCE(multiply_4x8_2, 4, 2)
INSTANCE(multiply_7x8_2, 7, 2)
INSTANCE(multiply_10x8_2, 10, 2)
INSTANCE(multiply_1x8_4, 1, 4)
INSTANCE(multiply_2x8_4, 2, 4)
INSTANCE(multiply_4x8_4, 4, 4)
INSTANCE(multiply_6x8_4, 6, 4)
INSTANCE(multiply_8x8_4, 8, 4)

static multiply_fn *const tiles_1[] = { multiply_12x8_1, multiply_8x8_1, multiply_4x8_1, multiply_2x8_1, multiply_1x8_1 };
static multiply_fn *const tiles_2[] = { multiply_10x8_2, multiply_7x8_2, multiply_4x8_2, multiply_2x8_2, multiply_1x8_2 };
static multiply_fn *const tiles_4[] = { multiply_8x8_4, multiply_6x8_4, multiply_4x8_4, multiply_2x8_4, multiply_1x8_4 };

void crl_gemm_block_avx2(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    const int32_t group = g->level.group;
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        multiply_fn *const *tiles = group == 1 ? tiles_1 : group == 2 ? tiles_2 : tiles_4;
        multiply_block(g, panel, block, tiles);
    }
}
