/* SPDX-License-Identifier: Apache-2.0 */
/* Frames to what is seen in them. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

/* ---- copies ---- */

/* Room for n elements; what is there is kept. */
static bool make_room(void **array, int32_t *room, int32_t used, int32_t n, size_t size)
{
    if (n <= *room) return true;
    void *larger = crl_alloc_array((size_t)n, size);
    if (!larger) return false;
    if (used) memcpy(larger, *array, (size_t)used * size);
    crl_free(*array);
    *array = larger;
    *room = n;
    return true;
}

#define MAKE_ROOM(seen, array, room, used, n) make_room((void **)&(seen)->array, &(seen)->room, (used), (n), sizeof *(seen)->array)

static bool set_tracks(crl_seen *to, const crl_track *from, int32_t n)
{
    if (!MAKE_ROOM(to, tracks, track_room, 0, n)) return false;
    if (n) memcpy(to->tracks, from, (size_t)n * sizeof *from);
    to->n_tracks = n;
    return true;
}

static bool add_gone(crl_seen *to, const crl_track *from, int32_t n)
{
    if (!MAKE_ROOM(to, gone, gone_room, to->n_gone, to->n_gone + n)) return false;
    if (n) memcpy(to->gone + to->n_gone, from, (size_t)n * sizeof *from);
    to->n_gone += n;
    return true;
}

static bool set_classes(crl_seen *to, const crl_class *from, int32_t n)
{
    if (!MAKE_ROOM(to, classes, class_room, 0, n)) return false;
    if (n) memcpy(to->classes, from, (size_t)n * sizeof *from);
    to->n_classes = n;
    return true;
}

static bool set_poses(crl_seen *to, const crl_pose *from, int32_t n)
{
    if (!MAKE_ROOM(to, poses, pose_room, 0, n)) return false;
    if (n) memcpy(to->poses, from, (size_t)n * sizeof *from);
    to->n_poses = n;
    return true;
}

static bool set_areas(crl_seen *to, const uint32_t *zones, const crl_area_count *areas, int32_t n_areas)
{
    if (!MAKE_ROOM(to, zones, zone_room, 0, to->n_tracks) || !MAKE_ROOM(to, areas, area_room, 0, n_areas)) return false;
    if (n_areas && to->n_tracks) memcpy(to->zones, zones, (size_t)to->n_tracks * sizeof *zones);
    if (n_areas) memcpy(to->areas, areas, (size_t)n_areas * sizeof *areas);
    to->n_areas = n_areas;
    return true;
}

static bool set_kinds(crl_seen *to, const crl_class *from, int32_t n)
{
    if (!MAKE_ROOM(to, kinds, kind_room, 0, n)) return false;
    if (n) memcpy(to->kinds, from, (size_t)n * sizeof *from);
    to->n_kinds = n;
    return true;
}

/* All but what is gone, which the caller adds. */
static bool set_all(crl_seen *to, const crl_seen *from)
{
    if (!set_tracks(to, from->tracks, from->n_tracks) || !set_classes(to, from->classes, from->n_classes) ||
        !set_poses(to, from->poses, from->n_poses) || !set_kinds(to, from->kinds, from->n_kinds) ||
        !set_areas(to, from->zones, from->areas, from->n_areas))
        return false;
    to->number = from->number;
    to->time_ns = from->time_ns, to->captured_ns = from->captured_ns;
    to->input_ns = from->input_ns, to->run_ns = from->run_ns, to->read_ns = from->read_ns;
    to->purpose = from->purpose;
    return true;
}

crl_status crl_seen_copy(crl_seen *to, const crl_seen *from)
{
    to->n_gone = 0;
    return set_all(to, from) && add_gone(to, from->gone, from->n_gone) ? CRL_OK : CRL_ERR_MEMORY;
}

