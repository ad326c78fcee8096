/* SPDX-License-Identifier: Apache-2.0 */
/* Four rows by 16 columns at a time. Past the last row its results are computed again. */
#include <immintrin.h>

#include "kernels/matmul8_frame.h"
#include "kernels/x86/requant_avx2.h"

struct scaling {
    __m256i mult, right, half, zero;
    __m128i left, min, max, flip;
    crl_requant_form form; /* EXACT_ANY, or that of the lanes */
    int32_t out_zero;
    _Alignas(64) crl_requant_lanes lanes;
};

/* The roundings of crl_requant_x8_avx2, form EXACT_ANY. */
static inline __m256i scaled(__m256i acc, const scaling *s)
{
    if (s->form == CRL_REQUANT_REAL) return crl_requant_x8_avx2(acc, &s->lanes, 0, CRL_REQUANT_REAL, s->out_zero);
    if (s->form == CRL_REQUANT_FLOAT_ANY) return crl_requant_x8_avx2(acc, &s->lanes, 0, CRL_REQUANT_FLOAT_ANY, s->out_zero);
    const __m256i x = _mm256_sll_epi32(acc, s->left), nudge = _mm256_set1_epi64x(1 << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, s->mult), nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), s->mult), nudge);
    __m256i v = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
    v = _mm256_sub_epi32(v, _mm256_min_epi32(_mm256_srli_epi32(acc, 31), s->half));
    return _mm256_add_epi32(_mm256_srav_epi32(_mm256_add_epi32(v, s->half), s->right), s->zero);
}

static inline void store16(int8_t *out, __m256i lo, __m256i hi, size_t n, const scaling *s)
{
    const __m256i w = _mm256_permute4x64_epi64(_mm256_packs_epi32(scaled(lo, s), scaled(hi, s)), 0xD8);
    const __m128i v = _mm_packs_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
    const __m128i y = _mm_xor_si128(_mm_min_epi8(_mm_max_epi8(v, s->min), s->max), s->flip);
    if (n == 16) {
        _mm_storeu_si128((__m128i *)out, y);
    } else {
        int8_t part[16];
        _mm_storeu_si128((__m128i *)part, y);
        memcpy(out, part, n);
    }
}

static inline __m256i pair_of(const int16_t *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm256_set1_epi32(pair);
}

static void block(int8_t *const out[4], const int16_t *const a[4], const int16_t *b, size_t pairs, size_t columns, size_t n,
                  const int32_t bias[16], const scaling *s)
{
    __m256i l0 = _mm256_loadu_si256((const __m256i *)bias), h0 = _mm256_loadu_si256((const __m256i *)(bias + 8));
    __m256i l1 = l0, h1 = h0, l2 = l0, h2 = h0, l3 = l0, h3 = h0;
    const int16_t *const a0 = a[0], *const a1 = a[1], *const a2 = a[2], *const a3 = a[3];
    for (size_t k = 0; k < pairs; k++, b += 2 * columns) {
        const __m256i lo = _mm256_loadu_si256((const __m256i *)b), hi = _mm256_loadu_si256((const __m256i *)(b + 16));
        const __m256i x0 = pair_of(a0 + 2 * k), x1 = pair_of(a1 + 2 * k), x2 = pair_of(a2 + 2 * k), x3 = pair_of(a3 + 2 * k);
        l0 = _mm256_add_epi32(l0, _mm256_madd_epi16(lo, x0));
        h0 = _mm256_add_epi32(h0, _mm256_madd_epi16(hi, x0));
        l1 = _mm256_add_epi32(l1, _mm256_madd_epi16(lo, x1));
        h1 = _mm256_add_epi32(h1, _mm256_madd_epi16(hi, x1));
        l2 = _mm256_add_epi32(l2, _mm256_madd_epi16(lo, x2));
        h2 = _mm256_add_epi32(h2, _mm256_madd_epi16(hi, x2));
        l3 = _mm256_add_epi32(l3, _mm256_madd_epi16(lo, x3));
        h3 = _mm256_add_epi32(h3, _mm256_madd_epi16(hi, x3));
    }
    store16(out[0], l0, h0, n, s);
    store16(out[1], l1, h1, n, s);
    store16(out[2], l2, h2, n, s);
    store16(out[3], l3, h3, n, s);
}

void crl_matmul8_avx2(int8_t *out, const int8_t *a, const int8_t *b, const crl_matmul8 *p, size_t first, size_t end, void *scratch)
{
    const crl_matmul *m = &p->m;
    const crl_requant *q = &m->out;
    const crl_scale scale = q->scale ? *q->scale : (crl_scale){ 0, 0 };
    const int32_t left = scale.shift > 0 ? scale.shift : 0, right = scale.shift > 0 ? 0 : -scale.shift;
    scaling s = { .mult = _mm256_set1_epi32(scale.mult), .right = _mm256_set1_epi32(right),
                  .half = _mm256_set1_epi32(right ? (int32_t)(UINT32_C(1) << (right - 1)) : 0),
                  .zero = _mm256_set1_epi32(q->zero_point), .left = _mm_cvtsi32_si128(left), .min = _mm_set1_epi8((char)q->min),
                  .max = _mm_set1_epi8((char)q->max), .flip = _mm_set1_epi8((char)p->flip), .out_zero = q->zero_point };
    s.form = lanes_of(&s.lanes, q);
    run_batch(out, a, b, p, first, end, scratch, &s);
}
