/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for jpeg.c in a build without libjpeg. */
#include "base/error.h"
#include "vision/vision.h"

static crl_status lacking(crl_error *err)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "JPEG pictures need libjpeg-turbo, which this build of corallite lacks");
}

crl_status crl_jpeg_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    (void)out, (void)bytes, (void)size, (void)orientation;
    return lacking(err);
}

crl_status crl_jpeg_decode_small(crl_image *out, const uint8_t *bytes, size_t size, uint32_t least_side, int *orientation, crl_error *err)
{
    (void)out, (void)bytes, (void)size, (void)least_side, (void)orientation;
    return lacking(err);
}

crl_status crl_jpeg_encode(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    (void)b, (void)image, (void)palette;
    return lacking(err);
}
