/* SPDX-License-Identifier: Apache-2.0 */
/* 16 elements a step, the last ones under a mask. Products are clamped as floats, so that none leaves what the conversion takes. */
#include "kernels/affine8.h"

#include <immintrin.h>

void crl_affine8_avx512vnni(uint8_t *out, const uint8_t *x, size_t n, const crl_affine8_row *row)
{
    const crl_requant *q = &row->out;
    const __m512 least = _mm512_set1_ps((float)(q->min - q->zero_point)), most = _mm512_set1_ps((float)(q->max - q->zero_point));
    const __m512i zero = _mm512_set1_epi32(q->zero_point);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 have = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)0xffff;
        const __m512i bytes = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(have, x + i));
        const __m512i acc = _mm512_add_epi32(bytes, _mm512_maskz_loadu_epi32(have, row->bias + i));
        const __m512 v = _mm512_mul_ps(_mm512_cvtepi32_ps(acc), _mm512_maskz_loadu_ps(have, row->factor + i));
        const __m512i r = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(v, least), most)), zero);
        _mm_mask_storeu_epi8(out + i, have, _mm512_cvtepi32_epi8(r));
    }
}
