/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures in memory: making, converting, turning, and finding the decoder for a file. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/kind.h"
#include "vision/vision.h"

crl_status crl_image_check_size(int32_t width, int32_t height, int32_t channels, const char *what, crl_error *err)
{
    if (channels != 1 && channels != 3)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s has %d channels; 1 (grey) and 3 (RGB) are accepted", what, channels);
    if (width < 1 || height < 1)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s of %d x %d pixels; a side is at least 1", what, width, height);
    if (width > CRL_IMAGE_MAX_SIDE || height > CRL_IMAGE_MAX_SIDE)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s of %d x %d pixels; a side of at most %d is accepted", what, width,
                        height, CRL_IMAGE_MAX_SIDE);
    if ((int64_t)width * height > CRL_IMAGE_MAX_PIXELS)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s of %d x %d pixels; at most %d pixels are accepted", what, width,
                        height, CRL_IMAGE_MAX_PIXELS);
    return CRL_OK;
}

crl_status crl_image_check(const crl_image *image, const char *what, crl_error *err)
{
    if (!image) return crl_fail(err, CRL_ERR_ARGUMENT, "no %s (NULL)", what);
    const crl_status s = crl_image_check_size(image->width, image->height, image->channels, what, err);
    if (s) return s;
    if (!image->data) return crl_fail(err, CRL_ERR_ARGUMENT, "%s has no pixels (data is NULL)", what);
    if (image->stride < (size_t)image->width * (size_t)image->channels)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s of %d pixels x %d channels has a stride of %zu bytes; too few", what,
                        image->width, image->channels, image->stride);
    return CRL_OK;
}

crl_status crl_image_init(crl_image *out, int32_t width, int32_t height, int32_t channels, crl_error *err)
{
    *out = (crl_image){ 0 };
    const crl_status s = crl_image_check_size(width, height, channels, "picture", err);
    if (s) return s;
    const size_t stride = (size_t)width * (size_t)channels; /* the limits keep all products below 2^29 */
    uint8_t *data = crl_alloc(stride * (size_t)height);
    if (!data)
        return crl_fail(err, CRL_ERR_MEMORY, "no memory for a picture of %d x %d pixels", width, height);
    *out = (crl_image){ width, height, channels, stride, data };
    return CRL_OK;
}

void crl_image_fini(crl_image *image)
{
    if (!image) return;
    crl_free(image->data);
    *image = (crl_image){ 0 };
}

crl_status crl_image_convert(crl_image *out, const crl_image *image, int32_t channels, crl_error *err)
{
    crl_frame frame;
    crl_frame_format format;
    *out = (crl_image){ 0 };
    crl_status s = crl_frame_of_image(&frame, &format, image, err);
    if (!s) s = crl_image_init(out, image->width, image->height, channels, err);
    if (!s) s = crl_frame_to_image(out, &format, &frame, err);
    if (s) crl_image_fini(out);
    return s;
}

/* Orientation as EXIF numbers it: where row 0 and column 0 of the stored picture are to be seen.
 *
 *   1 top left      2 top right      3 bottom right   4 bottom left     rows stay rows
 *   5 left top      6 right top      7 right bottom   8 left bottom     rows become columns */
enum { TILE = 32 };

typedef struct turn {
    bool swap, from_right, from_bottom;
} turn;

/* The pixels of one tile of `to`: a column of a large picture leaves no cache line for the next one. `pixel` is a constant
 * where this is called, so that a pixel is a few bytes and no call. */
static inline void turn_tile(crl_image *to, const crl_image *from, const turn *t, size_t pixel, int32_t left, int32_t top)
{
    const int32_t right = left + TILE < to->width ? left + TILE : to->width;
    const int32_t bottom = top + TILE < to->height ? top + TILE : to->height;
    for (int32_t y = top; y < bottom; y++) {
        uint8_t *at = to->data + (size_t)y * to->stride + (size_t)left * pixel;
        for (int32_t x = left; x < right; x++, at += pixel) {
            const int32_t u = t->from_right ? to->width - 1 - x : x, v = t->from_bottom ? to->height - 1 - y : y;
            const size_t sx = (size_t)(t->swap ? v : u), sy = (size_t)(t->swap ? u : v);
            memcpy(at, from->data + sy * from->stride + sx * pixel, pixel);
        }
    }
}

