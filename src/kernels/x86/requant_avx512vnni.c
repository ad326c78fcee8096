/* SPDX-License-Identifier: Apache-2.0 */
/* 16 lanes, and the loops of a proof, 8 or 16 steps at a time; requant_avx2.c explains them. */
#include "kernels/x86/requant_avx512.h"

#include <math.h>

static inline __attribute__((always_inline)) void lanes16(uint8_t *out, const int32_t *acc,
                                                          const crl_requant_lanes *lanes, crl_requant_form form,
                                                          const crl_requant *q)
{
    __m512i y = crl_requant_x16_avx512(_mm512_loadu_si512(acc), lanes, form, q->zero_point - CRL_REQUANT_CENTRE);
    y = _mm512_add_epi32(y, _mm512_set1_epi32(CRL_REQUANT_CENTRE));
    y = _mm512_min_epi32(_mm512_max_epi32(y, _mm512_set1_epi32(q->min)), _mm512_set1_epi32(q->max));
    _mm_storeu_si128((__m128i *)out, _mm512_cvtepi32_epi8(y));
}

void crl_requant_lanes_avx512vnni(uint8_t out[16], const int32_t acc[16], const crl_requant_lanes *lanes,
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

static inline __m256i reach(__m512d u, __m512d scale, __m512d inverse)
{
    const __m512d low = _mm512_set1_pd(1.0 / (1 << 20));
    const __m512d x = _mm512_roundscale_pd(_mm512_fmsub_pd(u, inverse, low), _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC);
    const __mmask8 under = _mm512_cmp_pd_mask(_mm512_fmsub_pd(x, scale, u), _mm512_setzero_pd(), _CMP_LT_OQ);
    return _mm512_cvtpd_epi32(_mm512_mask_add_pd(x, under, x, _mm512_set1_pd(1)));
}

void crl_requant_steps_avx512vnni(crl_requant_steps *s)
{
    const __m512d scale = _mm512_set1_pd(s->scale), inverse = _mm512_set1_pd(1 / s->scale), eight = _mm512_set1_pd(8);
    const __m512d zero = _mm512_setzero_pd(), twice = _mm512_set1_pd(2 * s->offset);
    __m512d u = _mm512_add_pd(_mm512_set1_pd(s->first - s->zero_point - 0.5 - s->offset),
                              _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7));
    for (int32_t i = 0; i < s->n; i += 8, u = _mm512_add_pd(u, eight)) {
        const __m512d v = _mm512_mask_add_pd(u, _mm512_cmp_pd_mask(u, zero, _CMP_LT_OQ), u, twice);
        _mm256_storeu_si256((__m256i *)(s->at + i), reach(v, scale, inverse));
    }
    for (int32_t i = s->n; i % 16; i++) s->at[i] = s->at[s->n - 1];
}

/* The bounds of b that each lane finds: the strictest, and two more. */
typedef struct found {
    __m512d low[3], high[3];
} found;

static inline __attribute__((always_inline)) found find_bounds(const crl_requant_steps *s, double a, crl_requant_form form, int n)
{
    const bool any = form == CRL_REQUANT_FLOAT_ANY;
    const int32_t first = s->first - (any ? s->zero_point : CRL_REQUANT_CENTRE);
    const __m512d slope = _mm512_set1_pd(a), zero = _mm512_setzero_pd(), eight = _mm512_set1_pd(8);
    const __m512i power = _mm512_set1_epi64(0x7ff0000000000000);
    const double half = first % 2 ? ldexp(1, -24) : -ldexp(1, -24);
    const __m512d halves = _mm512_setr_pd(half, -half, half, -half, half, -half, half, -half);
    const __m512d none = _mm512_set1_pd(-INFINITY), all = _mm512_set1_pd(INFINITY);
    found f = { { none, none, none }, { all, all, all } };
    __m512d tie = _mm512_add_pd(_mm512_set1_pd(first - 0.5), _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7));
    for (int32_t i = 0; i < s->n; i += 8, tie = _mm512_add_pd(tie, eight)) {
        const __mmask8 exist = s->n - i < 8 ? (__mmask8)((1 << (s->n - i)) - 1) : 0xFF;
        const __m512d x = _mm512_cvtepi32_pd(_mm256_loadu_si256((const __m256i *)(s->at + i)));
        const __m512d exponent = _mm512_castsi512_pd(_mm512_and_si512(_mm512_castpd_si512(tie), power));
        const __m512d v = _mm512_fnmadd_pd(slope, x, _mm512_fmadd_pd(exponent, halves, tie));
        __m512d w = v;
        if (any) w = _mm512_mask_sub_pd(v, _mm512_cmp_pd_mask(x, zero, _CMP_LE_OQ), _mm512_sub_pd(zero, slope), v);
        for (int k = n - 1; k > 0; k--) {
            f.low[k] = _mm512_mask_max_pd(f.low[k], exist, f.low[k], _mm512_min_pd(f.low[k - 1], w));
            f.high[k] = _mm512_mask_min_pd(f.high[k], exist, f.high[k], _mm512_max_pd(f.high[k - 1], w));
        }
        f.low[0] = _mm512_mask_max_pd(f.low[0], exist, f.low[0], w);
        f.high[0] = _mm512_mask_min_pd(f.high[0], exist, f.high[0], w);
    }
    return f;
}

