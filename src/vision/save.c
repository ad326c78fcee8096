/* SPDX-License-Identifier: Apache-2.0 */
/* Writing pictures: the suffix chooses the encoder, the whole file is made in memory, then put in place. */
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "vision/vision.h"

typedef struct format {
    const char *suffix;
    crl_image_encoder *encode;
    int32_t channels; /* accepted: 0 both */
    bool has_palette;
} format;

static const format formats[] = {
    { ".jpg", crl_jpeg_encode, 0, false }, { ".jpeg", crl_jpeg_encode, 0, false },
    { ".png", crl_png_encode, 0, true },   { ".bmp", crl_bmp_encode, 0, true },
    { ".ppm", crl_pnm_encode, 3, false },  { ".pgm", crl_pnm_encode, 1, false },
};

static const format *find_format(const char *path, crl_error *err)
{
    const char *name = strrchr(path, '/');
    const char *dot = strrchr(name ? name : path, '.');
    for (size_t i = 0; dot && i < sizeof formats / sizeof formats[0]; i++)
        if (!strcasecmp(dot, formats[i].suffix)) return &formats[i];
    crl_fail(err, CRL_ERR_ARGUMENT, "%s: cannot tell the format of a picture from this name; "
             ".jpg, .jpeg, .png, .bmp, .ppm and .pgm are written", path);
    return NULL;
}

/* Encoding is tried on one pixel, so that it is the encoder itself that says what it lacks. */
crl_status crl_image_can_save(const char *path, crl_error *err)
{
    const format *f = find_format(path, err);
    if (!f) return CRL_ERR_ARGUMENT;
    uint8_t pixel[3] = { 0 };
    const crl_image dot = { 1, 1, f->channels ? f->channels : 3, 3, pixel };
    crl_buffer b = { 0 };
    const crl_status s = f->encode(&b, &dot, NULL, err);
    crl_buffer_fini(&b);
    return s ? crl_within(err, s, "%s", path) : CRL_OK;
}

static crl_status encode(crl_buffer *b, const crl_image *image, const format *f, const uint8_t *palette,
                         const char *path, crl_error *err)
{
    crl_image converted = { 0 };
    crl_status s = CRL_OK;
    if (f->channels && f->channels != image->channels) {
        s = crl_image_convert(&converted, image, f->channels, err);
        image = &converted;
    }
    if (!s) s = f->encode(b, image, palette, err);
    crl_image_fini(&converted);
    return s ? crl_within(err, s, "%s", path) : CRL_OK;
}

static crl_status encode_image(crl_buffer *b, const crl_image *image, const char *path, crl_error *err)
{
    const format *f = find_format(path, err);
    if (!f) return CRL_ERR_ARGUMENT;
    const crl_status s = crl_image_check(image, "picture", err);
    return s ? s : encode(b, image, f, NULL, path, err);
}

static crl_status encode_mask(crl_buffer *b, const crl_image *mask, const char *path, crl_error *err)
{
    const format *f = find_format(path, err);
    if (!f) return CRL_ERR_ARGUMENT;
    crl_status s = crl_image_check(mask, "mask", err);
    if (!s && mask->channels != 1)
        s = crl_fail(err, CRL_ERR_ARGUMENT, "mask of %d channels; 1 is accepted", mask->channels);
    if (s) return s;
    uint8_t palette[CRL_MASK_CLASSES * 3];
    for (int32_t i = 0; i < CRL_MASK_CLASSES; i++) crl_mask_colour(i, palette + 3 * i);
    if (f->has_palette || f->channels == 1) return encode(b, mask, f, f->has_palette ? palette : NULL, path, err);

    crl_image coloured;
    s = crl_image_init(&coloured, mask->width, mask->height, 3, err);
    if (s) return s;
    for (int32_t y = 0; y < mask->height; y++) {
        const uint8_t *from = mask->data + (size_t)y * mask->stride;
        uint8_t *to = coloured.data + (size_t)y * coloured.stride;
        for (int32_t x = 0; x < mask->width; x++) memcpy(to + 3 * x, palette + 3 * from[x], 3);
    }
    s = encode(b, &coloured, f, NULL, path, err);
    crl_image_fini(&coloured);
    return s;
}

/* The file in `b`, after encoding ended with `s`: handed out, or put in place. */
static crl_status give(crl_buffer *b, crl_status s, void **bytes, size_t *size)
{
    if (s) crl_buffer_fini(b);
    *bytes = b->data;
    *size = b->size;
    return s;
}

static crl_status put(crl_buffer *b, crl_status s, const char *path, crl_error *err)
{
    if (!s) s = crl_file_replace(path, b->data, b->size, err);
    crl_buffer_fini(b);
    return s;
}

crl_status crl_image_encode(void **bytes, size_t *size, const crl_image *image, const char *name, crl_error *err)
{
    crl_buffer b = { 0 };
    return give(&b, encode_image(&b, image, name, err), bytes, size);
}

crl_status crl_mask_encode(void **bytes, size_t *size, const crl_image *mask, const char *name, crl_error *err)
{
    crl_buffer b = { 0 };
    return give(&b, encode_mask(&b, mask, name, err), bytes, size);
}

crl_status crl_image_save(const crl_image *image, const char *path, crl_error *err)
{
    crl_buffer b = { 0 };
    return put(&b, encode_image(&b, image, path, err), path, err);
}

crl_status crl_mask_save(const crl_image *mask, const char *path, crl_error *err)
{
    crl_buffer b = { 0 };
    return put(&b, encode_mask(&b, mask, path, err), path, err);
}
