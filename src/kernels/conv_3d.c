/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of convolution of volumes, and of its transpose. */
#include "kernels/conv_3d.h"

#include <stdbool.h>

/* One output element; `t` are the taps along each axis. */
static float dot(const float *in, const float *filter, const crl_conv_3d *c, int32_t b, const crl_taps t[3], int32_t o)
{
    float sum = 0;
    for (int32_t z = t[0].first; z < t[0].end; z++)
        for (int32_t y = t[1].first; y < t[1].end; y++)
            for (int32_t x = t[2].first; x < t[2].end; x++) {
                const size_t iz = (size_t)(t[0].origin + z * c->dilation[0]);
                const size_t iy = (size_t)(t[1].origin + y * c->dilation[1]);
                const size_t ix = (size_t)(t[2].origin + x * c->dilation[2]);
                const size_t i = ((((size_t)b * (size_t)c->in[0] + iz) * (size_t)c->in[1] + iy) * (size_t)c->in[2] + ix) *
                                 (size_t)c->in_c;
                const size_t f = (((size_t)z * (size_t)c->filter[1] + (size_t)y) * (size_t)c->filter[2] + (size_t)x) *
                                 (size_t)c->in_c;
                for (size_t k = 0; k < (size_t)c->in_c; k++)
                    sum += in[i + k] * filter[(f + k) * (size_t)c->out_c + (size_t)o];
            }
    return sum;
}

static crl_taps taps(const crl_conv_3d *c, int axis, int32_t o)
{
    return crl_window_taps(o, c->stride[axis], c->pad[axis], c->dilation[axis], c->filter[axis], c->in[axis]);
}

void crl_conv_3d_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv_3d *c)
{
    for (int32_t b = 0; b < c->batch; b++)
        for (int32_t z = 0; z < c->out[0]; z++)
            for (int32_t y = 0; y < c->out[1]; y++)
                for (int32_t x = 0; x < c->out[2]; x++) {
                    const crl_taps t[3] = { taps(c, 0, z), taps(c, 1, y), taps(c, 2, x) };
                    for (int32_t o = 0; o < c->out_c; o++) {
                        float v = dot(in, filter, c, b, t, o) + (bias ? bias[o] : 0.0f);
                        v = v < c->min ? c->min : v;
                        *out++ = v > c->max ? c->max : v;
                    }
                }
}

/* Adds an input element's products: `in` has its channels, `at` its position. */
static void spread(float *out, const float *in, const float *filter, const crl_conv_3d *c, const int32_t at[3])
{
    int32_t o[3];
    for (int32_t k = 0; k < c->in_c; k++)
        for (int32_t z = 0; z < c->filter[0]; z++)
            for (int32_t y = 0; y < c->filter[1]; y++)
                for (int32_t x = 0; x < c->filter[2]; x++) {
                    const int32_t tap[3] = { z, y, x };
                    bool inside = true;
                    for (int i = 0; i < 3; i++) {
                        o[i] = at[i] * c->stride[i] - c->pad[i] + tap[i] * c->dilation[i];
                        inside = inside && o[i] >= 0 && o[i] < c->out[i];
                    }
                    if (!inside) continue;
                    const size_t f = (((size_t)z * (size_t)c->filter[1] + (size_t)y) * (size_t)c->filter[2] + (size_t)x) *
                                     (size_t)c->out_c;
                    float *to = out + (((size_t)o[0] * (size_t)c->out[1] + (size_t)o[1]) * (size_t)c->out[2] + (size_t)o[2]) *
                                          (size_t)c->out_c;
                    for (size_t n = 0; n < (size_t)c->out_c; n++)
                        to[n] += in[k] * filter[(f + n) * (size_t)c->in_c + (size_t)k];
                }
}

void crl_conv_3d_transpose_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_conv_3d *c)
{
    const size_t volume = (size_t)c->out[0] * (size_t)c->out[1] * (size_t)c->out[2] * (size_t)c->out_c;
    for (int32_t b = 0; b < c->batch; b++, out += volume) {
        for (size_t i = 0; i < volume; i++) out[i] = 0;
        for (int32_t z = 0; z < c->in[0]; z++)
            for (int32_t y = 0; y < c->in[1]; y++)
                for (int32_t x = 0; x < c->in[2]; x++, in += c->in_c)
                    spread(out, in, filter, c, (const int32_t[3]){ z, y, x });
        for (size_t i = 0; i < volume; i++) {
            float v = out[i];
            if (bias) v += bias[i % (size_t)c->out_c];
            v = v < c->min ? c->min : v;
            out[i] = v > c->max ? c->max : v;
        }
    }
}
