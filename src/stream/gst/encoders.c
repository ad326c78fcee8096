/* SPDX-License-Identifier: Apache-2.0 */
/* Encoders: see encoders.h. Two modules have this file. */
#include "stream/gst/encoders.h"

#include <string.h>

/* Of the machine's own, x264 is fastest at this quality; that of the Pi 4 is hardware. JPEG is always there, but large. */
static const struct {
    const char *element, *settings;
    crl_codec codec;
} encoders[] = {
    { "v4l2h264enc", "", CRL_CODEC_H264 },
    { "x264enc", "tune=zerolatency speed-preset=veryfast key-int-max=60 threads=1", CRL_CODEC_H264 },
    { "openh264enc", "", CRL_CODEC_H264 },
    { "vp8enc", "deadline=1 cpu-used=8", CRL_CODEC_VP8 },
    { "jpegenc", "", CRL_CODEC_JPEG },
};

static bool have(const char *element)
{
    GstElementFactory *f = gst_element_factory_find(element);
    if (f) gst_object_unref(f);
    return f != NULL;
}

bool crl_gst_encoder(bool h264, crl_codec *codec, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++) {
        const bool is_h264 = encoders[i].codec == CRL_CODEC_H264;
        if (!have(encoders[i].element) || (is_h264 && !have("h264parse")) || (h264 && !is_h264)) continue;
        g_snprintf(text, size, "%s %s%s", encoders[i].element, encoders[i].settings,
                   is_h264 ? " ! video/x-h264,profile=(string){ high, main, constrained-baseline, baseline } ! h264parse" : "");
        *codec = encoders[i].codec;
        return true;
    }
    return false;
}

GstBuffer *crl_gst_buffer(const crl_image *image)
{
    const size_t row = 3 * (size_t)image->width, stride = (row + 3) & ~(size_t)3; /* as GStreamer has it */
    GstBuffer *b = gst_buffer_new_allocate(NULL, stride * (size_t)image->height, NULL);
    GstMapInfo map;
    if (!b || !gst_buffer_map(b, &map, GST_MAP_WRITE)) return b;
    for (int32_t y = 0; y < image->height; y++) memcpy(map.data + (size_t)y * stride, image->data + (size_t)y * image->stride, row);
    gst_buffer_unmap(b, &map);
    return b;
}
