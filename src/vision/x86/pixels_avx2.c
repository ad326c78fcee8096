/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of pixels as RGB and grey. Of Y, U, V, 32 pixels a step, in words: vpmulhrsw is the product of pixels.h with its
 * rounding. The last step begins earlier and does some pixels twice; fewer than 32, and an odd last one, are left to the
 * definition. Of the rest, steps whose vectors would pass the end. */
#include "vision/pixels.h"

#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))

enum { STEP = 32 };

/* Luma of 32 pixels as bytes; U and V of 16 pairs, times 2^8, as words that still have 2^15 too much. */
typedef struct pairs {
    __m256i y, u, v;
} pairs;

typedef struct factors {
    __m256i black, y, rv, gu, gv, bu;
} factors;

INLINE factors factors_of(const crl_yuv_terms *k)
{
    return (factors){ _mm256_set1_epi16(k->black), _mm256_set1_epi16(k->y), _mm256_set1_epi16(k->rv), _mm256_set1_epi16(k->gu),
                      _mm256_set1_epi16(k->gv), _mm256_set1_epi16(k->bu) };
}

INLINE __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* One colour of 32 pixels: luma in two parts, chroma of pairs. */
INLINE __m256i colour(__m256i front, __m256i back, __m256i chroma)
{
    const __m256i half = _mm256_set1_epi16(32);
    const __m256i a = _mm256_adds_epi16(_mm256_adds_epi16(front, _mm256_unpacklo_epi16(chroma, chroma)), half);
    const __m256i b = _mm256_adds_epi16(_mm256_adds_epi16(back, _mm256_unpackhi_epi16(chroma, chroma)), half);
    return _mm256_packus_epi16(_mm256_srai_epi16(a, 6), _mm256_srai_epi16(b, 6));
}

/* 16 bytes of each half: colour `a` at the places of the first mask, and so on. */
INLINE __m256i weave(__m256i r, __m256i g, __m256i b, __m128i from_r, __m128i from_g, __m128i from_b)
{
    const __m256i x = _mm256_shuffle_epi8(r, _mm256_broadcastsi128_si256(from_r));
    const __m256i y = _mm256_shuffle_epi8(g, _mm256_broadcastsi128_si256(from_g));
    return _mm256_or_si256(_mm256_or_si256(x, y), _mm256_shuffle_epi8(b, _mm256_broadcastsi128_si256(from_b)));
}

INLINE void store_rgb(uint8_t *out, __m256i r, __m256i g, __m256i b)
{
    const __m256i first = weave(r, g, b, _mm_setr_epi8(0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5),
                                _mm_setr_epi8(-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1),
                                _mm_setr_epi8(-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1));
    const __m256i second = weave(r, g, b, _mm_setr_epi8(-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1),
                                 _mm_setr_epi8(5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10),
                                 _mm_setr_epi8(-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1));
    const __m256i third = weave(r, g, b, _mm_setr_epi8(-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1),
                                _mm_setr_epi8(-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1),
                                _mm_setr_epi8(10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15));
    _mm256_storeu_si256((__m256i *)out, _mm256_permute2x128_si256(first, second, 0x20));
    _mm256_storeu_si256((__m256i *)(out + 32), _mm256_blend_epi32(third, first, 0xf0));
    _mm256_storeu_si256((__m256i *)(out + 64), _mm256_permute2x128_si256(second, third, 0x31));
}

INLINE void step(uint8_t *out, pairs p, const factors *k)
{
    const __m256i zero = _mm256_setzero_si256(), turn = _mm256_set1_epi16(INT16_MIN);
    const __m256i u = _mm256_xor_si256(p.u, turn), v = _mm256_xor_si256(p.v, turn);
    const __m256i front = _mm256_mulhrs_epi16(_mm256_slli_epi16(_mm256_sub_epi16(_mm256_unpacklo_epi8(p.y, zero), k->black), 7), k->y);
    const __m256i back = _mm256_mulhrs_epi16(_mm256_slli_epi16(_mm256_sub_epi16(_mm256_unpackhi_epi8(p.y, zero), k->black), 7), k->y);
    const __m256i green = _mm256_add_epi16(_mm256_mulhrs_epi16(u, k->gu), _mm256_mulhrs_epi16(v, k->gv));
    store_rgb(out, colour(front, back, _mm256_mulhrs_epi16(v, k->rv)), colour(front, back, green),
              colour(front, back, _mm256_mulhrs_epi16(u, k->bu)));
}

/* U and V in turn. */
INLINE pairs split(__m256i y, __m256i uv)
{
    return (pairs){ y, _mm256_slli_epi16(uv, 8), _mm256_and_si256(uv, _mm256_set1_epi16((int16_t)0xff00)) };
}

INLINE __m256i times_256(const uint8_t *p)
{
    return _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p)), 8);
}

/* Bytes of 64 with even numbers, and with odd ones. */
INLINE void unzip(const uint8_t *p, __m256i *even, __m256i *odd)
{
    const __m256i a = load(p), b = load(p + 32), byte = _mm256_set1_epi16(255);
    *even = _mm256_permute4x64_epi64(_mm256_packus_epi16(_mm256_and_si256(a, byte), _mm256_and_si256(b, byte)), 0xd8);
    *odd = _mm256_permute4x64_epi64(_mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8)), 0xd8);
}

