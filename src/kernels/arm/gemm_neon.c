/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels of plain NEON. SMULL multiplies eight channels of a row by those of a column, SMLAL adds eight more
 * in 16 bits, which two products of -128 * 127 do not exceed, and SADALP adds the pairs to four sums of 32 bits. That is
 * 16 multiplications in three instructions, two of them on the multiplier; with weights of 16 bits it would be four
 * in one. Tiles of 4 rows x 4 columns on AArch64, 2 x 4 on ARMv7, which has half the registers. */
#include "kernels/arm/gemm_rows.h"

/* Loops over it are unrolled, so that it lives in registers. */
typedef struct partial {
    int32x4_t r[4][4]; /* [rows][columns] four sums each, which only their sum is an accumulator of */
} partial;

INLINE int16x8_t product_high(int16x8_t sum, int8x16_t a, int8x16_t b)
{
#if CRL_ARCH_ARM64
    return vmlal_high_s8(sum, a, b);
#else
    return vmlal_s8(sum, vget_high_s8(a), vget_high_s8(b));
#endif
}

/* 16 channels. Two columns at a time, so that on processors which issue in order no instruction waits for the one
 * before it. */
INLINE void step16(partial *t, int rows, const int8_t *w, const int8x16_t x[4])
{
#pragma GCC unroll 2
    for (int c = 0; c < 4; c += 2) {
        const int8x16_t w0 = vld1q_s8(w + 16 * c), w1 = vld1q_s8(w + 16 * c + 16);
        int16x8_t sum[2][4];
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            sum[0][r] = vmull_s8(vget_low_s8(x[r]), vget_low_s8(w0));
            sum[1][r] = vmull_s8(vget_low_s8(x[r]), vget_low_s8(w1));
        }
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            sum[0][r] = product_high(sum[0][r], x[r], w0);
            sum[1][r] = product_high(sum[1][r], x[r], w1);
        }
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) {
            t->r[r][c] = vpadalq_s16(t->r[r][c], sum[0][r]);
            t->r[r][c + 1] = vpadalq_s16(t->r[r][c + 1], sum[1][r]);
        }
    }
}

/* Eight. */
INLINE void step8(partial *t, int rows, const int8_t *w, const int8x8_t x[4])
{
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        const int8x8_t wc = vld1_s8(w + 8 * c);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) t->r[r][c] = vpadalq_s16(t->r[r][c], vmull_s8(x[r], wc));
    }
}

/* The sums of four vectors. */
INLINE int32x4_t add_across(const int32x4_t v[4])
{
#if CRL_ARCH_ARM64
    return vpaddq_s32(vpaddq_s32(v[0], v[1]), vpaddq_s32(v[2], v[3]));
#else
    const int32x2_t a = vadd_s32(vget_low_s32(v[0]), vget_high_s32(v[0]));
    const int32x2_t b = vadd_s32(vget_low_s32(v[1]), vget_high_s32(v[1]));
    const int32x2_t c = vadd_s32(vget_low_s32(v[2]), vget_high_s32(v[2]));
    const int32x2_t d = vadd_s32(vget_low_s32(v[3]), vget_high_s32(v[3]));
    return vcombine_s32(vpadd_s32(a, b), vpadd_s32(c, d));
#endif
}

INLINE void store_4(uint8_t *out, uint32_t bytes, size_t columns)
{
    if (columns >= 4)
        memcpy(out, &bytes, 4);
    else
        for (size_t i = 0; i < columns; i++, bytes >>= 8) out[i] = (uint8_t)bytes;
}

/* Columns 4 * i and following of a panel. */
INLINE void store_four_sums(const partial *t, int rows, const crl_gemm *g, const crl_gemm_panel *panel, int i, uint8_t *out)
{
    const int32x4_t bias = vld1q_s32(panel->bias + 4 * i);
    const size_t columns = (size_t)(panel->columns - 4 * i);
    out += (size_t)(panel->first + 4 * i) * (sizeof(int32_t) - 1); /* `out` counts outputs as bytes */
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++, out += g->out_stride) {
        int32_t acc[4];
        vst1q_s32(acc, vaddq_s32(add_across(t->r[r]), bias));
        memcpy(out, acc, columns < 4 ? columns * sizeof *acc : sizeof acc);
    }
}


