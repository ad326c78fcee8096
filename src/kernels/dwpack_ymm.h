/* SPDX-License-Identifier: Apache-2.0 */
/* What depthwise kernels of 256 bits share: all that dwpack_x86.h asks of a level, but the sums. */
#ifndef CRL_KERNELS_DWPACK_YMM_H
#define CRL_KERNELS_DWPACK_YMM_H

#include <immintrin.h>

typedef __m256i vec;
enum { BLOCK = 32 };

#include "kernels/dwpack_x86.h"
#include "kernels/requant_avx2.h"

CRL_INLINE vec vec_fill(uint8_t byte)
{
    return _mm256_set1_epi8((char)byte);
}

CRL_INLINE vec vec_load(const void *p)
{
    return _mm256_loadu_si256(p);
}

CRL_INLINE void vec_store(void *p, vec v)
{
    _mm256_storeu_si256(p, v);
}

CRL_INLINE vec load_halves(const uint8_t *a, const uint8_t *b)
{
    return _mm256_loadu2_m128i((const __m128i *)b, (const __m128i *)a);
}

CRL_INLINE vec load_quarters(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d)
{
    const __m128i ab = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)a), _mm_loadl_epi64((const __m128i *)b));
    const __m128i cd = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)c), _mm_loadl_epi64((const __m128i *)d));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(ab), cd, 1);
}

CRL_INLINE vec load_masked(const uint8_t *p, int32_t width)
{
    uint8_t bytes[BLOCK] = { 0 };
    memcpy(bytes, p, (size_t)width);
    return vec_load(bytes);
}

CRL_INLINE void store_halves(uint8_t *a, uint8_t *b, vec v)
{
    _mm256_storeu2_m128i((__m128i *)b, (__m128i *)a, v);
}

CRL_INLINE void store_quarters(uint8_t *a, uint8_t *b, uint8_t *c, uint8_t *d, vec v)
{
    const __m128i ab = _mm256_castsi256_si128(v), cd = _mm256_extracti128_si256(v, 1);
    _mm_storel_epi64((__m128i *)a, ab);
    _mm_storel_epi64((__m128i *)b, _mm_unpackhi_epi64(ab, ab));
    _mm_storel_epi64((__m128i *)c, cd);
    _mm_storel_epi64((__m128i *)d, _mm_unpackhi_epi64(cd, cd));
}

CRL_INLINE void store_masked(uint8_t *p, int32_t width, vec v)
{
    uint8_t bytes[BLOCK];
    vec_store(bytes, v);
    memcpy(p, bytes, (size_t)width);
}

CRL_INLINE column interleave(vec a, vec b, vec c, vec d)
{
    const vec ab0 = _mm256_unpacklo_epi8(a, b), ab1 = _mm256_unpackhi_epi8(a, b);
    const vec cd0 = _mm256_unpacklo_epi8(c, d), cd1 = _mm256_unpackhi_epi8(c, d);
    return (column){ { _mm256_unpacklo_epi16(ab0, cd0), _mm256_unpackhi_epi16(ab0, cd0), _mm256_unpacklo_epi16(ab1, cd1),
                       _mm256_unpackhi_epi16(ab1, cd1) } };
}

CRL_INLINE vec finish_as(const vec acc[QUARTERS], const block *b, int32_t zero_point, crl_requant_form form)
{
    return crl_requant_pack_avx2(crl_requant_x8_avx2(acc[0], &b->requant[0], 0, form, zero_point),
                                 crl_requant_x8_avx2(acc[1], &b->requant[0], 1, form, zero_point),
                                 crl_requant_x8_avx2(acc[2], &b->requant[1], 0, form, zero_point),
                                 crl_requant_x8_avx2(acc[3], &b->requant[1], 1, form, zero_point));
}

CRL_INLINE vec vec_clamp(vec v, uint8_t min, uint8_t max)
{
    return _mm256_min_epu8(_mm256_max_epu8(v, vec_fill(min)), vec_fill(max));
}

#endif
