/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for png.c in a build without libpng. */
#include "base/error.h"
#include "vision/vision.h"

static crl_status lacking(crl_error *err)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "PNG pictures need libpng, which this build of corallite lacks");
}

crl_status crl_png_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    (void)out, (void)bytes, (void)size, (void)orientation;
    return lacking(err);
}

crl_status crl_png_encode(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    (void)b, (void)image, (void)palette;
    return lacking(err);
}
