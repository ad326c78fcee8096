/* SPDX-License-Identifier: Apache-2.0 */
/* Around products of float layers with weights of 8 bits: 16 floats at a time; hybrid_avx2.c does what is left of fewer. */
#include <immintrin.h>

#include "kernels/hybrid.h"

void crl_hybrid_range_avx512vnni(const float *x, size_t n, float start, float *min, float *max)
{
    __m512 lo0 = _mm512_set1_ps(start), lo1 = lo0, hi0 = lo0, hi1 = lo0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m512 a = _mm512_loadu_ps(x + i), b = _mm512_loadu_ps(x + i + 16);
        lo0 = _mm512_min_ps(a, lo0);
        lo1 = _mm512_min_ps(b, lo1);
        hi0 = _mm512_max_ps(a, hi0);
        hi1 = _mm512_max_ps(b, hi1);
    }
    const float least = _mm512_reduce_min_ps(_mm512_min_ps(lo0, lo1)), most = _mm512_reduce_max_ps(_mm512_max_ps(hi0, hi1));
    crl_hybrid_range_avx2(x + i, n - i, start, min, max);
    if (least < *min) *min = least;
    if (most > *max) *max = most;
}

/* Sixteen elements of whole eights, before they are held within bytes. */
static inline __m512i shifted(const float *x, const crl_hybrid_scale *s)
{
    enum { SIGN_OF_FIRST = 0xEA }; /* (a & b) | c */
    const __m512i v = _mm512_castps_si512(_mm512_mul_ps(_mm512_loadu_ps(x), _mm512_set1_ps(s->inverse)));
    const __m512i half = _mm512_ternarylogic_epi32(v, _mm512_set1_epi32(INT32_MIN), _mm512_castps_si512(_mm512_set1_ps(0.5f)), SIGN_OF_FIRST);
    const __m512 sum = _mm512_add_ps(_mm512_castsi512_ps(v), _mm512_castsi512_ps(half));
    return _mm512_add_epi32(_mm512_cvttps_epi32(sum), _mm512_set1_epi32(s->zero));
}

/* q of them. */
static inline __m512i quantize(const float *x, const crl_hybrid_scale *s)
{
    return _mm512_min_epi32(_mm512_max_epi32(shifted(x, s), _mm512_set1_epi32(s->min)), _mm512_set1_epi32(INT8_MAX));
}

/* 64 of them: packing holds them within bytes, in fours of each vector, which are put in order. */
static inline __m512i quantize_64(const float *x, const crl_hybrid_scale *s)
{
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i a = _mm512_packs_epi32(shifted(x, s), shifted(x + 16, s)), b = _mm512_packs_epi32(shifted(x + 32, s), shifted(x + 48, s));
    return _mm512_permutexvar_epi32(order, _mm512_max_epi8(_mm512_packs_epi16(a, b), _mm512_set1_epi8((char)s->min)));
}

void crl_hybrid_bytes_avx512vnni(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    const crl_hybrid_scale own = *s; /* stores of bytes make the compiler load again what they could have changed */
    size_t i = 0;
    for (; i + 64 <= n && !own.none; i += 64)
        _mm512_storeu_si512(q + i, _mm512_xor_si512(quantize_64(x + i, &own), _mm512_set1_epi8(-128)));
    for (; i + 16 <= n && !own.none; i += 16)
        _mm_storeu_si128((__m128i *)(q + i), _mm_xor_si128(_mm512_cvtepi32_epi8(quantize(x + i, &own)), _mm_set1_epi8(-128)));
    crl_hybrid_bytes_avx2(q + i, x + i, n - i, s);
}

void crl_hybrid_whole_avx512vnni(float *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    size_t i = 0;
    for (; i + 16 <= n && !s->none; i += 16)
        _mm512_storeu_ps(q + i, _mm512_cvtepi32_ps(_mm512_sub_epi32(quantize(x + i, s), _mm512_set1_epi32(s->zero))));
    crl_hybrid_whole_avx2(q + i, x + i, n - i, s);
}

/* The columns of `exist` from c on, in all rows: what they share is loaded once. */
static inline void finish_columns(float *out, size_t rows, size_t columns, size_t c, __mmask16 exist, const crl_hybrid_finish *f)
{
    const __m512i lift = _mm512_mullo_epi32(_mm512_set1_epi32(f->zero + 128), _mm512_maskz_loadu_epi32(exist, f->weights + c));
    const __m512 in_scale = _mm512_set1_ps(f->in_scale), min = _mm512_set1_ps(f->min), max = _mm512_set1_ps(f->max);
    const __m512 own = _mm512_maskz_loadu_ps(exist, f->scale + c), bias = _mm512_maskz_loadu_ps(exist, f->bias + c);
    const __m512 first = f->scales_first ? _mm512_mul_ps(own, in_scale) : own;
    const __m512 second = f->scales_first ? _mm512_set1_ps(1) : in_scale;
    for (float *at = out + c; rows-- > 0; at += columns) {
        const __m512i sum = exist == 0xffff ? _mm512_loadu_si512(at) : _mm512_maskz_loadu_epi32(exist, at);
        const __m512 product = _mm512_mul_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sum, lift)), first), second);
        const __m512 sum_f32 = _mm512_add_ps(product, bias);
        /* Of equal values, or with one that is no number, the instruction gives the second. */
        const __m512 low = f->min_wins ? _mm512_max_ps(sum_f32, min) : _mm512_max_ps(min, sum_f32);
        const __m512 v = _mm512_min_ps(max, low);
        if (exist == 0xffff)
            _mm512_storeu_ps(at, v);
        else
            _mm512_mask_storeu_ps(at, exist, v);
    }
}

void crl_hybrid_finish_avx512vnni(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f)
{
    size_t c = 0;
    for (; c + 16 <= columns; c += 16) finish_columns(out, rows, columns, c, 0xffff, f);
    if (c < columns) finish_columns(out, rows, columns, c, (__mmask16)((1u << (columns - c)) - 1), f);
}
