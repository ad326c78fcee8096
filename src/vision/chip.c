/* SPDX-License-Identifier: Apache-2.0 */
/* Chips: see chip.h. */
#include "vision/chip.h"

#include <math.h>
#include <stdio.h>

static double pad_x(double size)
{
    return ceil(0.34 * size);
}

static double gap(double size)
{
    return ceil(0.45 * size);
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

void crl_chip_make(crl_text_cache *texts, crl_chip *chip, const crl_image *image, const char *label, int32_t index, double score,
                   double size)
{
    *chip = (crl_chip){ 0 };
    double beside = 2.0 * pad_x(size);
    if (isfinite(score)) {
        char percent[16];
        if (score > 0.0 && score < 0.005) snprintf(percent, sizeof percent, "(<1%%)");
        else snprintf(percent, sizeof percent, "(%.0f%%)", 100.0 * fmin(fmax(score, -99.0), 99.0));
        crl_text_plain(&chip->percent, percent, size);
        beside += chip->percent.width + gap(size);
    }
    const double widest = fmin(fmax(image->width / 3.0, beside + 4.0 * size), image->width);
    crl_text_label(texts, &chip->name, label, index, size, widest - beside);
    chip->width = chip->name.width + beside;
    const int32_t letters = most(chip->name.ascent, chip->percent.ascent) + most(chip->name.descent, chip->percent.descent);
    chip->height = letters + 2.0 * ceil(0.12 * size);
}

bool crl_chip_meets(const crl_chip *a, const crl_chip *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

crl_status crl_chip_write(crl_text_cache *texts, crl_image *image, const crl_chip *chip, crl_error *err)
{
    const double size = chip->name.size, radius = 0.22 * size;
    const crl_box box = { (float)chip->x, (float)chip->y, (float)(chip->x + chip->width), (float)(chip->y + chip->height) };
    crl_paint_frame(image, &box, radius, fmax(1.5, 0.1 * size), crl_dark, 0.5);
    crl_paint_panel(image, &box, radius, chip->colour, 1.0);
    const int32_t x = (int32_t)(chip->x + pad_x(size));
    const double ascent = most(chip->name.ascent, chip->percent.ascent);
    const int32_t y = (int32_t)(chip->y + ceil(0.12 * size) + ascent + floor(0.06 * size));
    const crl_status s = crl_text_write(texts, image, &chip->name, x, y, crl_dark, err);
    if (s || !*chip->percent.string) return s;
    return crl_text_write(texts, image, &chip->percent, x + chip->name.width + (int32_t)gap(size), y, crl_dark, err);
}
