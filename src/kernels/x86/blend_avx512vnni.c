/* SPDX-License-Identifier: Apache-2.0 */
/* 64 outputs a step. a and b are interleaved to pairs of 16 bits, so that vpmaddwd gives a*ka + b*kb; ka
 * and kb have up to 26 bits and go in two halves: high << 11 and low. */
#include "kernels/blend.h"

#include <immintrin.h>

typedef struct constants {
    __m512i high, low, offset, below, above, min, max;
    __m128i shift;
} constants;

static __m512i pair16(int32_t a, int32_t b)
{
    return _mm512_set1_epi32((int32_t)((uint32_t)b << 16 | ((uint32_t)a & 0xffff)));
}

/* `split` is a constant where it is called. */
static inline __attribute__((always_inline)) __m512i affine(__m512i ab, const constants *k, bool split)
{
    const __m512i high = _mm512_slli_epi32(_mm512_madd_epi16(ab, k->high), 11);
    const __m512i low = _mm512_add_epi32(_mm512_madd_epi16(ab, k->low), k->offset);
    __m512i v = _mm512_add_epi32(high, low);
    if (split) v = _mm512_add_epi32(v, _mm512_mask_blend_epi32(_mm512_movepi32_mask(v), k->above, k->below));
    return _mm512_sra_epi32(v, k->shift);
}

static inline __attribute__((always_inline)) __m512i blend64(__m512i a, __m512i b, const constants *k, bool split)
{
    const __m512i zero = _mm512_setzero_si512();
    const __m512i lo = _mm512_unpacklo_epi8(a, b), hi = _mm512_unpackhi_epi8(a, b);
    const __m512i w0 = _mm512_packs_epi32(affine(_mm512_unpacklo_epi8(lo, zero), k, split),
                                          affine(_mm512_unpackhi_epi8(lo, zero), k, split));
    const __m512i w1 = _mm512_packs_epi32(affine(_mm512_unpacklo_epi8(hi, zero), k, split),
                                          affine(_mm512_unpackhi_epi8(hi, zero), k, split));
    return _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(w0, w1), k->min), k->max);
}

static inline __attribute__((always_inline)) void all_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                                            const constants *k, bool split)
{
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        const __m512i va = _mm512_loadu_si512(a + i), vb = _mm512_loadu_si512(b + i);
        _mm512_storeu_si512(out + i, blend64(va, vb, k, split));
    }
    if (i < n) {
        const __mmask64 tail = ~UINT64_C(0) >> (64 - (n - i));
        const __m512i va = _mm512_maskz_loadu_epi8(tail, a + i), vb = _mm512_maskz_loadu_epi8(tail, b + i);
        _mm512_mask_storeu_epi8(out + i, tail, blend64(va, vb, k, split));
    }
}

void crl_blend_u8_avx512vnni(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend *c)
{
    const constants k = {
        .high = pair16(c->ka >> 11, c->kb >> 11),
        .low = pair16(c->ka & 0x7ff, c->kb & 0x7ff),
        .offset = _mm512_set1_epi32(c->offset),
        .below = _mm512_set1_epi32(c->below),
        .above = _mm512_set1_epi32(c->above),
        .min = _mm512_set1_epi8((char)c->min),
        .max = _mm512_set1_epi8((char)c->max),
        .shift = _mm_cvtsi32_si128(c->shift),
    };
    if (c->split)
        all_steps(out, a, b, n, &k, true);
    else
        all_steps(out, a, b, n, &k, false);
}
