/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR of floats (resize.h), vectors over channels: the bytes of the definition. */
#ifndef CRL_KERNELS_RESIZE_F32_H
#define CRL_KERNELS_RESIZE_F32_H

#include "kernels/resize.h"

/* Output rows row0 .. row1-1 of batch * out_h; x [out_w] is where each column lies. No overlap. */
typedef void crl_resize_f32_fn(float *out, const float *in, const crl_resize *r, const crl_resize_at_f32 *x, int32_t row0, int32_t row1);

typedef struct crl_resize_f32_kernels {
    const char *name; /* NULL: none at this level for so few channels, use resize.h */
    crl_resize_f32_fn *bilinear;
} crl_resize_f32_kernels;

/* The widest vectors that `channels` fill. */
void crl_resize_f32_kernels_init(crl_resize_f32_kernels *k, unsigned cpu, int32_t channels);

crl_resize_f32_fn crl_resize_f32_avx2, crl_resize_f32_avx512vnni, crl_resize_f32_neon;

#endif
