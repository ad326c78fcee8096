/* SPDX-License-Identifier: Apache-2.0 */
/* 16 numbers a step, step by step as in fixed16.c. vpmulhrsw is its product but for -1 times -1, which does not occur: one
 * factor is never negative. */
#include "kernels/fixed16.h"

#include <immintrin.h>
#include <string.h>

static inline __m256i all(int32_t x)
{
    return _mm256_set1_epi16((int16_t)x);
}

static inline __m256i mul(__m256i a, __m256i b)
{
    return _mm256_mulhrs_epi16(a, b);
}

static inline __m256i times4(__m256i x)
{
    const __m256i twice = _mm256_adds_epi16(x, x);
    return _mm256_adds_epi16(twice, twice);
}

static inline __m256i exp_of_quarter(__m256i a)
{
    const __m256i exp_minus_eighth = all(28918), third = all(10923);
    const __m256i x = _mm256_add_epi16(a, all(1 << 12));
    const __m256i x2 = mul(x, x), x3 = mul(x2, x), x4 = mul(x2, x2);
    const __m256i x4_4 = _mm256_srai_epi16(_mm256_add_epi16(x4, all(2)), 2); /* x4 is not negative */
    __m256i tail = _mm256_add_epi16(mul(_mm256_add_epi16(x4_4, x3), third), x2);
    /* Half of it, ties away from zero: one more, unless it is negative. */
    tail = _mm256_srai_epi16(_mm256_add_epi16(_mm256_add_epi16(tail, all(1)), _mm256_srai_epi16(tail, 15)), 1);
    return _mm256_adds_epi16(exp_minus_eighth, mul(exp_minus_eighth, _mm256_add_epi16(x, tail)));
}

/* x <= 0. */
static inline __m256i exp_of_negative(__m256i x, int32_t bits)
{
    static const int16_t powers[] = { 25520, 19875, 12055, 4435, 600, 11, 0 };
    const __m256i quarter = all(1 << (13 - bits));
    const __m256i low = _mm256_sub_epi16(_mm256_and_si256(x, all((1 << (13 - bits)) - 1)), quarter);
    const __m256i rest = _mm256_sub_epi16(low, x);
    __m256i result = exp_of_quarter(_mm256_sll_epi16(low, _mm_cvtsi32_si128(bits)));
    for (int32_t k = 0; k < 7 && k - 2 < bits; k++) {
        const __m256i taken = _mm256_srai_epi16(_mm256_sll_epi16(rest, _mm_cvtsi32_si128(2 + bits - k)), 15);
        result = _mm256_blendv_epi8(result, mul(result, all(powers[k])), taken);
    }
    if (bits > 5) result = _mm256_andnot_si256(_mm256_cmpgt_epi16(all(-(1 << (20 - bits))), x), result);
    return _mm256_blendv_epi8(result, all(INT16_MAX), _mm256_cmpeq_epi16(x, _mm256_setzero_si256()));
}

static inline __m256i reciprocal_of_half(__m256i x)
{
    const __m256i half = _mm256_avg_epu16(x, all(INT16_MAX));
    __m256i y = _mm256_add_epi16(all(23130), mul(half, all(-15420)));
    for (int i = 0; i < 3; i++) {
        const __m256i error = _mm256_sub_epi16(all(1 << 13), mul(half, y));
        y = _mm256_add_epi16(y, times4(mul(y, error)));
    }
    return y;
}

static inline __m256i minus_abs(__m256i x)
{
    return _mm256_min_epi16(x, _mm256_sub_epi16(_mm256_setzero_si256(), x));
}

static inline __m256i logistic(__m256i x, int32_t bits)
{
    const __m256i zero = _mm256_setzero_si256();
    const __m256i r = reciprocal_of_half(exp_of_negative(minus_abs(x), bits)), y = _mm256_adds_epi16(r, r);
    const __m256i v = _mm256_blendv_epi8(_mm256_sub_epi16(all(INT16_MAX), y), y, _mm256_cmpgt_epi16(x, zero));
    return _mm256_blendv_epi8(v, all(1 << 14), _mm256_cmpeq_epi16(x, zero));
}

static inline __m256i tanh_of(__m256i x, int32_t bits)
{
    const __m256i r = reciprocal_of_half(exp_of_negative(minus_abs(x), bits + 1));
    return _mm256_sign_epi16(times4(_mm256_sub_epi16(r, all(1 << 13))), x);
}

void crl_logistic16_avx2(int16_t *out, const int16_t *in, size_t n, int32_t bits)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(out + i), logistic(_mm256_loadu_si256((const __m256i *)(in + i)), bits));
    if (i == n) return;
    int16_t tail[16] = { 0 };
    memcpy(tail, in + i, (n - i) * sizeof *in);
    _mm256_storeu_si256((__m256i *)tail, logistic(_mm256_loadu_si256((const __m256i *)tail), bits));
    memcpy(out + i, tail, (n - i) * sizeof *out);
}

void crl_tanh16_avx2(int16_t *out, const int16_t *in, size_t n, int32_t bits)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(out + i), tanh_of(_mm256_loadu_si256((const __m256i *)(in + i)), bits));
    if (i == n) return;
    int16_t tail[16] = { 0 };
    memcpy(tail, in + i, (n - i) * sizeof *in);
    _mm256_storeu_si256((__m256i *)tail, tanh_of(_mm256_loadu_si256((const __m256i *)tail), bits));
    memcpy(out + i, tail, (n - i) * sizeof *out);
}
