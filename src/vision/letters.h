/* SPDX-License-Identifier: Apache-2.0 */
/* The project's own letters: ASCII, the accented Latin letters of Europe, and a few signs.
 *
 * They are strokes of one thickness with round ends, so that a page of text describes them, they need no library and no
 * font file, and no label in them has to wait for the system's fonts to be searched. Other letters: text.h. */
#ifndef CRL_VISION_LETTERS_H
#define CRL_VISION_LETTERS_H

#include "vision/paint.h"

/* The next character of a text that is not at its end, and moves past it. -1 for a byte that is not UTF-8. */
int32_t crl_utf8_next(const char **text);

/* Whether there is a drawing of each character. */
bool crl_letters_have(const char *text);
/* Sizes in pixels are those of the square that type designers speak of; capitals are 0.72 of it high. */
double crl_letters_width(const char *text, double size);
double crl_letters_ascent(double size);
double crl_letters_descent(double size);
/* The sheet that holds a text: its size and place, and then the coverages, 0 to 255, of n of its columns, into zeroed memory
 * of n bytes a row. */
crl_sheet crl_letters_sheet(const char *text, double size);
void crl_letters_draw(uint8_t *covers, const crl_sheet *sheet, int32_t first, int32_t n, const char *text, double size);

#endif
