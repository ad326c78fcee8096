/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of softmax_chip_ref.c, operation by operation, on eight numbers at a time. */
#include "kernels/softmax_chip.h"

#include <immintrin.h>

#include "kernels/element.h"

/* exp2_within of four. */
static inline __m128 exp2_x4(__m128 t)
{
    static const double series[] = { 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
                                     1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5,         1,          1 };
    const __m256d shift = _mm256_set1_pd(0x1.8p52), x = _mm256_cvtps_pd(t), moved = _mm256_add_pd(x, shift);
    const __m256d f = _mm256_mul_pd(_mm256_sub_pd(x, _mm256_sub_pd(moved, shift)), _mm256_set1_pd(0x1.62e42fefa39efp-1));
    __m256d v = _mm256_set1_pd(1.0 / 6227020800);
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) v = _mm256_add_pd(_mm256_mul_pd(v, f), _mm256_set1_pd(series[i]));
    const __m256i power = _mm256_slli_epi64(_mm256_add_epi64(_mm256_castpd_si256(moved), _mm256_set1_epi64x(1023)), 52);
    return _mm256_cvtpd_ps(_mm256_mul_pd(v, _mm256_castsi256_pd(power)));
}

void crl_softmax_chip_exponentials_avx2(float *e, int32_t first, int32_t n, float max, const crl_softmax_chip *p)
{
    const __m256 scale = _mm256_set1_ps(p->scale), factor = _mm256_set1_ps(p->factor), top = _mm256_set1_ps(max);
    const __m256 least = _mm256_set1_ps(CRL_SOFTMAX_CHIP_FAR);
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (int32_t i = 0; i < n; i += CRL_SOFTMAX_CHIP_LANES) {
        const __m256 q = _mm256_cvtepi32_ps(_mm256_add_epi32(lanes, _mm256_set1_epi32(first + i - p->in_zero)));
        const __m256 t = _mm256_max_ps(_mm256_mul_ps(_mm256_sub_ps(_mm256_mul_ps(q, scale), top), factor), least);
        _mm_storeu_ps(e + i, exp2_x4(_mm256_castps256_ps128(t)));
        _mm_storeu_ps(e + i + 4, exp2_x4(_mm256_extractf128_ps(t, 1)));
    }
}

bool crl_softmax_chip_steps_avx2(int32_t *step, const float *e, int32_t n, float scale)
{
    const __m256 most = _mm256_set1_ps(CRL_SOFTMAX_CHIP_STEPS), half = _mm256_set1_ps(0.5f), unit = _mm256_set1_ps(scale);
    __m256 ties = _mm256_setzero_ps();
    for (int32_t i = 0; i < n; i += CRL_SOFTMAX_CHIP_LANES) {
        const __m256 v = _mm256_min_ps(_mm256_mul_ps(_mm256_loadu_ps(e + i), unit), most);
        const __m256i whole = _mm256_cvttps_epi32(v);
        const __m256 rest = _mm256_sub_ps(v, _mm256_cvtepi32_ps(whole));
        /* A comparison that holds is -1. */
        const __m256i up = _mm256_castps_si256(_mm256_cmp_ps(rest, half, _CMP_GT_OQ));
        _mm256_storeu_si256((__m256i *)(step + i), _mm256_sub_epi32(whole, up));
        ties = _mm256_or_ps(ties, _mm256_cmp_ps(rest, half, _CMP_EQ_OQ));
    }
    return !_mm256_movemask_ps(ties);
}

void crl_softmax_chip_outputs_avx2(uint8_t *out, const float *e, int32_t n, float r, const crl_softmax_chip *p)
{
    const __m256 low = _mm256_set1_ps((float)(crl_type_min(p->type) - p->out_zero));
    const __m256 high = _mm256_set1_ps((float)(crl_type_max(p->type) - p->out_zero));
    const __m256 reciprocal = _mm256_set1_ps(r), unit = _mm256_set1_ps(p->unit);
    /* As bytes without a sign, which packing keeps: signed ones lie 128 below. */
    const __m256i zero = _mm256_set1_epi32(p->out_zero - crl_type_min(p->type));
    const __m128i flip = _mm_set1_epi8((char)(crl_type_min(p->type) ? 0x80 : 0));
    for (int32_t i = 0; i < n; i += CRL_SOFTMAX_CHIP_LANES) {
        const __m256 y = _mm256_mul_ps(_mm256_mul_ps(_mm256_loadu_ps(e + i), reciprocal), unit);
        const __m256i v = _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_max_ps(_mm256_min_ps(y, high), low)), zero);
        const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
        _mm_storel_epi64((__m128i *)(out + i), _mm_xor_si128(_mm_packus_epi16(words, words), flip));
    }
}
