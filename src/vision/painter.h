/* SPDX-License-Identifier: Apache-2.0 */
/* What drawing keeps from picture to picture. */
#ifndef CRL_VISION_PAINTER_H
#define CRL_VISION_PAINTER_H

#include "vision/chip.h"

/* Memory that is asked for anew only when more is wanted than ever before. */
typedef struct crl_room {
    void *data;
    size_t bytes;
} crl_room;

/* Of n elements; what was there is lost. NULL: no memory, or n * size overflows. */
void *crl_room_get(crl_room *room, size_t n, size_t size);

/* Zeroed: nothing is kept yet. */
struct crl_painter {
    crl_text_cache texts;
    crl_room chips, tile, grounds;
    bool begun; /* captions are noted */
    int n_captions;
    crl_box captions[4]; /* where they are on the present picture */
};

void crl_painter_fini(crl_painter *p);

/* A new picture: chips that are drawn on it from here on keep clear of the captions that were, where there is another place for them. Without
 * it they do not know of captions. */
void crl_painter_begin(crl_painter *p);

/* crl_painter_detections(), where names[i] stands for the label of a detection; NULL: it has its label. `names` may be NULL. */
crl_status crl_painter_named(crl_painter *painter, crl_image *image, const crl_detection *detections, int32_t n, const crl_labels *labels,
                             const char *const *names, crl_error *err);

/* Only the best so many detections get chips: nobody reads more, and looking for room grows with the square of them. */
enum { CRL_MOST_CHIPS = 300 };
enum { CRL_CHIP_ROOM = sizeof(crl_chip) + sizeof(uint8_t) }; /* bytes for each */

#endif
