/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and results to views, in two ways.
 *
 * sync    A frame is taken, looked at, and played with what was seen in it: one thread does all of that.
 * async   One thread takes frames, another one looks at the newest, and this one plays the newest. A frame waits for its own
 *         result where that is likely to come before half the time of a frame has gone: boxes then lie on what they are around.
 *         Else it is played at once, with the last result. At the end the last frame is looked at in any case. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"
#include "vision/painter.h"

/* A lost source is a picture that stands still: its note is brought up to date so often. */
#define STILL_NS ((uint64_t)500000000)

/* ---- overlay ---- */

static bool make_boxes(crl_stream *s, int32_t n)
{
    if (n <= s->n_boxes) return true;
    crl_free(s->boxes);
    crl_free(s->names);
    crl_free(s->name_list);
    s->boxes = crl_alloc_array((size_t)n, sizeof *s->boxes);
    s->names = crl_alloc_array((size_t)n, sizeof *s->names);
    s->name_list = crl_alloc_array((size_t)n, sizeof *s->name_list);
    s->n_boxes = s->boxes && s->names && s->name_list ? n : 0;
    return s->n_boxes == n;
}

static void put_label(char *text, size_t room, const crl_labels *labels, int32_t index)
{
    const char *label = crl_labels_get(labels, index);
    if (label) snprintf(text, room, "%.*s", (int)room - 1, label);
    else snprintf(text, room, "class %d", index);
}

/* A box has the name of its thing, behind which the classifier's stands, with that one's score. */
static crl_status draw_tracks(crl_stream *s, crl_image *image, crl_error *err)
{
    const int32_t n = s->shown.n_tracks, second = crl_stream_second_from(s);
    if (!make_boxes(s, n)) return crl_fail_memory(err, "drawing");
    for (int32_t i = 0; i < n; i++) {
        const crl_track *t = &s->shown.tracks[i];
        const crl_class *kind = i < s->shown.n_kinds && s->shown.kinds[i].index >= 0 ? &s->shown.kinds[i] : NULL;
        char name[80], of[80] = "";
        s->boxes[i] = (crl_detection){ .index = t->index, .score = kind ? kind->score : t->score, .box = t->smooth };
        s->name_list[i] = NULL;
        if (!kind && !(second && t->index >= second)) continue;
        put_label(name, sizeof name, s->labels, t->index);
        if (!crl_labels_get(s->labels, t->index) && second && t->index >= second) put_label(name, sizeof name, NULL, t->index - second);
        if (kind) put_label(of, sizeof of, crl_session_labels(s->options.classifier), kind->index);
        const bool both = kind && strcmp(name, of); /* the same twice says no more */
        snprintf(s->names[i], sizeof s->names[i], both ? "%s: %s" : "%s", name, of);
        s->name_list[i] = s->names[i];
    }
    return crl_painter_named(s->painter, image, s->boxes, n, s->labels, s->name_list, err);
}

static crl_status draw_classes(crl_stream *s, crl_image *image, crl_error *err)
{
    enum { LINES = 5, LINE = 128 };
    char text[LINES][LINE];
    const char *lines[LINES];
    int32_t n = 0;
    for (; n < s->shown.n_classes && n < LINES; n++) {
        const crl_class *c = &s->shown.classes[n];
        const char *label = crl_labels_get(s->labels, c->index);
        if (label) snprintf(text[n], LINE, "%.100s (%.0f%%)", label, 100.0 * (double)c->score);
        else snprintf(text[n], LINE, "class %d (%.0f%%)", c->index, 100.0 * (double)c->score);
        lines[n] = text[n];
    }
    return crl_painter_caption(s->painter, image, lines, n, CRL_CORNER_TOP_LEFT, err);
}

static crl_status draw_seen(crl_stream *s, crl_image *image, crl_error *err)
{
    switch (s->shown.purpose) {
    case CRL_PURPOSE_DETECT: return draw_tracks(s, image, err);
    case CRL_PURPOSE_CLASSIFY: return draw_classes(s, image, err);
    case CRL_PURPOSE_POSE: return crl_draw_poses(image, s->shown.poses, s->shown.n_poses, s->options.threshold / 2, err);
    default: return CRL_OK;
    }
}

