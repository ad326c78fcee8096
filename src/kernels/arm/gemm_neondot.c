/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with SDOT: each instruction does four channels of four columns, the channels of a row coming from
 * one lane. Tiles of 4 rows x 16 columns on AArch64, whose accumulators take half of its 32 registers, and 4 x 8 on
 * ARMv7. */
#include "kernels/arm/gemm_rows.h"

/* Four channels: the weights of all columns times lane `lane` of x, which is four lanes of four channels. */
INLINE int32x4_t dot(int32x4_t acc, int8x16_t w, int8x16_t x, int lane)
{
#if CRL_ARCH_ARM64
    if (lane == 3) return vdotq_laneq_s32(acc, w, x, 3);
    if (lane == 2) return vdotq_laneq_s32(acc, w, x, 2);
    return lane == 1 ? vdotq_laneq_s32(acc, w, x, 1) : vdotq_laneq_s32(acc, w, x, 0);
#else
    const int8x8_t half = lane < 2 ? vget_low_s8(x) : vget_high_s8(x);
    return lane % 2 ? vdotq_lane_s32(acc, w, half, 1) : vdotq_lane_s32(acc, w, half, 0);
#endif
}

INLINE void steps(tile *t, int rows, int vectors, int n, const int8_t *w, const int8x16_t x[4])
{
#pragma GCC unroll 4
    for (int k = 0; k < n; k++) {
        int8x16_t wv[4];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) wv[v] = vld1q_s8(w + 16 * (k * vectors + v));
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++) t->r[r][v] = dot(t->r[r][v], wv[v], x[r], k);
    }
}

/* A step of four channels. */
INLINE int8x16_t four(const int8_t *p)
{
    int32_t x;
    memcpy(&x, p, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(x));
}

INLINE void multiply(int rows, int vectors, const crl_gemm *g, const crl_gemm_panel *panel, const int8_t *a,
                     const target *to, uint8_t *out)
{
    const int8_t *w = panel->weights;
    const size_t channels = (used_bytes(g) + 3) / 4 * 4;
    const int8_t *const a0 = a, *const a1 = a0 + g->row_bytes, *const a2 = a1 + g->row_bytes, *const a3 = a2 + g->row_bytes;
    tile t;
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        const int32x4_t bias = vld1q_s32(panel->bias + 4 * v);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) t.r[r][v] = bias;
    }
    size_t k = 0;
    for (; k + 16 <= channels; k += 16, w += 64 * vectors) {
        int8x16_t x[4];
        x[0] = vld1q_s8(a0 + k);
        if (rows > 1) x[1] = vld1q_s8(a1 + k);
        if (rows > 2) x[2] = vld1q_s8(a2 + k);
        if (rows > 2) x[3] = vld1q_s8(a3 + k);
        steps(&t, rows, vectors, 4, w, x);
        CRL_NEON_FENCE;
    }
    for (int32_t e = -(int32_t)((channels - k) / 4); e < panel->n_extra; e++, k += 4, w += 16 * vectors) {
        const size_t at = e < 0 ? k : (size_t)panel->extra[e].channel;
        int8x16_t x[4];
        x[0] = four(a0 + at);
        if (rows > 1) x[1] = four(a1 + at);
        if (rows > 2) x[2] = four(a2 + at);
        if (rows > 2) x[3] = four(a3 + at);
        steps(&t, rows, vectors, 1, w, x);
    }
    finish(&t, rows, vectors, g, panel, to, out);
}

typedef void multiply_fn(const crl_gemm *g, const crl_gemm_panel *panel, const int8_t *a, const target *to, uint8_t *out);

#define INSTANCE(name, rows, vectors)                                                                                  \
    static void name(const crl_gemm *g, const crl_gemm_panel *panel, const int8_t *a, const target *to, uint8_t *out)  \
    {                                                                                                                  \
        multiply(rows, vectors, g, panel, a, to, out);                                                                 \
    }

INSTANCE(multiply_1x4, 1, 1)
INSTANCE(multiply_2x4, 2, 1)
INSTANCE(multiply_4x4, 4, 1)
INSTANCE(multiply_1x8, 1, 2)
INSTANCE(multiply_2x8, 2, 2)
INSTANCE(multiply_4x8, 4, 2)
#if CRL_ARCH_ARM64
INSTANCE(multiply_1x16, 1, 4)
INSTANCE(multiply_2x16, 2, 4)
INSTANCE(multiply_4x16, 4, 4)
#endif

/* By vectors of the panel, then rows: 4, 2, 1. */
static multiply_fn *const tiles[5][3] = {
    [1] = { multiply_4x4, multiply_2x4, multiply_1x4 },
    [2] = { multiply_4x8, multiply_2x8, multiply_1x8 },
#if CRL_ARCH_ARM64
    [4] = { multiply_4x16, multiply_2x16, multiply_1x16 },
#endif
};

void crl_gemm_block_neondot(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    uint8_t *rows = (uint8_t *)block->wide;
    copy_rows(rows, g, block);
    for (int32_t i = panel0; i < panel1; i++) {
        const crl_gemm_panel *panel = &g->panel[i];
        const target to = target_of(g, panel, block);
        multiply_fn *const *multiply_rows = tiles[panel->vectors];
        for (int32_t row = 0; row < block->n;) {
            const int32_t left = block->n - row, kind = left >= 4 ? 0 : left >= 2 ? 1 : 2;
            multiply_rows[kind](g, panel, (const int8_t *)rows + (size_t)row * g->row_bytes, &to,
                                to.out + (size_t)row * to.stride);
            row += 4 >> kind;
        }
    }
}
