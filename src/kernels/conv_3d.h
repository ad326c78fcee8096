/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution of volumes, and its transpose, float32:
 *
 *   out[b,od,oh,ow,o] = clamp(sum over the taps inside the input and the channels of in * filter, then + bias[o])
 *
 * in [batch, d, h, w, in_c], filter [fd, fh, fw, in_c, out_c], bias [out_c] or NULL. Axes are 0: depth, 1: height,
 * 2: width; positions are those of window.h. Sums run over filter depth, row, column, channel.
 *
 * The transpose goes the other way: each element of its input, in order, is multiplied by the filter [fd, fh, fw, out_c, in_c]
 * and added to the elements of the output that lie under it; then + bias, and clamp. */
#ifndef CRL_KERNELS_CONV_3D_H
#define CRL_KERNELS_CONV_3D_H

#include "kernels/window.h"

typedef struct crl_conv_3d {
    int32_t batch, in_c, out_c;
    int32_t in[3], out[3], filter[3], stride[3], dilation[3], pad[3];
    float min, max; /* fused activation */
} crl_conv_3d;

void crl_conv_3d_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv_3d *c);
void crl_conv_3d_transpose_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv_3d *c);

#endif