void crl_seen_fini(crl_seen *seen)
{
    crl_free(seen->tracks);
    crl_free(seen->gone);
    crl_free(seen->classes);
    crl_free(seen->poses);
    crl_free(seen->zones);
    crl_free(seen->areas);
    crl_free(seen->kinds);
    *seen = (crl_seen){ 0 };
}

/* ---- seeing ---- */

/* The best tracks, as many as are shown, by their numbers. */
static void keep_best(crl_seen *w, int32_t most)
{
    while (w->n_tracks > most) {
        int32_t worst = 0;
        for (int32_t i = 1; i < w->n_tracks; i++)
            if (w->tracks[i].score < w->tracks[worst].score) worst = i;
        w->n_tracks--;
        memmove(&w->tracks[worst], &w->tracks[worst + 1], (size_t)(w->n_tracks - worst) * sizeof *w->tracks);
        if (w->n_areas) memmove(&w->zones[worst], &w->zones[worst + 1], (size_t)(w->n_tracks - worst) * sizeof *w->zones);
    }
}

/* Numbers go on behind those that were given. */
static void renumber(crl_stream *s, crl_track *tracks, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        tracks[i].id += s->first_id;
        if (tracks[i].id > s->last_id) s->last_id = tracks[i].id;
    }
}

/* Another threshold wants another tracker: what it knew is gone. */
static crl_status change_threshold(crl_stream *s, crl_error *err)
{
    const float wanted = crl_stream_threshold(s);
    if (wanted >= s->options.threshold && wanted <= s->options.threshold) return CRL_OK;
    crl_tracker *old = s->tracker;
    s->options.threshold = wanted;
    s->options.tracker.high = s->options.tracker.low = s->options.tracker.start = 0;
    const crl_status status = crl_stream_make_tracker(s, err);
    if (status) {
        s->tracker = old;
        return status;
    }
    crl_tracker_free(old);
    s->first_id = s->last_id;
    return CRL_OK;
}

/* Before tracks that are not shown are left out: they are counted all the same. */
static crl_status count_areas(crl_stream *s, crl_seen *w, const crl_frame_format *f, crl_error *err)
{
    if (!s->areas) return CRL_OK;
    if (!MAKE_ROOM(w, zones, zone_room, 0, w->n_tracks) || !MAKE_ROOM(w, areas, area_room, 0, s->areas->n)) return crl_fail_memory(err, "zones");
    crl_areas_count(s->areas, w->tracks, w->n_tracks, f->width, f->height, w->zones);
    memcpy(w->areas, s->areas->counts, (size_t)s->areas->n * sizeof *w->areas);
    w->n_areas = s->areas->n;
    return CRL_OK;
}

/* What the classifier says of the tracks that are shown. */
static crl_status name(crl_stream *s, crl_seen *w, const crl_grab *grab, crl_error *err)
{
    if (!s->options.classifier) return CRL_OK;
    if (!MAKE_ROOM(w, kinds, kind_room, 0, w->n_tracks)) return crl_fail_memory(err, "classes");
    w->n_kinds = w->n_tracks;
    return crl_stream_name(s, grab, w->kinds, err);
}

static crl_status track(crl_stream *s, crl_seen *w, const crl_results *r, const crl_grab *grab, crl_error *err)
{
    const crl_track *tracks;
    int32_t n;
    crl_status status = change_threshold(s, err);
    if (status) return status;
    status = crl_tracker_update(s->tracker, (double)w->time_ns / 1e9, r->detections, r->n_detections, &tracks, &n, err);
    if (status) return status;
    if (!set_tracks(w, tracks, n)) return crl_fail_memory(err, "tracks");
    renumber(s, w->tracks, w->n_tracks);
    status = count_areas(s, w, &grab->format, err);
    if (status) return status;
    keep_best(w, s->options.top_k);
    const crl_track *gone = crl_tracker_gone(s->tracker, &n);
    w->n_gone = 0;
    if (!add_gone(w, gone, n)) return crl_fail_memory(err, "tracks");
    renumber(s, w->gone, n);
    return name(s, w, grab, err);
}

