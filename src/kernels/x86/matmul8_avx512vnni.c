/* SPDX-License-Identifier: Apache-2.0 */
/* Four rows by 16 columns at a time, as in matmul8_avx2.c, with vpdpwssd on 512 bits: a vector of sums for each row. */
#include "kernels/matmul8_frame.h"
#include "kernels/x86/requant_avx512.h"

struct scaling {
    __m128i min, max, flip;
    crl_requant_form form;
    int32_t zero;
    _Alignas(64) crl_requant_lanes lanes;
};

static inline __m512i scaled(__m512i acc, const scaling *s)
{
    if (s->form == CRL_REQUANT_REAL) return crl_requant_x16_avx512(acc, &s->lanes, CRL_REQUANT_REAL, s->zero);
    if (s->form == CRL_REQUANT_FLOAT_ANY) return crl_requant_x16_avx512(acc, &s->lanes, CRL_REQUANT_FLOAT_ANY, s->zero);
    return crl_requant_x16_avx512(acc, &s->lanes, CRL_REQUANT_EXACT_ANY, s->zero);
}

static inline void store16(int8_t *out, __m512i acc, __mmask16 there, const scaling *s)
{
    const __m128i v = _mm512_cvtsepi32_epi8(scaled(acc, s));
    _mm_mask_storeu_epi8(out, there, _mm_xor_si128(_mm_min_epi8(_mm_max_epi8(v, s->min), s->max), s->flip));
}

static inline __m512i pair_of(const int16_t *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm512_set1_epi32(pair);
}

/* In assembly as in gemm_zmm.h. */
static inline __m512i dot(__m512i acc, __m512i x, __m512i y)
{
    __asm__("vpdpwssd %2, %1, %0" : "+v"(acc) : "v"(x), "v"(y));
    return acc;
}

static void block(int8_t *const out[4], const int16_t *const a[4], const int16_t *b, size_t pairs, size_t columns, size_t n,
                  const int32_t bias[16], const scaling *s)
{
    __m512i r0 = _mm512_loadu_si512(bias), r1 = r0, r2 = r0, r3 = r0;
    const int16_t *const a0 = a[0], *const a1 = a[1], *const a2 = a[2], *const a3 = a[3];
    for (size_t k = 0; k < 2 * pairs; k += 2, b += 2 * columns) {
        const __m512i y = _mm512_loadu_si512(b);
        r0 = dot(r0, pair_of(a0 + k), y);
        r1 = dot(r1, pair_of(a1 + k), y);
        r2 = dot(r2, pair_of(a2 + k), y);
        r3 = dot(r3, pair_of(a3 + k), y);
    }
    const __mmask16 there = (__mmask16)(0xffff >> (16 - n));
    store16(out[0], r0, there, s);
    store16(out[1], r1, there, s);
    store16(out[2], r2, there, s);
    store16(out[3], r3, there, s);
}

void crl_matmul8_avx512vnni(int8_t *out, const int8_t *a, const int8_t *b, const crl_matmul8 *p, size_t first, size_t end,
                            void *scratch)
{
    const crl_requant *q = &p->m.out;
    scaling s = { .min = _mm_set1_epi8((char)q->min), .max = _mm_set1_epi8((char)q->max),
                  .flip = _mm_set1_epi8((char)p->flip), .zero = q->zero_point };
    s.form = lanes_of(&s.lanes, q);
    for (int i = 0; i < 16 && q->scale; i++) {
        const int32_t shift = q->scale->shift;
        s.lanes.mult[i] = q->scale->mult;
        s.lanes.left[i] = shift > 0 ? shift : 0;
        s.lanes.right[i] = shift > 0 ? 0 : -shift;
        s.lanes.half[i] = shift < 0 ? (int32_t)(UINT32_C(1) << (-shift - 1)) : 0;
    }
    run_batch(out, a, b, p, first, end, scratch, &s);
}
