/* SPDX-License-Identifier: Apache-2.0 */
/* Requantisation for kernels of 512 bits, to be inlined: include it in files of the levels avx512vnni and amx. */
#ifndef CRL_KERNELS_REQUANT_AVX512_H
#define CRL_KERNELS_REQUANT_AVX512_H

#include <immintrin.h>

#include "kernels/requant.h"

/* What a PATCHED form adds to its FLOAT form: y are the results of that for the accumulators acc. */
static inline __attribute__((always_inline)) __m512i crl_requant_patch_x16_avx512(__m512i y, __m512i acc,
                                                                                  const crl_requant_lanes *q)
{
    const __m512i one = _mm512_set1_epi32(1);
    y = _mm512_mask_add_epi32(y, _mm512_cmpeq_epi32_mask(acc, _mm512_load_si512(q->up)), y, one);
    return _mm512_mask_sub_epi32(y, _mm512_cmpeq_epi32_mask(acc, _mm512_load_si512(q->down)), y, one);
}

/* 16 accumulators in the order of the lanes: results, not clamped, and `more` more; of the forms for CUT with floats they are less
 * CRL_REQUANT_CENTRE, whatever `more` is. Packing wants all of them so. `form` is a constant where it is called. The arithmetic
 * is explained in requant_avx2.h. */
static inline __attribute__((always_inline)) __m512i crl_requant_x16_avx512(__m512i acc, const crl_requant_lanes *q,
                                                                            crl_requant_form form, int32_t more)
{
    const __m512i zero = _mm512_set1_epi32(more);
    const bool patched = form == CRL_REQUANT_PATCHED_CUT || form == CRL_REQUANT_PATCHED_ANY;
    if (form == CRL_REQUANT_FLOAT_CUT || form == CRL_REQUANT_FLOAT_ANY || patched) {
        const bool any = form == CRL_REQUANT_FLOAT_ANY || form == CRL_REQUANT_PATCHED_ANY;
        __m512i b = _mm512_load_si512(q->u.f.b);
        if (any) /* the sign bit of acc and the other bits of b, in one instruction */
            b = _mm512_ternarylogic_epi32(acc, b, _mm512_set1_epi32(INT32_MAX), 0xD8);
        const __m512 f = _mm512_cvtepi32_ps(acc);
        __m512i y = _mm512_cvtps_epi32(_mm512_fmadd_ps(f, _mm512_load_ps(q->u.f.a), _mm512_castsi512_ps(b)));
        if (patched) y = crl_requant_patch_x16_avx512(y, acc, q);
        return any ? _mm512_add_epi32(y, zero) : y;
    }
    if (form == CRL_REQUANT_REAL) {
        const __m512d sign = _mm512_set1_pd(-0.0), half_below = _mm512_set1_pd(0.49999999999999994);
        const __m512d v0 = _mm512_mul_pd(_mm512_cvtepi32_pd(_mm512_castsi512_si256(acc)), _mm512_load_pd(q->u.real));
        const __m512d v1 =
            _mm512_mul_pd(_mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(acc, 1)), _mm512_load_pd(q->u.real + 8));
        const __m256i y0 = _mm512_cvttpd_epi32(_mm512_add_pd(v0, _mm512_or_pd(_mm512_and_pd(v0, sign), half_below)));
        const __m256i y1 = _mm512_cvttpd_epi32(_mm512_add_pd(v1, _mm512_or_pd(_mm512_and_pd(v1, sign), half_below)));
        return _mm512_add_epi32(_mm512_inserti64x4(_mm512_castsi256_si512(y0), y1, 1), zero);
    }
    const __m512i x = _mm512_sllv_epi32(acc, _mm512_load_si512(q->left));
    const __m512i m = _mm512_load_si512(q->mult), h = _mm512_load_si512(q->half);
    const __m512i nudge = _mm512_set1_epi64(1 << 30);
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, m), nudge);
    const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(m, 32)), nudge);
    __m512i v = _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
    if (form == CRL_REQUANT_EXACT_ANY) v = _mm512_sub_epi32(v, _mm512_min_epi32(_mm512_srli_epi32(acc, 31), h));
    v = _mm512_srav_epi32(_mm512_add_epi32(v, h), _mm512_load_si512(q->right));
    return _mm512_add_epi32(v, zero);
}

/* 64 results less CRL_REQUANT_CENTRE to bytes, which have it back. Byte 16 * h + 4 * v + i, h in 0..3, is element 4 * h + i of vector v. */
static inline __attribute__((always_inline)) __m512i crl_requant_pack_avx512(__m512i y0, __m512i y1, __m512i y2,
                                                                             __m512i y3)
{
    const __m512i centre = _mm512_set1_epi8((char)CRL_REQUANT_CENTRE);
    return _mm512_xor_si512(_mm512_packs_epi16(_mm512_packs_epi32(y0, y1), _mm512_packs_epi32(y2, y3)), centre);
}

#endif