static crl_status orient(crl_image *image, int orientation, crl_error *err)
{
    if (orientation < 2 || orientation > 8) return CRL_OK;
    const turn t = { orientation >= 5, orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7,
                     orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8 };
    crl_image turned;
    const crl_status s = crl_image_init(&turned, t.swap ? image->height : image->width,
                                        t.swap ? image->width : image->height, image->channels, err);
    if (s) return s;
    for (int32_t top = 0; top < turned.height; top += TILE)
        for (int32_t left = 0; left < turned.width; left += TILE) {
            if (image->channels == 3) turn_tile(&turned, image, &t, 3, left, top);
            else turn_tile(&turned, image, &t, 1, left, top);
        }
    crl_image_fini(image);
    *image = turned;
    return CRL_OK;
}

static const struct {
    const char *magic;
    size_t n;
    crl_image_decoder *decode;
} formats[] = {
    { "\xff\xd8\xff", 3, crl_jpeg_decode },
    { "\x89PNG\r\n\x1a\n", 8, crl_png_decode },
    { "GIF87a", 6, crl_gif_decode }, { "GIF89a", 6, crl_gif_decode },
    { "BM", 2, crl_bmp_decode },
    { "P1", 2, crl_pnm_decode }, { "P2", 2, crl_pnm_decode }, { "P3", 2, crl_pnm_decode },
    { "P4", 2, crl_pnm_decode }, { "P5", 2, crl_pnm_decode }, { "P6", 2, crl_pnm_decode },
};

static crl_image_decoder *find_decoder(const uint8_t *bytes, size_t size)
{
    if (size >= 12 && !memcmp(bytes, "RIFF", 4) && !memcmp(bytes + 8, "WEBP", 4)) return crl_webp_decode;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (size >= formats[i].n && !memcmp(bytes, formats[i].magic, formats[i].n)) return formats[i].decode;
    return NULL;
}

crl_file_kind crl_image_kind(const void *bytes, size_t size)
{
    const bool readable = find_decoder(bytes, size) != NULL;
    const crl_kind *kind = crl_kind_of(bytes, size);
    if (!kind) return (crl_file_kind){ .readable = readable, .picture = readable };
    return (crl_file_kind){ readable, readable || kind->family == CRL_KIND_PICTURE, kind->what, kind->many, kind->cure };
}

/* What a file is instead, so that the user need not find out. */
static crl_status no_picture(const uint8_t *bytes, size_t size, crl_error *err)
{
    const crl_kind *kind = crl_kind_of(bytes, size);
    if (!kind)
        return crl_fail(err, CRL_ERR_FORMAT, "not a picture that is known here; JPEG, PNG, WebP, GIF, BMP, PBM, PGM and PPM are");
    if (kind->family == CRL_KIND_PICTURE)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s cannot be read; convert it to JPEG or PNG", kind->what);
    return crl_fail(err, CRL_ERR_FORMAT, "no picture: this is %s%s%s", kind->what, kind->cure ? ": " : "",
                    kind->cure ? kind->cure : "");
}

crl_status crl_image_decode(crl_image *out, const void *bytes, size_t size, const crl_image_options *options,
                            crl_error *err)
{
    *out = (crl_image){ 0 };
    const crl_image_options o = options ? *options : (crl_image_options){ 0 };
    crl_status s = crl_check_reserved(o.reserved, sizeof o.reserved / sizeof *o.reserved, "crl_image_options", err);
    if (s) return s;
    if (o.channels != 0 && o.channels != 1 && o.channels != 3)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d channels asked for; 0, 1 and 3 are accepted", o.channels);
    if (!size) return crl_fail(err, CRL_ERR_FORMAT, "the file is empty");
    if (size > CRL_IMAGE_MAX_FILE)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "picture file of %zu bytes; at most %zu are accepted", size,
                        CRL_IMAGE_MAX_FILE);
    crl_image_decoder *decode = find_decoder(bytes, size);
    if (!decode) return no_picture(bytes, size, err);

    int orientation = 0;
    int *wanted = o.exif_orientation ? &orientation : NULL;
    s = decode == crl_jpeg_decode ? crl_jpeg_decode_small(out, bytes, size, o.least_side, wanted, err) : decode(out, bytes, size, wanted, err);
    if (!s && o.channels && o.channels != out->channels) {
        crl_image converted;
        s = crl_image_convert(&converted, out, o.channels, err);
        crl_image_fini(out);
        *out = converted;
    }
    if (!s) s = orient(out, orientation, err);
    if (s) crl_image_fini(out);
    return s;
}

crl_status crl_image_load(crl_image *out, const char *path, const crl_image_options *options, crl_error *err)
{
    *out = (crl_image){ 0 };
    uint8_t *bytes;
    size_t size;
    crl_status s = crl_file_read(&bytes, &size, path, CRL_IMAGE_MAX_FILE, err);
    if (s) return s;
    s = crl_image_decode(out, bytes, size, options, err);
    crl_free(bytes);
    return s ? crl_within(err, s, "%s", path) : CRL_OK;
}