/* Lines and zones, thin, and what was counted there. */
static crl_status draw_areas(crl_stream *s, crl_image *image, crl_error *err)
{
    enum { LINES = 8, LINE = 96 };
    char text[LINES][LINE];
    const char *lines[LINES];
    int32_t n = 0;
    for (int32_t i = 0; i < s->areas->n; i++) {
        const crl_area *a = &s->areas->list[i];
        if (a->kind == CRL_AREA_MASK) continue;
        for (int32_t k = 0; k + (a->kind == CRL_AREA_LINE) < a->n_points; k++) {
            const crl_point p = a->points[k], q = a->points[(k + 1) % a->n_points];
            crl_paint_line(image, p.x * image->width, p.y * image->height, q.x * image->width, q.y * image->height,
                           fmax(1.2, 2.5 * crl_paint_unit(image)), (crl_colour){ { 255, 255, 255 } }, 0.75);
        }
        if (n == LINES || i >= s->shown.n_areas || s->options.plain) continue;
        const crl_area_count *c = &s->shown.areas[i];
        if (a->kind == CRL_AREA_LINE)
            snprintf(text[n], LINE, "%s: %llu in, %llu out", a->name, (unsigned long long)c->in,
                     (unsigned long long)c->out);
        else snprintf(text[n], LINE, "%s: %d", a->name, c->now);
        lines[n] = text[n];
        n++;
    }
    return crl_painter_caption(s->painter, image, lines, n, CRL_CORNER_BOTTOM_RIGHT, err);
}

/* What keys stand for, and how many pictures each class has. */
static crl_status draw_lessons(crl_stream *s, crl_image *image, const int32_t *pictures, crl_error *err)
{
    enum { LINE = 96 };
    char text[CRL_STREAM_LESSONS][LINE];
    const char *lines[CRL_STREAM_LESSONS];
    int32_t n = 0;
    for (; n < s->options.teacher->n_lessons; n++) {
        const char *label = crl_labels_get(s->labels, n);
        snprintf(text[n], LINE, "%d  %.64s: %d", n + 1, label ? label : "", pictures[n]);
        lines[n] = text[n];
    }
    return crl_painter_caption(s->painter, image, lines, n, CRL_CORNER_BOTTOM_RIGHT, err);
}

static crl_status draw_numbers(crl_stream *s, crl_image *image, const crl_stream_counts *c, crl_error *err)
{
    char playback[64], detection[64];
    if (s->options.plain || c->playback_fps <= 0) return CRL_OK;
    snprintf(playback, sizeof playback, "(Playback) %.1f FPS", c->playback_fps);
    snprintf(detection, sizeof detection, "(Detection) %.1f FPS, %.1f ms", c->detection_fps, c->detection_ms);
    const char *const lines[] = { playback, detection };
    return crl_painter_caption(s->painter, image, lines, 2, CRL_CORNER_TOP_RIGHT, err);
}

/* ---- views ---- */

static crl_frozen *new_view(crl_stream *s, const crl_grab *grab, crl_error *err)
{
    crl_frozen *v = crl_alloc(sizeof *v);
    if (!v) {
        crl_fail_memory(err, "a view");
        return NULL;
    }
    v->pictures = &s->pictures;
    if (!s->wants_pictures) return v;
    const size_t stride = 3 * (size_t)grab->format.width;
    v->image = (crl_image){ grab->format.width, grab->format.height, 3, stride, NULL };
    v->image.data = crl_blocks_take(&s->pictures, stride * (size_t)grab->format.height);
    if (v->image.data) return v;
    crl_free(v);
    crl_fail_memory(err, "a view");
    return NULL;
}

static crl_status paint(crl_stream *s, crl_frozen *v, const crl_grab *grab, crl_error *err)
{
    if (!s->wants_pictures) return CRL_OK;
    crl_painter_begin(s->painter);
    crl_status status = crl_frame_to_image(&v->image, &grab->format, &grab->frame, err);
    if (!status && s->areas) {
        crl_areas_mask(s->areas, &v->image);
        status = draw_areas(s, &v->image, err);
    }
    /* Names of things lie on the numbers only where there is no other place for them. */
    if (!status) status = draw_numbers(s, &v->image, &v->view.counts, err);
    if (!status && s->options.teacher) status = draw_lessons(s, &v->image, v->lessons, err);
    if (!status) status = draw_seen(s, &v->image, err);
    const char *note = v->note;
    if (!status && *note) status = crl_painter_caption(s->painter, &v->image, &note, 1, CRL_CORNER_BOTTOM_LEFT, err);
    v->view.image = &v->image;
    return status;
}

