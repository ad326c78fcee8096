/* SPDX-License-Identifier: Apache-2.0 */
/* 32 look-ups a step: the table is 16 rows of 16 bytes, vpshufb looks up in each row.
 *
 * For row r, in ^ 16r is below 16 exactly where the high nibble is r. Adding 0x70 with saturation sets bit 7
 * everywhere else, and vpshufb gives 0 there; so the 16 results can be or-ed. */
#include "kernels/lut.h"

#include <immintrin.h>

static inline __m256i look_up(__m256i x, const __m256i row[16])
{
    const __m256i fence = _mm256_set1_epi8(0x70);
    __m256i even = _mm256_setzero_si256(), odd = even;
    for (int r = 0; r < 16; r += 2) {
        const __m256i i0 = _mm256_xor_si256(x, _mm256_set1_epi8((char)(16 * r)));
        const __m256i i1 = _mm256_xor_si256(x, _mm256_set1_epi8((char)(16 * r + 16)));
        even = _mm256_or_si256(even, _mm256_shuffle_epi8(row[r], _mm256_adds_epu8(i0, fence)));
        odd = _mm256_or_si256(odd, _mm256_shuffle_epi8(row[r + 1], _mm256_adds_epu8(i1, fence)));
    }
    return _mm256_or_si256(even, odd);
}

void crl_lut_u8_avx2(uint8_t *out, const uint8_t *in, size_t n, const uint8_t table[256])
{
    size_t i = 0;
    if (n >= 32) { /* below, loading the table costs more than it saves */
        __m256i row[16];
        for (int r = 0; r < 16; r++)
            row[r] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(table + 16 * r)));
        for (; i + 32 <= n; i += 32)
            _mm256_storeu_si256((__m256i *)(out + i),
                                look_up(_mm256_loadu_si256((const __m256i *)(in + i)), row));
    }
    crl_lut_u8_ref(out + i, in + i, n - i, table);
}
