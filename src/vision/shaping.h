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
/* The sheet that holds a text that was measured, as words of crl_paint_words(), in memory that `room(user, bytes)` gives, zeroed.
 * An empty sheet has none. Errors: MEMORY, UNSUPPORTED. */
crl_status crl_shaping_draw(uint8_t **words, crl_sheet *sheet, uint8_t *(*room)(void *user, size_t bytes), void *user,
                            const crl_text *text, crl_colour colour, crl_error *err);

#endif
