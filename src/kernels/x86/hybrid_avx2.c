/* SPDX-License-Identifier: Apache-2.0 */
/* Around products of float layers with weights of 8 bits: eight floats at a time. */
#include <immintrin.h>
#include <string.h>

#include "kernels/hybrid.h"

static float lowest(__m256 v)
{
    float lane[8], least;
    _mm256_storeu_ps(lane, v);
    least = lane[0];
    for (int i = 1; i < 8; i++) least = lane[i] < least ? lane[i] : least;
    return least;
}

static float highest(__m256 v)
{
    float lane[8], most;
    _mm256_storeu_ps(lane, v);
    most = lane[0];
    for (int i = 1; i < 8; i++) most = lane[i] > most ? lane[i] : most;
    return most;
}

/* Where x is NaN, min and max give their second operand: comparisons of the definition fail there, too. */
void crl_hybrid_range_avx2(const float *x, size_t n, float start, float *min, float *max)
{
    __m256 lo0 = _mm256_set1_ps(start), lo1 = lo0, hi0 = lo0, hi1 = lo0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256 a = _mm256_loadu_ps(x + i), b = _mm256_loadu_ps(x + i + 8);
        lo0 = _mm256_min_ps(a, lo0);
        lo1 = _mm256_min_ps(b, lo1);
        hi0 = _mm256_max_ps(a, hi0);
        hi1 = _mm256_max_ps(b, hi1);
    }
    *min = lowest(_mm256_min_ps(lo0, lo1));
    *max = highest(_mm256_max_ps(hi0, hi1));
    for (; i < n; i++) {
        if (x[i] < *min) *min = x[i];
        if (x[i] > *max) *max = x[i];
    }
}

/* q of eight elements of a whole eight. */
static inline __m256i quantize(const float *x, const crl_hybrid_scale *s)
{
    const __m256 v = _mm256_mul_ps(_mm256_loadu_ps(x), _mm256_set1_ps(s->inverse));
    const __m256 half = _mm256_or_ps(_mm256_and_ps(v, _mm256_set1_ps(-0.0f)), _mm256_set1_ps(0.5f));
    const __m256i q = _mm256_add_epi32(_mm256_cvttps_epi32(_mm256_add_ps(v, half)), _mm256_set1_epi32(s->zero));
    return _mm256_min_epi32(_mm256_max_epi32(q, _mm256_set1_epi32(s->min)), _mm256_set1_epi32(INT8_MAX));
}

void crl_hybrid_bytes_avx2(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    size_t i = 0;
    for (; i + 8 <= n && !s->none; i += 8) {
        const __m256i v = quantize(x + i, s);
        const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
        _mm_storel_epi64((__m128i *)(q + i), _mm_xor_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(-128)));
    }
    for (; i < n; i++) q[i] = (uint8_t)(crl_hybrid_quantized(x[i], i, n, s) + 128);
}

void crl_hybrid_whole_avx2(float *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    size_t i = 0;
    for (; i + 8 <= n && !s->none; i += 8)
        _mm256_storeu_ps(q + i, _mm256_cvtepi32_ps(_mm256_sub_epi32(quantize(x + i, s), _mm256_set1_epi32(s->zero))));
    for (; i < n; i++) q[i] = (float)(crl_hybrid_quantized(x[i], i, n, s) - s->zero);
}

static void finish_row(float *out, size_t columns, const crl_hybrid_finish *f)
{
    const __m256i lift = _mm256_set1_epi32(f->zero + 128);
    const __m256 in_scale = _mm256_set1_ps(f->in_scale), min = _mm256_set1_ps(f->min), max = _mm256_set1_ps(f->max);
    size_t c = 0;
    for (; c + 8 <= columns; c += 8) {
        const __m256i weights = _mm256_loadu_si256((const __m256i *)(f->weights + c));
        const __m256i sum = _mm256_loadu_si256((const __m256i *)(void *)(out + c));
        const __m256 acc = _mm256_cvtepi32_ps(_mm256_sub_epi32(sum, _mm256_mullo_epi32(lift, weights)));
        const __m256 scale = _mm256_loadu_ps(f->scale + c);
        const __m256 product = f->scales_first ? _mm256_mul_ps(acc, _mm256_mul_ps(scale, in_scale))
                                               : _mm256_mul_ps(_mm256_mul_ps(acc, scale), in_scale);
        const __m256 v = _mm256_add_ps(product, _mm256_loadu_ps(f->bias + c));
        /* Of equal values, or with one that is no number, the instruction gives the second. */
        const __m256 low = f->min_wins ? _mm256_max_ps(v, min) : _mm256_max_ps(min, v);
        _mm256_storeu_ps(out + c, _mm256_min_ps(max, low));
    }
    if (c < columns) {
        crl_hybrid_finish rest = *f;
        rest.weights += c, rest.scale += c, rest.bias += c;
        crl_hybrid_finish_ref(out + c, 1, columns - c, &rest);
    }
}

void crl_hybrid_finish_avx2(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f)
{
    for (size_t r = 0; r < rows; r++) finish_row(out + r * columns, columns, f);
}
