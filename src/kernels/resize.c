/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of resizing. */
#include "kernels/resize.h"

#include <math.h>
#include <string.h>

#include "kernels/element.h"

static size_t pixel(const crl_resize *r, int32_t b, int32_t y, int32_t x)
{
    return (((size_t)b * (size_t)r->in_h + (size_t)y) * (size_t)r->in_w + (size_t)x) * (size_t)r->channels;
}

static int32_t at_least_0(int32_t i)
{
    return i < 0 ? 0 : i;
}

static int32_t at_most(int32_t i, int32_t last)
{
    return i > last ? last : i;
}

/* --- bilinear, positions in float ------------------------------------------------------------------- */

crl_resize_at_f32 crl_resize_find_f32(int32_t i, int32_t in, int32_t out, const crl_resize *r)
{
    float scale = (float)in / (float)out;
    if (r->align_corners && out > 1) scale = (float)(in - 1) / (float)(out - 1);
    const float at = r->half_pixel_centers ? ((float)i + 0.5f) * scale - 0.5f : (float)i * scale;
    return (crl_resize_at_f32){ .at = at, .low = at_most(at_least_0((int32_t)floorf(at)), in - 1),
                           .high = at_most((int32_t)ceilf(at), in - 1) };
}

/* All channels of a pixel out of those of four; v is added up as the reference does it, where a sum of -0 becomes 0. */
static void blend_f32(float *restrict out, const float *in, const size_t at[4], int32_t n, const float weight[4])
{
    const float up = weight[0], down = weight[1], left = weight[2], right = weight[3];
    const float *p0 = in + at[0], *p1 = in + at[1], *p2 = in + at[2], *p3 = in + at[3];
    for (int32_t c = 0; c < n; c++)
        out[c] = p0[c] * up * left + p1[c] * down * left + p2[c] * up * right + p3[c] * down * right + 0.0f;
}

/* Output pixels first .. end-1 of row oy, whose columns are x[0] on. */
CRL_INLINE void bilinear_row(void *out, const void *in, const crl_resize *r, crl_type type, int32_t b, int32_t oy, int32_t first,
                             int32_t end, const crl_resize_at_f32 *x)
{
    const crl_resize_at_f32 y = crl_resize_find_f32(oy, r->in_h, r->out_h, r);
    const float down = y.at - (float)y.low, up = 1 - down;
    size_t o = (((size_t)b * (size_t)r->out_h + (size_t)oy) * (size_t)r->out_w + (size_t)first) * (size_t)r->channels;
    for (int32_t ox = first; ox < end; ox++, x++) {
        const float right = x->at - (float)x->low, left = 1 - right;
        const size_t i[4] = { pixel(r, b, y.low, x->low), pixel(r, b, y.high, x->low), pixel(r, b, y.low, x->high),
                              pixel(r, b, y.high, x->high) };
        if (type == CRL_FLOAT32) {
            blend_f32((float *)out + o, in, i, r->channels, (const float[4]){ up, down, left, right });
            o += (size_t)r->channels;
            continue;
        }
        for (int32_t c = 0; c < r->channels; c++, o++) {
            float p[4];
            for (int k = 0; k < 4; k++) p[k] = (float)crl_load(in, i[k] + (size_t)c, type);
            const float v = p[0] * up * left + p[1] * down * left + p[2] * up * right + p[3] * down * right;
            crl_store(out, o, type, (int32_t)(v + 0.5f));
        }
    }
}

CRL_INLINE void bilinear_f32(void *out, const void *in, const crl_resize *r, crl_type type)
{
    enum { COLUMNS = 64 }; /* whose places are found once for all rows */
    crl_resize_at_f32 x[COLUMNS];
    for (int32_t first = 0; first < r->out_w; first += COLUMNS) {
        const int32_t end = at_most(first + COLUMNS, r->out_w);
        for (int32_t ox = first; ox < end; ox++) x[ox - first] = crl_resize_find_f32(ox, r->in_w, r->out_w, r);
        for (int32_t b = 0; b < r->batch; b++)
            for (int32_t oy = 0; oy < r->out_h; oy++) bilinear_row(out, in, r, type, b, oy, first, end, x);
    }
}

