/* SPDX-License-Identifier: Apache-2.0 */
/* Chips: a name and a percentage on a coloured ground, and where to put them. */
#ifndef CRL_VISION_CHIP_H
#define CRL_VISION_CHIP_H

#include "vision/text.h"

typedef struct crl_chip {
    double x, y, width, height; /* whole pixels */
    crl_colour colour;
    crl_text name, percent; /* an empty string: that part is left out */
    bool shown;
} crl_chip;

/* Sizes one for a picture, of which it takes no more than a third of the width (more where that is too narrow for
 * a word), and never more than all of it. `score` is a fraction; one that is not finite is left out. */
void crl_chip_make(crl_text_cache *texts, crl_chip *chip, const crl_image *image, const char *label, int32_t index, double score, double size);
bool crl_chip_meets(const crl_chip *a, const crl_chip *b);
crl_status crl_chip_write(crl_text_cache *texts, crl_image *image, const crl_chip *chip, crl_error *err);

#endif
