/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the stream layer share.
 *
 *   stream.c (new, run, stop) -> feed.c     the source, started again and again; frames counted by who has them
 *                                seeing.c   frames to results: models and tracker, in a thread of their own or not; turns.c  whose turn it is
 *                                  looking.c  what the models make of a frame; tiles.c
 *                                playing.c  frames and results to views
 *                                outlet.c   views to a sink
 *   source.c -> source_test.c (scene.c, signs.c), source_raw.c       source_pictures.c
 *   sink_json.c (tell.c), sink_files.c, sink_terminal.c, sink_mqtt.c (events.c), sink_modules.c
 *   module.c loads what stands on large libraries: gst/, rtsp/, web/, sdl/, mqtt/
 *
 * One lock and one condition for all that threads hand to each other: there are some hundred events a second, and nothing is
 * done while it is held but moving pointers. Who waits looks for crl_stream_stopped() at least every CRL_STREAM_TICK_MS. */
#ifndef CRL_STREAM_STREAM_H
#define CRL_STREAM_STREAM_H

#include <corallite/stream.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "stream/areas.h"
#include "stream/blocks.h"
#include "stream/meter.h"

enum { CRL_STREAM_TICK_MS = 50, CRL_STREAM_NOTE = 248 };

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t crl_stream_now(void);

/* A frame, held by as many as work on it. */
typedef struct crl_shot {
    crl_grab grab;
    uint64_t number, time_ns; /* since the first frame */
    int holders; /* under the stream's lock */
    crl_image own; /* the pixels, where they are no longer the source's */
    struct crl_shot *next; /* of those that are free */
} crl_shot;

/* The source. Used by one thread. */
typedef struct crl_feed {
    crl_source source;
    bool started, proven; /* proven: it has given a frame, some time */
    uint64_t retry_ns;    /* when it is started again, */
    uint64_t pause_ns;    /* and how long it waits for that if it fails again */
    uint64_t last_ns;     /* when it gave a frame, or was started */
    uint64_t taken;
    uint64_t first_ns, time_ns; /* on the source's time line: the first frame, and the last one since then */
} crl_feed;

/* What was seen in one frame. Arrays are in memory of its own. */
typedef struct crl_seen {
    uint64_t number, time_ns, captured_ns;
    uint64_t input_ns, run_ns, read_ns;
    crl_purpose purpose;
    crl_track *tracks, *gone;
    crl_class *classes;
    crl_pose *poses;
    int32_t n_tracks, n_gone, n_classes, n_poses;
    uint32_t *zones; /* [n_tracks] */
    int32_t zone_room;
    crl_class *kinds; /* [n_kinds]: of each track, or of none */
    int32_t n_kinds, kind_room;
    crl_area_count *areas; /* [n_areas] */
    int32_t n_areas, area_room;
    int32_t track_room, gone_room, class_room, pose_room;
} crl_seen;

typedef struct crl_outlet crl_outlet;
typedef struct crl_looking crl_looking;

struct crl_stream {
    crl_stream_options options;
    crl_session *session;
    crl_looking *looking; /* of the thread that sees, but for its labels */
    crl_tracker *tracker;
    crl_painter *painter;
    atomic_bool stopped; /* set in handlers of signals, too */
    atomic_bool paused;
    atomic_int lesson;        /* that is asked for, of the options' teacher; 0: none */
    _Atomic float threshold;  /* that is wanted; options.threshold is that of the tracker */
    uint32_t first_id;        /* of the tracker: what is added to its numbers */
    uint32_t last_id;         /* that was given */
    crl_areas *areas;         /* of the thread that sees, but for its list; NULL: none */

    pthread_mutex_t lock;
    pthread_cond_t event;
    /* Under the lock. */
    crl_shot *to_see, *to_play, *free_shots; /* NULL: none */
    uint64_t seeing;      /* the number of the frame that is looked at, plus 1; 0: none */
    crl_seen seen;        /* the newest, */
    bool fresh;           /* which is in no view yet */
    bool ended;           /* no frame comes any more */
    crl_status failure;   /* why nothing can go on */
    crl_error failed;
    char note[CRL_STREAM_NOTE]; /* what is wrong with the source; empty: nothing */
    unsigned notes;             /* how often that changed */
    crl_stream_counts counts;
    crl_meter meter;
    int32_t lessons[CRL_STREAM_LESSONS]; /* as in views */

    pthread_mutex_t telling; /* one notice at a time */
    crl_feed feed;
    crl_seen working;       /* of the thread that sees */
    crl_seen shown;         /* of the one that plays: what is drawn, */
    const crl_labels *labels; /* and its names; NULL: none */
    crl_detection *boxes;   /* [n_boxes] to be drawn */
    char (*names)[192];     /* [n_boxes] what they are called, where the labels do not say it */
    const char **name_list; /* [n_boxes] */
    int32_t n_boxes;
    uint64_t last_played_ns, interval_ns; /* of views; smoothed */
    crl_blocks pictures;    /* of views */
    crl_outlet *outlets;    /* a list */
    bool wants_pictures;
    bool ran;
};

