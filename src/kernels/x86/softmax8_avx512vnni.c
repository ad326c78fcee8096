/* SPDX-License-Identifier: Apache-2.0 */
/* 16 quotients a step, the last ones under a mask; softmax8_avx2.c does the same. */
#include <immintrin.h>

#include "kernels/softmax8.h"

void crl_softmax8_quotients_avx512vnni(uint8_t *out, const int32_t *exp, size_t n, crl_quotient8 q, uint8_t flip)
{
    const __m512i scale = _mm512_set1_epi32(q.scale), nudge = _mm512_set1_epi64(1 << 30);
    const __m512i half = _mm512_set1_epi32((int32_t)(UINT32_C(1) << (q.shift - 1)));
    const __m128i shift = _mm_cvtsi32_si128(q.shift), flips = _mm_set1_epi8((char)flip);
    for (size_t i = 0; i < n; i += 16) {
        const __mmask16 mask = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
        const __m512i e = _mm512_maskz_loadu_epi32(mask, exp + i);
        const __m512i even = _mm512_add_epi64(_mm512_mul_epu32(e, scale), nudge);
        const __m512i odd = _mm512_add_epi64(_mm512_mul_epu32(_mm512_srli_epi64(e, 32), scale), nudge);
        const __m512i product = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
        const __m512i v = _mm512_srl_epi32(_mm512_add_epi32(product, half), shift);
        _mm_mask_storeu_epi8(out + i, mask, _mm_xor_si128(_mm512_cvtusepi32_epi8(v), flips));
    }
}
