/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of 16-bit numbers, 16 a step. */
#include "kernels/row16.h"

#include "kernels/element.h"
#include "kernels/x86/requant_avx2.h"

/* 16 numbers, or one for all. */
CRL_INLINE __m256i load(const int16_t *p, size_t i, size_t step)
{
    return step ? _mm256_loadu_si256((const __m256i *)(p + i)) : _mm256_set1_epi16(*p);
}

/* Two vectors of results in the order in which packing takes them. */
CRL_INLINE void store(int16_t *out, __m256i lo, __m256i hi, const crl_row16 *r)
{
    const __m256i min = _mm256_set1_epi16((int16_t)r->min), max = _mm256_set1_epi16((int16_t)r->max);
    _mm256_storeu_si256((__m256i *)out, _mm256_min_epi16(_mm256_max_epi16(_mm256_packs_epi32(lo, hi), min), max));
}

CRL_INLINE __m256i scaled(__m256i v, const crl_requant_lanes *lanes)
{
    return crl_requant_x8_avx2(v, lanes, 0, CRL_REQUANT_EXACT_ANY, 0);
}

/* x * 2^15 of the lower or upper half of each 128 bits. */
CRL_INLINE __m256i lower(__m256i v)
{
    return _mm256_srai_epi32(_mm256_unpacklo_epi16(_mm256_setzero_si256(), v), 1);
}

CRL_INLINE __m256i upper(__m256i v)
{
    return _mm256_srai_epi32(_mm256_unpackhi_epi16(_mm256_setzero_si256(), v), 1);
}

CRL_INLINE __m256i add(__m256i a, __m256i b, const crl_row16 *r)
{
    const __m256i x = scaled(a, &r->a), y = scaled(b, &r->b);
    return scaled(r->u.sum.subtract ? _mm256_sub_epi32(x, y) : _mm256_add_epi32(x, y), &r->out);
}

CRL_INLINE size_t sums(int16_t *out, const int16_t *a, size_t step_a, const int16_t *b, size_t step_b, size_t n, const crl_row16 *r)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i x = load(a, i, step_a), y = load(b, i, step_b);
        store(out + i, add(lower(x), lower(y), r), add(upper(x), upper(y), r), r);
    }
    return i;
}

void crl_sum16_avx2(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const crl_row16 *r = params;
    const size_t i = sums(out, a, step_a, b, step_b, n, r);
    crl_sum_s16_ref((int16_t *)out + i, (const int16_t *)a + i * step_a, step_a, (const int16_t *)b + i * step_b, step_b, n - i, &r->u.sum);
}

void crl_product16_avx2(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const crl_row16 *r = params;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i x = load(a, i, step_a), y = load(b, i, step_b);
        const __m256i low = _mm256_mullo_epi16(x, y), high = _mm256_mulhi_epi16(x, y);
        store((int16_t *)out + i, scaled(_mm256_unpacklo_epi16(low, high), &r->out), scaled(_mm256_unpackhi_epi16(low, high), &r->out), r);
    }
    crl_product_s16_ref((int16_t *)out + i, (const int16_t *)a + i * step_a, step_a, (const int16_t *)b + i * step_b, step_b, n - i,
                        &r->u.product);
}

/* A sample of the table in the lower 16 bits of each lane, and the one behind it in the upper ones. */
CRL_INLINE __m256i samples(const crl_sigmoid16 *p, __m256i at)
{
    return _mm256_i32gather_epi32((const int *)(const void *)p->table, at, 2);
}

/* x in units of 1/12288. */
CRL_INLINE __m256i in_units(__m128i x, const crl_sigmoid16 *p)
{
    const __m256i half = _mm256_set1_epi32(p->right > 0 ? INT32_C(1) << (p->right - 1) : 0);
    const __m256i v = _mm256_mullo_epi32(_mm256_cvtepi16_epi32(x), _mm256_set1_epi32(p->mult));
    return _mm256_sra_epi32(_mm256_add_epi32(v, half), _mm_cvtsi32_si128(p->right));
}

/* table[at] * 2^bits + rest * (table[at + 1] - table[at]), from the end of the table on `beyond`; |x| as `at` and `rest` of
 * `bits`. */
CRL_INLINE __m256i interpolated(__m256i x, const crl_sigmoid16 *p, int bits, int32_t beyond)
{
    const __m256i m = _mm256_abs_epi32(x), at = _mm256_srli_epi32(m, bits), last = _mm256_set1_epi32(254);
    const __m256i rest = _mm256_and_si256(m, _mm256_set1_epi32((1 << bits) - 1));
    const __m256i inside = _mm256_cmpeq_epi32(_mm256_min_epu32(at, last), at);
    const __m256i both = samples(p, _mm256_min_epu32(at, last));
    const __m256i here = _mm256_and_si256(both, _mm256_set1_epi32(0xFFFF)), next = _mm256_srli_epi32(both, 16);
    const __m256i y = _mm256_add_epi32(_mm256_slli_epi32(here, bits), _mm256_mullo_epi32(rest, _mm256_sub_epi32(next, here)));
    return _mm256_blendv_epi8(_mm256_set1_epi32(beyond), y, inside);
}

CRL_INLINE __m256i logistic(__m256i x, const crl_sigmoid16 *p)
{
    const __m256i y = interpolated(x, p, 9, 0x7FFF << 10), half = _mm256_set1_epi32(1 << 9);
    const __m256i below = _mm256_sub_epi32(_mm256_set1_epi32((1 << 25) + (1 << 9) - 1), y);
    return _mm256_srli_epi32(_mm256_blendv_epi8(_mm256_add_epi32(y, half), below, _mm256_srai_epi32(x, 31)), 10);
}

CRL_INLINE __m256i hyperbolic(__m256i x, const crl_sigmoid16 *p)
{
    const __m256i y = interpolated(x, p, 8, 0xFFFF << 8);
    const __m256i above = _mm256_add_epi32(y, _mm256_set1_epi32((1 << 7) - (1 << 23)));
    const __m256i below = _mm256_sub_epi32(_mm256_set1_epi32((1 << 23) + (1 << 7) - 1), y);
    return _mm256_srai_epi32(_mm256_blendv_epi8(above, below, _mm256_srai_epi32(x, 31)), 8);
}

/* Results have 16 bits, which packing leaves as they are but for the ends. */
CRL_INLINE void store_lower_halves(int16_t *out, __m256i lo, __m256i hi)
{
    const __m256i order = _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1,
                                           -1, -1, -1, -1);
    const __m256i a = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(lo, order), 0x08);
    const __m256i b = _mm256_permute4x64_epi64(_mm256_shuffle_epi8(hi, order), 0x08);
    _mm256_storeu_si256((__m256i *)out, _mm256_inserti128_si256(a, _mm256_castsi256_si128(b), 1));
}

CRL_INLINE void sigmoid(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p, bool tanh)
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i x0 = in_units(_mm_loadu_si128((const __m128i *)(in + i)), p);
        const __m256i x1 = in_units(_mm_loadu_si128((const __m128i *)(in + i + 8)), p);
        store_lower_halves(out + i, tanh ? hyperbolic(x0, p) : logistic(x0, p), tanh ? hyperbolic(x1, p) : logistic(x1, p));
    }
    (tanh ? crl_tanh_s16_ref : crl_logistic_s16_ref)(out + i, in + i, n - i, p);
}

void crl_sigmoid16_logistic_avx2(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p)
{
    sigmoid(out, in, n, p, false);
}

void crl_sigmoid16_tanh_avx2(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p)
{
    sigmoid(out, in, n, p, true);
}
