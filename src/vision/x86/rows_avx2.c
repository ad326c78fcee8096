/* SPDX-License-Identifier: Apache-2.0 */
/* The passes of resizing: pixels of two neighbours side by side in words, which one instruction multiplies and adds, once
 * with the low halves of their weights and once with the high ones.
 *
 * across: a vector has two rows, in halves; of three channels a fourth word pair is empty. down: 32 bytes a step; the last
 * step begins earlier and does some bytes twice, below 32 the definition does them. */
#include "vision/rows.h"

#include <immintrin.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* Two weights in every place. */
INLINE __m256i pair_of(const int16_t *w)
{
    int32_t pair;
    memcpy(&pair, w, sizeof pair);
    return _mm256_set1_epi32(pair);
}

/* Sums of halves as whole ones, with the half that rounds, without fractional bits. */
INLINE __m256i join(__m256i low, __m256i high)
{
    const __m256i sum = _mm256_add_epi32(low, _mm256_slli_epi32(high, 16));
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(CRL_ROW_HALF)), CRL_WEIGHT_BITS);
}

INLINE __m256i two_rows(const uint8_t *a, const uint8_t *b)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)),
                                   _mm_loadu_si128((const __m128i *)b), 1);
}

/* ---- across, three channels ---- */

/* Sums of two rows. */
typedef struct sums {
    __m256i low, high;
} sums;

INLINE void add(sums *s, __m256i pixels, __m256i low, __m256i high)
{
    s->low = _mm256_add_epi32(s->low, _mm256_madd_epi16(pixels, low));
    s->high = _mm256_add_epi32(s->high, _mm256_madd_epi16(pixels, high));
}

/* One output pixel of four rows as words: row 0 and row 2, row 1 and row 3. */
INLINE __m256i pixel_3(const uint8_t *const in[CRL_ROW_GROUP], size_t at, const int16_t *low, const int16_t *high, int32_t taps)
{
    const __m256i front = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,
                                           0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
    const __m256i back = _mm256_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1,
                                          6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    sums a = { _mm256_setzero_si256(), _mm256_setzero_si256() }, b = a;
    for (int32_t t = 0; t < taps; t += 4, at += 12) {
        const __m256i x = two_rows(in[0] + at, in[1] + at), y = two_rows(in[2] + at, in[3] + at);
        const __m256i l = pair_of(low + t), h = pair_of(high + t);
        add(&a, _mm256_shuffle_epi8(x, front), l, h);
        add(&b, _mm256_shuffle_epi8(y, front), l, h);
        if (t + 2 == taps) break;
        const __m256i l2 = pair_of(low + t + 2), h2 = pair_of(high + t + 2);
        add(&a, _mm256_shuffle_epi8(x, back), l2, h2);
        add(&b, _mm256_shuffle_epi8(y, back), l2, h2);
    }
    return _mm256_packs_epi32(join(a.low, a.high), join(b.low, b.high));
}

/* Four pixels of a row, of which each has a fourth byte that goes. */
INLINE void store_12(uint8_t *out, __m128i pixels)
{
    _mm_storeu_si128((__m128i *)out, pixels);
}

/* `taps` is that of the weights, as a constant where there are few. */
INLINE void row_3(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, int32_t taps)
{
    const __m256i pack = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,
                                          0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    for (int32_t o = 0; o < k->n_out; o += 4) {
        __m256i p[4];
        for (int32_t i = 0; i < 4; i++) {
            const int32_t at = o + i < k->n_out ? o + i : k->n_out - 1;
            const size_t w = (size_t)at * (size_t)k->taps;
            p[i] = pixel_3(in, 3 * (size_t)k->first[at], k->low + w, k->high + w, taps);
        }
        /* Dwords: pixels 0, 1 of rows 0, 2, 0, 2 and 1, 3, 1, 3; the same of pixels 2, 3. */
        const __m256 a = _mm256_castsi256_ps(_mm256_packus_epi16(p[0], p[1]));
        const __m256 b = _mm256_castsi256_ps(_mm256_packus_epi16(p[2], p[3]));
        const __m256i rows_01 = _mm256_shuffle_epi8(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), pack);
        const __m256i rows_23 = _mm256_shuffle_epi8(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd)), pack);
        const size_t to = 3 * (size_t)o;
        store_12(out[0] + to, _mm256_castsi256_si128(rows_01));
        store_12(out[1] + to, _mm256_extracti128_si256(rows_01, 1));
        store_12(out[2] + to, _mm256_castsi256_si128(rows_23));
        store_12(out[3] + to, _mm256_extracti128_si256(rows_23, 1));
    }
}

void crl_across_3_avx2(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    switch (k->taps) {
    case 2: row_3(out, in, k, 2); break;
    case 4: row_3(out, in, k, 4); break;
    case 6: row_3(out, in, k, 6); break;
    case 8: row_3(out, in, k, 8); break;
    default: row_3(out, in, k, k->taps); break;
    }
}

