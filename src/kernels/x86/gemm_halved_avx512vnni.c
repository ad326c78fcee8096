/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm kernels with vpdpbusd on 512 bits for halved panels: tiles of 12 rows x 24 columns and 8 x 40. The last 8
 * columns lie in both halves of a vector, which multiplies the pixels of two rows, blended. That is three products for two
 * rows of 24 columns, and five for two of 40, where whole vectors take four and six. */
#include "kernels/x86/gemm_zmm.h"

/* What pairs of rows share. */
typedef struct shared {
    __m512i h0, h2, h4, h6, h8, h10;
} shared;

INLINE void pair_step(vectors *a, vectors *b, __m512i *half, int n, __m512i xa, __m512i xb, vectors w, __m512i wh)
{
    row_step(a, n, xa, w);
    row_step(b, n, xb, w);
    *half = dot(*half, _mm512_mask_blend_epi32(0xff00, xa, xb), wh);
}

INLINE void halved_step(tile *t, shared *h, int rows, int n, pixels p, const int8_t *w, __mmask16 exist)
{
    const size_t s = p.step;
    const vectors whole = load_vectors(w, n);
    const __m512i half = _mm512_load_si512(w + n * 64);
    pair_step(&t->r0, &t->r1, &h->h0, n, read(p.p0, exist), read(p.p0 + s, exist), whole, half);
    pair_step(&t->r2, &t->r3, &h->h2, n, read(p.p0 + 2 * s, exist), read(p.p3, exist), whole, half);
    if (rows <= 4) return;
    pair_step(&t->r4, &t->r5, &h->h4, n, read(p.p3 + s, exist), read(p.p3 + 2 * s, exist), whole, half);
    pair_step(&t->r6, &t->r7, &h->h6, n, read(p.p6, exist), read(p.p6 + s, exist), whole, half);
    if (rows <= 8) return;
    pair_step(&t->r8, &t->r9, &h->h8, n, read(p.p6 + 2 * s, exist), read(p.p9, exist), whole, half);
    pair_step(&t->r10, &t->r11, &h->h10, n, read(p.p9 + s, exist), read(p.p9 + 2 * s, exist), whole, half);
}

INLINE void requant_one(__m512i *acc, const crl_gemm_panel *panel, int v, bool any, int32_t z)
{
    const crl_requant_form plain = any ? CRL_REQUANT_FLOAT_ANY : CRL_REQUANT_FLOAT_CUT;
    const __m512i y = crl_requant_x16_avx512(*acc, panel->lanes + v, plain, z);
    *acc = panel->forms[v] == plain ? y : crl_requant_patch_x16_avx512(y, *acc, panel->lanes + v);
}

/* Four rows of vectors. */
INLINE void requant_four(vectors *a, vectors *b, vectors *c, vectors *d, __m512i *h0, __m512i *h2, int n,
                         const crl_gemm_panel *panel, bool any, int32_t z)
{
    requant_one(&a->v0, panel, 0, any, z);
    requant_one(&b->v0, panel, 0, any, z);
    requant_one(&c->v0, panel, 0, any, z);
    requant_one(&d->v0, panel, 0, any, z);
    if (n > 1) requant_one(&a->v1, panel, 1, any, z);
    if (n > 1) requant_one(&b->v1, panel, 1, any, z);
    if (n > 1) requant_one(&c->v1, panel, 1, any, z);
    if (n > 1) requant_one(&d->v1, panel, 1, any, z);
    requant_one(h0, panel, n, any, z);
    requant_one(h2, panel, n, any, z);
}

/* The rows at `out`, of which the first `count` are wanted. */
INLINE void store_four(vectors a, vectors b, vectors c, vectors d, __m512i h0, __m512i h2, int n, target to, uint8_t *out,
                       int count)
{
    const size_t s = to.stride;
    target whole = to;
    whole.full = true;
    if (n == 1) {
        store_group(a.v0, b.v0, c.v0, d.v0, 1, whole, out, 0, count);
    } else {
        store_group(a.v0, a.v1, b.v0, b.v1, 2, whole, out, 0, count);
        if (count > 2) store_group(c.v0, c.v1, d.v0, d.v1, 2, whole, out + 2 * s, 0, count - 2);
    }
    /* Four bytes of h0 and four of h2 in each lane: rows 0 and 2 in the lower lanes, 1 and 3 in the upper ones. */
    __m512i y = crl_requant_pack_avx512(h0, h2, h0, h2);
    y = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 0, 0, 0, 0, 0, 0, 0, 0), y);
    if (to.clamped) y = _mm512_min_epu8(_mm512_max_epu8(y, to.min), to.max);
    const __m128i y01 = _mm512_castsi512_si128(y), y23 = _mm512_extracti32x4_epi32(y, 1);
    out += 16 * n;
    if (to.full) {
        _mm_storel_epi64((__m128i *)out, y01);
        if (count > 1) _mm_storeh_pi((__m64 *)(void *)(out + s), _mm_castsi128_ps(y01));
        if (count > 2) _mm_storel_epi64((__m128i *)(out + 2 * s), y23);
        if (count > 3) _mm_storeh_pi((__m64 *)(void *)(out + 3 * s), _mm_castsi128_ps(y23));
    } else {
        const __mmask16 mask = (__mmask16)(to.mask >> (16 * n));
        _mm_mask_storeu_epi8(out, mask, y01);
        if (count > 1) _mm_mask_storeu_epi8(out + s, mask, _mm_unpackhi_epi64(y01, y01));
        if (count > 2) _mm_mask_storeu_epi8(out + 2 * s, mask, y23);
        if (count > 3) _mm_mask_storeu_epi8(out + 3 * s, mask, _mm_unpackhi_epi64(y23, y23));
    }
}

