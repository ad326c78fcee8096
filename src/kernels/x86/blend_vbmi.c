/* SPDX-License-Identifier: Apache-2.0 */
/* The exact sum, 64 outputs a step. A scaled input is nearly a multiple of its byte x,
 *
 *   f[x] = x * slope + base + rest[x],   rest[x] of one byte
 *
 * so that looking up in f takes a table of 256 bytes, which is four registers, and three products of 7-bit pieces of the slope.
 * vpdpbusd takes them for both inputs at once: a, rest of a, b and rest of b are the four bytes of a lane. */
#include "kernels/blend_search.h"

#include "kernels/x86/requant_avx512.h"

typedef struct side {
    __m512i rest[4];
    int32_t slope, base;
} side;

typedef struct sum {
    side a, b;
    __m512i high, middle, low, base; /* weights of the four bytes */
    crl_requant_lanes lanes;
    int32_t zero;
} sum;

/* false: f is not as straight as the scales of ADD make it. */
static bool split(side *s, const int32_t f[256])
{
    const int32_t rise = f[255] - f[0];
    s->slope = (rise + (rise < 0 ? -127 : 127)) / 255;
    const int32_t last = rise - 255 * s->slope;
    s->base = f[0] + (last < 0 ? last : 0) - 4; /* rounding may be 4 off the line at most */
    const __m512i slope = _mm512_set1_epi32(s->slope), most = _mm512_set1_epi32(255);
    __m512i x = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __mmask16 wrong = 0;
    _Alignas(64) uint8_t rest[256];
    for (int i = 0; i < 256; i += 16, x = _mm512_add_epi32(x, _mm512_set1_epi32(16))) {
        const __m512i line = _mm512_add_epi32(_mm512_mullo_epi32(x, slope), _mm512_set1_epi32(s->base));
        const __m512i r = _mm512_sub_epi32(_mm512_loadu_si512(f + i), line);
        wrong |= _mm512_cmpgt_epu32_mask(r, most);
        _mm_store_si128((__m128i *)(rest + i), _mm512_cvtepi32_epi8(r));
    }
    for (int i = 0; i < 4; i++) s->rest[i] = _mm512_load_si512(rest + 64 * i);
    return !wrong && s->slope >> 14 >= -128 && s->slope >> 14 <= 127;
}

/* Weights for a, its rest, b and its rest. */
static __m512i weights(int32_t a, int32_t b, int32_t rest)
{
    return _mm512_set1_epi32((int32_t)(((uint32_t)rest << 24) | (((uint32_t)b & 0xff) << 16) | ((uint32_t)rest << 8) | ((uint32_t)a & 0xff)));
}

static bool prepare(sum *s, const crl_blend_target *t)
{
    if (!split(&s->a, t->fa) || !split(&s->b, t->fb)) return false;
    const int32_t a = s->a.slope, b = s->b.slope;
    s->high = weights(a >> 14, b >> 14, 0);
    s->middle = weights(a >> 7 & 127, b >> 7 & 127, 0);
    s->low = weights(a & 127, b & 127, 1);
    s->base = _mm512_set1_epi32(s->a.base + s->b.base);
    s->zero = t->zero - CRL_REQUANT_CENTRE;
    for (int i = 0; i < 16; i++) {
        s->lanes.left[i] = 0;
        s->lanes.mult[i] = t->scale.mult;
        s->lanes.right[i] = -t->scale.shift;
        s->lanes.half[i] = t->scale.shift < 0 ? 1 << (-t->scale.shift - 1) : 0;
    }
    return true;
}