/* The teacher says what a vector is of. */
static crl_status ask_teacher(crl_stream *s, crl_seen *w, const crl_results *r, const crl_grab *grab, crl_error *err)
{
    enum { MOST = 3 };
    const crl_teacher *t = s->options.teacher;
    const int32_t lesson = atomic_exchange(&s->lesson, 0);
    crl_class found[MOST];
    int32_t n = 0;
    bool learnt = false;
    const crl_status status = t->see(t->user, grab, r->embedding, r->n_embedding, lesson, found, MOST, &n, &learnt, err);
    if (status) return status;
    w->purpose = CRL_PURPOSE_CLASSIFY;
    pthread_mutex_lock(&s->lock);
    if (learnt && lesson) s->lessons[lesson - 1]++;
    pthread_mutex_unlock(&s->lock);
    return set_classes(w, found, n) ? CRL_OK : crl_fail_memory(err, "results");
}

/* Makes what was seen known. What has gone is told once: where a result comes before the last one was played, both are said. */
static crl_status publish(crl_stream *s, const crl_seen *w, crl_error *err)
{
    pthread_mutex_lock(&s->lock);
    if (!s->fresh) s->seen.n_gone = 0;
    const bool good = set_all(&s->seen, w) && add_gone(&s->seen, w->gone, w->n_gone);
    s->fresh = true;
    s->counts.detected++;
    crl_meter_detected(&s->meter, (double)(w->input_ns + w->run_ns + w->read_ns) / 1e6);
    pthread_mutex_unlock(&s->lock);
    return good ? CRL_OK : crl_fail_memory(err, "results");
}

/* Results are the session's until its next run. */
static crl_status see(crl_stream *s, const crl_shot *shot, crl_error *err)
{
    crl_results r;
    crl_seen *w = &s->working;
    crl_status status = crl_stream_look(s, &shot->grab, &r, err);
    if (status) return status;
    w->number = shot->number;
    w->time_ns = shot->time_ns, w->captured_ns = shot->grab.captured_ns;
    w->purpose = r.purpose;
    w->n_tracks = w->n_gone = w->n_classes = w->n_poses = w->n_kinds = 0;
    if (r.purpose == CRL_PURPOSE_DETECT)
        status = track(s, w, &r, &shot->grab, err);
    else if (s->options.teacher)
        status = ask_teacher(s, w, &r, &shot->grab, err);
    else if (!set_classes(w, r.classes, r.n_classes) || !set_poses(w, r.poses, r.n_poses))
        status = crl_fail_memory(err, "results");
    return status;
}

crl_status crl_stream_see(crl_stream *s, const crl_shot *shot, crl_error *err)
{
    crl_turns_take(s->options.turns);
    const crl_status status = see(s, shot, err);
    crl_turns_give(s->options.turns);
    return status ? status : publish(s, &s->working, err);
}

/* The thread of async mode: always the newest frame. */
void *crl_seeing_thread(void *stream)
{
    crl_stream *s = stream;
    crl_error err;
    while (!crl_stream_stopped(s)) {
        pthread_mutex_lock(&s->lock);
        if (!s->to_see) crl_stream_wait(s);
        crl_shot *shot = s->to_see;
        s->to_see = NULL;
        if (shot) s->seeing = shot->number + 1;
        pthread_mutex_unlock(&s->lock);
        if (!shot) continue;
        const crl_status status = crl_stream_paused(s) ? CRL_OK : crl_stream_see(s, shot, &err);
        crl_shot_drop(s, shot);
        pthread_mutex_lock(&s->lock);
        s->seeing = 0;
        pthread_cond_broadcast(&s->event);
        pthread_mutex_unlock(&s->lock);
        if (status) crl_stream_fail(s, &err, status);
    }
    return NULL;
}
