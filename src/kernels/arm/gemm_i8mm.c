/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with SMMLA: two rows by two columns by eight channels in one instruction. The rows of a block are
 * copied in pairs, eight channels of one and eight of the other in turn, which is the order that it multiplies. Tiles
 * of 4 rows x 16 columns. */
#include "kernels/arm/gemm_rows.h"

/* A row pair by two columns in each: row 0 column 0, row 0 column 1, row 1 column 0, row 1 column 1. */
typedef struct squares {
    int32x4_t p[2][8]; /* [row pairs][column pairs]; loops over it are unrolled, so that it lives in registers */
} squares;

INLINE void step(squares *s, int pairs, int vectors, const int8_t *w, const int8_t *a0, const int8_t *a1)
{
    const int8x16_t x0 = vld1q_s8(a0), x1 = pairs > 1 ? vld1q_s8(a1) : x0;
#pragma GCC unroll 8
    for (int c = 0; c < 2 * vectors; c++) {
        const int8x16_t wc = vld1q_s8(w + 16 * c);
        s->p[0][c] = vmmlaq_s32(s->p[0][c], x0, wc);
        if (pairs > 1) s->p[1][c] = vmmlaq_s32(s->p[1][c], x1, wc);
    }
}

INLINE int32x4_t twice(const int32_t *p)
{
    const int32x2_t v = vld1_s32(p);
    return vcombine_s32(v, v);
}

INLINE int32x4_t row_of(int32x4_t left, int32x4_t right, int row)
{
    const int64x2_t a = vreinterpretq_s64_s32(left), b = vreinterpretq_s64_s32(right);
    return vreinterpretq_s32_s64(row ? vzip2q_s64(a, b) : vzip1q_s64(a, b));
}

INLINE void multiply(int rows, int vectors, const crl_gemm *g, const crl_gemm_panel *panel, const int8_t *a,
                     const target *to, uint8_t *out)
{
    const int pairs = (rows + 1) / 2;
    const int8_t *w = panel->weights, *const b = a + 2 * g->row_bytes;
    const size_t channels = (used_bytes(g) + 7) / 8 * 8;
    squares s;
#pragma GCC unroll 8
    for (int c = 0; c < 2 * vectors; c++) s.p[0][c] = s.p[1][c] = twice(panel->bias + 2 * c);
    for (size_t k = 0; k < channels; k += 8, w += 32 * vectors) step(&s, pairs, vectors, w, a + 2 * k, b + 2 * k);
    for (int32_t e = 0; e < panel->n_extra; e++, w += 32 * vectors) {
        const size_t k = (size_t)panel->extra[e].channel;
        step(&s, pairs, vectors, w, a + 2 * k, b + 2 * k);
    }
    tile t;
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) t.r[r][v] = row_of(s.p[r / 2][2 * v], s.p[r / 2][2 * v + 1], r % 2);
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
INSTANCE(multiply_1x16, 1, 4)
INSTANCE(multiply_2x16, 2, 4)
INSTANCE(multiply_4x16, 4, 4)

/* By vectors of the panel, then rows: 4, 2, 1. */
static multiply_fn *const tiles[5][3] = {
    [1] = { multiply_4x4, multiply_2x4, multiply_1x4 },
    [2] = { multiply_4x8, multiply_2x8, multiply_1x8 },
    [4] = { multiply_4x16, multiply_2x16, multiply_1x16 },
};

/* to[2 * k ..]: eight channels of each row, XORed with `sign`. n is a multiple of 16. */
INLINE void interleave(uint8_t *to, const uint8_t *a, const uint8_t *b, size_t n, uint8x16_t sign)
{
    for (size_t k = 0; k < n; k += 16) {
        const uint64x2_t x = vreinterpretq_u64_u8(veorq_u8(vld1q_u8(a + k), sign));
        const uint64x2_t y = vreinterpretq_u64_u8(veorq_u8(vld1q_u8(b + k), sign));
        vst1q_u8(to + 2 * k, vreinterpretq_u8_u64(vzip1q_u64(x, y)));
        vst1q_u8(to + 2 * k + 16, vreinterpretq_u8_u64(vzip2q_u64(x, y)));
    }
}

/* Rows `row` and the next one, if there is one. `two` are two rows of scratch. */
static void copy_pair(uint8_t *to, uint8_t *two, const crl_gemm *g, const crl_gemm_block *block, int32_t row)
{
    const size_t bytes = used_bytes(g) / (size_t)g->taps;
    const int32_t next = row + 1 < block->n ? row + 1 : row;
    if (g->taps == 1 && bytes == g->row_bytes) {
        interleave(to, block->pixel[row], block->pixel[next], bytes, vdupq_n_u8(0x80));
        return;
    }
    copy_row(two, g, block, row, bytes);
    copy_row(two + g->row_bytes, g, block, next, bytes);
    interleave(to, two, two + g->row_bytes, g->row_bytes, vdupq_n_u8(0));
}

void crl_gemm_block_i8mm(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    uint8_t *two = (uint8_t *)block->wide, *rows = two + 2 * g->row_bytes;
    for (int32_t row = 0; row < block->n; row += 2) copy_pair(rows + (size_t)row * g->row_bytes, two, g, block, row);
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
