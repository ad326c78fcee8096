/* SPDX-License-Identifier: Apache-2.0 */
/* Detections of one frame after the other become tracks: the same thing keeps its number.
 *
 *   crl_tracker_new -> crl_tracker_update for each frame -> what is there, and what has gone -> crl_tracker_free
 *
 * Where a thing will be is foretold by constant velocity. Detections are given to tracks in two steps: those with good scores
 * first, to all tracks; then those with poor ones, to the tracks that are still in sight and got none, because a thing that is
 * half hidden scores low. Then to where tracks were seen last, for what stood still meanwhile. A track that comes back from behind
 * something is taught the way it went.
 *
 * Sources  Zhang and others, "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022: the two steps;
 *          Cao and others, "Observation-Centric SORT", 2023: the last place, the way in between; Aharon and others, "BoT-SORT", 2022: what
 *          the filters take for noise.
 *
 * Threads  A crl_tracker serves one thread at a time, with all that it hands out.
 * Memory   Updating allocates nothing. */
#ifndef CORALLITE_TRACKER_H
#define CORALLITE_TRACKER_H

#include <corallite/status.h>
#include <corallite/vision.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CRL_MAX_TRACKS = 1024 };

/* Zeroes are the defaults. Give the tracker all detections down to `low`, not only those that would be shown. */
typedef struct crl_tracker_options {
    float high;  /* scores from here on come first; 0: 0.5 */
    float low;   /* and scores from here on in the second step; 0: 0.1. At most `high` */
    float start; /* a thing that no track knows begins one with at least this score; 0: `high` */
    float overlap; /* what intersection over union a good detection shares with where its track is expected; 0: 0.2 */
    float remember; /* seconds for which a track is not given up that nothing is seen of; 0: 1.5 */
    float hold;     /* seconds for which it is shown meanwhile, where it is expected; 0: 0.3. At most `remember` */
    int32_t confirm; /* updates in a row in which a new thing is detected before it counts; 0: 2. Those of the very first
                        frame count at once */
    bool agnostic;   /* a track may change its class */
    int32_t capacity; /* tracks, and detections of a frame, at most; more are left out, the poorest first. 0: 128 */
    uintptr_t reserved[16]; /* 0 */
} crl_tracker_options;

/* What is known of one thing. */
typedef struct crl_track {
    uint32_t id;       /* 1, 2, ... in the order in which they count; never given again, until crl_tracker_reset() */
    int32_t index;     /* of its class */
    float score;       /* of its last detection */
    int32_t detection; /* which of this frame's it is; -1: none */
    crl_box box;       /* its detection's, else where it is expected; that may be outside the picture */
    crl_box smooth;    /* the same without the detector's trembling: for drawing */
    float velocity_x, velocity_y; /* of its centre, in pixels a second */
    double begun, seen; /* when it was detected first and last, by the times given */
    uint32_t reserved[8]; /* 0 */
} crl_track;

typedef struct crl_tracker crl_tracker;

/**
 * Makes a tracker that has seen nothing.
 *
 * Owner   `*out` is the caller's, for crl_tracker_free(); NULL after a failure. `options` may be NULL.
 * Errors  CRL_ERR_ARGUMENT an option is out of range, or a reserved word not 0; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_tracker_new(crl_tracker **out, const crl_tracker_options *options, crl_error *err);
CRL_API void crl_tracker_free(crl_tracker *tracker); /* accepts NULL */
CRL_API void crl_tracker_reset(crl_tracker *tracker); /* as new: after a cut, or for another camera */

/**
 * Takes in one frame's detections.
 *
 * Units   `time` in seconds, of whatever clock, never less than the time before. Boxes are in pixels of the picture, which has
 *         the same size in all frames. Detections without an area, or with numbers that are not finite, are left out.
 * Owner   `*out` holds `*n` tracks, by their ids: all that are detected in this frame or held (crl_tracker_options.hold). It
 *         is the tracker's, until the next call.
 * Errors  CRL_ERR_ARGUMENT `time` is less than before, or no number; nothing has changed then
 */
CRL_API crl_status crl_tracker_update(crl_tracker *tracker, double time, const crl_detection *detections, int32_t n_detections,
                                      const crl_track **out, int32_t *n, crl_error *err);

/* The tracks that the last update gave up, by their ids, as they were when they were seen last: they counted, and will not come
 * back. The tracker's, until the next call. */
CRL_API const crl_track *crl_tracker_gone(const crl_tracker *tracker, int32_t *n);

#ifdef __cplusplus
}
#endif
#endif
