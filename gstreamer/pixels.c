/* SPDX-License-Identifier: Apache-2.0 */
/* GStreamer's formats as the library's. */
#include <math.h>
#include <string.h>

#include "elements.h"

static const struct {
    GstVideoFormat from;
    crl_pixels to;
} formats[] = {
    { GST_VIDEO_FORMAT_NV12, CRL_PIXELS_NV12 }, { GST_VIDEO_FORMAT_I420, CRL_PIXELS_I420 }, { GST_VIDEO_FORMAT_YUY2, CRL_PIXELS_YUYV },
    { GST_VIDEO_FORMAT_UYVY, CRL_PIXELS_UYVY }, { GST_VIDEO_FORMAT_RGB, CRL_PIXELS_RGB },   { GST_VIDEO_FORMAT_BGR, CRL_PIXELS_BGR },
    { GST_VIDEO_FORMAT_RGBx, CRL_PIXELS_RGBX }, { GST_VIDEO_FORMAT_BGRx, CRL_PIXELS_BGRX }, { GST_VIDEO_FORMAT_RGBA, CRL_PIXELS_RGBX },
    { GST_VIDEO_FORMAT_BGRA, CRL_PIXELS_BGRX }, { GST_VIDEO_FORMAT_GRAY8, CRL_PIXELS_GRAY8 },
};

GstPadTemplate *corallite_pad_template(GstPadDirection direction)
{
    GstCaps *caps = gst_caps_from_string(GST_VIDEO_CAPS_MAKE(CORALLITE_FORMATS));
    GstPadTemplate *t = gst_pad_template_new(direction == GST_PAD_SINK ? "sink" : "src", direction, GST_PAD_ALWAYS, caps);
    gst_caps_unref(caps);
    return t;
}

crl_frame_format corallite_format(const GstVideoInfo *info)
{
    crl_frame_format f = { .width = GST_VIDEO_INFO_WIDTH(info), .height = GST_VIDEO_INFO_HEIGHT(info) };
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (formats[i].from == GST_VIDEO_INFO_FORMAT(info)) f.pixels = formats[i].to;
    f.yuv = info->colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709 ? CRL_YUV_BT709 : CRL_YUV_BT601;
    f.full_range = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    return f;
}

crl_frame corallite_frame(const GstVideoFrame *frame)
{
    crl_frame f = { 0 };
    for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(frame) && i < 3; i++) {
        f.plane[i] = GST_VIDEO_FRAME_PLANE_DATA(frame, i);
        f.stride[i] = (gsize)GST_VIDEO_FRAME_PLANE_STRIDE(frame, i);
    }
    return f;
}

/* ---- back ---- */

/* A component from red, green and blue: value = offset + sum of weight * colour. */
typedef struct rule {
    double offset, weight[3];
} rule;

/* BT.601 or BT.709, as frames are read (corallite/vision.h). */
static rule rule_of(const GstVideoInfo *info, guint component)
{
    const crl_frame_format f = corallite_format(info);
    const double kr = f.yuv == CRL_YUV_BT709 ? 0.2126 : 0.299, kb = f.yuv == CRL_YUV_BT709 ? 0.0722 : 0.114, kg = 1 - kr - kb;
    const double luma = f.full_range ? 1 : 219 / 255.0, chroma = f.full_range ? 1 : 224 / 255.0;
    const double u = chroma / (2 * (1 - kb)), v = chroma / (2 * (1 - kr));
    rule r = { .offset = 0 };
    if (GST_VIDEO_INFO_IS_RGB(info)) r.weight[component] = 1;
    else if (GST_VIDEO_INFO_IS_GRAY(info)) r = (rule){ 0, { 0.299, 0.587, 0.114 } };
    else if (!component) r = (rule){ f.full_range ? 0 : 16, { luma * kr, luma * kg, luma * kb } };
    else if (component == 1) r = (rule){ 128, { -u * kr, -u * kg, u * (1 - kb) } };
    else r = (rule){ 128, { v * (1 - kr), -v * kg, -v * kb } };
    return r;
}