/* Four rows whose lanes have no float form. */
static __attribute__((noinline)) void finish_four_exact(__m512i acc[10], int n, const crl_gemm_panel *panel, const target *to,
                                                        uint8_t *out, int count)
{
    for (int v = 0; v < n; v++) requant_memory(acc + 4 * v, 4, 1, panel->lanes + v, panel->forms[v], to->zero);
    requant_memory(acc + 8, 2, 1, panel->lanes + n, panel->forms[n], to->zero);
    const vectors a = { .v0 = acc[0], .v1 = acc[4] }, b = { .v0 = acc[1], .v1 = acc[5] };
    const vectors c = { .v0 = acc[2], .v1 = acc[6] }, d = { .v0 = acc[3], .v1 = acc[7] };
    if (n == 1)
        store_four(a, b, c, d, acc[8], acc[9], 1, *to, out, count);
    else
        store_four(a, b, c, d, acc[8], acc[9], 2, *to, out, count);
}

INLINE void finish_four(vectors a, vectors b, vectors c, vectors d, __m512i h0, __m512i h2, int n,
                        const crl_gemm_panel *panel, const target *to, uint8_t *out, int count)
{
    if (!is_float(panel)) {
        __m512i acc[10] = { a.v0, b.v0, c.v0, d.v0, a.v1, b.v1, c.v1, d.v1, h0, h2 };
        finish_four_exact(acc, n, panel, to, out, count);
        return;
    }
    if (is_any(panel))
        requant_four(&a, &b, &c, &d, &h0, &h2, n, panel, true, to->zero);
    else
        requant_four(&a, &b, &c, &d, &h0, &h2, n, panel, false, to->zero);
    store_four(a, b, c, d, h0, h2, n, *to, out, count);
}

/* `rows` from `row` on, all equally far apart; of four the first `count` are wanted. */
INLINE void multiply_tile(int rows, int n, const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block,
                          int32_t row, size_t step, int count, const target *to)
{
    const int8_t *w = panel->weights;
    const size_t step_bytes = (size_t)(n + 1) * 64;
    const uint8_t *first = block->first + (size_t)row * block->step;
    const vectors bias = load_vectors(panel->bias, n);
    const __m512i bias_h = _mm512_load_si512(panel->bias + 16 * n);
    tile t = { bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias, bias };
    shared h = { bias_h, bias_h, bias_h, bias_h, bias_h, bias_h };
    for (int32_t i = 0; i < g->taps; i++) {
        pixels p = pixels_at(first + block->taps[i], step);
        for (int32_t k = 0; k < g->steps; k++, w += step_bytes) {
            halved_step(&t, &h, rows, n, p, w, 0xf);
            p.p0 += 4, p.p3 += 4, p.p6 += 4, p.p9 += 4;
        }
    }
    for (int32_t e = 0; e < panel->n_extra; e++, w += step_bytes) {
        const crl_gemm_extra x = panel->extra[e];
        const pixels p = pixels_at(first + block->taps[x.tap] + x.channel, step);
        if (x.channels == 4)
            halved_step(&t, &h, rows, n, p, w, 0xf);
        else
            halved_step(&t, &h, rows, n, p, w, (__mmask16)((1 << x.channels) - 1));
    }
    uint8_t *out = to->out + (size_t)row * to->stride;
    finish_four(t.r0, t.r1, t.r2, t.r3, h.h0, h.h2, n, panel, to, out, count);
    if (rows > 4) finish_four(t.r4, t.r5, t.r6, t.r7, h.h4, h.h6, n, panel, to, out + 4 * to->stride, 4);
    if (rows > 8) finish_four(t.r8, t.r9, t.r10, t.r11, h.h8, h.h10, n, panel, to, out + 8 * to->stride, 4);
}

static int32_t multiply_12x24(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                              const target *to)
{
    for (; row + 12 <= block->n; row += 12) multiply_tile(12, 1, g, panel, block, row, block->step, 4, to);
    return row;
}

static void multiply_4x24(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                          size_t step, int count, const target *to)
{
    multiply_tile(4, 1, g, panel, block, row, step, count, to);
}

static int32_t multiply_8x40(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                             const target *to)
{
    for (; row + 8 <= block->n; row += 8) multiply_tile(8, 2, g, panel, block, row, block->step, 4, to);
    return row;
}

static void multiply_4x40(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                          size_t step, int count, const target *to)
{
    multiply_tile(4, 2, g, panel, block, row, step, count, to);
}

void crl_gemm_halved_avx512vnni(const crl_gemm *g, const crl_gemm_block *block, const crl_gemm_panel *panel)
{
    const bool narrow = panel->vectors == 2;
    target to = target_of(g, panel, block);
    to.full = panel->columns == (narrow ? 24 : 40);
    int32_t row = narrow ? multiply_12x24(g, panel, block, 0, &to) : multiply_8x40(g, panel, block, 0, &to);
    while (row < block->n) {
        /* Four rows are made: of fewer, those before are made again, or the one is made four times. */
        const bool alone = block->n < 4;
        if (!alone && row > block->n - 4) row = block->n - 4;
        (narrow ? multiply_4x24 : multiply_4x40)(g, panel, block, row, alone ? 0 : block->step, alone ? 1 : 4, &to);
        row += alone ? 1 : 4;
    }
}
