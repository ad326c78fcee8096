/* SPDX-License-Identifier: Apache-2.0 */
/* The printed signs that the built-in models know (models/README.md), drawn at any size. */
#ifndef CRL_STREAM_SIGNS_H
#define CRL_STREAM_SIGNS_H

#include <corallite/vision.h>

enum { CRL_SIGNS = 12 }; /* by the index of their class */

/* Draws one into `side` x `side` pixels of red, green, blue and how much of the pixel it covers, colours multiplied by that.
 * `samples` is room for side * side. */
void crl_sign_draw(uint8_t *rgba, uint16_t *samples, int32_t side, int32_t sign);
/* What of that square it fills, in fractions of it. */
crl_box crl_sign_extent(int32_t sign);

#endif
