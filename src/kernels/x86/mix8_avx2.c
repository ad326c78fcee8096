/* SPDX-License-Identifier: Apache-2.0 */
/* 32 sums a step. Bytes of both operands side by side, widened, are what one multiplication of pairs adds up. Unpacking and packing
 * go by 128-bit lanes, so that the order is that of the bytes again in the end. */
#include "kernels/mix8.h"

#include <immintrin.h>

typedef struct constants {
    __m256i factors, offset, zero, min, max;
    __m256 single;
} constants;

/* Of eight pairs of 16 bits. */
static inline __m256i sums(__m256i pairs, const constants *k)
{
    const __m256i acc = _mm256_add_epi32(_mm256_madd_epi16(pairs, k->factors), k->offset);
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc), k->single));
}

/* Of 16 pairs of bytes, as 16-bit results. */
static inline __m256i half(__m256i pairs, const constants *k)
{
    const __m256i nothing = _mm256_setzero_si256();
    const __m256i v = _mm256_packs_epi32(sums(_mm256_unpacklo_epi8(pairs, nothing), k), sums(_mm256_unpackhi_epi8(pairs, nothing), k));
    return _mm256_adds_epi16(v, k->zero);
}

void crl_mix8_avx2(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_mix *m)
{
    const constants k = { _mm256_set1_epi32((int32_t)((uint32_t)m->ka & 0xffff) | (int32_t)((uint32_t)m->kb << 16)),
                          _mm256_set1_epi32(crl_mix8_offset(m)), _mm256_set1_epi16((int16_t)m->out.zero_point),
                          _mm256_set1_epi8((char)m->out.min), _mm256_set1_epi8((char)m->out.max), _mm256_set1_ps(*m->out.single) };
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(a + i)), y = _mm256_loadu_si256((const __m256i *)(b + i));
        const __m256i v = _mm256_packus_epi16(half(_mm256_unpacklo_epi8(x, y), &k), half(_mm256_unpackhi_epi8(x, y), &k));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_min_epu8(_mm256_max_epu8(v, k.min), k.max));
    }
    crl_mix8_ref(out + i, a + i, b + i, n - i, m);
}
