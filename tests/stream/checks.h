/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of streams, and what they are made of. */
#ifndef TESTS_STREAM_CHECKS_H
#define TESTS_STREAM_CHECKS_H

#include <corallite/stream.h>

#include "check.h"

void check_area_shapes(check *t, unsigned cpu);
void check_area_counts(check *t, unsigned cpu);
void check_area_masks(check *t, unsigned cpu);
void check_areas_refused(check *t, unsigned cpu);
void check_areas_counted(check *t, unsigned cpu);
void check_blocks(check *t, unsigned cpu);
void check_meter(check *t, unsigned cpu);
void check_json_line(check *t, unsigned cpu);
void check_signs(check *t, unsigned cpu);
void check_scene(check *t, unsigned cpu);
void check_test_source(check *t, unsigned cpu);
void check_raw_frames(check *t, unsigned cpu);
void check_pictures(check *t, unsigned cpu);
void check_sources_refused(check *t, unsigned cpu);
void check_sync(check *t, unsigned cpu);
void check_async(check *t, unsigned cpu);
void check_last(check *t, unsigned cpu);
void check_stopping(check *t, unsigned cpu);
void check_stream_refused(check *t, unsigned cpu);
void check_source_lost(check *t, unsigned cpu);
void check_source_fails(check *t, unsigned cpu);
void check_slow_sink(check *t, unsigned cpu);
void check_sink_lost(check *t, unsigned cpu);
void check_sink_cancels(check *t, unsigned cpu);
void check_no_reader(check *t, unsigned cpu);
void check_patience(check *t, unsigned cpu);
void check_turns(check *t, unsigned cpu);

/* ---- made.c ---- */

/* The built-in detector of the tree, with poor scores too; NULL after failing the check. */
crl_session *made_session(check *t);

/* A source whose frames are grey, of 64 x 48 pixels, as fast as they are taken, or `pause_ms` apart. */
typedef struct made_source {
    int frames;       /* before its end; 0: none */
    int fails_at;     /* the frame instead of which it fails, once; 0: none */
    int fails_to_start; /* so often after that */
    int pause_ms;
    bool returns, live;
    int at_start;     /* the very first starts, so many, fail */
    int given, back, starts, stops, freed; /* counted */
    int held;         /* frames that were not back at its last start */
    uint8_t pixels[64 * 48];
    crl_source_type type; /* made_source_of() fills it in */
} made_source;
crl_source made_source_of(made_source *m);

/* A sink that keeps what it is shown. */
enum { MADE_MOST = 4096 };
typedef struct made_sink {
    int slow_ms;
    int fails_at;   /* at that view it fails, once; 0: never */
    int fails_to_start, at_start; /* at_start: as of sources */
    crl_status how; /* it fails */
    bool returns, pictures;
    int queue;
    void (*look)(void *user, const crl_view *view);
    void *user;
    int views, idles, starts, stops, freed; /* counted */
    uint64_t numbers[MADE_MOST];
    bool again[MADE_MOST], fresh[MADE_MOST];
    int notes;         /* views with one, */
    char note[256];    /* the last */
    crl_sink_type type;
} made_sink;
crl_sink made_sink_of(made_sink *m);

/* What was said. */
typedef struct made_notices {
    int n;
    crl_notice_kind kinds[32];
    char last[256];
    int reports;
} made_notices;
void made_notice(void *user, const crl_notice *notice);
void made_report(void *user, const crl_stream_counts *counts);

double made_iou(const crl_box *a, const crl_box *b);

#endif
