/* SPDX-License-Identifier: Apache-2.0 */
/* 32 quotients a step: products of even and of odd elements, in 64 bits. Terms are gathered. */
#include <immintrin.h>

#include "kernels/softmax8.h"

typedef struct constants {
    __m256i scale, nudge, half;
    __m128i shift;
} constants;

static inline __m256i quotient(const int32_t *exp, const constants *k)
{
    const __m256i e = _mm256_loadu_si256((const __m256i *)exp);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epu32(e, k->scale), k->nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(e, 32), k->scale), k->nudge);
    const __m256i product = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
    return _mm256_srl_epi32(_mm256_add_epi32(product, k->half), k->shift);
}

void crl_softmax8_quotients_avx2(uint8_t *out, const int32_t *exp, size_t n, crl_quotient8 q, uint8_t flip)
{
    const constants k = { _mm256_set1_epi32(q.scale), _mm256_set1_epi64x(1 << 30),
                          _mm256_set1_epi32((int32_t)(UINT32_C(1) << (q.shift - 1))), _mm_cvtsi32_si128(q.shift) };
    const __m256i flips = _mm256_set1_epi8((char)flip), order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i a = _mm256_packs_epi32(quotient(exp + i, &k), quotient(exp + i + 8, &k));
        const __m256i b = _mm256_packs_epi32(quotient(exp + i + 16, &k), quotient(exp + i + 24, &k));
        const __m256i v = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order);
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_xor_si256(v, flips));
    }
    for (; i + 8 <= n; i += 8) {
        const __m256i a = _mm256_packs_epi32(quotient(exp + i, &k), _mm256_setzero_si256());
        const __m256i v = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, a), order);
        _mm_storel_epi64((__m128i *)(out + i), _mm_xor_si128(_mm256_castsi256_si128(v), _mm256_castsi256_si128(flips)));
    }
    crl_softmax8_quotients_ref(out + i, exp + i, n - i, q, flip);
}

/* (a * b + 2^30) >> 31, in 64 bits. */
static inline __m256i mul_high(__m256i a, __m256i b)
{
    const __m256i nudge = _mm256_set1_epi64x(1 << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(a, b), nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32)), nudge);
    return _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
}

/* crl_fixed_reciprocal_1p; of its shifts only the last one can saturate, where x is 0 or hardly more. */
static inline __m256i reciprocal(__m256i x)
{
    const __m256i c48_17 = _mm256_set1_epi32(1515870810), minus32_17 = _mm256_set1_epi32(-1010580540);
    const __m256i one = _mm256_set1_epi32(1 << 29), most = _mm256_set1_epi32(INT32_MAX >> 1);
    const __m256i half = _mm256_srli_epi32(_mm256_xor_si256(x, _mm256_set1_epi32(INT32_MIN)), 1);
    __m256i y = _mm256_add_epi32(c48_17, mul_high(half, minus32_17));
    for (int i = 0; i < 3; i++) {
        const __m256i error = _mm256_sub_epi32(one, mul_high(half, y));
        y = _mm256_add_epi32(y, _mm256_slli_epi32(mul_high(y, error), 2));
    }
    return _mm256_blendv_epi8(_mm256_slli_epi32(y, 1), _mm256_set1_epi32(INT32_MAX), _mm256_cmpgt_epi32(y, most));
}

void crl_softmax8_reciprocals_avx2(int32_t y[CRL_SOFTMAX8_BLOCK], const int32_t x[CRL_SOFTMAX8_BLOCK])
{
    for (int i = 0; i < CRL_SOFTMAX8_BLOCK; i += 8)
        _mm256_storeu_si256((__m256i *)(y + i), reciprocal(_mm256_loadu_si256((const __m256i *)(x + i))));
}

uint64_t crl_softmax8_sum_avx2(const uint8_t *in, size_t n, int32_t max, const crl_softmax8 *p)
{
    enum { MOST = 4096 }; /* terms that a lane can add up in 32 bits */
    const int32_t *term = (const int32_t *)p->term + 255 - max;
    const __m128i flips = _mm_set1_epi8((char)p->in_flip);
    uint64_t all = 0;
    size_t i = 0;
    while (i + 8 <= n) {
        __m256i sum = _mm256_setzero_si256();
        for (const size_t end = n - i < 8 * MOST ? n : i + 8 * MOST; i + 8 <= end; i += 8) {
            const __m128i x = _mm_xor_si128(_mm_loadl_epi64((const __m128i *)(in + i)), flips);
            sum = _mm256_add_epi32(sum, _mm256_i32gather_epi32(term, _mm256_cvtepu8_epi32(x), 4));
        }
        uint32_t lane[8];
        _mm256_storeu_si256((__m256i *)lane, sum);
        for (int k = 0; k < 8; k++) all += lane[k];
    }
    return all + crl_softmax8_sum_ref(in + i, n - i, max, p);
}
