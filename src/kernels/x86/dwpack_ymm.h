/* SPDX-License-Identifier: Apache-2.0 */
/* What depthwise kernels of 256 bits share: all that dwpack_frame.h asks of a level, but the sums. */
#ifndef CRL_KERNELS_DWPACK_YMM_H
#define CRL_KERNELS_DWPACK_YMM_H

#include <immintrin.h>

#include "kernels/x86/requant_avx2.h"

typedef __m256i vec, lanes;
enum { BLOCK = 32, BIAS = 0 };
static const crl_requant_form CUT = CRL_REQUANT_FLOAT_CUT, ANY = CRL_REQUANT_FLOAT_ANY, SLOW = CRL_REQUANT_EXACT_ANY;

#include "kernels/dwpack_frame.h"

static void settle_block(block *b)
{
    if (b->form != CUT && b->form != ANY) b->form = SLOW;
}

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

CRL_INLINE column make_column(vec a, vec b, vec c, vec d)
{
    const vec ab0 = _mm256_unpacklo_epi8(a, b), ab1 = _mm256_unpackhi_epi8(a, b);
    const vec cd0 = _mm256_unpacklo_epi8(c, d), cd1 = _mm256_unpackhi_epi8(c, d);
    return (column){ { _mm256_unpacklo_epi16(ab0, cd0), _mm256_unpackhi_epi16(ab0, cd0), _mm256_unpacklo_epi16(ab1, cd1),
                       _mm256_unpackhi_epi16(ab1, cd1) } };
}

CRL_INLINE lanes lanes_load(const int32_t *p)
{
    return vec_load(p);
}

CRL_INLINE lanes requant(lanes acc, const block *b, int q, const packed_head *h, crl_requant_form form)
{
    return crl_requant_x8_avx2(acc, &b->requant[q / 2], q % 2, form, h->zero_point - CRL_REQUANT_CENTRE);
}

CRL_INLINE lanes patch(lanes y, lanes acc, const block *b, int q)
{
    return crl_requant_patch_x8_avx2(y, acc, &b->requant[q / 2], q % 2);
}

CRL_INLINE vec pack_bytes(lanes y0, lanes y1, lanes y2, lanes y3, const packed_head *h)
{
    const vec bytes = crl_requant_pack_avx2(y0, y1, y2, y3);
    if (!h->clamped) return bytes;
    return _mm256_min_epu8(_mm256_max_epu8(bytes, vec_fill((uint8_t)h->min)), vec_fill((uint8_t)h->max));
}

#endif
