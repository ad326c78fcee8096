/* SPDX-License-Identifier: Apache-2.0 */
/* 32 outputs a step. a and b are interleaved to pairs of 16 bits, so that vpmaddwd gives a*ka + b*kb; ka
 * and kb have up to 26 bits and go in two halves: high << 11 and low. */
#include "kernels/blend.h"

#include <immintrin.h>

#include "kernels/x86/requant_avx2.h"

typedef struct constants {
    __m256i high, low, offset, below, above, min, max;
    __m128i shift;
} constants;

static __m256i pair16(int32_t a, int32_t b)
{
    return _mm256_set1_epi32((int32_t)((uint32_t)b << 16 | ((uint32_t)a & 0xffff)));
}

/* `split` is a constant where it is called. */
static inline __attribute__((always_inline)) __m256i affine(__m256i ab, const constants *k, bool split)
{
    const __m256i high = _mm256_slli_epi32(_mm256_madd_epi16(ab, k->high), 11);
    const __m256i low = _mm256_add_epi32(_mm256_madd_epi16(ab, k->low), k->offset);
    __m256i v = _mm256_add_epi32(high, low);
    if (split) v = _mm256_add_epi32(v, _mm256_blendv_epi8(k->above, k->below, _mm256_srai_epi32(v, 31)));
    return _mm256_sra_epi32(v, k->shift);
}

static inline __attribute__((always_inline)) __m256i blend32(__m256i a, __m256i b, const constants *k, bool split)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i lo = _mm256_unpacklo_epi8(a, b), hi = _mm256_unpackhi_epi8(a, b);
    const __m256i w0 = _mm256_packs_epi32(affine(_mm256_unpacklo_epi8(lo, zero), k, split),
                                          affine(_mm256_unpackhi_epi8(lo, zero), k, split));
    const __m256i w1 = _mm256_packs_epi32(affine(_mm256_unpacklo_epi8(hi, zero), k, split),
                                          affine(_mm256_unpackhi_epi8(hi, zero), k, split));
    return _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(w0, w1), k->min), k->max);
}

static inline __attribute__((always_inline)) size_t whole_steps(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                                                const constants *k, bool split)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i va = _mm256_loadu_si256((const __m256i *)(a + i)), vb = _mm256_loadu_si256((const __m256i *)(b + i));
        _mm256_storeu_si256((__m256i *)(out + i), blend32(va, vb, k, split));
    }
    return i;
}

void crl_blend_u8_avx2(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend *c)
{
    const constants k = {
        .high = pair16(c->ka >> 11, c->kb >> 11),
        .low = pair16(c->ka & 0x7ff, c->kb & 0x7ff),
        .offset = _mm256_set1_epi32(c->offset),
        .below = _mm256_set1_epi32(c->below),
        .above = _mm256_set1_epi32(c->above),
        .min = _mm256_set1_epi8((char)c->min),
        .max = _mm256_set1_epi8((char)c->max),
        .shift = _mm_cvtsi32_si128(c->shift),
    };
    const size_t i = c->split ? whole_steps(out, a, b, n, &k, true) : whole_steps(out, a, b, n, &k, false);
    crl_blend_u8_ref(out + i, a + i, b + i, n - i, c);
}

static inline __m256i sum8(const uint8_t *a, const uint8_t *b, const crl_blend_target *t, const crl_requant_lanes *lanes)
{
    const __m256i ia = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)a));
    const __m256i ib = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)b));
    const __m256i x = _mm256_add_epi32(_mm256_i32gather_epi32(t->fa, ia, 4), _mm256_i32gather_epi32(t->fb, ib, 4));
    return crl_requant_x8_avx2(x, lanes, 0, CRL_REQUANT_EXACT_ANY, t->zero);
}

static void fill_lanes(crl_requant_lanes *lanes, crl_scale scale)
{
    for (int i = 0; i < 16; i++) {
        lanes->mult[i] = scale.mult;
        lanes->right[i] = -scale.shift;
        lanes->half[i] = scale.shift < 0 ? 1 << (-scale.shift - 1) : 0;
    }
}