/* Takes over the newest results. */
static crl_status take_results(crl_stream *s, crl_frozen *v, crl_error *err)
{
    pthread_mutex_lock(&s->lock);
    const bool fresh = s->fresh;
    const crl_status status = fresh ? crl_seen_copy(&s->shown, &s->seen) : CRL_OK;
    s->fresh = false;
    v->view.counts = s->counts;
    s->labels = crl_stream_labels(s);
    memcpy(v->lessons, s->lessons, sizeof v->lessons);
    snprintf(v->note, sizeof v->note, "%s", s->note);
    pthread_mutex_unlock(&s->lock);
    v->view.fresh = fresh;
    return status ? crl_fail_memory(err, "results") : CRL_OK;
}

static bool describe(crl_view *v, const crl_seen *seen)
{
    /* Views wait in queues while the next results come: each has its own copy. */
    crl_seen copy = { 0 };
    if (crl_seen_copy(&copy, seen)) {
        crl_seen_fini(&copy);
        return false;
    }
    v->seen_number = seen->number;
    v->seen_time_ns = seen->time_ns, v->seen_captured_ns = seen->captured_ns;
    v->purpose = seen->purpose;
    v->tracks = copy.tracks, v->n_tracks = copy.n_tracks;
    v->gone = copy.gone, v->n_gone = v->fresh ? copy.n_gone : 0;
    v->classes = copy.classes, v->n_classes = copy.n_classes;
    v->poses = copy.poses, v->n_poses = copy.n_poses;
    v->areas = copy.areas, v->n_areas = copy.n_areas;
    v->zones = copy.zones;
    v->kinds = copy.kinds;
    v->input_ns = seen->input_ns, v->run_ns = seen->run_ns, v->read_ns = seen->read_ns;
    return true;
}

/* A frame was played: what is counted is. */
static void count(crl_stream *s, const crl_view *v)
{
    pthread_mutex_lock(&s->lock);
    s->counts.played++;
    crl_latencies_add(&s->meter.latency, (double)(v->drawn_ns - v->captured_ns) / 1e6);
    if (v->fresh) crl_latencies_add(&s->meter.overlay, (double)(v->drawn_ns - v->seen_captured_ns) / 1e6);
    const bool report = crl_meter_played(&s->meter, v->drawn_ns, &s->counts);
    const crl_stream_counts counts = s->counts;
    pthread_mutex_unlock(&s->lock);
    if (report && s->options.report) s->options.report(s->options.user, &counts);
}

static crl_status play(crl_stream *s, const crl_shot *shot, bool again, crl_error *err)
{
    crl_frozen *v = new_view(s, &shot->grab, err);
    if (!v) return CRL_ERR_MEMORY;
    v->holders = 1;
    crl_status status = take_results(s, v, err);
    if (!status) status = paint(s, v, &shot->grab, err);
    if (!status && !describe(&v->view, &s->shown)) status = crl_fail_memory(err, "a view");
    v->view.number = shot->number;
    v->view.time_ns = shot->time_ns, v->view.captured_ns = shot->grab.captured_ns;
    v->view.again = again;
    v->view.labels = s->labels;
    v->view.second_from = crl_stream_second_from(s);
    v->view.lessons = s->options.teacher ? v->lessons : NULL;
    v->view.stream = s;
    v->view.kind_labels = s->options.classifier ? crl_session_labels(s->options.classifier) : NULL;
    v->view.note = *v->note ? v->note : NULL;
    v->view.drawn_ns = crl_stream_now();
    if (!status && !again) count(s, &v->view);
    if (!status) crl_outlets_give(s, v);
    crl_frozen_drop(s, v);
    return status;
}

static bool enough(const crl_stream *s)
{
    return s->options.frames && s->counts.played >= s->options.frames;
}