void crl_resize_bilinear_f32_ref(void *out, const void *in, const crl_resize *r)
{
    bilinear_f32(out, in, r, CRL_FLOAT32);
}

void crl_resize_bilinear_u8_ref(void *out, const void *in, const crl_resize *r)
{
    bilinear_f32(out, in, r, CRL_UINT8);
}

/* --- bilinear, positions in 1/1024 ------------------------------------------------------------------ */

enum { ONE = 1 << 10 };

crl_resize_at crl_resize_find(int32_t i, int32_t in, int32_t out, const crl_resize *r)
{
    int64_t scale = ((int64_t)ONE * in + out / 2) / out;
    if (r->align_corners && out > 1) scale = ((int64_t)ONE * (in - 1) + (out - 1) / 2) / (out - 1);
    const int64_t at = r->half_pixel_centers ? i * scale + scale / 2 - ONE / 2 : i * scale;
    const int64_t low = at / ONE, high = (at + ONE - 1) / ONE;
    return (crl_resize_at){ .at = at, .low = low < 0 ? 0 : low < in ? (int32_t)low : in - 1,
                       .high = high < in ? (int32_t)high : in - 1 };
}

CRL_INLINE void bilinear(void *out, const void *in, const crl_resize *r, crl_type type)
{
    size_t o = 0;
    for (int32_t b = 0; b < r->batch; b++)
        for (int32_t oy = 0; oy < r->out_h; oy++) {
            const crl_resize_at y = crl_resize_find(oy, r->in_h, r->out_h, r);
            const int64_t down = y.at - (int64_t)ONE * y.low, up = ONE - down;
            for (int32_t ox = 0; ox < r->out_w; ox++) {
                const crl_resize_at x = crl_resize_find(ox, r->in_w, r->out_w, r);
                const int64_t right = x.at - (int64_t)ONE * x.low, left = ONE - right;
                const size_t i[4] = { pixel(r, b, y.low, x.low), pixel(r, b, y.high, x.low), pixel(r, b, y.low, x.high),
                                      pixel(r, b, y.high, x.high) };
                for (int32_t c = 0; c < r->channels; c++, o++) {
                    const int64_t v = crl_load(in, i[0] + (size_t)c, type) * up * left +
                                      crl_load(in, i[1] + (size_t)c, type) * down * left +
                                      crl_load(in, i[2] + (size_t)c, type) * up * right +
                                      crl_load(in, i[3] + (size_t)c, type) * down * right;
                    const int64_t half = v > 0 ? ONE * ONE / 2 : -(ONE * ONE / 2);
                    const int32_t q = (int32_t)((v + half) / (ONE * ONE));
                    crl_store(out, o, type, q);
                }
            }
        }
}

void crl_resize_bilinear_s8_ref(void *out, const void *in, const crl_resize *r)
{
    bilinear(out, in, r, CRL_INT8);
}

void crl_resize_bilinear_s16_ref(void *out, const void *in, const crl_resize *r)
{
    bilinear(out, in, r, CRL_INT16);
}

/* --- nearest ------------------------------------------------------------------------------------------ */

int32_t crl_resize_nearest_at(int32_t i, int32_t in, int32_t out, const crl_resize *r)
{
    const float scale = r->align_corners && out > 1 ? (float)(in - 1) / (float)(out - 1) : (float)in / (float)out;
    const float at = ((float)i + (r->half_pixel_centers ? 0.5f : 0.0f)) * scale;
    return at_least_0(at_most((int32_t)(r->align_corners ? roundf(at) : floorf(at)), in - 1));
}

void crl_resize_nearest_ref(void *out, const void *in, size_t size, const crl_resize *r)
{
    uint8_t *o = out;
    const size_t bytes = (size_t)r->channels * size;
    for (int32_t b = 0; b < r->batch; b++)
        for (int32_t oy = 0; oy < r->out_h; oy++) {
            const int32_t y = crl_resize_nearest_at(oy, r->in_h, r->out_h, r);
            for (int32_t ox = 0; ox < r->out_w; ox++, o += bytes) {
                const int32_t x = crl_resize_nearest_at(ox, r->in_w, r->out_w, r);
                memcpy(o, (const uint8_t *)in + pixel(r, b, y, x) * size, bytes);
            }
        }
}
