/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing made ready once for frames of one geometry: weights, rows and tables. Running it allocates nothing.
 *
 *   frame -> row as 1 or 3 channels (format.h) -> across, four rows at a time -> down -> row of the output
 *
 * Bytes are those of Pillow's Image.resize() on the whole picture. There are two passes with a rounding to bytes between
 * them. The order of the passes shows in the last bit: rows first, but columns first when the height shrinks, and by more
 * than twice the pixels by which the width does. (Pillow up to version 12 had rows first always.)
 *
 * Pillow runs the first pass over the whole picture and keeps the result. Here only the rows are kept that an output row
 * wants; where those would be many megabytes, sums of the output rows under way are kept instead, so that memory does not
 * depend on the picture's height. Integer sums do not depend on order: the bytes are the same.
 *
 * Source: Pillow 13, libImaging/Resample.c and Geometry.c (the nearest filter). */
#ifndef CRL_VISION_RESAMPLER_H
#define CRL_VISION_RESAMPLER_H

#include "vision/format.h"

typedef struct crl_geometry {
    crl_frame_format source;
    crl_part part; /* of the source, as a picture of its own: nothing around it counts */
    crl_box box;   /* of the part; what is around it weighs in at its edges, as in Pillow */
    int32_t channels, width, height; /* of the output; 1 or 3 channels */
    crl_resample filter;
    unsigned cpu;
} crl_geometry;

typedef struct crl_resampler crl_resampler;

/* Errors: ARGUMENT, UNSUPPORTED, MEMORY. `*out` is NULL after a failure. */
crl_status crl_resampler_new(crl_resampler **out, const crl_geometry *geometry, crl_error *err);
void crl_resampler_free(crl_resampler *r); /* accepts NULL */

/* `row(user, y, pixels)` gets the output's rows in order. The frame has passed crl_frame_check(). */
typedef void crl_row_fn(void *user, int32_t y, const uint8_t *pixels);
void crl_resampler_run(crl_resampler *r, const crl_frame *frame, crl_row_fn *row, void *user);

#endif
