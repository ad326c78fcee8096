/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the vision layer share.
 *
 *   image.c (memory, conversion, which decoder) -> jpeg.c png.c webp.c gif.c bmp.c pnm.c, exif.c
 *   labels.c -> labels_*.c (labels.h)
 *   heads.c -> heads_*.c (heads.h)
 *   converter.c resize.c -> resampler.c -> rows.c (the passes), weights.c, format.c -> pixels.c (colours)
 *   save.c -> jpeg.c png.c bmp.c pnm.c
 *   draw.c draw_caption.c draw_mask.c -> painter.c, chip.c -> text.c text_cache.c -> letters.c shaping.c        all that draws -> paint.c
 *
 * A decoder gives what the file has, 1 channel for grey and 3 for all else; image.c converts. */
#ifndef CRL_VISION_VISION_H
#define CRL_VISION_VISION_H

#include <corallite/vision.h>

#include "base/buffer.h"

enum {
    CRL_IMAGE_MAX_SIDE = 65535,    /* JPEG's own; keeps tables of resizing small */
    CRL_IMAGE_MAX_PIXELS = 1 << 27 /* 384 MiB of RGB: a file, its pixels and its decoder stay below 1 GiB */
};
#define CRL_IMAGE_MAX_FILE ((size_t)512 << 20)

/* ARGUMENT or UNSUPPORTED unless a picture can be of that size. */
crl_status crl_image_check_size(int32_t width, int32_t height, int32_t channels, const char *what, crl_error *err);
/* ARGUMENT unless the fields describe a picture; `what` names it in the text. */
crl_status crl_image_check(const crl_image *image, const char *what, crl_error *err);

/* Where the picture begins in the input, in pixels of the picture. */
static inline float crl_letterbox_left(const crl_letterbox *l)
{
    return l->left ? (float)l->left * l->width / (float)l->input_width : 0.0f;
}

static inline float crl_letterbox_top(const crl_letterbox *l)
{
    return l->top ? (float)l->top * l->height / (float)l->input_height : 0.0f;
}

/* A fraction of the input's width or height in pixels of the picture. */
static inline float crl_letterbox_x(const crl_letterbox *l, float fraction)
{
    return fraction * l->width - crl_letterbox_left(l);
}

static inline float crl_letterbox_y(const crl_letterbox *l, float fraction)
{
    return fraction * l->height - crl_letterbox_top(l);
}

/* crl_mask_read() into the mask of the last frame, or a zeroed one: its memory serves again where it has the size. */
crl_status crl_mask_read_again(crl_image *mask, const crl_tensor *output, const crl_letterbox *frame, crl_error *err);

/* Decoders. `out` is zeroed and gets its memory from crl_image_init(); what is there after a failure, the caller
 * releases. `*orientation` stays as it is when the file does not tell; NULL: not asked for. */
typedef crl_status crl_image_decoder(crl_image *out, const uint8_t *bytes, size_t size, int *orientation,
                                     crl_error *err);
crl_image_decoder crl_jpeg_decode, crl_png_decode, crl_webp_decode, crl_gif_decode, crl_bmp_decode, crl_pnm_decode;

/* The same at a part of the size that leaves both sides `least_side` pixels; 0: the whole. */
crl_status crl_jpeg_decode_small(crl_image *out, const uint8_t *bytes, size_t size, uint32_t least_side, int *orientation, crl_error *err);

/* Orientation 1..8 in a TIFF structure ("II*\0...", "Exif\0\0" in front or not), or in XMP; 0 when there is none. Where a
 * file has both, EXIF counts. */
int crl_exif_orientation(const uint8_t *tiff, size_t size);
int crl_xmp_orientation(const uint8_t *xml, size_t size);

/* Encoders append a file to `b`. `palette`, [256][3] or NULL, makes a grey picture one of palette indices. */
typedef crl_status crl_image_encoder(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err);
crl_image_encoder crl_jpeg_encode, crl_png_encode, crl_bmp_encode, crl_pnm_encode;

#endif
