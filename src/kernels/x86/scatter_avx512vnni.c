/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/x86/f32_avx512.h"

#include "kernels/scatter_frame.h"

uint32_t crl_scatter_list_avx512vnni(float *x, uint32_t *at, const float *from, size_t n, uint32_t step)
{
    const __m512i steps = _mm512_set1_epi32((int)(step * F32_LANES));
    __m512i place = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_epi32((int)step));
    uint32_t k = 0;
    for (size_t i = 0; i < n; i += F32_LANES, place = _mm512_add_epi32(place, steps)) {
        const __mmask16 there = n - i < F32_LANES ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)-1;
        const f32s v = _mm512_maskz_loadu_ps(there, from + i);
        const __mmask16 some = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
        /* Not to memory, which takes a hundred cycles on Zen 4. */
        _mm512_storeu_ps(x + k, _mm512_maskz_compress_ps(some, v));
        _mm512_storeu_si512(at + k, _mm512_maskz_compress_epi32(some, place));
        k += (uint32_t)__builtin_popcount(some);
    }
    return k;
}

void crl_scatter_add_avx512vnni(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale)
{
    add_terms(s, line, row, weights, scale);
}

void crl_scatter_finish_avx512vnni(const crl_scatter *s, float *out, const float *line, size_t n)
{
    finish_line(s, out, line, n);
}