void crl_requant_bounds_avx512vnni(const crl_requant_steps *s, double a, crl_requant_form form, double *lo, double *hi)
{
    const found f = find_bounds(s, a, form, 1);
    *lo = _mm512_reduce_max_pd(f.low[0]);
    *hi = _mm512_reduce_min_pd(f.high[0]) + a;
}

/* The three largest of all that the lanes have. In a lane, the next one takes the place of one that is taken. */
static inline void largest(double to[3], __m512d v[3])
{
    for (int k = 0; k < 3; k++) {
        to[k] = _mm512_reduce_max_pd(v[0]);
        const __mmask8 there = _mm512_cmp_pd_mask(v[0], _mm512_set1_pd(to[k]), _CMP_EQ_OQ), first = (__mmask8)(there & -there);
        v[0] = _mm512_mask_mov_pd(v[0], first, v[1]);
        v[1] = _mm512_mask_mov_pd(v[1], first, v[2]);
        v[2] = _mm512_mask_mov_pd(v[2], first, _mm512_set1_pd(-INFINITY));
    }
}

void crl_requant_strictest_avx512vnni(const crl_requant_steps *s, double a, crl_requant_form form, double lo[3], double hi[3])
{
    found f = find_bounds(s, a, form, 3);
    largest(lo, f.low);
    for (int k = 0; k < 3; k++) f.high[k] = _mm512_sub_pd(_mm512_setzero_pd(), f.high[k]);
    largest(hi, f.high);
    for (int k = 0; k < 3; k++) hi[k] = a - hi[k];
}

static inline __m512i apply(__m512i x, __m512 a, __m512i b, bool any)
{
    if (any) b = _mm512_ternarylogic_epi32(x, b, _mm512_set1_epi32(INT32_MAX), 0xD8);
    return _mm512_cvtps_epi32(_mm512_fmadd_ps(_mm512_cvtepi32_ps(x), a, _mm512_castsi512_ps(b)));
}

int crl_requant_check_avx512vnni(const crl_requant_steps *s, crl_requant_proof *proof, crl_requant_form form)
{
    int misses = 0;
    const bool any = form == CRL_REQUANT_FLOAT_ANY;
    const int32_t base = any ? s->zero_point : CRL_REQUANT_CENTRE;
    const __m512 va = _mm512_set1_ps(proof->a);
    const __m512i vb = _mm512_castps_si512(_mm512_set1_ps(proof->b)), one = _mm512_set1_epi32(1);
    const __m512i last = _mm512_set1_epi32(s->first + s->n - 1 - base), sixteen = _mm512_set1_epi32(16);
    __m512i goal = _mm512_add_epi32(_mm512_set1_epi32(s->first - base),
                                    _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    for (int32_t i = 0; i < s->n; i += 16, goal = _mm512_add_epi32(goal, sixteen)) {
        const __m512i x = _mm512_loadu_si512(s->at + i), g = _mm512_min_epi32(goal, last);
        const __mmask16 early = _mm512_cmpgt_epi32_mask(g, apply(_mm512_sub_epi32(x, one), va, vb, any));
        const __mmask16 missed = _mm512_cmpgt_epi32_mask(g, apply(x, va, vb, any));
        if ((early & ~missed) == 0xFFFF) continue;
        for (unsigned left = missed | (uint16_t)~early; left && misses < 3; left &= left - 1) {
            const int32_t j = __builtin_ctz(left);
            if (i + j >= s->n) break;
            if (missed >> j & 1) misses = crl_requant_miss(proof, misses, s->at[i + j], true);
            if (~early >> j & 1) misses = crl_requant_miss(proof, misses, s->at[i + j] - 1, false);
        }
        if (misses > 2) return misses;
    }
    return misses;
}
