/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of bilinear resizing, eight channels a step. Where the channels are no multiple of eight, the last step
 * begins earlier and does some of them twice; below eight they are done one by one. Products and sums of floats stay
 * apart, and none is denormal, which NEON of ARMv7 would make zero. */
#include "kernels/resize8.h"

#include <arm_neon.h>

enum { STEP = 8, ONE = 1024 };

static inline int32x4_t low4(uint8x8_t x)
{
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(x))));
}

static inline int32x4_t high4(uint8x8_t x)
{
    return vreinterpretq_s32_u32(vmovl_u16(vget_high_u16(vmovl_u8(x))));
}

static inline void store8(uint8_t *out, int32x4_t low, int32x4_t high)
{
    vst1_u8(out, vqmovun_s16(vcombine_s16(vqmovn_s32(low), vqmovn_s32(high))));
}

/* n bytes as floats times a weight. */
static void float_products(float *out, const uint8_t *in, size_t n, float weight)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const uint8x8_t x = vld1_u8(in + i);
        vst1q_f32(out + i, vmulq_n_f32(vcvtq_f32_s32(low4(x)), weight));
        vst1q_f32(out + i + 4, vmulq_n_f32(vcvtq_f32_s32(high4(x)), weight));
    }
    for (; i < n; i++) out[i] = (float)in[i] * weight;
}

static inline int32x4_t float_step(const float *rows, size_t n, size_t low, size_t high, float near, float far)
{
    const float32x4_t a = vmulq_n_f32(vld1q_f32(rows + low), near), b = vmulq_n_f32(vld1q_f32(rows + n + low), near);
    const float32x4_t c = vmulq_n_f32(vld1q_f32(rows + high), far), d = vmulq_n_f32(vld1q_f32(rows + n + high), far);
    const float32x4_t v = vaddq_f32(vaddq_f32(vaddq_f32(a, b), c), d);
    return vcvtq_s32_f32(vaddq_f32(v, vdupq_n_f32(0.5f)));
}

static inline void float_step8(uint8_t *out, const float *rows, size_t n, size_t low, size_t high, const crl_resize_place *x)
{
    store8(out, float_step(rows, n, low, high, x->near.f, x->far.f),
           float_step(rows, n, low + 4, high + 4, x->near.f, x->far.f));
}

/* rows: vertical products of the row above (near) and below (far), for every column and channel: [2][n]. */
static void float_pixel(uint8_t *out, const float *rows, size_t n, const crl_resize_place *x, size_t channels)
{
    const size_t low = (size_t)x->low * channels, high = (size_t)x->high * channels;
    if (channels < STEP) {
        for (size_t c = 0; c < channels; c++) {
            const float v = rows[low + c] * x->near.f + rows[n + low + c] * x->near.f +
                            rows[high + c] * x->far.f + rows[n + high + c] * x->far.f;
            out[c] = (uint8_t)(int32_t)(v + 0.5f);
        }
        return;
    }
    for (size_t c = 0; c + STEP <= channels; c += STEP) float_step8(out + c, rows, n, low + c, high + c, x);
    if (channels % STEP) {
        const size_t c = channels - STEP;
        float_step8(out + c, rows, n, low + c, high + c, x);
    }
}

void crl_resize8_float_neon(uint8_t *out, const uint8_t *in, const crl_resize *r, const crl_resize_place *down,
                            const crl_resize_place *across, int32_t row0, int32_t row1, void *scratch)
{
    const size_t channels = (size_t)r->channels, n = (size_t)r->in_w * channels;
    float *rows = scratch;
    for (int32_t y = row0; y < row1; y++) {
        float_products(rows, in + (size_t)down[y].low * n, n, down[y].near.f);
        float_products(rows + n, in + (size_t)down[y].high * n, n, down[y].far.f);
        uint8_t *row = out + (size_t)y * (size_t)r->out_w * channels;
        for (int32_t x = 0; x < r->out_w; x++) float_pixel(row + (size_t)x * channels, rows, n, &across[x], channels);
    }
}

/* --- positions in 1/1024 ---------------------------------------------------------------------------- */

/* Both rows joined: exact in integers, and below 2^19 in magnitude. Where both are one, at the end of the picture, their
 * weights may need more than 16 bits, but the sum of the weights is ONE. */
static void fixed_row(int32_t *row, const uint8_t *above, const uint8_t *below, size_t n, const crl_resize_place *y)
{
    const bool one = y->low == y->high;
    const int16x4_t near = vdup_n_s16(one ? ONE : (int16_t)y->near.q), far = vdup_n_s16(one ? 0 : (int16_t)y->far.q);
    const int16x8_t middle = vdupq_n_s16(128);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const int16x8_t a = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(above + i))), middle);
        const int16x8_t b = vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(below + i))), middle);
        vst1q_s32(row + i, vmlal_s16(vmull_s16(vget_low_s16(a), near), vget_low_s16(b), far));
        vst1q_s32(row + i + 4, vmlal_s16(vmull_s16(vget_high_s16(a), near), vget_high_s16(b), far));
    }
    for (; i < n; i++) row[i] = (above[i] - 128) * y->near.q + (below[i] - 128) * y->far.q;
}

enum { BITS = 20, HALF = 1 << (BITS - 1) };

static inline int32x4_t fixed_step(const int32_t *row, size_t low, size_t high, const crl_resize_place *x)
{
    const int32x4_t v = vmlaq_n_s32(vmulq_n_s32(vld1q_s32(row + low), x->near.q), vld1q_s32(row + high), x->far.q);
    /* Ties away from zero: a half, less one unless v > 0. */
    const int32x4_t positive = vreinterpretq_s32_u32(vcgtq_s32(v, vdupq_n_s32(0)));
    const int32x4_t half = vsubq_s32(vdupq_n_s32(HALF - 1), positive);
    return vaddq_s32(vshrq_n_s32(vaddq_s32(v, half), BITS), vdupq_n_s32(128));
}

static inline void fixed_step8(uint8_t *out, const int32_t *row, size_t low, size_t high, const crl_resize_place *x)
{
    store8(out, fixed_step(row, low, high, x), fixed_step(row, low + 4, high + 4, x));
}

static void fixed_pixel(uint8_t *out, const int32_t *row, const crl_resize_place *x, size_t channels)
{
    const size_t low = (size_t)x->low * channels, high = (size_t)x->high * channels;
    if (channels < STEP) {
        for (size_t c = 0; c < channels; c++) {
            const int32_t v = row[low + c] * x->near.q + row[high + c] * x->far.q;
            out[c] = (uint8_t)(((v + HALF - (v <= 0)) >> BITS) + 128);
        }
        return;
    }
    for (size_t c = 0; c + STEP <= channels; c += STEP) fixed_step8(out + c, row, low + c, high + c, x);
    if (channels % STEP) {
        const size_t c = channels - STEP;
        fixed_step8(out + c, row, low + c, high + c, x);
    }
}

void crl_resize8_fixed_neon(uint8_t *out, const uint8_t *in, const crl_resize *r, const crl_resize_place *down,
                            const crl_resize_place *across, int32_t row0, int32_t row1, void *scratch)
{
    const size_t channels = (size_t)r->channels, n = (size_t)r->in_w * channels;
    for (int32_t y = row0; y < row1; y++) {
        fixed_row(scratch, in + (size_t)down[y].low * n, in + (size_t)down[y].high * n, n, &down[y]);
        uint8_t *row = out + (size_t)y * (size_t)r->out_w * channels;
        for (int32_t x = 0; x < r->out_w; x++) fixed_pixel(row + (size_t)x * channels, scratch, &across[x], channels);
    }
}
