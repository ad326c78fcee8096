/* SPDX-License-Identifier: Apache-2.0 */
/* Requantisation for kernels of 256 bits, to be inlined: include it in files of the levels avx2 and avxvnni. */
#ifndef CRL_KERNELS_REQUANT_AVX2_H
#define CRL_KERNELS_REQUANT_AVX2_H

#include <immintrin.h>

#include "kernels/requant.h"

/* What a PATCHED form adds to its FLOAT form: y are the results of that for the accumulators acc. */
static inline __attribute__((always_inline)) __m256i crl_requant_patch_x8_avx2(__m256i y, __m256i acc,
                                                                               const crl_requant_lanes *q, int half)
{
    /* Comparisons give -1 where equal. */
    y = _mm256_sub_epi32(y, _mm256_cmpeq_epi32(acc, _mm256_load_si256((const __m256i *)(q->up + 8 * half))));
    return _mm256_add_epi32(y, _mm256_cmpeq_epi32(acc, _mm256_load_si256((const __m256i *)(q->down + 8 * half))));
}

/* Eight accumulators in the order of lanes 8 * half to 8 * half + 7: results, not clamped, and `more` more; of
 * the forms for CUT with floats they are less CRL_REQUANT_CENTRE, whatever `more` is. Packing wants all of them so. `form` is a
 * constant where it is called. */
static inline __attribute__((always_inline)) __m256i crl_requant_x8_avx2(__m256i acc, const crl_requant_lanes *q,
                                                                         int half, crl_requant_form form,
                                                                         int32_t more)
{
    const int at = 8 * half;
    const __m256i zero = _mm256_set1_epi32(more);
    const bool patched = form == CRL_REQUANT_PATCHED_CUT || form == CRL_REQUANT_PATCHED_ANY;
    if (form == CRL_REQUANT_FLOAT_CUT || form == CRL_REQUANT_FLOAT_ANY || patched) {
        const bool any = form == CRL_REQUANT_FLOAT_ANY || form == CRL_REQUANT_PATCHED_ANY;
        const __m256 f = _mm256_cvtepi32_ps(acc), sign = _mm256_set1_ps(-0.0f);
        __m256 b = _mm256_load_ps(q->u.f.b + at);
        if (any) b = _mm256_or_ps(_mm256_and_ps(f, sign), _mm256_andnot_ps(sign, b));
        __m256i y = _mm256_cvtps_epi32(_mm256_fmadd_ps(f, _mm256_load_ps(q->u.f.a + at), b));
        if (patched) y = crl_requant_patch_x8_avx2(y, acc, q, half);
        return any ? _mm256_add_epi32(y, zero) : y;
    }
    if (form == CRL_REQUANT_REAL) {
        /* round() away from zero: add the largest double below one half, with the sign, and truncate. */
        const __m256d sign = _mm256_set1_pd(-0.0), half_below = _mm256_set1_pd(0.49999999999999994);
        const __m128i acc0 = _mm256_castsi256_si128(acc), acc1 = _mm256_extracti128_si256(acc, 1);
        const __m256d v0 = _mm256_mul_pd(_mm256_cvtepi32_pd(acc0), _mm256_load_pd(q->u.real + at));
        const __m256d v1 = _mm256_mul_pd(_mm256_cvtepi32_pd(acc1), _mm256_load_pd(q->u.real + at + 4));
        const __m128i y0 = _mm256_cvttpd_epi32(_mm256_add_pd(v0, _mm256_or_pd(_mm256_and_pd(v0, sign), half_below)));
        const __m128i y1 = _mm256_cvttpd_epi32(_mm256_add_pd(v1, _mm256_or_pd(_mm256_and_pd(v1, sign), half_below)));
        return _mm256_add_epi32(_mm256_inserti128_si256(_mm256_castsi128_si256(y0), y1, 1), zero);
    }
    /* (acc * mult + 2^30) >> 31 in even and odd lanes, then the shift to the right with its own rounding. The
     * sign of acc is that of the first result, or both round to 0. */
    const __m256i x = _mm256_sllv_epi32(acc, _mm256_load_si256((const __m256i *)(q->left + at)));
    const __m256i m = _mm256_load_si256((const __m256i *)(q->mult + at));
    const __m256i h = _mm256_load_si256((const __m256i *)(q->half + at));
    const __m256i nudge = _mm256_set1_epi64x(1 << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, m), nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(m, 32)), nudge);
    __m256i v = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
    if (form == CRL_REQUANT_EXACT_ANY) /* ties away from zero: one less below zero, unless there is no shift */
        v = _mm256_sub_epi32(v, _mm256_min_epi32(_mm256_srli_epi32(acc, 31), h));
    v = _mm256_srav_epi32(_mm256_add_epi32(v, h), _mm256_load_si256((const __m256i *)(q->right + at)));
    return _mm256_add_epi32(v, zero);
}

/* 32 results less CRL_REQUANT_CENTRE to bytes, which have it back. Byte 16 * h + 4 * v + i, h in 0..1, is element 4 * h + i of vector v. */
static inline __attribute__((always_inline)) __m256i crl_requant_pack_avx2(__m256i y0, __m256i y1, __m256i y2,
                                                                           __m256i y3)
{
    const __m256i centre = _mm256_set1_epi8((char)CRL_REQUANT_CENTRE);
    return _mm256_xor_si256(_mm256_packs_epi16(_mm256_packs_epi32(y0, y1), _mm256_packs_epi32(y2, y3)), centre);
}

#endif
