/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for webp.c in a build without libwebp. */
#include "base/error.h"
#include "vision/vision.h"

crl_status crl_webp_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    (void)out, (void)bytes, (void)size, (void)orientation;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "WebP pictures need libwebp, which this build of corallite lacks");
}
