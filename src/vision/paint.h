/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes and colours, painted straight into an RGB picture: no second copy of it is made, and its size does not matter.
 *
 * A shape is the distance of a pixel's centre from its outline; half a pixel on either side of it is smoothed. Only rows
 * and columns near the shape are looked at. Coordinates may be any finite numbers, the picture is not left; a shape with
 * one that is not finite is not painted. */
#ifndef CRL_VISION_PAINT_H
#define CRL_VISION_PAINT_H

#include "vision/vision.h"

typedef struct crl_colour {
    uint8_t rgb[3];
} crl_colour;

/* Colours of one lightness: neighbouring classes are a golden angle apart on the circle of hues, so that any few of
 * them differ clearly. `shade` 0..CRL_SHADES-1 are relatives of it, told apart from it and each other; dark letters can
 * be read on all. */
enum { CRL_SHADES = 4 };
crl_colour crl_class_colour(int32_t index, int32_t shade);
/* How different two colours look: 0 equal, 1 black and white. */
double crl_colour_distance(crl_colour a, crl_colour b);
/* How light one looks: 0 black, 1 white. */
double crl_colour_lightness(crl_colour a);

static const crl_colour crl_dark = { { 14, 17, 24 } }; /* letters, and hems that part a colour from its ground */

/* ARGUMENT unless it is a picture of three channels. */
crl_status crl_paint_check(const crl_image *image, crl_error *err);
/* Thickness of lines and size of letters follow from one unit, a thousandth of the picture's geometric mean side, within
 * bounds that keep small and narrow pictures legible. In pixels. */
double crl_paint_unit(const crl_image *image);

/* One pixel; `share` 0..1 of the colour. */
void crl_paint_pixel(uint8_t *pixel, crl_colour colour, double share);

/* A rectangle of pixels around a point: its corner from there, and its sides. */
typedef struct crl_sheet {
    int32_t left, top, width, height;
} crl_sheet;
/* Covers the picture around x, y: `covers`, 0 to 255 for each pixel of the sheet, of a colour. */
void crl_paint_covers(crl_image *image, const uint8_t *covers, const crl_sheet *sheet, int32_t x, int32_t y, crl_colour colour);
/* The same of colours: 32-bit words in the machine's own byte order, 0xAARRGGBB, colours multiplied by A. */
void crl_paint_words(crl_image *image, const uint8_t *words, const crl_sheet *sheet, int32_t x, int32_t y);

/* A line of `width` along the box's edge, which is the middle of it; corners are rounded. */
void crl_paint_frame(crl_image *image, const crl_box *box, double radius, double width, crl_colour colour, double share);
/* The box filled. */
void crl_paint_panel(crl_image *image, const crl_box *box, double radius, crl_colour colour, double share);
/* From a to b, with round ends; a disc where they are the same. */
void crl_paint_line(crl_image *image, double ax, double ay, double bx, double by, double width, crl_colour colour,
                    double share);

#endif
