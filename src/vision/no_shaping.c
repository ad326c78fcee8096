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

crl_status crl_shaping_draw(uint8_t **words, crl_sheet *sheet, uint8_t *(*room)(void *user, size_t bytes), void *user,
                            const crl_text *text, crl_colour colour, crl_error *err)
{
    (void)words, (void)sheet, (void)room, (void)user, (void)colour;
    crl_text copy = *text;
    return crl_shaping_measure(&copy, 0.0, err);
}