INLINE void finish_four(partial *t, int rows, const crl_gemm_panel *panel, int i, const target *to, uint8_t *out,
                        crl_requant_form form)
{
    const crl_requant_x4 p = crl_requant_x4_load(panel->lanes, i);
    const int32x4_t bias = vld1q_s32(panel->bias + 4 * i);
    const size_t columns = (size_t)(panel->columns - 4 * i);
    int32x4_t y[4];
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
        y[r] = requant_x4(vaddq_s32(add_across(t->r[r]), bias), p, panel->lanes, i, form);
#pragma GCC unroll 2
    for (int r = 0; r < rows; r += 2) {
        const uint8x8_t v = crl_requant_pack_neon(y[r], rows > 1 ? y[r + 1] : y[r], to->clamp);
        store_4(out + (size_t)r * to->stride, vget_lane_u32(vreinterpret_u32_u8(v), 0), columns);
        if (rows > 1) store_4(out + (size_t)(r + 1) * to->stride, vget_lane_u32(vreinterpret_u32_u8(v), 1), columns);
    }
}

INLINE void multiply(int rows, const crl_gemm *g, const crl_gemm_panel *panel, int i, const int8_t *a, const target *to,
                     uint8_t *out)
{
    const size_t width = (size_t)panel->vectors * 4, quarter = (size_t)i * 4;
    const size_t channels = (used_bytes(g) + 7) / 8 * 8;
    const int8_t *w = panel->weights;
    const int8_t *const a0 = a, *const a1 = a0 + g->row_bytes, *const a2 = a1 + g->row_bytes, *const a3 = a2 + g->row_bytes;
    partial t = { 0 };
    size_t k = 0;
    for (; k + 16 <= channels; k += 16, w += 16 * width) {
        int8x16_t x[4];
        x[0] = vld1q_s8(a0 + k);
        if (rows > 1) x[1] = vld1q_s8(a1 + k);
        if (rows > 2) x[2] = vld1q_s8(a2 + k);
        if (rows > 2) x[3] = vld1q_s8(a3 + k);
        step16(&t, rows, w + 16 * quarter, x);
    }
    for (int32_t e = -(k < channels); e < panel->n_extra; e++, w += 8 * width) {
        const size_t at = e < 0 ? k : (size_t)panel->extra[e].channel;
        int8x8_t x[4];
        x[0] = vld1_s8(a0 + at);
        if (rows > 1) x[1] = vld1_s8(a1 + at);
        if (rows > 2) x[2] = vld1_s8(a2 + at);
        if (rows > 2) x[3] = vld1_s8(a3 + at);
        step8(&t, rows, w + 8 * quarter, x);
    }
    switch (panel->form) {
    case CRL_REQUANT_FLOAT_ANY: finish_four(&t, rows, panel, i, to, out, CRL_REQUANT_FLOAT_ANY); break;
    case CRL_REQUANT_EXACT_CUT: finish_four(&t, rows, panel, i, to, out, CRL_REQUANT_EXACT_CUT); break;
    case CRL_REQUANT_REAL: finish_four(&t, rows, panel, i, to, out, CRL_REQUANT_REAL); break;
    case CRL_REQUANT_SUMS: store_four_sums(&t, rows, g, panel, i, out); break;
    default: finish_four(&t, rows, panel, i, to, out, CRL_REQUANT_EXACT_ANY);
    }
}

typedef void multiply_fn(const crl_gemm *g, const crl_gemm_panel *panel, int i, const int8_t *a, const target *to,
                         uint8_t *out);

#define INSTANCE(name, rows)                                                                                           \
    static void name(const crl_gemm *g, const crl_gemm_panel *panel, int i, const int8_t *a, const target *to,         \
                     uint8_t *out)                                                                                     \
    {                                                                                                                  \
        multiply(rows, g, panel, i, a, to, out);                                                                       \
    }

INSTANCE(multiply_1x4, 1)
INSTANCE(multiply_2x4, 2)
#if CRL_ARCH_ARM64
INSTANCE(multiply_4x4, 4)
#endif

static void multiply_rows(const crl_gemm *g, const crl_gemm_panel *panel, int i, const int8_t *a, const target *to,
                          int32_t n)
{
    uint8_t *out = to->out + 4 * i;
    int32_t row = 0;
#if CRL_ARCH_ARM64
    for (; row + 4 <= n; row += 4) multiply_4x4(g, panel, i, a + (size_t)row * g->row_bytes, to, out + (size_t)row * to->stride);
#endif
    for (; row + 2 <= n; row += 2) multiply_2x4(g, panel, i, a + (size_t)row * g->row_bytes, to, out + (size_t)row * to->stride);
    if (row < n) multiply_1x4(g, panel, i, a + (size_t)row * g->row_bytes, to, out + (size_t)row * to->stride);
}

void crl_gemm_block_neon(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1)
{
    uint8_t *rows = (uint8_t *)block->wide;
    copy_rows(rows, g, block);
    for (int32_t p = panel0; p < panel1; p++) {
        const crl_gemm_panel *panel = &g->panel[p];
        const target to = target_of(g, panel, block);
        for (int i = 0; 4 * i < panel->columns; i++) multiply_rows(g, panel, i, (const int8_t *)rows, &to, block->n);
    }
}
