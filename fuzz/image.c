/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: any bytes decode or are refused, and what decodes can be resized into an input. */
#include <corallite/vision.h>

#include <stdlib.h>

#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

int fuzz_image(const uint8_t *bytes, size_t size)
{
    crl_image image;
    crl_error err = { .text = "" };
    const crl_image_options options = { .exif_orientation = true };
    if (crl_image_decode(&image, bytes, size, &options, &err)) {
        insist(err.text[0] && !image.data);
        return 0;
    }
    static float room[24 * 16 * 3];
    crl_tensor input = { .name = "input", .type = CRL_FLOAT32, .shape = { 4, { 1, 24, 16, 3 } }, .data = room,
                         .bytes = sizeof room };
    /* 340 bytes make 87 megapixels: one filter is enough of those, under a sanitizer. */
    const int last = image.width > (4 << 20) / image.height ? CRL_RESAMPLE_BILINEAR : CRL_RESAMPLE_LANCZOS;
    for (int filter = CRL_RESAMPLE_BILINEAR; filter <= last; filter++) {
        const crl_input_options how = { .resample = (crl_resample)filter, .keep_aspect_ratio = filter % 2 == 1 };
        const crl_status s = crl_image_to_tensor(&image, &input, &how, NULL, &err);
        insist(s == CRL_OK || s == CRL_ERR_MEMORY);
    }
    crl_image_fini(&image);
    return 0;
}