/* ---- across, one channel ---- */

/* Quarters of the sums of one output in two rows. */
INLINE __m256i quarters(const uint8_t *a, const uint8_t *b, const int16_t *low, const int16_t *high, int32_t taps)
{
    sums s = { _mm256_setzero_si256(), _mm256_setzero_si256() };
    for (int32_t t = 0; t < taps; t += 8) {
        const __m128i bytes = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)(a + t)), _mm_loadl_epi64((const __m128i *)(b + t)));
        add(&s, _mm256_cvtepu8_epi16(bytes), _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(low + t))),
            _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(high + t))));
    }
    return _mm256_add_epi32(s.low, _mm256_slli_epi32(s.high, 16));
}

/* Of four outputs, each in quarters, the sums side by side, without fractional bits. */
INLINE __m256i add_quarters(const __m256i q[4])
{
    const __m256i a = _mm256_add_epi32(_mm256_unpacklo_epi32(q[0], q[1]), _mm256_unpackhi_epi32(q[0], q[1]));
    const __m256i b = _mm256_add_epi32(_mm256_unpacklo_epi32(q[2], q[3]), _mm256_unpackhi_epi32(q[2], q[3]));
    return join(_mm256_add_epi32(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)), _mm256_setzero_si256());
}

INLINE void store_4(uint8_t *out, int32_t bytes)
{
    memcpy(out, &bytes, sizeof bytes);
}

INLINE void row_1(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k, int32_t taps)
{
    for (int32_t o = 0; o < k->n_out; o += 4) {
        __m256i a[4], b[4];
        for (int32_t i = 0; i < 4; i++) {
            const int32_t at = o + i < k->n_out ? o + i : k->n_out - 1;
            const size_t w = (size_t)at * (size_t)k->taps, from = (size_t)k->first[at];
            a[i] = quarters(in[0] + from, in[1] + from, k->low + w, k->high + w, taps);
            b[i] = quarters(in[2] + from, in[3] + from, k->low + w, k->high + w, taps);
        }
        const __m256i words = _mm256_packs_epi32(add_quarters(a), add_quarters(b)), bytes = _mm256_packus_epi16(words, words);
        store_4(out[0] + o, _mm256_extract_epi32(bytes, 0));
        store_4(out[1] + o, _mm256_extract_epi32(bytes, 4));
        store_4(out[2] + o, _mm256_extract_epi32(bytes, 1));
        store_4(out[3] + o, _mm256_extract_epi32(bytes, 5));
    }
}

void crl_across_1_avx2(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    if (k->taps == 8) row_1(out, in, k, 8);
    else row_1(out, in, k, k->taps);
}

/* ---- down ---- */

enum { STEP = 32 };

INLINE void step_down(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, int32_t n, size_t at)
{
    const __m256i zero = _mm256_setzero_si256();
    sums a = { zero, zero }, b = a, c = a, d = a;
    for (int32_t t = 0; t < n; t += 2) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(rows[t] + at));
        const __m256i y = _mm256_loadu_si256((const __m256i *)(rows[t + 1] + at));
        const __m256i xy = _mm256_unpacklo_epi8(x, y), yx = _mm256_unpackhi_epi8(x, y);
        const __m256i l = pair_of(low + t), h = pair_of(high + t);
        add(&a, _mm256_unpacklo_epi8(xy, zero), l, h);
        add(&b, _mm256_unpackhi_epi8(xy, zero), l, h);
        add(&c, _mm256_unpacklo_epi8(yx, zero), l, h);
        add(&d, _mm256_unpackhi_epi8(yx, zero), l, h);
    }
    const __m256i ab = _mm256_packs_epi32(join(a.low, a.high), join(b.low, b.high));
    const __m256i cd = _mm256_packs_epi32(join(c.low, c.high), join(d.low, d.high));
    _mm256_storeu_si256((__m256i *)(out + at), _mm256_packus_epi16(ab, cd));
}

INLINE void row_down(uint8_t *out, const uint8_t *const *rows, const int16_t *low, const int16_t *high, int32_t n, size_t bytes)
{
    size_t at = 0;
    for (; at + STEP <= bytes; at += STEP) step_down(out, rows, low, high, n, at);
    if (at < bytes) step_down(out, rows, low, high, n, bytes - STEP);
}

void crl_down_avx2(uint8_t *out, const uint8_t *const *rows, const crl_weights *k, int32_t o, size_t n)
{
    const size_t w = (size_t)o * (size_t)k->taps;
    if (n < STEP) {
        crl_down_ref(out, rows, k, o, n);
        return;
    }
    switch (k->n[o]) {
    case 1:
    case 2: row_down(out, rows, k->low + w, k->high + w, 2, n); break;
    case 3:
    case 4: row_down(out, rows, k->low + w, k->high + w, 4, n); break;
    default: row_down(out, rows, k->low + w, k->high + w, k->n[o], n); break;
    }
}
