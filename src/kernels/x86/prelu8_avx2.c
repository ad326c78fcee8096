/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU of bytes, 16 channels a step. */
#include <immintrin.h>

#include "kernels/element.h"
#include "kernels/prelu8.h"

/* Eight bytes, without the zero point of the output. */
CRL_INLINE __m256i eight(__m128i in, const crl_prelu8 *p, size_t c)
{
    const __m256 x = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_cvtepu8_epi32(in), _mm256_set1_epi32(p->in_zero)));
    const __m256 a = _mm256_blendv_ps(_mm256_set1_ps(p->above_a), _mm256_loadu_ps(p->a + c), x);
    const __m256 b = _mm256_blendv_ps(_mm256_set1_ps(p->above_b), _mm256_loadu_ps(p->b + c), x);
    return _mm256_cvtps_epi32(_mm256_fmadd_ps(x, a, b));
}

void crl_prelu8_avx2(uint8_t *out, const uint8_t *in, size_t pixels, const crl_prelu8 *p)
{
    const __m256i zero = _mm256_set1_epi16((int16_t)p->out_zero);
    for (size_t i = 0; i < pixels; i++, in += p->channels, out += p->channels) {
        size_t c = 0;
        for (; c + 16 <= p->channels; c += 16) {
            const __m128i x = _mm_loadu_si128((const __m128i *)(in + c));
            const __m256i lo = eight(x, p, c), hi = eight(_mm_srli_si128(x, 8), p, c + 8);
            const __m256i y = _mm256_adds_epi16(_mm256_permute4x64_epi64(_mm256_packs_epi32(lo, hi), 0xD8), zero);
            _mm_storeu_si128((__m128i *)(out + c), _mm_packus_epi16(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1)));
        }
        crl_prelu8_rest(out, in, c, p);
    }
}
