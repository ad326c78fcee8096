/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of 16 sums of 32 bits, under the names that the frames of 16-bit kernels use. */
#ifndef CRL_KERNELS_S16_AVX512_H
#define CRL_KERNELS_S16_AVX512_H

#include <immintrin.h>
#include <string.h>

#include "kernels/element.h"
#include "kernels/unit16.h"
#include "kernels/x86/requant_avx512.h"

typedef __m512i s16s, s16x, s16_taps, s32s;
typedef double s16_sum;
enum { S16_LANES = 16, S16_GROUP = 2 };

CRL_INLINE const int16_t *s16_numbers(const uint8_t *pixel)
{
    return (const int16_t *)(const void *)pixel;
}

CRL_INLINE s16s s16_load(const int16_t *p)
{
    return _mm512_loadu_si512(p);
}

/* What the outputs of a unit see of a pixel. */
CRL_INLINE s16_taps s16_load_taps(const int16_t *p)
{
    return s16_load(p);
}

CRL_INLINE s16_taps s16_fill_taps(int16_t x)
{
    return _mm512_set1_epi16(x);
}

CRL_INLINE s32s s32_zero(void)
{
    return _mm512_setzero_si512();
}

/* A pair of numbers in every lane. */
CRL_INLINE s16x s16_spread(const int16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
}

CRL_INLINE s32s s16_dot(s32s acc, s16x x, s16s w)
{
    return _mm512_dpwssd_epi32(acc, x, w);
}

/* Lanes of two taps, a * w + b * v each: the pairs of w and v lie in the order of lanes. */
CRL_INLINE void s16_dot_taps(s32s acc[2], s16_taps a, s16_taps b, const int16_t *w)
{
    acc[0] = s16_dot(acc[0], _mm512_unpacklo_epi16(a, b), s16_load(w));
    acc[1] = s16_dot(acc[1], _mm512_unpackhi_epi16(a, b), s16_load(w + S16_LANES * 2));
}

CRL_INLINE __m512d half_sums(s32s v, int half)
{
    return _mm512_cvtepi32_pd(half ? _mm512_extracti64x4_epi64(v, 1) : _mm512_castsi512_si256(v));
}

/* Adds to the sums of other pieces. */
CRL_INLINE void s16_keep(s16_sum *sums, s32s acc)
{
    _mm512_storeu_pd(sums, _mm512_add_pd(_mm512_loadu_pd(sums), half_sums(acc, 0)));
    _mm512_storeu_pd(sums + 8, _mm512_add_pd(_mm512_loadu_pd(sums + 8), half_sums(acc, 1)));
}

/* Eight lanes; those of `sums`, if there are any, come on top. */
CRL_INLINE __m256i finish_eight(s32s acc, int half, const s16_sum *sums, const double *a, const double *b, bool real)
{
    __m512d v = half_sums(acc, half);
    if (sums) v = _mm512_add_pd(v, _mm512_loadu_pd(sums));
    if (!real) return _mm512_cvtpd_epi32(_mm512_fmadd_pd(v, _mm512_load_pd(a), _mm512_load_pd(b)));
    /* round() away from zero: add the largest double below one half, with the sign, and truncate. */
    const __m512d sign = _mm512_set1_pd(-0.0), half_below = _mm512_set1_pd(0.49999999999999994);
    v = _mm512_mul_pd(_mm512_add_pd(v, _mm512_load_pd(b)), _mm512_load_pd(a));
    return _mm512_cvttpd_epi32(_mm512_add_pd(v, _mm512_or_pd(_mm512_and_pd(v, sign), half_below)));
}

CRL_INLINE __m512i finish_lanes(s32s acc, const s16_sum *sums, const double *a, const double *b, bool real)
{
    const __m256i low = finish_eight(acc, 0, sums, a, b, real), high = finish_eight(acc, 1, sums ? sums + 8 : NULL, a + 8, b + 8, real);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

static __attribute__((noinline)) void finish_plain(int16_t *out, s32s lo, s32s hi, const s16_sum *sums, const crl_unit16 *u,
                                                   const crl_unit16_spec *spec)
{
    int32_t narrow[2 * S16_LANES];
    int64_t wide[2 * S16_LANES];
    _mm512_storeu_si512(narrow, lo);
    _mm512_storeu_si512(narrow + S16_LANES, hi);
    for (int32_t i = 0; i < 2 * S16_LANES; i++) wide[i] = narrow[i] + (sums ? (int64_t)sums[i] : 0);
    crl_unit16_plain(out, wide, u, spec, S16_LANES);
}

CRL_INLINE __m512i finish_fixed(s32s acc, int v, const crl_unit16 *u)
{
    const __m512i start = _mm512_load_si512(u->start + v * S16_LANES);
    return crl_requant_x16_avx512(_mm512_add_epi32(acc, start), u->fixed + v, CRL_REQUANT_EXACT_ANY, 0);
}

/* The outputs of a unit. */
CRL_INLINE void s16_finish(int16_t *out, s32s lo, s32s hi, const s16_sum *sums, const crl_unit16 *u, const crl_unit16_spec *spec)
{
    __m512i y0, y1;
    const s16_sum *more = sums ? sums + S16_LANES : NULL;
    switch (u->form) {
    case CRL_UNIT16_WIDE:
        y0 = finish_lanes(lo, sums, u->a, u->b, false);
        y1 = finish_lanes(hi, more, u->a + S16_LANES, u->b + S16_LANES, false);
        break;
    case CRL_UNIT16_REAL:
        y0 = finish_lanes(lo, sums, u->a, u->b, true);
        y1 = finish_lanes(hi, more, u->a + S16_LANES, u->b + S16_LANES, true);
        break;
    case CRL_UNIT16_FIXED:
        y0 = finish_fixed(lo, 0, u);
        y1 = finish_fixed(hi, 1, u);
        break;
    default: finish_plain(out, lo, hi, sums, u, spec); return;
    }
    __m512i y = _mm512_packs_epi32(y0, y1);
    y = _mm512_min_epi16(_mm512_max_epi16(y, _mm512_set1_epi16((int16_t)spec->requant.min)), _mm512_set1_epi16((int16_t)spec->requant.max));
    const __mmask32 there = u->columns == 2 * S16_LANES ? UINT32_MAX : (UINT32_C(1) << u->columns) - 1;
    _mm512_mask_storeu_epi16(out, there, y);
}

#endif
