/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing of pictures [batch, h, w, channels] by the operators RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR.
 * (Pictures on their way into a model are resized by vision/, as Pillow does it.)
 *
 *   position of output i in the input:   i * s            s = in / out
 *                       align_corners    i * s            s = (in - 1) / (out - 1), for out > 1
 *                  half_pixel_centers    (i + 1/2) * s - 1/2
 *
 * Bilinear: float32 and uint8 with float weights, int8 and int16 with positions in 1/1024.
 * Positions past the last pixel stay on it. No overlap. */
#ifndef CRL_KERNELS_RESIZE_H
#define CRL_KERNELS_RESIZE_H

#include <corallite/tensor.h>

/* What prepare makes of either operator; their crl_node.params points here. in_h, in_w >= 1. */
typedef struct crl_resize {
    int32_t batch, channels;
    int32_t in_h, in_w, out_h, out_w;
    bool align_corners, half_pixel_centers;
} crl_resize;

/* Where an output row or column lies between two of the input's; at - low is the weight of high. */
typedef struct crl_resize_at_f32 {
    float at;
    int32_t low, high;
} crl_resize_at_f32;

typedef struct crl_resize_at {
    int64_t at; /* in 1/1024 */
    int32_t low, high;
} crl_resize_at;

/* Position i of `out` along an axis of `in` pixels. */
crl_resize_at_f32 crl_resize_find_f32(int32_t i, int32_t in, int32_t out, const crl_resize *r);
crl_resize_at crl_resize_find(int32_t i, int32_t in, int32_t out, const crl_resize *r);

typedef void crl_resize_fn(void *out, const void *in, const crl_resize *r);

crl_resize_fn crl_resize_bilinear_f32_ref, crl_resize_bilinear_u8_ref, crl_resize_bilinear_s8_ref,
    crl_resize_bilinear_s16_ref;

/* The nearest of `in` pixels to position i of `out`. */
int32_t crl_resize_nearest_at(int32_t i, int32_t in, int32_t out, const crl_resize *r);

/* `size` is the bytes of an element. */
void crl_resize_nearest_ref(void *out, const void *in, size_t size, const crl_resize *r);

#endif
