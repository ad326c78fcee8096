/* SPDX-License-Identifier: Apache-2.0 */
/* WebP, by libwebp. As Pillow has it: alpha is dropped, not blended; of an animation the first frame is taken, on a
 * black canvas; a file that ends too early is refused even where its pixels are there.
 *
 *   "RIFF", size, "WEBP", then chunks: name (4 bytes), size (4 bytes), bytes, one more where their number is odd
 *   VP8 or VP8L pixels | VP8X flags, canvas; then ANMF place, size, { ALPH, VP8, VP8L } for each frame; EXIF; XMP
 *
 * libwebp decodes still pictures and frames; where they are in the file is found here.
 * Source: WebP Container Specification. */
#include <string.h>

#include <webp/decode.h>

#include "base/error.h"
#include "vision/vision.h"

/* Of file, pixels and decoder, which holds 4 bytes a pixel when it is lossless. */
#define CRL_WEBP_MAX_MEMORY ((size_t)960 << 20)

typedef struct part {
    const uint8_t *p;
    size_t n;
} part;

typedef struct layout {
    bool animated;
    int32_t width, height; /* of the canvas of an animation */
    int32_t x, y;          /* of the first frame */
    part frame, exif, xmp;
} layout;

static uint32_t read_u24(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static uint32_t read_u32(const uint8_t *p)
{
    return read_u24(p) | (uint32_t)p[3] << 24;
}

static crl_status truncated(crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "the WebP file is truncated");
}

static void note_chunk(layout *l, const uint8_t *name, part chunk)
{
    enum { ANIMATION = 2 };
    if (!memcmp(name, "VP8X", 4) && chunk.n >= 10) {
        l->animated = chunk.p[0] & ANIMATION;
        l->width = (int32_t)read_u24(chunk.p + 4) + 1;
        l->height = (int32_t)read_u24(chunk.p + 7) + 1;
    } else if (!memcmp(name, "ANMF", 4) && chunk.n >= 16 && !l->frame.p) {
        l->x = 2 * (int32_t)read_u24(chunk.p);
        l->y = 2 * (int32_t)read_u24(chunk.p + 3);
        l->frame = (part){ chunk.p + 16, chunk.n - 16 };
    } else if (!memcmp(name, "EXIF", 4) && !l->exif.p) {
        l->exif = chunk;
    } else if (!memcmp(name, "XMP ", 4) && !l->xmp.p) {
        l->xmp = chunk;
    }
}

static crl_status read_layout(layout *l, const uint8_t *bytes, size_t size, crl_error *err)
{
    if (size < 20) return truncated(err);
    const size_t end = (size_t)read_u32(bytes + 4);
    if (end > size - 8) return truncated(err);
    size = end + 8;
    for (size_t at = 12; at + 8 <= size;) {
        const size_t n = read_u32(bytes + at + 4), room = size - at - 8;
        if (n > room) return truncated(err);
        note_chunk(l, bytes + at, (part){ bytes + at + 8, n });
        at += 8 + n + (n < room ? n % 2 : 0);
    }
    if (!l->animated) l->frame = (part){ bytes, size };
    return l->frame.p ? CRL_OK : truncated(err);
}

static crl_status broken(VP8StatusCode status, crl_error *err)
{
    switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY: return crl_fail_memory(err, "a WebP picture");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return truncated(err);
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "WebP of a kind that libwebp does not read");
    default: return crl_fail(err, CRL_ERR_FORMAT, "broken WebP file");
    }
}

static crl_status decode(crl_image *out, layout *l, size_t size, crl_error *err)
{
    enum { LOSSLESS = 2 };
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config)) return crl_fail(err, CRL_ERR_UNSUPPORTED, "another libwebp than this was built for");
    VP8StatusCode status = WebPGetFeatures(l->frame.p, l->frame.n, &config.input);
    if (status != VP8_STATUS_OK) return broken(status, err);
    const int32_t width = config.input.width, height = config.input.height;
    if (!l->animated) l->width = width, l->height = height;
    if (l->x + width > l->width || l->y + height > l->height)
        return crl_fail(err, CRL_ERR_FORMAT, "broken WebP file: a frame of %d x %d pixels at %d, %d leaves the canvas of %d x %d",
                        width, height, l->x, l->y, l->width, l->height);
    const crl_status s = crl_image_init(out, l->width, l->height, 3, err);
    if (s) return s;
    const size_t pixels = (size_t)width * (size_t)height * (config.input.format == LOSSLESS ? 4 : 1);
    if (pixels > CRL_WEBP_MAX_MEMORY - size - out->stride * (size_t)out->height)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "WebP picture of %d x %d pixels in a file of %zu bytes; that needs more memory "
                        "than is given to one", width, height, size);
    const size_t first = (size_t)l->y * out->stride + (size_t)l->x * 3;
    config.output.colorspace = MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = out->data + first;
    config.output.u.RGBA.stride = (int)out->stride;
    config.output.u.RGBA.size = out->stride * (size_t)out->height - first;
    status = WebPDecode(l->frame.p, l->frame.n, &config);
    return status == VP8_STATUS_OK ? CRL_OK : broken(status, err);
}

crl_status crl_webp_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    layout l = { 0 };
    crl_status s = read_layout(&l, bytes, size, err);
    if (!s) s = decode(out, &l, size, err);
    if (s || !orientation) return s;
    *orientation = crl_exif_orientation(l.exif.p, l.exif.n);
    if (!*orientation) *orientation = crl_xmp_orientation(l.xmp.p, l.xmp.n);
    return CRL_OK;
}
