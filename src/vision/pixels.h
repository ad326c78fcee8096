/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the pixels of cameras and decoders as RGB, and RGB as grey.
 *
 * Y, U and V of 8 bits become
 *
 *   R = byte(luma(Y) + term(V, rv))      luma(Y)    = ((Y - black) * 2^7 * y + 2^14) >> 15
 *   G = byte(luma(Y) + term(U, gu)       term(C, k) = ((C - 128) * 2^8 * k + 2^14) >> 15
 *            + term(V, gv))              byte(v)    = (v + 32) >> 6, cut to 0..255
 *   B = byte(luma(Y) + term(U, bu))
 *
 * where `y` is the factor of the standard times 2^14 and the others are times 2^13, rounded: a value has 6 fractional bits,
 * and each product is what one instruction of x86 or ARM makes of 16 bits. Of the 2^24 colours, 0.2 to 0.7 % of the bytes
 * differ from the standard's formula in real numbers, rounded, and by no more than 1. (libyuv, GStreamer and FFmpeg have
 * formulas of their own, which differ from each other.) A sample of U and V is that of its two or four pixels; nothing is
 * interpolated.
 *
 * Grey is Pillow's: L = (19595 R + 38470 G + 7471 B + 32768) >> 16.
 *
 * Contract. n pixels from an even one on, at least 1. Exactly their bytes are read, where U and V go with pairs those of
 * whole pairs, and 3 n written, or n.
 *
 * Source: ITU-R BT.601 (Kr 0.299, Kb 0.114), BT.709 (0.2126, 0.0722) */
#ifndef CRL_VISION_PIXELS_H
#define CRL_VISION_PIXELS_H

#include "vision/vision.h"

enum { CRL_N_PIXELS = CRL_PIXELS_UYVY + 1 };

/* The factors of a standard, and for plain code what they make of every byte. `byte` is of (v + 32) >> 6, and begins at
 * -CRL_YUV_BELOW: no sum is below that, or CRL_YUV_BYTES further. */
enum { CRL_YUV_BELOW = 320, CRL_YUV_BYTES = 960 };
typedef struct crl_yuv_terms {
    int16_t black, y, rv, gu, gv, bu;
    int16_t luma[256], red_v[256], green_u[256], green_v[256], blue_u[256];
    uint8_t byte[CRL_YUV_BYTES];
} crl_yuv_terms;

/* Fills the tables by the factors. */
void crl_yuv_terms_fill(crl_yuv_terms *k);

typedef void crl_to_rgb_fn(uint8_t *out, const uint8_t *const plane[3], size_t n, const crl_yuv_terms *k);
typedef void crl_to_grey_fn(uint8_t *out, const uint8_t *rgb, size_t n);

typedef struct crl_pixel_kernels {
    const char *name;
    crl_to_rgb_fn *to_rgb[CRL_N_PIXELS]; /* by crl_pixels */
    crl_to_grey_fn *to_grey;
} crl_pixel_kernels;

void crl_pixel_kernels_init(crl_pixel_kernels *k, unsigned cpu);

crl_to_rgb_fn crl_rgb_to_rgb_ref, crl_bgr_to_rgb_ref, crl_rgbx_to_rgb_ref, crl_bgrx_to_rgb_ref, crl_gray8_to_rgb_ref,
    crl_nv12_to_rgb_ref, crl_i420_to_rgb_ref, crl_yuyv_to_rgb_ref, crl_uyvy_to_rgb_ref;
crl_to_grey_fn crl_rgb_to_grey_ref;
crl_to_rgb_fn crl_bgr_to_rgb_avx2, crl_rgbx_to_rgb_avx2, crl_bgrx_to_rgb_avx2, crl_nv12_to_rgb_avx2, crl_i420_to_rgb_avx2,
    crl_yuyv_to_rgb_avx2, crl_uyvy_to_rgb_avx2;
crl_to_grey_fn crl_rgb_to_grey_avx2;
crl_to_rgb_fn crl_bgr_to_rgb_neon, crl_rgbx_to_rgb_neon, crl_bgrx_to_rgb_neon, crl_nv12_to_rgb_neon, crl_i420_to_rgb_neon,
    crl_yuyv_to_rgb_neon, crl_uyvy_to_rgb_neon;
crl_to_grey_fn crl_rgb_to_grey_neon;

#endif
