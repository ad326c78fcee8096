/* SPDX-License-Identifier: Apache-2.0 */
/* Around products of float layers with weights of 8 bits: four floats at a time. AArch64 only: NEON of ARMv7 takes
 * denormals for zeros. */
#include <arm_neon.h>
#include <string.h>

#include "kernels/hybrid.h"

/* By comparisons, as in the definition, so that NaN changes nothing. */
void crl_hybrid_range_neon(const float *x, size_t n, float start, float *min, float *max)
{
    float32x4_t lo = vdupq_n_f32(start), hi = lo;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const float32x4_t v = vld1q_f32(x + i);
        lo = vbslq_f32(vcltq_f32(v, lo), v, lo);
        hi = vbslq_f32(vcgtq_f32(v, hi), v, hi);
    }
    float low[4], high[4];
    vst1q_f32(low, lo);
    vst1q_f32(high, hi);
    *min = low[0];
    *max = high[0];
    for (int k = 1; k < 4; k++) {
        if (low[k] < *min) *min = low[k];
        if (high[k] > *max) *max = high[k];
    }
    for (; i < n; i++) {
        if (x[i] < *min) *min = x[i];
        if (x[i] > *max) *max = x[i];
    }
}

/* q of four elements of a whole eight. What no int32 holds becomes INT32_MIN, as the definition has it. */
static inline int32x4_t quantize(const float *x, const crl_hybrid_scale *s)
{
    const float32x4_t v = vmulq_f32(vld1q_f32(x), vdupq_n_f32(s->inverse));
    const uint32x4_t sign = vandq_u32(vreinterpretq_u32_f32(v), vdupq_n_u32(0x80000000u));
    const float32x4_t half = vreinterpretq_f32_u32(vorrq_u32(sign, vreinterpretq_u32_f32(vdupq_n_f32(0.5f))));
    const float32x4_t sum = vaddq_f32(v, half);
    const uint32x4_t fits = vcltq_f32(vabsq_f32(sum), vdupq_n_f32(2147483648.0f));
    const int32x4_t cut = vbslq_s32(fits, vcvtq_s32_f32(sum), vdupq_n_s32(INT32_MIN));
    const int32x4_t q = vaddq_s32(cut, vdupq_n_s32(s->zero));
    return vminq_s32(vmaxq_s32(q, vdupq_n_s32(s->min)), vdupq_n_s32(INT8_MAX));
}

void crl_hybrid_bytes_neon(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    size_t i = 0;
    for (; i + 8 <= n && !s->none; i += 8) {
        const int16x8_t words = vcombine_s16(vmovn_s32(quantize(x + i, s)), vmovn_s32(quantize(x + i + 4, s)));
        vst1_u8(q + i, veor_u8(vreinterpret_u8_s8(vmovn_s16(words)), vdup_n_u8(0x80)));
    }
    for (; i < n; i++) q[i] = (uint8_t)(crl_hybrid_quantized(x[i], i, n, s) + 128);
}

void crl_hybrid_whole_neon(float *q, const float *x, size_t n, const crl_hybrid_scale *s)
{
    size_t i = 0;
    for (; i + 8 <= n && !s->none; i += 8)
        for (size_t k = i; k < i + 8; k += 4)
            vst1q_f32(q + k, vcvtq_f32_s32(vsubq_s32(quantize(x + k, s), vdupq_n_s32(s->zero))));
    for (; i < n; i++) q[i] = (float)(crl_hybrid_quantized(x[i], i, n, s) - s->zero);
}

static void finish_row(float *out, size_t columns, const crl_hybrid_finish *f)
{
    const int32x4_t lift = vdupq_n_s32(f->zero + 128);
    const float32x4_t in_scale = vdupq_n_f32(f->in_scale), min = vdupq_n_f32(f->min), max = vdupq_n_f32(f->max);
    size_t c = 0;
    for (; c + 4 <= columns; c += 4) {
        const int32x4_t sum = vreinterpretq_s32_f32(vld1q_f32(out + c));
        const float32x4_t acc = vcvtq_f32_s32(vsubq_s32(sum, vmulq_s32(lift, vld1q_s32(f->weights + c))));
        const float32x4_t scale = vld1q_f32(f->scale + c);
        const float32x4_t product = f->scales_first ? vmulq_f32(acc, vmulq_f32(scale, in_scale))
                                                    : vmulq_f32(vmulq_f32(acc, scale), in_scale);
        float32x4_t v = vaddq_f32(product, vld1q_f32(f->bias + c));
        v = f->min_wins ? vbslq_f32(vcgtq_f32(v, min), v, min) : vbslq_f32(vcltq_f32(v, min), min, v);
        vst1q_f32(out + c, vbslq_f32(vcgtq_f32(v, max), max, v));
    }
    if (c < columns) {
        crl_hybrid_finish rest = *f;
        rest.weights += c, rest.scale += c, rest.bias += c;
        crl_hybrid_finish_ref(out + c, 1, columns - c, &rest);
    }
}

void crl_hybrid_finish_neon(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f)
{
    for (size_t r = 0; r < rows; r++) finish_row(out + r * columns, columns, f);
}
