/* SPDX-License-Identifier: Apache-2.0 */
/* 64 sums a step, the last ones under a mask; mix8_avx2.c explains it. */
#include "kernels/mix8.h"

#include <immintrin.h>

typedef struct constants {
    __m512i factors, offset, zero, min, max;
    __m512 single;
} constants;

/* Of eight pairs of 16 bits. */
static inline __m512i sums(__m512i pairs, const constants *k)
{
    const __m512i acc = _mm512_add_epi32(_mm512_madd_epi16(pairs, k->factors), k->offset);
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), k->single));
}

/* Of 16 pairs of bytes, as 16-bit results. */
static inline __m512i half(__m512i pairs, const constants *k)
{
    const __m512i nothing = _mm512_setzero_si512();
    const __m512i v = _mm512_packs_epi32(sums(_mm512_unpacklo_epi8(pairs, nothing), k), sums(_mm512_unpackhi_epi8(pairs, nothing), k));
    return _mm512_adds_epi16(v, k->zero);
}

static inline __m512i step(__m512i x, __m512i y, const constants *k)
{
    const __m512i v = _mm512_packus_epi16(half(_mm512_unpacklo_epi8(x, y), k), half(_mm512_unpackhi_epi8(x, y), k));
    return _mm512_min_epu8(_mm512_max_epu8(v, k->min), k->max);
}

void crl_mix8_avx512vnni(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_mix *m)
{
    const constants k = { _mm512_set1_epi32((int32_t)((uint32_t)m->ka & 0xffff) | (int32_t)((uint32_t)m->kb << 16)),
                          _mm512_set1_epi32(crl_mix8_offset(m)), _mm512_set1_epi16((int16_t)m->out.zero_point),
                          _mm512_set1_epi8((char)m->out.min), _mm512_set1_epi8((char)m->out.max), _mm512_set1_ps(*m->out.single) };
    size_t i = 0;
    for (; i + 64 <= n; i += 64)
        _mm512_storeu_si512(out + i, step(_mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i), &k));
    if (i == n) return;
    const __mmask64 rest = (UINT64_C(1) << (n - i)) - 1;
    const __m512i x = _mm512_maskz_loadu_epi8(rest, a + i), y = _mm512_maskz_loadu_epi8(rest, b + i);
    _mm512_mask_storeu_epi8(out + i, rest, step(x, y, &k));
}
