/* SPDX-License-Identifier: Apache-2.0 */
/* 16 channels at a time down the picture: 16-bit sums hold 257 pixels, then they are widened. */
#include "kernels/average8.h"

#include <arm_neon.h>

enum { CHANNELS = 16, PIXELS = 257 };

static inline void add16(uint32x4_t sums[2], uint16x8_t part)
{
    sums[0] = vaddw_u16(sums[0], vget_low_u16(part));
    sums[1] = vaddw_u16(sums[1], vget_high_u16(part));
}

static void sum16(int32_t *sums, const uint8_t *in, size_t pixels, size_t step)
{
    const uint32x4_t zero = vdupq_n_u32(0);
    uint32x4_t low[2] = { zero, zero }, high[2] = { zero, zero };
    while (pixels) {
        const size_t n = pixels < PIXELS ? pixels : PIXELS;
        uint16x8_t l = vdupq_n_u16(0), h = l;
        for (size_t p = 0; p < n; p++, in += step) {
            const uint8x16_t x = vld1q_u8(in);
            l = vaddw_u8(l, vget_low_u8(x));
            h = vaddw_u8(h, vget_high_u8(x));
        }
        add16(low, l);
        add16(high, h);
        pixels -= n;
    }
    for (int i = 0; i < 2; i++) {
        vst1q_s32(sums + 4 * i, vreinterpretq_s32_u32(low[i]));
        vst1q_s32(sums + 8 + 4 * i, vreinterpretq_s32_u32(high[i]));
    }
}

void crl_sum_pixels_neon(int32_t *sums, const uint8_t *in, size_t pixels, size_t channels)
{
    if (channels < CHANNELS) {
        crl_sum_pixels_ref(sums, in, pixels, channels);
        return;
    }
    for (size_t c = 0; c + CHANNELS <= channels; c += CHANNELS) sum16(sums + c, in + c, pixels, channels);
    if (channels % CHANNELS) sum16(sums + channels - CHANNELS, in + channels - CHANNELS, pixels, channels);
}
