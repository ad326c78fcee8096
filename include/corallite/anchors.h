/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors: the boxes that the raw outputs of an SSD are corrections of.
 *
 * Threads  A value that nobody changes: any number of threads may read one table. */
#ifndef CORALLITE_ANCHORS_H
#define CORALLITE_ANCHORS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Centre and size, as fractions of the model's input. */
typedef struct crl_anchor {
    float x, y, width, height;
} crl_anchor;

/* A table of them, and how outputs are read beside it: four numbers for each anchor,
 *   y centre = [0] / y_scale * height + y        height = exp([2] / h_scale) * height
 *   x centre = [1] / x_scale * width  + x        width  = exp([3] / w_scale) * width
 * Source: MediaPipe, TensorsToDetectionsCalculator. */
typedef struct crl_anchors {
    const crl_anchor *anchor; /* [n] */
    int32_t n;
    int32_t classes; /* where the output has more columns, the first ones are background; 0: not said */
    float x_scale, y_scale, w_scale, h_scale;
    bool exponential; /* false: sizes are [2] / h_scale * height, without exp */
    bool logits;      /* scores still want their sigmoid */
    uintptr_t reserved[4]; /* 0 */
} crl_anchors;

#ifdef __cplusplus
}
#endif
#endif
