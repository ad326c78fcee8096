/* SPDX-License-Identifier: Apache-2.0 */
/* 16 channels a step; the last step of a pixel begins earlier and does some channels twice. Pixels of fewer channels go
 * one by one. */
#include <arm_neon.h>

#include "base/cpu.h"
#include "kernels/pool8_place.h"

static inline uint8x16_t max16(const place *f, size_t c)
{
    uint8x16_t most = vdupq_n_u8(0);
    for (int32_t i = 0; i < f->rows; i++) {
        const uint8_t *tap = f->from + (size_t)i * f->down + c;
        for (int32_t k = 0; k < f->columns; k++, tap += f->across) most = vmaxq_u8(most, vld1q_u8(tap));
    }
    return most;
}

CRL_INLINE void max_pixel(uint8_t *out, const place *f, size_t channels, const crl_pool8 *p)
{
    const uint8x16_t min = vdupq_n_u8((uint8_t)p->min), max = vdupq_n_u8((uint8_t)p->max);
    for (size_t c = 0; c < channels; c += 16) {
        if (c + 16 > channels) c = channels - 16;
        vst1q_u8(out + c, vminq_u8(vmaxq_u8(max16(f, c), min), max));
    }
}

void crl_max_pool8_neon(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end)
{
    each_pixel(out, in, p, first, end, max_pixel, crl_max_pool8_ref);
}

typedef struct sums {
    uint32x4_t q[4];
} sums;

static inline void widen(sums *s, uint16x8_t low, uint16x8_t high)
{
    s->q[0] = vaddw_u16(s->q[0], vget_low_u16(low));
    s->q[1] = vaddw_u16(s->q[1], vget_high_u16(low));
    s->q[2] = vaddw_u16(s->q[2], vget_low_u16(high));
    s->q[3] = vaddw_u16(s->q[3], vget_high_u16(high));
}

/* In 16 bits, widened where they are full. */
static inline sums sum16(const place *f, size_t c)
{
    const uint32x4_t zero = vdupq_n_u32(0);
    sums s = { { zero, zero, zero, zero } };
    uint16x8_t low = vdupq_n_u16(0), high = low;
    int32_t room = TAPS_IN_16;
    for (int32_t i = 0; i < f->rows; i++) {
        const uint8_t *tap = f->from + (size_t)i * f->down + c;
        for (int32_t k = 0; k < f->columns; k++, tap += f->across) {
            const uint8x16_t x = vld1q_u8(tap);
            low = vaddw_u8(low, vget_low_u8(x));
            high = vaddw_u8(high, vget_high_u8(x));
            if (--room) continue;
            widen(&s, low, high);
            low = high = vdupq_n_u16(0);
            room = TAPS_IN_16;
        }
    }
    widen(&s, low, high);
    return s;
}

/* (sum +- n / 2) / n towards zero. Below 2^23 a float quotient that is no whole number stays below the next one, so cutting
 * it is exact. ARMv7 has no division of vectors. */
static inline int32x4_t divided(int32x4_t sum, int32_t n)
{
    const int32x4_t sign = vshrq_n_s32(sum, 31), half = vsubq_s32(veorq_s32(vdupq_n_s32(n / 2), sign), sign);
    const float32x4_t x = vcvtq_f32_s32(vaddq_s32(sum, half));
#if CRL_ARCH_ARM64
    return vcvtq_s32_f32(vdivq_f32(x, vdupq_n_f32((float)n)));
#else
    float quotient[4];
    vst1q_f32(quotient, x);
    for (int i = 0; i < 4; i++) quotient[i] /= (float)n;
    return vcvtq_s32_f32(vld1q_f32(quotient));
#endif
}

static inline uint8x8_t average8(uint32x4_t a, uint32x4_t b, int32_t n, int32_t lift)
{
    const int32x4_t zeros = vdupq_n_s32(n * lift);
    const int32x4_t x = divided(vsubq_s32(vreinterpretq_s32_u32(a), zeros), n);
    const int32x4_t y = divided(vsubq_s32(vreinterpretq_s32_u32(b), zeros), n);
    return vqmovun_s16(vaddq_s16(vcombine_s16(vmovn_s32(x), vmovn_s32(y)), vdupq_n_s16((int16_t)lift)));
}

CRL_INLINE void average_pixel(uint8_t *out, const place *f, size_t channels, const crl_pool8 *p)
{
    const uint8x16_t min = vdupq_n_u8((uint8_t)p->min), max = vdupq_n_u8((uint8_t)p->max);
    const int32_t n = f->rows * f->columns;
    for (size_t c = 0; c < channels; c += 16) {
        if (c + 16 > channels) c = channels - 16;
        const sums s = sum16(f, c);
        const uint8x16_t y = vcombine_u8(average8(s.q[0], s.q[1], n, p->lift), average8(s.q[2], s.q[3], n, p->lift));
        vst1q_u8(out + c, vminq_u8(vmaxq_u8(y, min), max));
    }
}

void crl_average_pool8_neon(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end)
{
    each_pixel(out, in, p, first, end, average_pixel, crl_average_pool8_ref);
}
