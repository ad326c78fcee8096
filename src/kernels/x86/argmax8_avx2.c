/* SPDX-License-Identifier: Apache-2.0 */
/* Two passes over a line of 16 bytes or more: its largest byte, then where that is first. The last vector of a line
 * begins earlier and looks at some bytes twice, which changes neither. */
#include "kernels/argmax8.h"

#include <immintrin.h>

static inline __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* Every byte of the result is the largest one. */
static inline __m128i spread_max(__m128i v)
{
    v = _mm_max_epu8(v, _mm_alignr_epi8(v, v, 8));
    v = _mm_max_epu8(v, _mm_alignr_epi8(v, v, 4));
    v = _mm_max_epu8(v, _mm_alignr_epi8(v, v, 2));
    return _mm_max_epu8(v, _mm_alignr_epi8(v, v, 1));
}

static inline size_t find(const uint8_t *line, size_t n)
{
    __m128i most = load(line + n - 16);
    for (size_t k = 0; k + 16 < n; k += 16) most = _mm_max_epu8(most, load(line + k));
    most = spread_max(most);
    for (size_t k = 0; k + 16 < n; k += 16) {
        const unsigned hit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load(line + k), most));
        if (hit) return k + (size_t)__builtin_ctz(hit);
    }
    return n - 16 + (size_t)__builtin_ctz((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load(line + n - 16), most)));
}

void crl_argmax8_u8_avx2(int32_t *index, const uint8_t *in, size_t lines, size_t n)
{
    if (n < 16) {
        crl_argmax8_u8_ref(index, in, lines, n);
        return;
    }
    for (size_t i = 0; i < lines; i++) index[i] = (int32_t)find(in + i * n, n);
}

/* 16 columns: their largest bytes, then the first row with each; mostly all are found long before the last row. */
static void find_columns(int32_t index[16], const uint8_t *in, size_t n, size_t width)
{
    __m128i most = load(in), other = load(in + (n - 1) * width);
    size_t k = 1;
    for (; k + 2 < n; k += 2) {
        most = _mm_max_epu8(most, load(in + k * width));
        other = _mm_max_epu8(other, load(in + (k + 1) * width));
    }
    if (k + 1 < n) most = _mm_max_epu8(most, load(in + k * width));
    most = _mm_max_epu8(most, other);
    unsigned open = 0xffff;
    for (k = 0; open; k++) {
        unsigned hit = open & (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load(in + k * width), most));
        open &= ~hit;
        for (; hit; hit &= hit - 1) index[__builtin_ctz(hit)] = (int32_t)k;
    }
}

void crl_argmax8_columns_avx2(int32_t *index, const uint8_t *in, size_t n, size_t width)
{
    if (width < 16) {
        crl_argmax8_columns_ref(index, in, n, width);
        return;
    }
    for (size_t c = 0; c + 16 <= width; c += 16) find_columns(index + c, in + c, n, width);
    if (width % 16) find_columns(index + width - 16, in + width - 16, n, width);
}

/* The largest of 16 bytes: pairs first, then vphminposuw on what is missing to 255. */
static inline uint8_t largest(__m128i v)
{
    const __m128i low = _mm_set1_epi16(0xff);
    const __m128i pairs = _mm_and_si128(_mm_max_epu8(v, _mm_srli_epi16(v, 8)), low);
    return (uint8_t)(255 - _mm_cvtsi128_si32(_mm_minpos_epu16(_mm_xor_si128(pairs, low))));
}

void crl_argmax8_maxima_avx2(uint8_t *max, const uint8_t *in, size_t lines, size_t n, size_t step)
{
    size_t i = 0;
    if (n >= 16) {
        for (; i < lines; i++, in += step) {
            __m128i most = load(in + n - 16);
            for (size_t k = 0; k + 16 < n; k += 16) most = _mm_max_epu8(most, load(in + k));
            max[i] = largest(most);
        }
        return;
    }
    /* Short lines: 16 bytes from the beginning of one, as long as other lines follow, without those that are not its own. */
    const __m128i count = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i own = _mm_cmpgt_epi8(_mm_set1_epi8((char)n), count);
    for (; i < lines && (lines - 1 - i) * step + n >= 16; i++, in += step) max[i] = largest(_mm_and_si128(load(in), own));
    crl_argmax8_maxima_ref(max + i, in, lines - i, n, step);
}
