/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpmaddubsw: tiles of 12, 10 or 8 rows x 8 columns, for groups of 1, 2 and 4 steps.
 *
 * vpmaddubsw multiplies 32 pairs of bytes and sums neighbours in 16 bits, with saturation; the packing sees to it that
 * nothing saturates (CRL_GEMM_PAIRS). The sums of a group are added in 16 bits, where an intermediate result may wrap
 * but the last cannot, and widened to 32 bits by a multiplication with ones. The larger the group the fewer of those;
 * but its weights stay in registers, and then fewer rows fit. */
#include "kernels/gemm_ymm.h"

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
    return pinned(_mm256_add_epi32(acc, _mm256_madd_epi16(sums, _mm256_set1_epi16(1))));
}

INLINE void row_group(vectors *acc, int group, const uint8_t *p, weights w)
{
    __m256i sums = _mm256_maddubs_epi16(four(p), w.w0);
    if (group > 1) sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(four(p + 4), w.w1));
    if (group > 2) sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(four(p + 8), w.w2));
    if (group > 2) sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(four(p + 12), w.w3));
    acc->v0 = widen_add(acc->v0, sums);
}

INLINE void tile_group(tile *t, int rows, int group, pixels p, size_t k, weights w)
{
    if (rows > 0) row_group(&t->r0, group, p.p0 + k, w);
    if (rows > 1) row_group(&t->r1, group, p.p1 + k, w);
    if (rows > 2) row_group(&t->r2, group, p.p2 + k, w);
    if (rows > 3) row_group(&t->r3, group, p.p3 + k, w);
    if (rows > 4) row_group(&t->r4, group, p.p4 + k, w);
    if (rows > 5) row_group(&t->r5, group, p.p5 + k, w);
    if (rows > 6) row_group(&t->r6, group, p.p6 + k, w);
    if (rows > 7) row_group(&t->r7, group, p.p7 + k, w);
    if (rows > 8) row_group(&t->r8, group, p.p8 + k, w);
    if (rows > 9) row_group(&t->r9, group, p.p9 + k, w);
    if (rows > 10) row_group(&t->r10, group, p.p10 + k, w);
    if (rows > 11) row_group(&t->r11, group, p.p11 + k, w);
}

INLINE void row_extra(vectors *acc, const uint8_t *p, int32_t channels, __m256i w)
{
    acc->v0 = widen_add(acc->v0, _mm256_maddubs_epi16(some(p, channels), w));
}

INLINE void tile_extra(tile *t, int rows, pixels p, size_t k, int32_t channels, __m256i w)
{
    if (rows > 0) row_extra(&t->r0, p.p0 + k, channels, w);
    if (rows > 1) row_extra(&t->r1, p.p1 + k, channels, w);
    if (rows > 2) row_extra(&t->r2, p.p2 + k, channels, w);
    if (rows > 3) row_extra(&t->r3, p.p3 + k, channels, w);
    if (rows > 4) row_extra(&t->r4, p.p4 + k, channels, w);
    if (rows > 5) row_extra(&t->r5, p.p5 + k, channels, w);
    if (rows > 6) row_extra(&t->r6, p.p6 + k, channels, w);
    if (rows > 7) row_extra(&t->r7, p.p7 + k, channels, w);
    if (rows > 8) row_extra(&t->r8, p.p8 + k, channels, w);
    if (rows > 9) row_extra(&t->r9, p.p9 + k, channels, w);
    if (rows > 10) row_extra(&t->r10, p.p10 + k, channels, w);
    if (rows > 11) row_extra(&t->r11, p.p11 + k, channels, w);
}

INLINE void multiply(int rows, int group, const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                     int32_t row, const target *to)
{
    const int8_t *w = panel->weights;
    const size_t channels = (size_t)g->steps * 4, group_channels = (size_t)group * 4;
    const uint8_t *const *pixel = block->pixel + row;
    const vectors bias = load_vectors(panel->bias, 1);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    for (int32_t tap = 0; tap < g->taps; tap++) {
        const pixels p = load_pixels(pixel + (size_t)tap * block->stride, rows);
        size_t k = 0;
        for (; k + group_channels <= channels; k += group_channels, w += group * 32)
            tile_group(&t, rows, group, p, k, load_weights(w, group));
        for (; group > 1 && k < channels; k += 4, w += 32) tile_group(&t, rows, 1, p, k, load_weights(w, 1));
    }
    for (int32_t e = 0; e < panel->n_extra; e++, w += 32) {
        const crl_gemm_extra x = panel->extra[e];
        const pixels p = load_pixels(pixel + (size_t)x.tap * block->stride, rows);
        const __m256i v = _mm256_load_si256((const __m256i *)w);
        if (x.channels == 4)
            tile_extra(&t, rows, p, (size_t)x.channel, 4, v);
        else
            tile_extra(&t, rows, p, (size_t)x.channel, x.channels, v);
    }
    finish(&t, rows, 1, panel, to, row);
}

typedef void multiply_fn(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                         const target *to);

#define INSTANCE(name, rows, group)                                                                                    \
    static void name(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,         \
                     const target *to)                                                                                 \
    {                                                                                                                  \
        multiply(rows, group, g, panel, block, row, to);                                                               \
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

/* The tallest tile that fits the rows that are left. */
typedef struct shape {
    int32_t rows;
    multiply_fn *multiply;
} shape;

static const shape shapes_1[] = { { 12, multiply_12x8_1 }, { 8, multiply_8x8_1 }, { 4, multiply_4x8_1 },
                                  { 2, multiply_2x8_1 },   { 1, multiply_1x8_1 } };
static const shape shapes_2[] = { { 10, multiply_10x8_2 }, { 7, multiply_7x8_2 }, { 4, multiply_4x8_2 },
                                  { 2, multiply_2x8_2 },   { 1, multiply_1x8_2 } };
static const shape shapes_4[] = { { 8, multiply_8x8_4 }, { 6, multiply_6x8_4 }, { 4, multiply_4x8_4 },
                                  { 2, multiply_2x8_4 }, { 1, multiply_1x8_4 } };

void crl_gemm_block_avx2(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    const int32_t group = g->level.group;
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        const target to = target_of(g, panel, block);
        const shape *s = group == 1 ? shapes_1 : group == 2 ? shapes_2 : shapes_4;
        for (int32_t row = 0; row < block->n; row += s->rows) {
            while (s->rows > block->n - row) s++;
            s->multiply(g, panel, block, row, &to);
        }
    }
}
