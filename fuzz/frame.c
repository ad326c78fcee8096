/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: any format, sizes, strides, crop and filter are refused with a sentence, or give what the steps give one after the
 * other; and no byte is read that was not promised.
 *
 *   0 pixels   1 standard, range, filter, letterbox: bits 0, 1, 2 and 3, 4; bit 5: the crop counts; bits 6, 7: type of the input
 *   2,3 width   4,5 height (16 bits)   6,7 stride (0: without gaps)   8..11 crop: left, top, right, bottom, of 255
 *   12,13 sides of the input, and how the picture goes into it; the rest are the frame's bytes */
#include <corallite/vision.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { HEAD = 14, MOST_PIXELS = 1 << 18 };

static void insist(bool promise)
{
    if (!promise) abort();
}

static float part(uint8_t share, int32_t of)
{
    return (float)(int32_t)((int64_t)share * of / 255);
}

/* The same by way of a picture. */
static void compare(const crl_frame_format *format, const crl_frame *frame, const crl_box *crop, const crl_tensor *got,
                    const crl_input_options *options)
{
    static uint8_t room[256 * 256 * 3 * 4];
    crl_image image;
    crl_error err;
    if (crl_image_init(&image, format->width, format->height, format->pixels == CRL_PIXELS_GRAY8 ? 1 : 3, &err)) return;
    insist(!crl_frame_to_image(&image, format, frame, &err));
    crl_image cut = image;
    cut.data += (size_t)crop->y0 * image.stride + (size_t)crop->x0 * (size_t)image.channels;
    cut.width = (int32_t)(crop->x1 - crop->x0), cut.height = (int32_t)(crop->y1 - crop->y0);
    crl_tensor want = *got;
    want.data = room;
    if (!crl_image_to_tensor(&cut, &want, options, NULL, &err)) insist(!memcmp(room, got->data, got->bytes));
    crl_image_fini(&image);
}

int fuzz_frame(const uint8_t *p, size_t size)
{
    static const crl_type types[] = { CRL_UINT8, CRL_INT8, CRL_FLOAT32, CRL_INT16 };
    static uint8_t room[256 * 256 * 3 * 4];
    if (size < HEAD) return 0;
    const crl_frame_format format = { .width = p[2] | p[3] << 8, .height = p[4] | p[5] << 8, .pixels = (crl_pixels)(p[0] % 12),
                                      .yuv = (crl_yuv)(p[1] & 1), .full_range = p[1] >> 1 & 1 };
    const crl_input_options options = { .resample = (crl_resample)(p[1] >> 2 & 3), .keep_aspect_ratio = p[1] >> 4 & 1,
                                        .fit = (crl_fit)(p[12] & 3), .order = (crl_channel_order)(p[13] % 3), .padding = p[13] };
    crl_box crop = { 0, 0, (float)format.width, (float)format.height };
    if (p[1] >> 5 & 1)
        crop = (crl_box){ part(p[8], format.width), part(p[9], format.height), part(p[10], format.width), part(p[11], format.height) };
    crl_tensor input = { .name = "input", .type = types[p[1] >> 6], .data = room,
                         .shape = { 4, { 1, p[12] + 1, p[13] + 1, p[0] & 0x80 ? 1 : 3 } } };
    static const float scale = 0.01f;
    static const int32_t zero = 0;
    input.quant = (crl_quant){ .scale = &scale, .zero_point = &zero, .n = 1 };
    input.bytes = crl_shape_count(&input.shape) * crl_type_bytes(input.type);

    crl_frame frame;
    crl_converter *c = NULL;
    crl_error err = { .text = "" };
    crl_status s = crl_frame_wrap(&frame, &format, p + HEAD, size - HEAD, (size_t)(p[6] | p[7] << 8), &err);
    if (s) insist(err.text[0] && !frame.plane[0]);
    else s = crl_converter_new(&c, &format, &crop, &input, &options, &err);
    if (!s) insist(!crl_converter_run(c, &frame, &input, &err));
    else insist(s == CRL_ERR_ARGUMENT || s == CRL_ERR_UNSUPPORTED || s == CRL_ERR_MEMORY);
    if (!s && (int64_t)format.width * format.height <= MOST_PIXELS) compare(&format, &frame, &crop, &input, &options);
    crl_converter_free(c);
    return 0;
}