/* Which pixels of a row differ: mask [width]. FALSE: none does. */
static gboolean mark(guint8 *mask, const crl_image *was, const crl_image *now, gint y)
{
    const guint8 *a = was->data + (gsize)y * was->stride, *b = now->data + (gsize)y * now->stride;
    if (!memcmp(a, b, 3 * (gsize)now->width)) {
        memset(mask, 0, (gsize)now->width);
        return FALSE;
    }
    for (gint x = 0; x < now->width; x++, a += 3, b += 3) mask[x] = (a[0] != b[0]) | (a[1] != b[1]) | (a[2] != b[2]);
    return TRUE;
}

/* The mean of a block, as a component has it. */
static guint8 value_of(const crl_image *now, gint x, gint y, gint width, gint height, const rule *r)
{
    gint sum[3] = { 0 };
    for (gint j = y; j < y + height; j++)
        for (gint i = x; i < x + width; i++) {
            const guint8 *p = now->data + (gsize)j * now->stride + 3 * (gsize)i;
            sum[0] += p[0], sum[1] += p[1], sum[2] += p[2];
        }
    return (guint8)CLAMP(lround(r->offset + (r->weight[0] * sum[0] + r->weight[1] * sum[1] + r->weight[2] * sum[2]) / (width * height)), 0, 255);
}

/* One component of `rows` rows from y on, where the mask is set. */
static void put_component(GstVideoFrame *frame, const crl_image *now, guint component, const rule *r, const guint8 *mask, gint y, gint rows)
{
    const GstVideoFormatInfo *f = frame->info.finfo;
    const gint width = 1 << GST_VIDEO_FORMAT_INFO_W_SUB(f, component), height = 1 << GST_VIDEO_FORMAT_INFO_H_SUB(f, component);
    const gint step = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, component), stride = GST_VIDEO_FRAME_COMP_STRIDE(frame, component);
    guint8 *out = (guint8 *)GST_VIDEO_FRAME_COMP_DATA(frame, component) + (gssize)(y / height) * stride;
    for (const guint8 *at = mask; (at = memchr(at, 1, (gsize)(mask + now->width - at)));) {
        const gint x = (gint)(at - mask) / width * width;
        out[x / width * step] = value_of(now, x, y, MIN(width, now->width - x), MIN(rows, height), r);
        at = mask + MIN(x + width, now->width);
    }
}

/* Two rows at a time, which is what U and V of all formats have in common at most; most have not changed. */
void corallite_put_back(GstVideoFrame *frame, const crl_image *was, const crl_image *now)
{
    const guint n = MIN(GST_VIDEO_FRAME_N_COMPONENTS(frame), 3);
    const gsize width = (gsize)now->width;
    rule rules[3];
    guint8 *mask = g_malloc(3 * width), *both = mask + 2 * width; /* of either row, and of any of them */
    for (guint c = 0; c < n; c++) rules[c] = rule_of(&frame->info, c);
    for (gint y = 0; y < now->height; y += 2) {
        const gint rows = MIN(2, now->height - y);
        const gboolean first = mark(mask, was, now, y), second = rows == 2 && mark(mask + width, was, now, y + 1);
        if (!first && !second) continue;
        for (gsize x = 0; x < width; x++) both[x] = mask[x] | (rows == 2 ? mask[width + x] : 0);
        for (guint c = 0; c < n; c++) {
            const gboolean shared = GST_VIDEO_FORMAT_INFO_H_SUB(frame->info.finfo, c) > 0;
            put_component(frame, now, c, &rules[c], shared ? both : mask, y, rows);
            if (!shared && rows == 2) put_component(frame, now, c, &rules[c], mask + width, y + 1, 1);
        }
    }
    g_free(mask);
}
