/* SPDX-License-Identifier: Apache-2.0 */
/* 16 channels at a time down the picture: 16-bit sums hold 257 pixels, then they are widened. */
#include "kernels/average8.h"

#include <immintrin.h>

enum { CHANNELS = 16, PIXELS = 257 };

static void sum16(int32_t *sums, const uint8_t *in, size_t pixels, size_t step)
{
    __m256i lo = _mm256_setzero_si256(), hi = lo;
    while (pixels) {
        const size_t n = pixels < PIXELS ? pixels : PIXELS;
        __m256i part = _mm256_setzero_si256();
        for (size_t p = 0; p < n; p++, in += step)
            part = _mm256_add_epi16(part, _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)in)));
        lo = _mm256_add_epi32(lo, _mm256_cvtepu16_epi32(_mm256_castsi256_si128(part)));
        hi = _mm256_add_epi32(hi, _mm256_cvtepu16_epi32(_mm256_extracti128_si256(part, 1)));
        pixels -= n;
    }
    _mm256_storeu_si256((__m256i *)sums, lo);
    _mm256_storeu_si256((__m256i *)(sums + 8), hi);
}

/* One channel: vpsadbw adds eight bytes at a time. */
static int32_t sum_bytes(const uint8_t *in, size_t n)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i sums = zero;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_loadu_si256((const __m256i *)(in + i)), zero));
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    int32_t sum = _mm_cvtsi128_si32(half) + _mm_extract_epi32(half, 2);
    for (; i < n; i++) sum += in[i];
    return sum;
}

void crl_sum_pixels_avx2(int32_t *sums, const uint8_t *in, size_t pixels, size_t channels)
{
    if (channels == 1) {
        *sums = sum_bytes(in, pixels);
        return;
    }
    if (channels < CHANNELS) {
        crl_sum_pixels_ref(sums, in, pixels, channels);
        return;
    }
    for (size_t c = 0; c + CHANNELS <= channels; c += CHANNELS) sum16(sums + c, in + c, pixels, channels);
    if (channels % CHANNELS) sum16(sums + channels - CHANNELS, in + channels - CHANNELS, pixels, channels);
}
