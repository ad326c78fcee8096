/* SPDX-License-Identifier: Apache-2.0 */
/* Zones, lines and masks: what lies where in the picture, and what becomes of things there.
 *
 * A thing is where it stands: in the middle of the lower edge of its box. */
#ifndef CRL_STREAM_AREAS_H
#define CRL_STREAM_AREAS_H

#include <corallite/stream.h>

enum { CRL_AREAS_MOST = 32, CRL_AREA_POINTS = 64, CRL_AREA_NAME = 48, CRL_AREA_THINGS = 1024 };

/* Where a thing stood. */
typedef struct crl_footprint {
    uint32_t id;
    crl_point at;    /* in fractions of the picture */
    uint32_t inside; /* bits of zones */
    bool here;
} crl_footprint;

typedef struct crl_areas {
    crl_area list[CRL_AREAS_MOST]; /* names and points are those below */
    char names[CRL_AREAS_MOST][CRL_AREA_NAME];
    crl_point points[CRL_AREAS_MOST][CRL_AREA_POINTS];
    crl_area_count counts[CRL_AREAS_MOST];
    int32_t n;
    crl_footprint things[CRL_AREA_THINGS];
    int32_t n_things;
} crl_areas;

/* Copies. Errors: ARGUMENT. */
crl_status crl_areas_set(crl_areas *a, const crl_area *list, int32_t n, crl_error *err);
/* Counts what tracks do in a picture of that size; zones[i] gets the bits of those in which track i is. */
void crl_areas_count(crl_areas *a, const crl_track *tracks, int32_t n, int32_t width, int32_t height, uint32_t *zones);
/* Blackens what is under masks. */
void crl_areas_mask(const crl_areas *a, crl_image *image);
bool crl_area_has(const crl_area *area, crl_point p);

#endif
