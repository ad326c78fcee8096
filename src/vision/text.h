/* SPDX-License-Identifier: Apache-2.0 */
/* A line of text in a picture: by the project's own letters (letters.h) where they suffice, by the system's fonts
 * (shaping.h) where a label has others, and by the number of the class where those lack them too. */
#ifndef CRL_VISION_TEXT_H
#define CRL_VISION_TEXT_H

#include "vision/paint.h"

typedef struct crl_text {
    char string[192];
    double size;                    /* pixels, as in letters.h */
    bool shaped;                    /* by the system's fonts */
    int32_t width, ascent, descent; /* pixels, from the line that letters stand on */
} crl_text;

/* What was found out about texts and drawn of them, so that the next picture need not. Zeroed: an empty one, which takes its
 * memory when it is asked first. When it is full, all is forgotten. */
typedef struct crl_text_cache {
    struct crl_text_measured *measured; /* [n_measured] labels with letters other than the project's own */
    struct crl_text_drawn *drawn;       /* [n_drawn] texts */
    int32_t n_measured, n_drawn;
    uint8_t *sheets; /* [used of room] of those drawn */
    size_t used, room;
} crl_text_cache;

/* Takes the memory that the usual pictures want. Errors: MEMORY. */
crl_status crl_text_cache_make(crl_text_cache *c, crl_error *err);
void crl_text_cache_fini(crl_text_cache *c);

/* The name of class `index`, "class 7" where there is none (`label` NULL or empty) or no letters for it; no wider than
 * `most` pixels: a name that is gets an ellipsis. */
void crl_text_label(crl_text_cache *c, crl_text *text, const char *label, int32_t index, double size, double most);
/* Any text of the project's own letters. */
void crl_text_plain(crl_text *text, const char *string, double size);

/* Writes it; `x`, `y` are where its line begins. Errors: MEMORY. */
crl_status crl_text_write(crl_text_cache *c, crl_image *image, const crl_text *text, int32_t x, int32_t y, crl_colour colour,
                          crl_error *err);

#endif
