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

CRL_INLINE column interleave(vec a, vec b, vec c, vec d)
{
    const vec ab0 = _mm256_unpacklo_epi8(a, b), ab1 = _mm256_unpackhi_epi8(a, b);
    const vec cd0 = _mm256_unpacklo_epi8(c, d), cd1 = _mm256_unpackhi_epi8(c, d);
    return (column){ { _mm256_unpacklo_epi16(ab0, cd0), _mm256_unpackhi_epi16(ab0, cd0), _mm256_unpacklo_epi16(ab1, cd1),
                       _mm256_unpackhi_epi16(ab1, cd1) } };
}

CRL_INLINE vec requant(vec acc, const block *b, int q, int32_t zero_point, crl_requant_form form)
{
    return crl_requant_x8_avx2(acc, &b->requant[q / 2], q % 2, form, zero_point);
}

CRL_INLINE vec patch(vec y, vec acc, const block *b, int q)
{
    return crl_requant_patch_x8_avx2(y, acc, &b->requant[q / 2], q % 2);
}

CRL_INLINE vec pack_bytes(vec y0, vec y1, vec y2, vec y3)
{
    return crl_requant_pack_avx2(y0, y1, y2, y3);
}

CRL_INLINE vec vec_clamp(vec v, uint8_t min, uint8_t max)
{
    return _mm256_min_epu8(_mm256_max_epu8(v, vec_fill(min)), vec_fill(max));
}

#endif
