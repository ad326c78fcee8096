/* SPDX-License-Identifier: Apache-2.0 */
/* 32 channels a step for the maximum, 16 for the average; the last step of a pixel begins earlier and does some channels
 * twice. Pixels of fewer channels go one by one. */
#include <immintrin.h>

#include "kernels/pool8_place.h"

static inline __m256i max32(const place *f, size_t c)
{
    __m256i most = _mm256_setzero_si256();
    for (int32_t i = 0; i < f->rows; i++) {
        const uint8_t *tap = f->from + (size_t)i * f->down + c;
        for (int32_t k = 0; k < f->columns; k++, tap += f->across)
            most = _mm256_max_epu8(most, _mm256_loadu_si256((const __m256i *)tap));
    }
    return most;
}

static inline __m128i max16(const place *f, size_t c)
{
    __m128i most = _mm_setzero_si128();
    for (int32_t i = 0; i < f->rows; i++) {
        const uint8_t *tap = f->from + (size_t)i * f->down + c;
        for (int32_t k = 0; k < f->columns; k++, tap += f->across)
            most = _mm_max_epu8(most, _mm_loadu_si128((const __m128i *)tap));
    }
    return most;
}

CRL_INLINE void max_pixel(uint8_t *out, const place *f, size_t channels, const crl_pool8 *p)
{
    const __m256i min = _mm256_set1_epi8((char)p->min), max = _mm256_set1_epi8((char)p->max);
    const __m128i min16 = _mm256_castsi256_si128(min), most16 = _mm256_castsi256_si128(max);
    size_t c = 0;
    for (; c + 32 <= channels; c += 32)
        _mm256_storeu_si256((__m256i *)(out + c), _mm256_min_epu8(_mm256_max_epu8(max32(f, c), min), max));
    for (; c < channels; c += 16) {
        if (c + 16 > channels) c = channels - 16;
        _mm_storeu_si128((__m128i *)(out + c), _mm_min_epu8(_mm_max_epu8(max16(f, c), min16), most16));
    }
}

void crl_max_pool8_avx2(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end)
{
    each_pixel(out, in, p, first, end, max_pixel, crl_max_pool8_ref);
}

/* In 16 bits, widened where they are full. */
static inline void sum16(__m256i sum[2], const place *f, size_t c)
{
    sum[0] = sum[1] = _mm256_setzero_si256();
    __m256i part = sum[0];
    int32_t room = TAPS_IN_16;
    for (int32_t i = 0; i < f->rows; i++) {
        const uint8_t *tap = f->from + (size_t)i * f->down + c;
        for (int32_t k = 0; k < f->columns; k++, tap += f->across) {
            part = _mm256_add_epi16(part, _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)tap)));
            if (--room) continue;
            sum[0] = _mm256_add_epi32(sum[0], _mm256_cvtepu16_epi32(_mm256_castsi256_si128(part)));
            sum[1] = _mm256_add_epi32(sum[1], _mm256_cvtepu16_epi32(_mm256_extracti128_si256(part, 1)));
            part = _mm256_setzero_si256();
            room = TAPS_IN_16;
        }
    }
    sum[0] = _mm256_add_epi32(sum[0], _mm256_cvtepu16_epi32(_mm256_castsi256_si128(part)));
    sum[1] = _mm256_add_epi32(sum[1], _mm256_cvtepu16_epi32(_mm256_extracti128_si256(part, 1)));
}

/* (sum +- n / 2) / n towards zero. Below 2^23 a float quotient that is no whole number stays below the next one, so cutting
 * it is exact. */
static inline __m256i divided(__m256i sum, int32_t n)
{
    const __m256i half = _mm256_sign_epi32(_mm256_set1_epi32(n / 2), sum);
    const __m256 x = _mm256_cvtepi32_ps(_mm256_add_epi32(sum, half));
    return _mm256_cvttps_epi32(_mm256_div_ps(x, _mm256_set1_ps((float)n)));
}

CRL_INLINE void average_pixel(uint8_t *out, const place *f, size_t channels, const crl_pool8 *p)
{
    const __m128i min = _mm_set1_epi8((char)p->min), max = _mm_set1_epi8((char)p->max);
    const int32_t n = f->rows * f->columns;
    const __m256i lift = _mm256_set1_epi32(p->lift), zeros = _mm256_set1_epi32(n * p->lift);
    for (size_t c = 0; c < channels; c += 16) {
        if (c + 16 > channels) c = channels - 16;
        __m256i sum[2];
        sum16(sum, f, c);
        for (int k = 0; k < 2; k++) sum[k] = _mm256_add_epi32(divided(_mm256_sub_epi32(sum[k], zeros), n), lift);
        const __m256i v = _mm256_permute4x64_epi64(_mm256_packs_epi32(sum[0], sum[1]), 0xD8);
        const __m128i y = _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
        _mm_storeu_si128((__m128i *)(out + c), _mm_min_epu8(_mm_max_epu8(y, min), max));
    }
}

void crl_average_pool8_avx2(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end)
{
    each_pixel(out, in, p, first, end, average_pixel, crl_average_pool8_ref);
}
