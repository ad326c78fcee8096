/* SPDX-License-Identifier: Apache-2.0 */
/* What the gemm kernels of ARM share (CRL_GEMM_ROWS): the copy of a block's pixels with bit 7 flipped, and what
 * becomes of accumulators. One source for AArch64 and ARMv7. */
#ifndef CRL_KERNELS_GEMM_ROWS_H
#define CRL_KERNELS_GEMM_ROWS_H

#include <string.h>

#include "kernels/gemm_panel.h"
#include "kernels/arm/requant_neon.h"

#define INLINE CRL_NEON_INLINE

/* Ends the body of a loop: no load of the next round begins before. Without it gcc 12 loads so much ahead that
 * accumulators have to leave their registers. No instruction. */
#define CRL_NEON_FENCE __asm__ volatile("" ::: "memory")

/* to[i] = from[i] ^ 0x80. Steps overlap at the end, so that none is short of 16 or 8 bytes where there are as many. */
INLINE void flip(uint8_t *to, const uint8_t *from, size_t n)
{
    const uint8x16_t sign = vdupq_n_u8(0x80);
    if (n >= 16) {
        for (size_t i = 0; i + 16 < n; i += 16) vst1q_u8(to + i, veorq_u8(vld1q_u8(from + i), sign));
        vst1q_u8(to + n - 16, veorq_u8(vld1q_u8(from + n - 16), sign));
    } else if (n >= 8) {
        vst1_u8(to, veor_u8(vld1_u8(from), vget_low_u8(sign)));
        vst1_u8(to + n - 8, veor_u8(vld1_u8(from + n - 8), vget_low_u8(sign)));
    } else {
        for (size_t i = 0; i < n; i++) to[i] = from[i] ^ 0x80;
    }
}

/* Bytes of a row, without the zeros that fill it up. */
INLINE size_t used_bytes(const crl_gemm *g)
{
    const crl_window *w = &g->window;
    return (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c;
}

/* All taps of a row, of `bytes` each, and zeros. */
INLINE void copy_row(uint8_t *to, const crl_gemm *g, const crl_gemm_block *block, int32_t row, size_t bytes)
{
    vst1q_u8(to + g->row_bytes - 16, vdupq_n_u8(0));
    for (int32_t t = 0; t < g->taps; t++, to += bytes) flip(to, block->pixel[(size_t)t * block->stride + (size_t)row], bytes);
}

/* Whether the pixels of the block follow each other in memory as they would in scratch: most products of 1 x 1. */
INLINE bool is_one_piece(const crl_gemm *g, const crl_gemm_block *block, size_t bytes)
{
    if (g->taps > 1 || bytes != g->row_bytes) return false;
    for (int32_t row = 1; row < block->n; row++)
        if (block->pixel[row] != block->pixel[0] + (size_t)row * bytes) return false;
    return true;
}

/* All rows of a block, one after the other. */
INLINE void copy_rows(uint8_t *to, const crl_gemm *g, const crl_gemm_block *block)
{
    const size_t bytes = used_bytes(g) / (size_t)g->taps;
    if (is_one_piece(g, block, bytes))
        flip(to, block->pixel[0], (size_t)block->n * bytes);
    else
        for (int32_t row = 0; row < block->n; row++, to += g->row_bytes) copy_row(to, g, block, row, bytes);
}

/* What becomes of a panel's outputs. */
typedef struct target {
    uint8_t *out; /* output 0 of the panel, row 0 of the block */
    size_t stride;
    crl_requant_clamp clamp;
} target;

INLINE target target_of(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block)
{
    return (target){ block->out + panel->first, g->out_stride, crl_requant_clamp_neon(&g->out) };
}

/* Four outputs of some rows: accumulators to results. p is for the EXACT forms. */
INLINE int32x4_t requant_x4(int32x4_t acc, crl_requant_x4 p, const crl_requant_lanes *q, int i, crl_requant_form form)
{
    if (form == CRL_REQUANT_REAL) return crl_requant_real_x4_neon(acc, q, i);
    if (form == CRL_REQUANT_FLOAT_ANY) return crl_requant_single_x4_neon(acc, vld1q_f32(q->u.f.a + 4 * i));
    return crl_requant_exact_x4_neon(acc, p, form == CRL_REQUANT_EXACT_ANY);
}

/* Accumulators of a tile of some rows by 4, 8 or 16 columns. Loops over it are unrolled, so that it lives in registers. */
typedef struct tile {
    int32x4_t r[4][4]; /* [rows][vectors] */
} tile;

INLINE void store_row(const int32x4_t *y, int vectors, uint8_t *out, size_t columns, crl_requant_clamp c)
{
    if (vectors == 1) {
        uint8_t bytes[8];
        vst1_u8(bytes, crl_requant_pack_neon(y[0], y[0], c));
        memcpy(out, bytes, columns);
        return;
    }
    const uint8x8_t lo = crl_requant_pack_neon(y[0], y[1], c);
    const uint8x8_t hi = vectors == 4 ? crl_requant_pack_neon(y[2], y[3], c) : lo;
    if (columns == (size_t)vectors * 4) {
        vst1_u8(out, lo);
        if (vectors == 4) vst1_u8(out + 8, hi);
    } else {
        uint8_t bytes[16];
        vst1q_u8(bytes, vcombine_u8(lo, hi));
        memcpy(out, bytes, columns);
    }
}

INLINE void finish_form(tile *t, int rows, int vectors, const crl_gemm_panel *panel, const target *to, uint8_t *out,
                        crl_requant_form form)
{
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
        const crl_requant_x4 p = crl_requant_x4_load(panel->lanes, v);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) t->r[r][v] = requant_x4(t->r[r][v], p, panel->lanes, v, form);
    }
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
        store_row(t->r[r], vectors, out + (size_t)r * to->stride, (size_t)panel->columns, to->clamp);
}

static __attribute__((noinline)) void store_sums(const tile *t, int rows, int vectors, const crl_gemm *g,
                                                 const crl_gemm_panel *panel, uint8_t *out)
{
    for (int r = 0; r < rows; r++) {
        int32_t acc[16];
        for (int v = 0; v < vectors; v++) vst1q_s32(acc + 4 * v, t->r[r][v]);
        crl_gemm_store_sums(g, panel, out + (size_t)r * g->out_stride, acc, 1, vectors * 4);
    }
}

INLINE void finish(tile *t, int rows, int vectors, const crl_gemm *g, const crl_gemm_panel *panel, const target *to, uint8_t *out)
{
    switch (panel->form) {
    case CRL_REQUANT_FLOAT_ANY: finish_form(t, rows, vectors, panel, to, out, CRL_REQUANT_FLOAT_ANY); break;
    case CRL_REQUANT_EXACT_CUT: finish_form(t, rows, vectors, panel, to, out, CRL_REQUANT_EXACT_CUT); break;
    case CRL_REQUANT_REAL: finish_form(t, rows, vectors, panel, to, out, CRL_REQUANT_REAL); break;
    case CRL_REQUANT_SUMS: store_sums(t, rows, vectors, g, panel, out); break;
    default: finish_form(t, rows, vectors, panel, to, out, CRL_REQUANT_EXACT_ANY);
    }
}

#endif