void crl_blend_sum_u8_avx2(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_target *t)
{
    _Alignas(64) crl_requant_lanes lanes = { 0 };
    fill_lanes(&lanes, t->scale);
    const __m128i min = _mm_set1_epi8((char)t->min), max = _mm_set1_epi8((char)t->max);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i v = _mm256_packs_epi32(sum8(a + i, b + i, t, &lanes), sum8(a + i + 8, b + i + 8, t, &lanes));
        const __m256i w = _mm256_permute4x64_epi64(v, 0xD8);
        const __m128i y = _mm_packus_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
        _mm_storeu_si128((__m128i *)(out + i), _mm_min_epu8(_mm_max_epu8(y, min), max));
    }
    crl_blend_sum_u8_ref(out + i, a + i, b + i, n - i, t);
}

static int32_t greatest(__m256i v)
{
    const __m128i a = _mm_max_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    const __m128i b = _mm_max_epi32(a, _mm_shuffle_epi32(a, _MM_SHUFFLE(1, 0, 3, 2)));
    return _mm_cvtsi128_si32(_mm_max_epi32(b, _mm_shuffle_epi32(b, _MM_SHUFFLE(2, 3, 0, 1))));
}

void crl_blend_bounds_avx2(const crl_blend *c, const crl_blend_target *t, crl_blend_side side, int64_t *low, int64_t *high)
{
    _Alignas(64) crl_requant_lanes lanes = { 0 };
    fill_lanes(&lanes, t->scale);
    const __m256i min = _mm256_set1_epi32(t->min), max = _mm256_set1_epi32(t->max);
    const __m256i none = _mm256_set1_epi32(INT32_MIN), eight = _mm256_set1_epi32(8 * c->kb);
    const __m256i columns = _mm256_mullo_epi32(_mm256_set1_epi32(c->kb), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    const __m256i all = _mm256_set1_epi32(side == CRL_BLEND_ALL ? -1 : 0);
    const __m256i over = _mm256_set1_epi32(side == CRL_BLEND_ABOVE ? -1 : 0);
    const __m128i shift = _mm_cvtsi32_si128(c->shift);
    __m256i least = none, most = none; /* most: of what is to be negated, so that both are greatest values */
    *low = INT64_MIN;
    *high = INT64_MAX;
    for (int32_t row = 0; row < 256 && *low <= *high; row++) {
        const int32_t a = crl_blend_row(row);
        const __m256i fa = _mm256_set1_epi32(t->fa[a]);
        __m256i v = _mm256_add_epi32(columns, _mm256_set1_epi32(a * c->ka));
        for (int32_t b = 0; b < 256; b += 8, v = _mm256_add_epi32(v, eight)) {
            const __m256i x = _mm256_add_epi32(fa, _mm256_loadu_si256((const __m256i *)(t->fb + b)));
            __m256i y = crl_requant_x8_avx2(x, &lanes, 0, CRL_REQUANT_EXACT_ANY, t->zero);
            y = _mm256_min_epi32(_mm256_max_epi32(y, min), max);
            const __m256i from = _mm256_sub_epi32(_mm256_sll_epi32(y, shift), v);
            const __m256i asked = _mm256_or_si256(_mm256_xor_si256(_mm256_srai_epi32(x, 31), over), all);
            const __m256i rises = _mm256_and_si256(asked, _mm256_cmpgt_epi32(y, min));
            const __m256i falls = _mm256_and_si256(asked, _mm256_cmpgt_epi32(max, y));
            least = _mm256_max_epi32(least, _mm256_blendv_epi8(none, from, rises));
            const __m256i minus = _mm256_sub_epi32(_mm256_setzero_si256(), from);
            most = _mm256_max_epi32(most, _mm256_blendv_epi8(none, minus, falls));
        }
        const int32_t l = greatest(least), m = greatest(most);
        if (l != INT32_MIN) *low = l;
        if (m != INT32_MIN) *high = (INT64_C(1) << c->shift) - 1 - m;
    }
}
