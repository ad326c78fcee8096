/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU of bytes, 16 channels a step; the rest of a pixel is masked. */
#include <immintrin.h>

#include "kernels/element.h"
#include "kernels/prelu8.h"

/* The channels of `there`, one bit each. */
CRL_INLINE void sixteen(uint8_t *out, const uint8_t *in, __mmask16 there, const crl_prelu8 *p, size_t c)
{
    const __m512i x = _mm512_sub_epi32(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(there, in + c)), _mm512_set1_epi32(p->in_zero));
    const __mmask16 below = _mm512_movepi32_mask(x);
    const __m512 a = _mm512_mask_loadu_ps(_mm512_set1_ps(p->above_a), below & there, p->a + c);
    const __m512 b = _mm512_mask_loadu_ps(_mm512_set1_ps(p->above_b), below & there, p->b + c);
    const __m512i y = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_fmadd_ps(_mm512_cvtepi32_ps(x), a, b)), _mm512_set1_epi32(p->out_zero));
    _mm_mask_storeu_epi8(out + c, there, _mm512_cvtusepi32_epi8(_mm512_max_epi32(y, _mm512_setzero_si512())));
}

void crl_prelu8_avx512vnni(uint8_t *out, const uint8_t *in, size_t pixels, const crl_prelu8 *p)
{
    const size_t rest = p->channels % 16;
    for (size_t i = 0; i < pixels; i++, in += p->channels, out += p->channels) {
        size_t c = 0;
        for (; c + 16 <= p->channels; c += 16) sixteen(out, in, 0xFFFF, p, c);
        if (rest) sixteen(out, in, (__mmask16)((1u << rest) - 1), p, c);
    }
}
