/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for shaping.c in a build without pango. */
#include "base/error.h"
#include "vision/shaping.h"

crl_status crl_shaping_measure(crl_text *text, double most, crl_error *err)
{
    (void)most;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "\"%s\" needs letters that are drawn by pango, which this build of corallite lacks",
                    text->string);
}

crl_status crl_shaping_write(crl_image *image, const crl_text *text, int32_t x, int32_t y, crl_colour colour,
                             crl_error *err)
{
    (void)image, (void)x, (void)y, (void)colour;
    crl_text copy = *text;
    return crl_shaping_measure(&copy, 0.0, err);
}
