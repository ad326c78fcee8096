/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of pixels as RGB and grey, 16 pixels a step; SQRDMULH is the product of pixels.h with its rounding. The last step begins
 * earlier and does some pixels twice; fewer than 16, and of pairs an odd last one, are left to the definition. */
#include "vision/pixels.h"

#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))

enum { STEP = 16 };

/* 16 pixels. */
typedef struct pairs {
    uint8x8_t y[2], u, v;
} pairs;

/* 2^8 (c - 128) */
INLINE int16x8_t chroma(uint8x8_t c)
{
    return vshlq_n_s16(vreinterpretq_s16_u16(vsubl_u8(c, vdup_n_u8(128))), 8);
}

INLINE int16x8_t luma(uint8x8_t y, const crl_yuv_terms *k)
{
    return vqrdmulhq_n_s16(vshlq_n_s16(vreinterpretq_s16_u16(vsubl_u8(y, vdup_n_u8((uint8_t)k->black))), 7), k->y);
}

/* One colour: luma in two parts, what chroma adds to pairs. */
INLINE uint8x16_t colour(int16x8_t front, int16x8_t back, int16x8_t add)
{
    const int16x8x2_t both = vzipq_s16(add, add);
    return vcombine_u8(vqrshrun_n_s16(vqaddq_s16(front, both.val[0]), 6), vqrshrun_n_s16(vqaddq_s16(back, both.val[1]), 6));
}

INLINE void step(uint8_t *out, pairs p, const crl_yuv_terms *k)
{
    const int16x8_t u = chroma(p.u), v = chroma(p.v), front = luma(p.y[0], k), back = luma(p.y[1], k);
    uint8x16x3_t rgb;
    rgb.val[0] = colour(front, back, vqrdmulhq_n_s16(v, k->rv));
    rgb.val[1] = colour(front, back, vaddq_s16(vqrdmulhq_n_s16(u, k->gu), vqrdmulhq_n_s16(v, k->gv)));
    rgb.val[2] = colour(front, back, vqrdmulhq_n_s16(u, k->bu));
    vst3q_u8(out, rgb);
}

INLINE pairs pairs_at(const uint8_t *const plane[3], size_t x, crl_pixels pixels)
{
    if (pixels == CRL_PIXELS_NV12) {
        const uint8x8x2_t uv = vld2_u8(plane[1] + x);
        return (pairs){ { vld1_u8(plane[0] + x), vld1_u8(plane[0] + x + 8) }, uv.val[0], uv.val[1] };
    }
    if (pixels == CRL_PIXELS_I420)
        return (pairs){ { vld1_u8(plane[0] + x), vld1_u8(plane[0] + x + 8) }, vld1_u8(plane[1] + x / 2), vld1_u8(plane[2] + x / 2) };
    const uint8x8x4_t four = vld4_u8(plane[0] + 2 * x);
    const int first = pixels == CRL_PIXELS_UYVY; /* of the places of Y; U and V have the others */
    const uint8x8x2_t y = vzip_u8(four.val[first], four.val[first + 2]);
    return (pairs){ { y.val[0], y.val[1] }, four.val[1 - first], four.val[3 - first] };
}

/* `pixels` is a constant. */
INLINE void convert(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k, crl_pixels pixels, crl_to_rgb_fn *ref)
{
    size_t x = 0;
    for (; x + STEP <= n; x += STEP) step(out + 3 * x, pairs_at(plane, x, pixels), k);
    if (n > STEP && x < n) {
        x = (n - STEP) & ~(size_t)1;
        step(out + 3 * x, pairs_at(plane, x, pixels), k);
        x += STEP;
    }
    if (x == n) return;
    const bool packed = pixels == CRL_PIXELS_YUYV || pixels == CRL_PIXELS_UYVY;
    const uint8_t *const rest[3] = { plane[0] + (packed ? 2 * x : x),
                                     packed ? NULL : plane[1] + (pixels == CRL_PIXELS_NV12 ? x : x / 2),
                                     pixels == CRL_PIXELS_I420 ? plane[2] + x / 2 : NULL };
    ref(out + 3 * x, rest, n - x, k);
}

void crl_nv12_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_NV12, crl_nv12_to_rgb_ref);
}

void crl_i420_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_I420, crl_i420_to_rgb_ref);
}

void crl_yuyv_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_YUYV, crl_yuyv_to_rgb_ref);
}

void crl_uyvy_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane, n, k, CRL_PIXELS_UYVY, crl_uyvy_to_rgb_ref);
}

/* ---- bytes in another order ---- */

/* Where red, green and blue are in a pixel of `bytes`, constants. */
INLINE void pick(uint8_t *out, const uint8_t *in, size_t n, size_t bytes, int r, int b, crl_to_rgb_fn *ref)
{
    if (n < STEP) {
        const uint8_t *const all[3] = { in, NULL, NULL };
        ref(out, all, n, NULL);
        return;
    }
    for (size_t x = 0;; x = x + 2 * STEP <= n ? x + STEP : n - STEP) {
        uint8x16x3_t rgb;
        if (bytes == 3) {
            const uint8x16x3_t p = vld3q_u8(in + 3 * x);
            rgb = (uint8x16x3_t){ { p.val[r], p.val[1], p.val[b] } };
        } else {
            const uint8x16x4_t p = vld4q_u8(in + 4 * x);
            rgb = (uint8x16x3_t){ { p.val[r], p.val[1], p.val[b] } };
        }
        vst3q_u8(out + 3 * x, rgb);
        if (x + STEP == n) return;
    }
}

void crl_bgr_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    pick(out, plane[0], n, 3, 2, 0, crl_bgr_to_rgb_ref);
}

void crl_rgbx_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    pick(out, plane[0], n, 4, 0, 2, crl_rgbx_to_rgb_ref);
}

void crl_bgrx_to_rgb_neon(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    pick(out, plane[0], n, 4, 2, 0, crl_bgrx_to_rgb_ref);
}

/* ---- grey ---- */

INLINE uint16x4_t luminance(uint16x4_t r, uint16x4_t g, uint16x4_t b)
{
    return vrshrn_n_u32(vmlal_n_u16(vmlal_n_u16(vmull_n_u16(r, 19595), g, 38470), b, 7471), 16);
}

INLINE uint8x8_t luminance_8(uint8x8_t r, uint8x8_t g, uint8x8_t b)
{
    const uint16x8_t x = vmovl_u8(r), y = vmovl_u8(g), z = vmovl_u8(b);
    return vmovn_u16(vcombine_u16(luminance(vget_low_u16(x), vget_low_u16(y), vget_low_u16(z)),
                                  luminance(vget_high_u16(x), vget_high_u16(y), vget_high_u16(z))));
}

void crl_rgb_to_grey_neon(uint8_t *out, const uint8_t *rgb, size_t n)
{
    if (n < STEP) {
        crl_rgb_to_grey_ref(out, rgb, n);
        return;
    }
    for (size_t x = 0;; x = x + 2 * STEP <= n ? x + STEP : n - STEP) {
        const uint8x16x3_t p = vld3q_u8(rgb + 3 * x);
        vst1q_u8(out + x, vcombine_u8(luminance_8(vget_low_u8(p.val[0]), vget_low_u8(p.val[1]), vget_low_u8(p.val[2])),
                                      luminance_8(vget_high_u8(p.val[0]), vget_high_u8(p.val[1]), vget_high_u8(p.val[2]))));
        if (x + STEP == n) return;
    }
}
