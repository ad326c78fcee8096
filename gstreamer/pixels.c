/* SPDX-License-Identifier: Apache-2.0 */
/* GStreamer's formats as the library's. */
#include <math.h>

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

/* The mean of a block of pixels of `now`; FALSE: none of them has changed. */
static gboolean block(const crl_image *was, const crl_image *now, gint x, gint y, gint width, gint height, double mean[3])
{
    gboolean changed = FALSE;
    gint n = 0;
    mean[0] = mean[1] = mean[2] = 0;
    for (gint j = y; j < y + height && j < now->height; j++)
        for (gint i = x; i < x + width && i < now->width; i++, n++) {
            const guint8 *a = was->data + (gsize)j * was->stride + 3 * (gsize)i, *b = now->data + (gsize)j * now->stride + 3 * (gsize)i;
            changed = changed || a[0] != b[0] || a[1] != b[1] || a[2] != b[2];
            for (gint c = 0; c < 3; c++) mean[c] += b[c];
        }
    for (gint c = 0; c < 3 && n; c++) mean[c] /= n;
    return changed;
}

static void put_component(GstVideoFrame *frame, const crl_image *was, const crl_image *now, guint component)
{
    const GstVideoFormatInfo *f = frame->info.finfo;
    const gint width = 1 << GST_VIDEO_FORMAT_INFO_W_SUB(f, component), height = 1 << GST_VIDEO_FORMAT_INFO_H_SUB(f, component);
    const gint step = GST_VIDEO_FRAME_COMP_PSTRIDE(frame, component), stride = GST_VIDEO_FRAME_COMP_STRIDE(frame, component);
    const rule r = rule_of(&frame->info, component);
    guint8 *row = GST_VIDEO_FRAME_COMP_DATA(frame, component);
    double mean[3];
    for (gint y = 0; y < now->height; y += height, row += stride)
        for (gint x = 0; x < now->width; x += width)
            if (block(was, now, x, y, width, height, mean))
                row[x / width * step] = (guint8)CLAMP(lround(r.offset + r.weight[0] * mean[0] + r.weight[1] * mean[1] + r.weight[2] * mean[2]), 0, 255);
}

void corallite_put_back(GstVideoFrame *frame, const crl_image *was, const crl_image *now)
{
    const guint n = GST_VIDEO_FRAME_N_COMPONENTS(frame);
    for (guint c = 0; c < n && c < 3; c++) put_component(frame, was, now, c);
}
