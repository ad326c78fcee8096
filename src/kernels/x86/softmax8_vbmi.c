/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of 64 terms a step: each of their three bytes is looked up, and added up, by itself. And 64 exponentials, of whose four bytes
 * vectors are put together. */
#include <immintrin.h>

#include "kernels/softmax8.h"

/* A table of 256 bytes, a quarter a vector. */
typedef struct quarters {
    __m512i q[4];
} quarters;

static inline __m512i look_up(__m512i x, __mmask64 upper, const quarters *t)
{
    const __m512i low = _mm512_permutex2var_epi8(t->q[0], x, t->q[1]), high = _mm512_permutex2var_epi8(t->q[2], x, t->q[3]);
    return _mm512_mask_blend_epi8(upper, low, high);
}

uint64_t crl_softmax8_sum_vbmi(const uint8_t *in, size_t n, int32_t max, const crl_softmax8 *p)
{
    quarters t[3];
    __m512i sum[3];
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < 4; i++) t[k].q[i] = _mm512_loadu_si512(p->term_bytes[k] + 255 - max + 64 * i);
        sum[k] = _mm512_setzero_si512();
    }
    const __m512i flips = _mm512_set1_epi8((char)p->in_flip);
    for (size_t i = 0; i < n; i += 64) {
        const __mmask64 mask = n - i < 64 ? (UINT64_C(1) << (n - i)) - 1 : UINT64_MAX;
        const __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, in + i), flips);
        const __mmask64 upper = _mm512_movepi8_mask(x);
        for (int k = 0; k < 3; k++) {
            const __m512i bytes = _mm512_maskz_mov_epi8(mask, look_up(x, upper, &t[k]));
            sum[k] = _mm512_add_epi64(sum[k], _mm512_sad_epu8(bytes, _mm512_setzero_si512()));
        }
    }
    const __m512i high = _mm512_add_epi64(_mm512_slli_epi64(sum[2], 16), _mm512_slli_epi64(sum[1], 8));
    return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(high, sum[0]));
}

void crl_softmax8_look_vbmi(int32_t *exp, const uint8_t *index, size_t n, const crl_softmax8 *p)
{
    quarters t[4];
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 4; i++) t[k].q[i] = _mm512_loadu_si512(p->exp_bytes[k] + 64 * i);
    /* Unpacking goes by 128-bit lanes: the four indices that lane l of result v takes are brought to place v of lane l. */
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        const __m512i x = _mm512_permutexvar_epi32(order, _mm512_loadu_si512(index + i));
        const __mmask64 upper = _mm512_movepi8_mask(x);
        const __m512i b0 = look_up(x, upper, &t[0]), b1 = look_up(x, upper, &t[1]), b2 = look_up(x, upper, &t[2]), b3 = look_up(x, upper, &t[3]);
        const __m512i low0 = _mm512_unpacklo_epi8(b0, b1), low1 = _mm512_unpackhi_epi8(b0, b1);
        const __m512i high0 = _mm512_unpacklo_epi8(b2, b3), high1 = _mm512_unpackhi_epi8(b2, b3);
        _mm512_storeu_si512(exp + i, _mm512_unpacklo_epi16(low0, high0));
        _mm512_storeu_si512(exp + i + 16, _mm512_unpackhi_epi16(low0, high0));
        _mm512_storeu_si512(exp + i + 32, _mm512_unpacklo_epi16(low1, high1));
        _mm512_storeu_si512(exp + i + 48, _mm512_unpackhi_epi16(low1, high1));
    }
    crl_softmax8_look_ref(exp + i, index + i, n - i, p);
}