/* Before a source has given any frame, for who waits for it: a black one, which was captured at no time. */
static crl_status play_nothing(crl_stream *s, crl_error *err)
{
    enum { WIDTH = 320, HEIGHT = 240 };
    static const uint8_t black[WIDTH * HEIGHT];
    const crl_shot shot = { .grab = { .format = { .width = WIDTH, .height = HEIGHT, .pixels = CRL_PIXELS_GRAY8 },
                                      .frame = { { black }, { WIDTH } } } };
    return play(s, &shot, true, err);
}

/* The last frame once more where its note is another one, so that people see why nothing moves. */
static crl_status play_again(crl_stream *s, crl_shot **last, unsigned *notes, uint64_t *when, crl_error *err)
{
    pthread_mutex_lock(&s->lock);
    const bool changed = *notes != s->notes, still = *s->note && crl_stream_now() - *when > STILL_NS;
    *notes = s->notes;
    if (changed || still) crl_meter_pause(&s->meter);
    pthread_mutex_unlock(&s->lock);
    if ((!*last && !s->options.patient) || (!changed && !still)) return CRL_OK;
    *when = crl_stream_now();
    if (*last) *last = crl_shot_keep(s, *last);
    return *last ? play(s, *last, true, err) : play_nothing(s, err);
}

/* Time that is paused does not count. */
static void wait_while_paused(crl_stream *s)
{
    pthread_mutex_lock(&s->lock);
    crl_meter_pause(&s->meter);
    crl_stream_wait(s);
    pthread_mutex_unlock(&s->lock);
}

/* ---- sync ---- */

/* A sink that is slow is waited for: here no frame is left out. */
static void wait_for_room(crl_stream *s)
{
    pthread_mutex_lock(&s->lock);
    while (crl_outlets_full(s) && !crl_stream_stopped(s)) crl_stream_wait(s);
    pthread_mutex_unlock(&s->lock);
}

crl_status crl_play_sync(crl_stream *s, crl_error *err)
{
    crl_shot *last = NULL;
    crl_status status = CRL_OK;
    unsigned notes = 0;
    uint64_t when = 0;
    while (!status && !crl_stream_stopped(s) && !enough(s)) {
        crl_shot *shot;
        status = crl_feed_take(s, &shot, CRL_STREAM_TICK_MS, err);
        if (status == CRL_ERR_TIMEOUT) status = play_again(s, &last, &notes, &when, err);
        else if (!status && !shot) break;
        if (status || !shot) continue;
        while (crl_stream_paused(s) && !crl_stream_stopped(s)) wait_while_paused(s);
        status = crl_stream_see(s, shot, err);
        if (!status) wait_for_room(s);
        if (!status) status = play(s, shot, false, err);
        crl_shot_drop(s, last);
        last = shot;
    }
    crl_shot_drop(s, last);
    return status;
}

/* ---- async ---- */

/* Puts a frame where the newest is wanted, instead of one that waits there. */
static crl_shot *replace(crl_shot **place, crl_shot *shot, uint64_t *lost)
{
    crl_shot *old = *place;
    if (old) (*lost)++;
    *place = shot;
    crl_shot_hold(shot);
    return old;
}

