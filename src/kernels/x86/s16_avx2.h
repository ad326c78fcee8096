/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of eight sums of 32 bits, under the names that the frames of 16-bit kernels use. With S16_VNNI, products are added by
 * vpdpwssd. */
#ifndef CRL_KERNELS_S16_AVX2_H
#define CRL_KERNELS_S16_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "kernels/element.h"
#include "kernels/unit16.h"
#include "kernels/x86/requant_avx2.h"

typedef __m256i s16s, s16x, s16_taps, s32s;
typedef double s16_sum;
enum { S16_LANES = 8, S16_GROUP = 2 };

CRL_INLINE const int16_t *s16_numbers(const uint8_t *pixel)
{
    return (const int16_t *)(const void *)pixel;
}

CRL_INLINE s16s s16_load(const int16_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* What the outputs of a unit see of a pixel. */
CRL_INLINE s16_taps s16_load_taps(const int16_t *p)
{
    return s16_load(p);
}

CRL_INLINE s16_taps s16_fill_taps(int16_t x)
{
    return _mm256_set1_epi16(x);
}

CRL_INLINE s32s s32_zero(void)
{
    return _mm256_setzero_si256();
}

/* A pair of numbers in every lane. */
CRL_INLINE s16x s16_spread(const int16_t *p)
{
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm256_set1_epi32(pair);
}

CRL_INLINE s32s s16_dot(s32s acc, s16x x, s16s w)
{
#ifdef S16_VNNI
    return _mm256_dpwssd_avx_epi32(acc, x, w);
#else
    return _mm256_add_epi32(acc, _mm256_madd_epi16(x, w));
#endif
}

/* Lanes of two taps, a * w + b * v each: the pairs of w and v lie in the order of lanes. */
CRL_INLINE void s16_dot_taps(s32s acc[2], s16_taps a, s16_taps b, const int16_t *w)
{
    acc[0] = s16_dot(acc[0], _mm256_unpacklo_epi16(a, b), s16_load(w));
    acc[1] = s16_dot(acc[1], _mm256_unpackhi_epi16(a, b), s16_load(w + S16_LANES * 2));
}

CRL_INLINE __m256d half_sums(s32s v, int half)
{
    return _mm256_cvtepi32_pd(half ? _mm256_extracti128_si256(v, 1) : _mm256_castsi256_si128(v));
}

/* Adds to the sums of other pieces. */
CRL_INLINE void s16_keep(s16_sum *sums, s32s acc)
{
    _mm256_storeu_pd(sums, _mm256_add_pd(_mm256_loadu_pd(sums), half_sums(acc, 0)));
    _mm256_storeu_pd(sums + 4, _mm256_add_pd(_mm256_loadu_pd(sums + 4), half_sums(acc, 1)));
}

/* Four lanes; those of `sums`, if there are any, come on top. */
CRL_INLINE __m128i finish_four(s32s acc, int half, const s16_sum *sums, const double *a, const double *b, bool real)
{
    __m256d v = half_sums(acc, half);
    if (sums) v = _mm256_add_pd(v, _mm256_loadu_pd(sums));
    if (!real) return _mm256_cvtpd_epi32(_mm256_fmadd_pd(v, _mm256_load_pd(a), _mm256_load_pd(b)));
    /* round() away from zero: add the largest double below one half, with the sign, and truncate. */
    const __m256d sign = _mm256_set1_pd(-0.0), half_below = _mm256_set1_pd(0.49999999999999994);
    v = _mm256_mul_pd(_mm256_add_pd(v, _mm256_load_pd(b)), _mm256_load_pd(a));
    return _mm256_cvttpd_epi32(_mm256_add_pd(v, _mm256_or_pd(_mm256_and_pd(v, sign), half_below)));
}

CRL_INLINE __m256i finish_lanes(s32s acc, const s16_sum *sums, const double *a, const double *b, bool real)
{
    const __m128i low = finish_four(acc, 0, sums, a, b, real), high = finish_four(acc, 1, sums ? sums + 4 : NULL, a + 4, b + 4, real);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

static __attribute__((noinline)) void finish_plain(int16_t *out, s32s lo, s32s hi, const s16_sum *sums, const crl_unit16 *u,
                                                   const crl_unit16_spec *spec)
{
    int32_t narrow[2 * S16_LANES];
    int64_t wide[2 * S16_LANES];
    _mm256_storeu_si256((__m256i *)narrow, lo);
    _mm256_storeu_si256((__m256i *)(narrow + S16_LANES), hi);
    for (int32_t i = 0; i < 2 * S16_LANES; i++) wide[i] = narrow[i] + (sums ? (int64_t)sums[i] : 0);
    crl_unit16_plain(out, wide, u, spec, S16_LANES);
}

CRL_INLINE __m256i finish_fixed(s32s acc, int v, const crl_unit16 *u)
{
    const __m256i start = _mm256_load_si256((const __m256i *)(u->start + v * S16_LANES));
    return crl_requant_x8_avx2(_mm256_add_epi32(acc, start), u->fixed, v, CRL_REQUANT_EXACT_ANY, 0);
}

/* The outputs of a unit. */
CRL_INLINE void s16_finish(int16_t *out, s32s lo, s32s hi, const s16_sum *sums, const crl_unit16 *u, const crl_unit16_spec *spec)
{
    __m256i y0, y1;
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
    __m256i y = _mm256_packs_epi32(y0, y1);
    y = _mm256_min_epi16(_mm256_max_epi16(y, _mm256_set1_epi16((int16_t)spec->requant.min)), _mm256_set1_epi16((int16_t)spec->requant.max));
    if (u->columns == 2 * S16_LANES) {
        _mm256_storeu_si256((__m256i *)out, y);
    } else {
        int16_t part[2 * S16_LANES];
        _mm256_storeu_si256((__m256i *)part, y);
        memcpy(out, part, (size_t)u->columns * sizeof *out);
    }
}

#endif
