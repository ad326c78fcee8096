/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions and dispatch: see pixels.h. */
#include "vision/pixels.h"

#include <string.h>

#include "base/cpu.h"

void crl_rgb_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    memcpy(out, plane[0], 3 * n);
}

void crl_gray8_to_rgb_ref(uint8_t *restrict out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    for (size_t x = 0; x < n; x++, out += 3) out[0] = out[1] = out[2] = plane[0][x];
}

/* Where red, green and blue are in a pixel of `bytes`. */
static inline void pick(uint8_t *restrict out, const uint8_t *in, size_t n, size_t bytes, int r, int g, int b)
{
    for (size_t x = 0; x < n; x++, out += 3, in += bytes) {
        out[0] = in[r];
        out[1] = in[g];
        out[2] = in[b];
    }
}

void crl_bgr_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    pick(out, plane[0], n, 3, 2, 1, 0);
}

void crl_rgbx_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    pick(out, plane[0], n, 4, 0, 1, 2);
}

void crl_bgrx_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    (void)k;
    pick(out, plane[0], n, 4, 2, 1, 0);
}

/* ---- luma and chroma ---- */

static inline int16_t term(int32_t c, int32_t k)
{
    return (int16_t)(((c - 128) * 256 * k + (1 << 14)) >> 15);
}

void crl_yuv_terms_fill(crl_yuv_terms *k)
{
    for (int32_t c = 0; c < 256; c++) {
        k->luma[c] = (int16_t)(((c - k->black) * 128 * k->y + (1 << 14)) >> 15);
        k->red_v[c] = term(c, k->rv);
        k->green_u[c] = term(c, k->gu);
        k->green_v[c] = term(c, k->gv);
        k->blue_u[c] = term(c, k->bu);
    }
    for (int32_t i = 0; i < CRL_YUV_BYTES; i++) {
        const int32_t v = i - CRL_YUV_BELOW;
        k->byte[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

typedef struct chroma {
    int32_t r, g, b; /* with what rounds the sum, and leads to the middle of its table */
} chroma;

static inline void put(uint8_t *restrict out, int32_t luma, chroma c, const uint8_t *byte)
{
    out[0] = byte[(luma + c.r) >> 6];
    out[1] = byte[(luma + c.g) >> 6];
    out[2] = byte[(luma + c.b) >> 6];
}

/* One byte of luma every `y_step`; of chroma every `step` for two pixels. */
static inline void convert(uint8_t *restrict out, const uint8_t *y, size_t y_step, const uint8_t *u, const uint8_t *v,
                           size_t step, size_t n, const crl_yuv_terms *k)
{
    const int32_t start = 32 + 64 * CRL_YUV_BELOW;
    for (size_t x = 0; x < n; x += 2, y += 2 * y_step, u += step, v += step, out += 6) {
        const chroma c = { start + k->red_v[*v], start + k->green_u[*u] + k->green_v[*v], start + k->blue_u[*u] };
        const int32_t first = k->luma[y[0]];
        put(out, first, c, k->byte);
        if (x + 1 == n) break;
        put(out + 3, k->luma[y[y_step]], c, k->byte);
    }
}

void crl_nv12_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane[0], 1, plane[1], plane[1] + 1, 2, n, k);
}

void crl_i420_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane[0], 1, plane[1], plane[2], 1, n, k);
}

void crl_yuyv_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane[0], 2, plane[0] + 1, plane[0] + 3, 4, n, k);
}

void crl_uyvy_to_rgb_ref(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k)
{
    convert(out, plane[0] + 1, 2, plane[0], plane[0] + 2, 4, n, k);
}

void crl_rgb_to_grey_ref(uint8_t *restrict out, const uint8_t *rgb, size_t n)
{
    for (size_t x = 0; x < n; x++, rgb += 3)
        out[x] = (uint8_t)((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 32768u) >> 16);
}

void crl_pixel_kernels_init(crl_pixel_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_pixel_kernels){
        .name = "pixels ref",
        .to_rgb = { [CRL_PIXELS_RGB] = crl_rgb_to_rgb_ref,
                    [CRL_PIXELS_BGR] = crl_bgr_to_rgb_ref,
                    [CRL_PIXELS_RGBX] = crl_rgbx_to_rgb_ref,
                    [CRL_PIXELS_BGRX] = crl_bgrx_to_rgb_ref,
                    [CRL_PIXELS_GRAY8] = crl_gray8_to_rgb_ref,
                    [CRL_PIXELS_NV12] = crl_nv12_to_rgb_ref,
                    [CRL_PIXELS_I420] = crl_i420_to_rgb_ref,
                    [CRL_PIXELS_YUYV] = crl_yuyv_to_rgb_ref,
                    [CRL_PIXELS_UYVY] = crl_uyvy_to_rgb_ref },
        .to_grey = crl_rgb_to_grey_ref,
    };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) {
        k->name = "pixels avx2";
        k->to_rgb[CRL_PIXELS_BGR] = crl_bgr_to_rgb_avx2;
        k->to_rgb[CRL_PIXELS_RGBX] = crl_rgbx_to_rgb_avx2;
        k->to_rgb[CRL_PIXELS_BGRX] = crl_bgrx_to_rgb_avx2;
        k->to_rgb[CRL_PIXELS_NV12] = crl_nv12_to_rgb_avx2;
        k->to_rgb[CRL_PIXELS_I420] = crl_i420_to_rgb_avx2;
        k->to_rgb[CRL_PIXELS_YUYV] = crl_yuyv_to_rgb_avx2;
        k->to_rgb[CRL_PIXELS_UYVY] = crl_uyvy_to_rgb_avx2;
        k->to_grey = crl_rgb_to_grey_avx2;
    }
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) {
        k->name = "pixels neon";
        k->to_rgb[CRL_PIXELS_BGR] = crl_bgr_to_rgb_neon;
        k->to_rgb[CRL_PIXELS_RGBX] = crl_rgbx_to_rgb_neon;
        k->to_rgb[CRL_PIXELS_BGRX] = crl_bgrx_to_rgb_neon;
        k->to_rgb[CRL_PIXELS_NV12] = crl_nv12_to_rgb_neon;
        k->to_rgb[CRL_PIXELS_I420] = crl_i420_to_rgb_neon;
        k->to_rgb[CRL_PIXELS_YUYV] = crl_yuyv_to_rgb_neon;
        k->to_rgb[CRL_PIXELS_UYVY] = crl_uyvy_to_rgb_neon;
        k->to_grey = crl_rgb_to_grey_neon;
    }
#endif
}