static void *taking_thread(void *stream)
{
    crl_stream *s = stream;
    crl_error err;
    crl_shot *shot = NULL;
    crl_status status = CRL_OK;
    bool ended = false;
    while (!ended && !crl_stream_stopped(s)) {
        crl_shot *unseen = NULL, *unplayed = NULL;
        status = crl_feed_take(s, &shot, CRL_STREAM_TICK_MS, &err);
        if (status && status != CRL_ERR_TIMEOUT) break;
        if (!status && !shot) break;
        pthread_mutex_lock(&s->lock);
        ended = s->ended;
        if (!status && !ended) {
            unseen = replace(&s->to_see, shot, &s->counts.not_detected);
            unplayed = replace(&s->to_play, shot, &s->counts.not_played);
            pthread_cond_broadcast(&s->event);
        }
        pthread_mutex_unlock(&s->lock);
        crl_shot_drop(s, unseen);
        crl_shot_drop(s, unplayed);
        crl_shot_drop(s, shot);
    }
    if (status && status != CRL_ERR_TIMEOUT) crl_stream_fail(s, &err, status);
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_cond_broadcast(&s->event);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static crl_shot *take_newest(crl_stream *s)
{
    pthread_mutex_lock(&s->lock);
    if (!s->to_play && !s->ended) crl_stream_wait(s);
    crl_shot *shot = s->to_play;
    s->to_play = NULL;
    pthread_mutex_unlock(&s->lock);
    return shot;
}

/* Waits for what is seen in this frame, where that is likely to come in time: detection takes less than half the time from frame
 * to frame, and is not busy with an older one. */
static void wait_for_result(crl_stream *s, const crl_shot *shot)
{
    const uint64_t now = crl_stream_now(), half = s->interval_ns / 2;
    pthread_mutex_lock(&s->lock);
    const uint64_t usual = s->seen.input_ns + s->seen.run_ns + s->seen.read_ns;
    const uint64_t until = now + half;
    while (usual > 0 && usual < half && !crl_stream_stopped(s) && crl_stream_now() < until) {
        const bool has_come = s->seen.purpose && s->seen.number >= shot->number;
        const bool is_coming = s->seeing == shot->number + 1 || s->to_see == shot;
        if (has_come || !is_coming) break;
        crl_stream_wait_until(s, until);
    }
    pthread_mutex_unlock(&s->lock);
}

/* The time from frame to frame, smoothed: a camera's changes with the light. */
static void measure_interval(crl_stream *s, const crl_shot *shot)
{
    const uint64_t now = shot->grab.captured_ns;
    const uint64_t passed = s->last_played_ns && now > s->last_played_ns ? now - s->last_played_ns : 0;
    s->last_played_ns = now;
    if (!passed || passed > 1000000000u) return;
    s->interval_ns = s->interval_ns ? (7 * s->interval_ns + passed) / 8 : passed;
}

static void skip(crl_stream *s, crl_shot *shot)
{
    pthread_mutex_lock(&s->lock);
    crl_meter_pause(&s->meter);
    s->counts.not_played++;
    pthread_mutex_unlock(&s->lock);
    crl_shot_drop(s, shot);
}

/* At the end nothing more is taken; what waits to be looked at still is, and is told with the last frame. */
static crl_status play_last(crl_stream *s, const crl_shot *last, crl_error *err)
{
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    while ((s->to_see || s->seeing) && !crl_stream_stopped(s)) crl_stream_wait(s);
    const bool fresh = s->fresh;
    pthread_mutex_unlock(&s->lock);
    return fresh ? play(s, last, true, err) : CRL_OK;
}

static crl_status play_newest(crl_stream *s, crl_error *err)
{
    crl_shot *last = NULL;
    crl_status status = CRL_OK;
    unsigned notes = 0;
    uint64_t when = 0;
    while (!status && !crl_stream_stopped(s) && !enough(s)) {
        crl_shot *shot = take_newest(s);
        if (!shot) {
            pthread_mutex_lock(&s->lock);
            const bool ended = s->ended && !s->to_play;
            pthread_mutex_unlock(&s->lock);
            if (ended) break;
            status = play_again(s, &last, &notes, &when, err);
            continue;
        }
        if (crl_stream_paused(s)) {
            skip(s, shot);
            continue;
        }
        measure_interval(s, shot);
        wait_for_result(s, shot);
        status = play(s, shot, false, err);
        crl_shot_drop(s, last);
        last = shot;
    }
    if (!status && last) status = play_last(s, last, err);
    crl_shot_drop(s, last);
    return status;
}

crl_status crl_play_async(crl_stream *s, crl_error *err)
{
    pthread_t taking, seeing;
    if (pthread_create(&taking, NULL, taking_thread, s)) return crl_fail(err, CRL_ERR_MEMORY, "the system gives no thread for a stream");
    crl_status status = CRL_OK;
    const bool two = !pthread_create(&seeing, NULL, crl_seeing_thread, s);
    if (two) status = play_newest(s, err);
    else status = crl_fail(err, CRL_ERR_MEMORY, "the system gives no second thread for a stream");
    crl_stream_stop(s);
    pthread_join(taking, NULL);
    if (two) pthread_join(seeing, NULL);
    crl_shot_drop(s, s->to_see);
    crl_shot_drop(s, s->to_play);
    s->to_see = s->to_play = NULL;
    return status;
}
