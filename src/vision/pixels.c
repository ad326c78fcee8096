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

static inline int32_t term(int32_t c, int32_t k)
{
    return ((c - 128) * 256 * k + (1 << 14)) >> 15;
}

static inline uint8_t byte_of(int32_t v)
{
    v = (v + 32) >> 6;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static inline int32_t luma_of(uint8_t y, const crl_yuv_terms *k)
{
    return ((y - k->black) * 128 * k->y + (1 << 14)) >> 15;
}

/* One byte of luma every `y_step`; of chroma every `step` for two pixels. */
static inline void convert(uint8_t *restrict out, const uint8_t *y, size_t y_step, const uint8_t *u, const uint8_t *v,
                           size_t step, size_t n, const crl_yuv_terms *terms)
{
    const crl_yuv_terms k = *terms; /* which no byte that is written can change */
    int32_t r = 0, g = 0, b = 0;
    for (size_t x = 0; x < n; x++, out += 3) {
        if (x % 2 == 0) {
            const uint8_t cu = u[x / 2 * step], cv = v[x / 2 * step];
            r = term(cv, k.rv), g = term(cu, k.gu) + term(cv, k.gv), b = term(cu, k.bu);
        }
        const int32_t luma = luma_of(y[x * y_step], &k);
        out[0] = byte_of(luma + r);
        out[1] = byte_of(luma + g);
        out[2] = byte_of(luma + b);
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
