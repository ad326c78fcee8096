/* SPDX-License-Identifier: Apache-2.0 */
/* 64 look-ups a step: vpermi2b looks up in 128 bytes, by the low seven bits; bit 7 chooses the half of the table. */
#include "kernels/lut.h"

#include <immintrin.h>

typedef struct table64 {
    __m512i part[4];
} table64;

static inline __m512i look_up(__m512i x, const table64 *t)
{
    const __m512i low = _mm512_permutex2var_epi8(t->part[0], x, t->part[1]);
    const __m512i high = _mm512_permutex2var_epi8(t->part[2], x, t->part[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
}

void crl_lut_u8_vbmi(uint8_t *out, const uint8_t *in, size_t n, const uint8_t table[256])
{
    table64 t;
    for (int i = 0; i < 4; i++) t.part[i] = _mm512_loadu_si512(table + 64 * i);
    size_t i = 0;
    for (; i + 64 <= n; i += 64) _mm512_storeu_si512(out + i, look_up(_mm512_loadu_si512(in + i), &t));
    if (i == n) return;
    const __mmask64 tail = ~UINT64_C(0) >> (64 - (n - i));
    _mm512_mask_storeu_epi8(out + i, tail, look_up(_mm512_maskz_loadu_epi8(tail, in + i), &t));
}