static inline __m512i look_up(__m512i x, const side *s)
{
    const __m512i low = _mm512_permutex2var_epi8(s->rest[0], x, s->rest[1]);
    const __m512i high = _mm512_permutex2var_epi8(s->rest[2], x, s->rest[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high);
}

static inline __m512i scaled(__m512i x, const sum *s)
{
    __m512i v = _mm512_slli_epi32(_mm512_dpbusd_epi32(_mm512_setzero_si512(), x, s->high), 7);
    v = _mm512_slli_epi32(_mm512_dpbusd_epi32(v, x, s->middle), 7);
    v = _mm512_dpbusd_epi32(_mm512_add_epi32(v, s->base), x, s->low);
    return crl_requant_x16_avx512(v, &s->lanes, CRL_REQUANT_EXACT_ANY, s->zero);
}

static inline __m512i sum64(__m512i a, __m512i b, const sum *s)
{
    const __m512i ra = look_up(a, &s->a), rb = look_up(b, &s->b);
    const __m512i a0 = _mm512_unpacklo_epi8(a, ra), a1 = _mm512_unpackhi_epi8(a, ra);
    const __m512i b0 = _mm512_unpacklo_epi8(b, rb), b1 = _mm512_unpackhi_epi8(b, rb);
    return crl_requant_pack_avx512(scaled(_mm512_unpacklo_epi16(a0, b0), s), scaled(_mm512_unpackhi_epi16(a0, b0), s),
                                   scaled(_mm512_unpacklo_epi16(a1, b1), s), scaled(_mm512_unpackhi_epi16(a1, b1), s));
}

void crl_blend_sum_u8_vbmi(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_target *t)
{
    sum s;
    if (n < 512 || !prepare(&s, t)) {
        crl_blend_sum_u8_avx2(out, a, b, n, t);
        return;
    }
    const __m512i min = _mm512_set1_epi8((char)t->min), max = _mm512_set1_epi8((char)t->max);
    for (size_t i = 0; i < n; i += 64) {
        const __mmask64 there = n - i >= 64 ? ~UINT64_C(0) : ~UINT64_C(0) >> (64 - (n - i));
        const __m512i y = sum64(_mm512_maskz_loadu_epi8(there, a + i), _mm512_maskz_loadu_epi8(there, b + i), &s);
        _mm512_mask_storeu_epi8(out + i, there, _mm512_min_epu8(_mm512_max_epu8(y, min), max));
    }
}

/* A table of 16 bits as two of bytes. */
typedef struct halves {
    __m512i low[4], high[4];
} halves;

static halves halves_of(const int16_t table[256])
{
    _Alignas(64) uint8_t low[256], high[256];
    for (int i = 0; i < 256; i++) {
        low[i] = (uint8_t)(table[i] & 0xff);
        high[i] = (uint8_t)((uint16_t)table[i] >> 8);
    }
    halves h;
    for (int i = 0; i < 4; i++) {
        h.low[i] = _mm512_load_si512(low + 64 * i);
        h.high[i] = _mm512_load_si512(high + 64 * i);
    }
    return h;
}

static inline __attribute__((always_inline)) __m512i look_up_half(__m512i x, __mmask64 upper, const __m512i t[4])
{
    const __m512i low = _mm512_permutex2var_epi8(t[0], x, t[1]);
    return _mm512_mask_blend_epi8(upper, low, _mm512_permutex2var_epi8(t[2], x, t[3]));
}

static inline __attribute__((always_inline)) __m512i add64(__m512i a, __m512i b, const halves *ta, const halves *tb)
{
    const __mmask64 upper_a = _mm512_movepi8_mask(a), upper_b = _mm512_movepi8_mask(b);
    const __m512i al = look_up_half(a, upper_a, ta->low), ah = look_up_half(a, upper_a, ta->high);
    const __m512i bl = look_up_half(b, upper_b, tb->low), bh = look_up_half(b, upper_b, tb->high);
    const __m512i y0 = _mm512_add_epi16(_mm512_unpacklo_epi8(al, ah), _mm512_unpacklo_epi8(bl, bh));
    const __m512i y1 = _mm512_add_epi16(_mm512_unpackhi_epi8(al, ah), _mm512_unpackhi_epi8(bl, bh));
    return _mm512_packus_epi16(_mm512_srai_epi16(y0, CRL_BLEND_TABLE_SHIFT), _mm512_srai_epi16(y1, CRL_BLEND_TABLE_SHIFT));
}

void crl_blend_tables_u8_vbmi(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_tables *t)
{
    if (n < 64) {
        crl_blend_tables_u8_ref(out, a, b, n, t);
        return;
    }
    const halves ta = halves_of(t->a), tb = halves_of(t->b);
    const __m512i min = _mm512_set1_epi8((char)t->min), max = _mm512_set1_epi8((char)t->max);
    for (size_t i = 0; i < n; i += 64) {
        const __mmask64 there = n - i >= 64 ? ~UINT64_C(0) : ~UINT64_C(0) >> (64 - (n - i));
        const __m512i y = add64(_mm512_maskz_loadu_epi8(there, a + i), _mm512_maskz_loadu_epi8(there, b + i), &ta, &tb);
        _mm512_mask_storeu_epi8(out + i, there, _mm512_min_epu8(_mm512_max_epu8(y, min), max));
    }
}

bool crl_blend_lower_vbmi(crl_blend_search *s)
{
    return crl_blend_lower(s);
}
