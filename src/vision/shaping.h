/* SPDX-License-Identifier: Apache-2.0 */
/* Text in any script, by pango and the fonts of the system.
 *
 * pango is not linked: it is looked for when the first such text comes, so that a program which writes none, or only
 * Latin letters, does not wait for its fifteen libraries to be loaded and for fonts to be searched. */
#ifndef CRL_VISION_SHAPING_H
#define CRL_VISION_SHAPING_H

#include "vision/text.h"

/* Sets the sizes of `text` from its string, cut to `most` pixels with an ellipsis (0: not cut). UNSUPPORTED when pango
 * is not there, or no font has all of its letters; the error says what to install. */
crl_status crl_shaping_measure(crl_text *text, double most, crl_error *err);
/* Writes a text that was measured. Errors: MEMORY, UNSUPPORTED. */
crl_status crl_shaping_write(crl_image *image, const crl_text *text, int32_t x, int32_t y, crl_colour colour,
                             crl_error *err);

#endif