/* ---- stream.c ---- */

bool crl_stream_stopped(const crl_stream *s);
/* Waits for an event, a tick at most. The lock is held. */
void crl_stream_wait(crl_stream *s);
/* The same until a time. */
void crl_stream_wait_until(crl_stream *s, uint64_t ns);
void crl_stream_notify(crl_stream *s, crl_notice_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Ends the stream with an error; the first counts. */
void crl_stream_fail(crl_stream *s, const crl_error *err, crl_status status);
/* Sets the note of views; NULL takes it away. */
void crl_stream_note(crl_stream *s, const char *text);
/* A tracker for the threshold of the options. */
crl_status crl_stream_make_tracker(crl_stream *s, crl_error *err);

/* ---- feed.c ---- */

/* The next frame, held once. TIMEOUT: none yet, and no text. OK with NULL: there will be none. */
crl_status crl_feed_take(crl_stream *s, crl_shot **out, int timeout_ms, crl_error *err);
void crl_feed_stop(crl_stream *s);
void crl_shot_hold(crl_shot *shot); /* the lock is held */
void crl_shot_drop(crl_stream *s, crl_shot *shot); /* it is not; accepts NULL */
/* The same frame with pixels of its own, instead of `shot`, which is dropped: of a camera that has gone nothing is to
 * be held, or it comes back by another name. Without memory it stays as it is. */
crl_shot *crl_shot_keep(crl_stream *s, crl_shot *shot);

/* ---- looking.c ---- */

/* Errors: as of crl_stream_new(). */
crl_status crl_looking_new(crl_stream *s, const crl_stream_options *o, crl_error *err);
void crl_looking_free(crl_looking *looking); /* accepts NULL */
/* Of all detectors; NULL: there are none. The lock is held. */
const crl_labels *crl_stream_labels(const crl_stream *s);
int32_t crl_stream_second_from(const crl_stream *s); /* as crl_view.second_from */
/* Runs the models on a frame. What `out` leads to lives until the next call; times are in s->working. */
crl_status crl_stream_look(crl_stream *s, const crl_grab *grab, crl_results *out, crl_error *err);
/* What the classifier says of each track of s->working: [n_tracks], index -1 where it says nothing. */
crl_status crl_stream_name(crl_stream *s, const crl_grab *grab, crl_class *kinds, crl_error *err);

/* ---- seeing.c ---- */

/* Looks at a frame; what was seen is in s->seen. */
crl_status crl_stream_see(crl_stream *s, const crl_shot *shot, crl_error *err);
void *crl_seeing_thread(void *stream);
crl_status crl_seen_copy(crl_seen *to, const crl_seen *from); /* MEMORY, without a text */
void crl_seen_fini(crl_seen *seen);

/* ---- turns.c ---- */

/* Waits until it is one's turn at the session. NULL is nobody else's. */
void crl_turns_take(crl_turns *t);
void crl_turns_give(crl_turns *t);

/* ---- playing.c ---- */

crl_status crl_play_sync(crl_stream *s, crl_error *err);
crl_status crl_play_async(crl_stream *s, crl_error *err);

/* ---- outlet.c ---- */

/* A view with its memory, held by the queues that it is in. */
typedef struct crl_frozen {
    crl_view view;
    crl_image image;
    char note[CRL_STREAM_NOTE];
    int32_t lessons[CRL_STREAM_LESSONS];
    int holders;
    crl_blocks *pictures;
} crl_frozen;

void crl_frozen_drop(crl_stream *s, crl_frozen *view);
crl_status crl_outlet_new(crl_stream *s, const crl_sink *sink, crl_error *err);
/* Starts the threads and waits until all sinks are ready. */
crl_status crl_outlets_start(crl_stream *s, crl_error *err);
/* Gives all of them a view, which it takes over. */
void crl_outlets_give(crl_stream *s, crl_frozen *view);
/* Lets them finish, and stops them. */
crl_status crl_outlets_finish(crl_stream *s, crl_error *err);
void crl_outlets_free(crl_stream *s);
bool crl_outlets_full(const crl_stream *s); /* the lock is held: one has no room for another view */

/* ---- tell.c ---- */

/* A view as a line of JSON, with its newline. MEMORY, without a text. */
crl_status crl_view_json(crl_buffer *b, const crl_view *view);

/* ---- sources ---- */

crl_status crl_source_test(crl_source *out, const crl_source_options *o, crl_error *err);
crl_status crl_source_raw(crl_source *out, int descriptor, const crl_source_options *o, crl_error *err);

#endif
