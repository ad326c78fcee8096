/* SPDX-License-Identifier: Apache-2.0 */
/* A frame cut into tiles that overlap, and what was detected in them put together.
 *
 * A thing that is small in the frame is larger in the model's input when that shows a tile alone. What lies on the border of two tiles
 * is whole in one of them if it is smaller than what they share; what is larger is whole in the frame, which is looked at, too. Boxes that a
 * border has cut give way to those that it has not.
 *
 * Source  Akyon and others, "Slicing Aided Hyper Inference and Fine-tuning for Small Object Detection", 2022: tiles beside the whole. */
#ifndef CRL_STREAM_TILES_H
#define CRL_STREAM_TILES_H

#include <corallite/vision.h>

enum { CRL_TILES_MOST = 8 }; /* in a row or a column */

/* Tile `i`, row by row, of nx * ny, in whole pixels: a fifth of its width and height lies in the next one, too. */
crl_box crl_tile_at(int32_t width, int32_t height, int32_t nx, int32_t ny, int32_t i);

/* What was detected in one of them, or in the whole frame. */
typedef struct crl_tiled {
    crl_detection detection; /* in pixels of the frame */
    bool cut;                /* it ends where its tile does, and the frame goes on */
} crl_tiled;

/* Whether a box ends at a border of its tile that is none of the frame's. */
bool crl_tile_cuts(const crl_box *tile, const crl_box *box, int32_t width, int32_t height);

/* Leaves the best of those that are of one thing: whole ones before cut ones, then by score. Of one class, two are one thing where they
 * share half of their union, or where one is cut and half of the smaller one lies in the other. Returns how many are left, the best first. */
int32_t crl_tiles_merge(crl_tiled *list, int32_t n);

#endif
