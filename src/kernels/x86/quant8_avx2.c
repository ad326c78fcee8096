/* SPDX-License-Identifier: Apache-2.0 */
/* 32 elements a step to bytes, 8 a step to floats. */
#include "kernels/quant8.h"

#include <immintrin.h>

/* Half away from zero: add the largest float below one half, with the sign, and truncate. What no int32 holds, a NaN too,
 * comes out of the conversion as INT32_MIN, as the definition wants it; the sum with the zero point wraps. */
static inline __m256i quantized(const float *in, __m256 scale, __m256i zero)
{
    const __m256 x = _mm256_div_ps(_mm256_loadu_ps(in), scale);
    const __m256 half = _mm256_or_ps(_mm256_and_ps(x, _mm256_set1_ps(-0.0f)), _mm256_set1_ps(0.49999997f));
    return _mm256_add_epi32(_mm256_cvttps_epi32(_mm256_add_ps(x, half)), zero);
}

void crl_quantize8_avx2(uint8_t *out, const float *in, size_t n, float scale, int32_t zero, int32_t lift)
{
    const __m256 s = _mm256_set1_ps(scale);
    const __m256i z = _mm256_set1_epi32(zero), up = _mm256_set1_epi16((int16_t)lift);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i lo = _mm256_packs_epi32(quantized(in + i, s, z), quantized(in + i + 8, s, z));
        const __m256i hi = _mm256_packs_epi32(quantized(in + i + 16, s, z), quantized(in + i + 24, s, z));
        const __m256i v = _mm256_packus_epi16(_mm256_adds_epi16(lo, up), _mm256_adds_epi16(hi, up));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_permutevar8x32_epi32(v, order));
    }
    crl_quantize8_ref(out + i, in + i, n - i, scale, zero, lift);
}

void crl_dequantize8_avx2(float *out, const uint8_t *in, size_t n, float scale, int32_t zero, uint8_t flip)
{
    const __m256 s = _mm256_set1_ps(scale);
    const __m256i z = _mm256_set1_epi32(zero);
    const __m128i f = _mm_set1_epi8((char)flip);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256i x = _mm256_cvtepu8_epi32(_mm_xor_si128(_mm_loadl_epi64((const __m128i *)(in + i)), f));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(x, z)), s));
    }
    crl_dequantize8_ref(out + i, in + i, n - i, scale, zero, flip);
}