INLINE pairs pairs_at(const uint8_t *const plane[3], size_t x, crl_pixels pixels)
{
    __m256i even, odd;
    switch (pixels) {
    case CRL_PIXELS_NV12: return split(load(plane[0] + x), load(plane[1] + x));
    case CRL_PIXELS_I420: return (pairs){ load(plane[0] + x), times_256(plane[1] + x / 2), times_256(plane[2] + x / 2) };
    case CRL_PIXELS_YUYV: unzip(plane[0] + 2 * x, &even, &odd); return split(even, odd);
    default: unzip(plane[0] + 2 * x, &even, &odd); return split(odd, even);
    }
}

/* `pixels` is a constant. */
INLINE void convert(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k, crl_pixels pixels, crl_to_rgb_fn *ref)
{
    const factors f = factors_of(k);
    size_t x = 0;
    for (; x + STEP <= n; x += STEP) step(out + 3 * x, pairs_at(plane, x, pixels), &f);
    if (n > STEP && x < n) {
        x = (n - STEP) & ~(size_t)1;
        step(out + 3 * x, pairs_at(plane, x, pixels), &f);
        x += STEP;
    }
    if (x == n) return;
    const bool packed = pixels == CRL_PIXELS_YUYV || pixels == CRL_PIXELS_UYVY;
    const uint8_t *const rest[3] = { plane[0] + (packed ? 2 * x : x),
                                     packed ? NULL : plane[1] + (pixels == CRL_PIXELS_NV12 ? x : x / 2),
                                     pixels == CRL_PIXELS_I420 ? plane[2] + x / 2 : NULL };
    ref(out + 3 * x, rest, n - x, k);
}

void crl_nv12_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_NV12, crl_nv12_to_rgb_ref);
}

void crl_i420_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_I420, crl_i420_to_rgb_ref);
}

void crl_yuyv_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_YUYV, crl_yuyv_to_rgb_ref);
}

void crl_uyvy_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_UYVY, crl_uyvy_to_rgb_ref);
}

/* ---- bytes in another order ---- */

/* Eight pixels of four bytes a step, in 32 bytes of which the last eight are written again. */
INLINE void drop_fourth(uint8_t *out, const uint8_t *in, size_t n, __m128i order, crl_to_rgb_fn *ref)
{
    const __m256i pick = _mm256_broadcastsi128_si256(order), close = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
    size_t x = 0;
    for (; x + 11 <= n; x += 8)
        _mm256_storeu_si256((__m256i *)(out + 3 * x),
                            _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(load(in + 4 * x), pick), close));
    const uint8_t *const rest[3] = { in + 4 * x, NULL, NULL };
    ref(out + 3 * x, rest, n - x, NULL);
}

void crl_rgbx_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    drop_fourth(out, plane[0], n, _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1), crl_rgbx_to_rgb_ref);
}

void crl_bgrx_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    drop_fourth(out, plane[0], n, _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1), crl_bgrx_to_rgb_ref);
}

/* Five pixels a step, in 16 bytes of which the last is written again. */
void crl_bgr_to_rgb_avx2(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    const __m128i order = _mm_setr_epi8(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, -1);
    size_t x = 0;
    for (; x + 6 <= n; x += 5)
        _mm_storeu_si128((__m128i *)(out + 3 * x),
                         _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(plane[0] + 3 * x)), order));
    const uint8_t *const rest[3] = { plane[0] + 3 * x, NULL, NULL };
    crl_bgr_to_rgb_ref(out + 3 * x, rest, n - x, k);
}

/* ---- grey ---- */

/* L of four pixels of `a` and four of `b`, as dwords. The factor of green is halved, and taken twice. */
INLINE __m256i luminance(const uint8_t *a, const uint8_t *b)
{
    const __m256i rg = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
    const __m256i gb = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, -1, 2, -1, 4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1));
    const __m256i x = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)),
                                              _mm_loadu_si128((const __m128i *)b), 1);
    const __m256i p = _mm256_madd_epi16(_mm256_shuffle_epi8(x, rg), _mm256_set1_epi32(19235 << 16 | 19595));
    const __m256i q = _mm256_madd_epi16(_mm256_shuffle_epi8(x, gb), _mm256_set1_epi32(7471 << 16 | 19235));
    return _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(p, q), _mm256_set1_epi32(32768)), 16);
}

/* 16 pixels a step, which reads 52 bytes. */
void crl_rgb_to_grey_avx2(uint8_t *out, const uint8_t *rgb, size_t n)
{
    size_t x = 0;
    for (; x + 18 <= n; x += 16) {
        const uint8_t *p = rgb + 3 * x;
        const __m256i words = _mm256_packus_epi32(luminance(p, p + 24), luminance(p + 12, p + 36));
        const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(words, words), 0x08);
        _mm_storeu_si128((__m128i *)(out + x), _mm256_castsi256_si128(bytes));
    }
    crl_rgb_to_grey_ref(out + x, rgb + 3 * x, n - x);
}
