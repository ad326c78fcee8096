/* SPDX-License-Identifier: Apache-2.0 */
/* 16 lanes, and the loops of a proof, 4 or 8 steps at a time. */
#include "kernels/x86/requant_avx2.h"

#include <math.h>

static inline __attribute__((always_inline)) void lanes16(uint8_t *out, const int32_t *acc,
                                                          const crl_requant_lanes *lanes, crl_requant_form form,
                                                          const crl_requant *q)
{
    const __m256i y0 = crl_requant_x8_avx2(_mm256_loadu_si256((const __m256i *)acc), lanes, 0, form, q->zero_point - CRL_REQUANT_CENTRE);
    const __m256i y1 = crl_requant_x8_avx2(_mm256_loadu_si256((const __m256i *)acc + 1), lanes, 1, form, q->zero_point - CRL_REQUANT_CENTRE);
    const __m256i y = crl_requant_pack_avx2(y0, y1, y0, y1);
    const __m128i v = _mm_unpacklo_epi32(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
    const __m128i min = _mm_set1_epi8((char)q->min), max = _mm_set1_epi8((char)q->max);
    _mm_storeu_si128((__m128i *)out, _mm_min_epu8(_mm_max_epu8(v, min), max));
}

void crl_requant_lanes_avx2(uint8_t out[16], const int32_t acc[16], const crl_requant_lanes *lanes,
                            crl_requant_form form, const crl_requant *q)
{
    switch (form) {
    case CRL_REQUANT_FLOAT_CUT: lanes16(out, acc, lanes, CRL_REQUANT_FLOAT_CUT, q); break;
    case CRL_REQUANT_FLOAT_ANY: lanes16(out, acc, lanes, CRL_REQUANT_FLOAT_ANY, q); break;
    case CRL_REQUANT_PATCHED_CUT: lanes16(out, acc, lanes, CRL_REQUANT_PATCHED_CUT, q); break;
    case CRL_REQUANT_PATCHED_ANY: lanes16(out, acc, lanes, CRL_REQUANT_PATCHED_ANY, q); break;
    case CRL_REQUANT_EXACT_CUT: lanes16(out, acc, lanes, CRL_REQUANT_EXACT_CUT, q); break;
    case CRL_REQUANT_EXACT_ANY: lanes16(out, acc, lanes, CRL_REQUANT_EXACT_ANY, q); break;
    case CRL_REQUANT_REAL: lanes16(out, acc, lanes, CRL_REQUANT_REAL, q); break;
    case CRL_REQUANT_SUMS: break; /* of no lanes */
    }
}

/* The smallest x with x * scale >= u, for four u. Taken a little low, the quotient gives that x or the one below; the
 * exact sign of x * scale - u, which a fused multiply-subtract has, tells which. */
static inline __m128i reach(__m256d u, __m256d scale, __m256d inverse)
{
    const __m256d zero = _mm256_setzero_pd(), one = _mm256_set1_pd(1), low = _mm256_set1_pd(1.0 / (1 << 20));
    const __m256d x = _mm256_ceil_pd(_mm256_fmsub_pd(u, inverse, low));
    const __m256d under = _mm256_cmp_pd(_mm256_fmsub_pd(x, scale, u), zero, _CMP_LT_OQ);
    return _mm256_cvtpd_epi32(_mm256_add_pd(x, _mm256_and_pd(one, under)));
}

void crl_requant_steps_avx2(crl_requant_steps *s)
{
    const __m256d scale = _mm256_set1_pd(s->scale), inverse = _mm256_set1_pd(1 / s->scale), four = _mm256_set1_pd(4);
    const __m256d zero = _mm256_setzero_pd(), twice = _mm256_set1_pd(2 * s->offset);
    __m256d u = _mm256_add_pd(_mm256_set1_pd(s->first - s->zero_point - 0.5 - s->offset), _mm256_setr_pd(0, 1, 2, 3));
    for (int32_t i = 0; i < s->n; i += 4, u = _mm256_add_pd(u, four)) {
        /* Outputs up to 0 begin above the tie, not below: u < 0, since 1 begins at 1/2 or a quarter. */
        const __m256d v = _mm256_add_pd(u, _mm256_and_pd(_mm256_cmp_pd(u, zero, _CMP_LT_OQ), twice));
        _mm_storeu_si128((__m128i *)(s->at + i), reach(v, scale, inverse));
    }
    for (int32_t i = s->n; i % 16; i++) s->at[i] = s->at[s->n - 1]; /* slack that breaks nothing */
}

/* The bounds of b that each lane finds: the strictest, and two more. */
typedef struct found {
    __m256d low[3], high[3];
} found;

static inline __attribute__((always_inline)) found find_bounds(const crl_requant_steps *s, double a, crl_requant_form form, int n)
{
    const bool any = form == CRL_REQUANT_FLOAT_ANY;
    const int32_t first = s->first - (any ? s->zero_point : CRL_REQUANT_CENTRE);
    const __m256d slope = _mm256_set1_pd(a), zero = _mm256_setzero_pd(), sign = _mm256_set1_pd(-0.0);
    const __m256d four = _mm256_set1_pd(4), end = _mm256_set1_pd(first + s->n - 1);
    const __m256d power = _mm256_castsi256_pd(_mm256_set1_epi64x(0x7ff0000000000000));
    /* Half a unit in the last place of a float in [1, 2): up for odd outputs, down for even ones. */
    const double half = first % 2 ? ldexp(1, -24) : -ldexp(1, -24);
    const __m256d halves = _mm256_setr_pd(half, -half, half, -half);
    const __m256d none = _mm256_set1_pd(-INFINITY), all = _mm256_set1_pd(INFINITY);
    found f = { { none, none, none }, { all, all, all } };
    __m256d tie = _mm256_add_pd(_mm256_set1_pd(first - 0.5), _mm256_setr_pd(0, 1, 2, 3));
    for (int32_t i = 0; i < s->n; i += 4, tie = _mm256_add_pd(tie, four)) {
        const __m256d slack = _mm256_cmp_pd(tie, end, _CMP_GT_OQ); /* behind the last step */
        const __m256d goal = _mm256_fmadd_pd(_mm256_and_pd(tie, power), halves, tie);
        const __m256d x = _mm256_cvtepi32_pd(_mm_loadu_si128((const __m128i *)(s->at + i)));
        /* b > v and b < v + a; where the accumulator is negative b counts with the other sign. */
        __m256d v = _mm256_fnmadd_pd(slope, x, goal);
        if (any) {
            const __m256d flipped = _mm256_xor_pd(sign, _mm256_add_pd(v, slope));
            v = _mm256_blendv_pd(v, flipped, _mm256_cmp_pd(x, zero, _CMP_LE_OQ));
        }
        const __m256d low = _mm256_blendv_pd(v, none, slack), high = _mm256_blendv_pd(v, all, slack);
        for (int k = n - 1; k > 0; k--) {
            f.low[k] = _mm256_max_pd(f.low[k], _mm256_min_pd(f.low[k - 1], low));
            f.high[k] = _mm256_min_pd(f.high[k], _mm256_max_pd(f.high[k - 1], high));
        }
        f.low[0] = _mm256_max_pd(f.low[0], low);
        f.high[0] = _mm256_min_pd(f.high[0], high);
    }
    return f;
}

static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

static inline double largest(__m256d v)
{
    double l[4];
    _mm256_storeu_pd(l, v);
    return larger(larger(l[0], l[1]), larger(l[2], l[3]));
}

void crl_requant_bounds_avx2(const crl_requant_steps *s, double a, crl_requant_form form, double *lo, double *hi)
{
    const found f = find_bounds(s, a, form, 1);
    *lo = largest(f.low[0]);
    *hi = a - largest(_mm256_sub_pd(_mm256_setzero_pd(), f.high[0]));
}

/* The three largest of all that the lanes have. */
static void three_largest(double to[3], const __m256d v[3])
{
    double l[12];
    for (int k = 0; k < 3; k++) {
        _mm256_storeu_pd(l + 4 * k, v[k]);
        to[k] = -INFINITY;
    }
    for (int i = 0; i < 12; i++) {
        const double second = to[0] < l[i] ? to[0] : l[i], third = to[1] < second ? to[1] : second;
        to[0] = larger(to[0], l[i]);
        to[1] = larger(to[1], second);
        to[2] = larger(to[2], third);
    }
}

void crl_requant_strictest_avx2(const crl_requant_steps *s, double a, crl_requant_form form, double lo[3], double hi[3])
{
    found f = find_bounds(s, a, form, 3);
    three_largest(lo, f.low);
    for (int k = 0; k < 3; k++) f.high[k] = _mm256_sub_pd(_mm256_setzero_pd(), f.high[k]);
    three_largest(hi, f.high);
    for (int k = 0; k < 3; k++) hi[k] = a - hi[k];
}

static inline __m256i apply(__m256i x, __m256 a, __m256 b, bool any)
{
    const __m256 f = _mm256_cvtepi32_ps(x), sign = _mm256_set1_ps(-0.0f);
    if (any) b = _mm256_or_ps(_mm256_and_ps(f, sign), _mm256_andnot_ps(sign, b));
    return _mm256_cvtps_epi32(_mm256_fmadd_ps(f, a, b));
}

int crl_requant_check_avx2(const crl_requant_steps *s, crl_requant_proof *proof, crl_requant_form form)
{
    int misses = 0;
    const bool any = form == CRL_REQUANT_FLOAT_ANY;
    const int32_t base = any ? s->zero_point : CRL_REQUANT_CENTRE;
    const __m256 va = _mm256_set1_ps(proof->a), vb = _mm256_set1_ps(proof->b);
    const __m256i last = _mm256_set1_epi32(s->first + s->n - 1 - base), one = _mm256_set1_epi32(1);
    __m256i goal = _mm256_add_epi32(_mm256_set1_epi32(s->first - base), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    for (int32_t i = 0; i < s->n; i += 8, goal = _mm256_add_epi32(goal, _mm256_set1_epi32(8))) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(s->at + i)), g = _mm256_min_epi32(goal, last);
        const __m256i early = _mm256_cmpgt_epi32(g, apply(_mm256_sub_epi32(x, one), va, vb, any));
        const __m256i missed = _mm256_cmpgt_epi32(g, apply(x, va, vb, any));
        if (_mm256_movemask_epi8(_mm256_andnot_si256(missed, early)) == -1) continue;
        const unsigned low = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(missed));
        const unsigned high = ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(early)) & 0xFF;
        for (unsigned left = low | high; left && misses < 3; left &= left - 1) {
            const int32_t j = __builtin_ctz(left);
            if (i + j >= s->n) break;
            if (low >> j & 1) misses = crl_requant_miss(proof, misses, s->at[i + j], true);
            if (high >> j & 1) misses = crl_requant_miss(proof, misses, s->at[i + j] - 1, false);
        }
        if (misses > 2) return misses;
    }
    return misses;
}
