/* SPDX-License-Identifier: Apache-2.0 */
/* A stream from end to end: the built-in detector looks at the moving scene, of which all is known. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checks.h"
#include "stream/scene.h"
#include "stream/stream.h"

enum { WIDTH = 320, HEIGHT = 240, MOST_IDS = 512, MOST_NUMBERS = 128 };

/* What was seen is compared with the scene, and with what a session says of the same frame as a still picture. */
typedef struct onlooker {
    check *t;
    crl_scene *scene;
    crl_session *still;
    crl_image frame;
    int sign_of[MOST_IDS];             /* by id: row * MOST_NUMBERS + number, plus 1 */
    uint32_t id_of[2][MOST_NUMBERS];
    int whole[2][MOST_NUMBERS];        /* frames in which a sign was all in the picture */
    int compared, ids;
} onlooker;

static const crl_scene_sign *sign_at(const crl_scene_sign *signs, int32_t n, const crl_track *k)
{
    const crl_scene_sign *best = NULL;
    double most = 0.3;
    for (int32_t i = 0; i < n; i++) {
        const double share = made_iou(&signs[i].truth.box, &k->box);
        if (share > most) best = &signs[i], most = share;
    }
    return best;
}

/* A number belongs to one sign, and a sign has one number. */
static void note_number(onlooker *o, const crl_view *v, const crl_scene_sign *sign, const crl_track *k)
{
    check *t = o->t;
    if (k->detection < 0) return;
    if (!check_that(t, sign != NULL, "frame %d: track %u is nowhere near a sign", (int)v->number, k->id)) return;
    if (k->id >= MOST_IDS || sign->number >= MOST_NUMBERS) return;
    const int name = sign->row * MOST_NUMBERS + sign->number + 1;
    if (!o->sign_of[k->id]) o->ids++;
    check_that(t, !o->sign_of[k->id] || o->sign_of[k->id] == name, "frame %d: track %u goes to another sign", (int)v->number, k->id);
    o->sign_of[k->id] = name;
    uint32_t *own = &o->id_of[sign->row][sign->number];
    check_that(t, !*own || *own == k->id, "frame %d: sign %d of row %d was %u and is %u", (int)v->number, sign->number, sign->row, *own, k->id);
    *own = k->id;
    if (sign->truth.score >= 1)
        check_that(t, sign->truth.index == k->index, "frame %d: class %d for %d", (int)v->number, k->index,
                   sign->truth.index);
}

static void look_at_signs(onlooker *o, const crl_view *v)
{
    crl_scene_sign signs[CRL_SCENE_MOST];
    const int32_t n = crl_scene_signs(o->scene, (double)v->seen_time_ns / 1e9, signs);
    for (int32_t i = 0; i < v->n_tracks; i++) note_number(o, v, sign_at(signs, n, &v->tracks[i]), &v->tracks[i]);
    for (int32_t i = 0; i < n; i++) {
        if (signs[i].truth.score < 1 || signs[i].number >= MOST_NUMBERS) continue;
        const int whole = ++o->whole[signs[i].row][signs[i].number];
        bool found = false;
        for (int32_t k = 0; k < v->n_tracks; k++) found = found || made_iou(&v->tracks[k].box, &signs[i].truth.box) > 0.7;
        check_that(o->t, found || whole < 3, "frame %d: sign %d of row %d is not seen", (int)v->number, signs[i].number, signs[i].row);
    }
}

/* Boxes of tracks are those of the still picture. */
static void look_at_still(onlooker *o, const crl_view *v)
{
    const crl_results *r;
    crl_error err;
    crl_scene_draw(o->scene, (double)v->seen_time_ns / 1e9, &o->frame);
    if (!check_that(o->t, !crl_session_run(o->still, &o->frame, &r, &err), "%s", err.text)) return;
    for (int32_t i = 0; i < r->n_detections; i++) {
        if (r->detections[i].score < 0.6f) continue;
        double most = 0;
        for (int32_t k = 0; k < v->n_tracks; k++)
            if (v->tracks[k].index == r->detections[i].index) most = fmax(most, made_iou(&v->tracks[k].box, &r->detections[i].box));
        o->compared++;
        /* What has just come is confirmed by the next frame. */
        check_that(o->t, most >= 0.9 || r->detections[i].box.x0 < 8 || r->detections[i].box.x1 > WIDTH - 8,
                   "frame %d: detection %d of the still picture shares %g with a track", (int)v->number, i, most);
    }
}

static void look(void *user, const crl_view *v)
{
    onlooker *o = user;
    if (!v->fresh) return;
    look_at_signs(o, v);
    if (v->number % 4 == 0) look_at_still(o, v);
}

static bool make_onlooker(check *t, onlooker *o)
{
    crl_error err;
    *o = (onlooker){ .t = t };
    o->still = made_session(t);
    check_that(t, !crl_scene_new(&o->scene, WIDTH, HEIGHT, &err) && !crl_image_init(&o->frame, WIDTH, HEIGHT, 3, &err), "%s", err.text);
    return !check_failed(t);
}

static void free_onlooker(onlooker *o)
{
    crl_session_close(o->still);
    crl_scene_free(o->scene);
    crl_image_fini(&o->frame);
}

void check_sync(check *t, unsigned cpu)
{
    (void)cpu;
    onlooker *o = calloc(1, sizeof *o);
    made_sink *sink = calloc(1, sizeof *sink);
    made_notices notices = { 0 };
    crl_session *session = made_session(t);
    crl_stream *s;
    crl_source source;
    crl_error err;
    crl_stream_counts c;
    const int frames = check_rounds(t, 360);
    const crl_source_options every = { .width = WIDTH, .height = HEIGHT, .fps = INFINITY, .frames = (uint64_t)frames };
    const crl_stream_options options = { .notice = made_notice, .report = made_report, .user = &notices };
    if (!make_onlooker(t, o) || !session) return;
    *sink = (made_sink){ .look = look, .user = o, .pictures = true };
    const crl_sink as_sink = made_sink_of(sink);
    check_that(t, !crl_source_open(&source, "test", &every, &err), "%s", err.text);
    check_that(t, !crl_stream_new(&s, &source, session, &options, &err), "%s", err.text);
    check_that(t, !crl_stream_add(s, &as_sink, &err), "%s", err.text);
    check_that(t, !crl_stream_run(s, &err), "%s", err.text);
    check_that(t, crl_stream_run(s, &err) == CRL_ERR_STATE, "it runs twice");
    crl_stream_counts_now(s, &c);
    check_that(t,
               sink->views == frames && (int)c.played == frames && (int)c.detected == frames && (int)c.taken == frames,
               "%d views of %d frames", sink->views, frames);
    for (int i = 0; i < sink->views; i++)
        check_that(t, sink->numbers[i] == (uint64_t)i && !sink->again[i] && sink->fresh[i], "view %d is of frame %d", i, (int)sink->numbers[i]);
    check_that(t, !c.not_played && !c.not_detected && !c.not_delivered && !c.losses, "frames were left out");
    check_that(t, notices.reports == (frames - 1) / 15 && !notices.n, "%d reports, %d notices", notices.reports, notices.n);
    int seen = 0;
    for (int k = 0; k < 2 * MOST_NUMBERS; k++) seen += o->id_of[k / MOST_NUMBERS][k % MOST_NUMBERS] != 0;
    check_that(t, seen == o->ids && seen >= 3 && o->compared > frames / 4, "%d signs, %d numbers, %d compared", seen, o->ids, o->compared);
    crl_stream_free(s);
    check_that(t, sink->starts == 1 && sink->stops == 1 && sink->freed == 1, "the sink was started %d times", sink->starts);
    crl_session_close(session);
    free_onlooker(o);
    free(sink);
    free(o);
}

/* The camera's rate, whatever the detector does; and all frames are accounted for. */
void check_async(check *t, unsigned cpu)
{
    (void)cpu;
    onlooker *o = calloc(1, sizeof *o);
    made_sink *sink = calloc(1, sizeof *sink);
    crl_session *session = made_session(t);
    crl_stream *s;
    crl_source source;
    crl_error err;
    crl_stream_counts c;
    const crl_source_options camera = { .width = WIDTH, .height = HEIGHT, .fps = 60, .frames = 60 };
    if (!make_onlooker(t, o) || !session) return;
    *sink = (made_sink){ .pictures = true, .queue = 64 };
    const crl_sink as_sink = made_sink_of(sink);
    check_that(t, !crl_source_open(&source, "test", &camera, &err), "%s", err.text);
    check_that(t, !crl_stream_new(&s, &source, session, NULL, &err), "%s", err.text);
    check_that(t, !crl_stream_add(s, &as_sink, &err), "%s", err.text);
    check_that(t, !crl_stream_run(s, &err), "%s", err.text);
    crl_stream_counts_now(s, &c);
    check_that(t, c.taken == c.played + c.not_played, "%d frames, %d played and %d not", (int)c.taken, (int)c.played, (int)c.not_played);
    check_that(t, c.detected >= 1 && c.detected + c.not_detected == c.taken, "%d frames, %d looked at and %d not", (int)c.taken, (int)c.detected,
               (int)c.not_detected);
    const int more = sink->views && sink->again[sink->views - 1]; /* what was seen in the last frame may come after its view */
    check_that(t, sink->views == (int)c.played + more, "%d views of %d", sink->views, (int)c.played);
    for (int i = 1; i < sink->views - more; i++) check_that(t, sink->numbers[i] > sink->numbers[i - 1], "a frame is shown twice as new");
    crl_stream_free(s);
    crl_session_close(session);
    free_onlooker(o);
    free(sink);
    free(o);
}

static void note_seen(void *user, const crl_view *v)
{
    if (v->fresh) *(int *)user = (int)v->seen_number;
}

/* However fast frames are over: what was seen in the last one is told, and nothing of frames that come after it. */
void check_last(check *t, unsigned cpu)
{
    (void)cpu;
    for (int ends = 0; ends < 2; ends++) {
        made_source m = { .frames = ends ? 3 : 0, .live = true };
        int seen = -1;
        made_sink *sink = calloc(1, sizeof *sink);
        *sink = (made_sink){ .look = note_seen, .user = &seen, .queue = 8 };
        const crl_source source = made_source_of(&m);
        const crl_sink as_sink = made_sink_of(sink);
        const crl_stream_options options = { .frames = ends ? 0 : 1 };
        crl_session *session = made_session(t);
        crl_stream *s;
        crl_error err;
        check_that(t, !crl_stream_new(&s, &source, session, &options, &err) && !crl_stream_add(s, &as_sink, &err), "%s", err.text);
        check_that(t, !crl_stream_run(s, &err), "%s", err.text);
        crl_stream_free(s);
        check_that(t, ends ? seen == 2 : seen >= 0, "of %d frames the last that was told of is %d", m.given, seen);
        check_that(t, m.given == m.back, "of %d frames %d came back", m.given, m.back);
        crl_session_close(session);
        free(sink);
    }
}

/* ---- several cameras ---- */

enum { SHARING = 3, SHARED_FRAMES = 16 };

/* What each of them saw: boxes of every frame. */
typedef struct memory {
    int n;
    float x0[SHARED_FRAMES][32];
    int n_tracks[SHARED_FRAMES];
} memory;

static void remember(void *user, const crl_view *v)
{
    memory *m = user;
    if (m->n == SHARED_FRAMES) return;
    m->n_tracks[m->n] = v->n_tracks;
    for (int32_t i = 0; i < v->n_tracks && i < 32; i++) m->x0[m->n][i] = v->tracks[i].box.x0;
    m->n++;
}

static void *run_stream(void *stream)
{
    crl_error err;
    return crl_stream_run(stream, &err) ? stream : NULL;
}

/* Runs streams of the same scene at once, all by one session. */
static void run_together(check *t, crl_turns *turns, memory *memories, int n, const int *widths)
{
    crl_session *session = made_session(t);
    made_sink *sinks = calloc(SHARING, sizeof *sinks);
    crl_stream *streams[SHARING];
    pthread_t threads[SHARING];
    crl_error err;
    for (int i = 0; i < n; i++) {
        crl_source source;
        const crl_source_options every = { .width = widths[i], .height = HEIGHT, .fps = INFINITY, .frames = SHARED_FRAMES };
        const crl_stream_options options = { .turns = turns };
        sinks[i] = (made_sink){ .look = remember, .user = &memories[i] };
        const crl_sink sink = made_sink_of(&sinks[i]);
        check_that(t, !crl_source_open(&source, "test", &every, &err) && !crl_stream_new(&streams[i], &source, session, &options, &err) &&
                          !crl_stream_add(streams[i], &sink, &err), "%s", err.text);
    }
    for (int i = 0; i < n; i++) check_that(t, !pthread_create(&threads[i], NULL, run_stream, streams[i]), "no thread");
    for (int i = 0; i < n; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        check_that(t, !failed, "stream %d fails", i);
        crl_stream_free(streams[i]);
    }
    free(sinks);
    crl_session_close(session);
}

/* Streams that look by one session see what each of them would see alone. */
void check_turns(check *t, unsigned cpu)
{
    (void)cpu;
    static const int widths[SHARING] = { WIDTH, WIDTH / 2, WIDTH };
    memory *alone = calloc(SHARING, sizeof *alone), *together = calloc(SHARING, sizeof *together);
    crl_turns *turns;
    crl_error err;
    check_that(t, !crl_turns_new(&turns, &err), "%s", err.text);
    for (int i = 0; i < SHARING; i++) run_together(t, NULL, &alone[i], 1, &widths[i]);
    run_together(t, turns, together, SHARING, widths);
    for (int i = 0; i < SHARING; i++)
        check_that(t, together[i].n == SHARED_FRAMES && !memcmp(&alone[i], &together[i], sizeof *alone),
                   "stream %d sees something else beside others", i);
    crl_turns_free(turns);
    crl_turns_free(NULL);
    free(alone);
    free(together);
}

/* ---- ending, and what is refused ---- */

typedef struct stopper {
    crl_stream *stream;
    uint64_t when;
} stopper;

static void *stop_soon(void *user)
{
    stopper *p = user;
    const struct timespec pause = { 0, 150000000 };
    nanosleep(&pause, NULL);
    p->when = crl_stream_now();
    crl_stream_stop(p->stream);
    return NULL;
}

void check_stopping(check *t, unsigned cpu)
{
    (void)cpu;
    for (int mode = 0; mode < 2; mode++) {
        made_source m = { .pause_ms = 5, .live = true };
        made_sink *sink = calloc(1, sizeof *sink);
        *sink = (made_sink){ .slow_ms = 20 };
        const crl_source source = made_source_of(&m);
        const crl_sink as_sink = made_sink_of(sink);
        const crl_stream_options options = { .mode = (crl_stream_mode)mode };
        crl_session *session = made_session(t);
        crl_error err;
        pthread_t thread;
        stopper p = { 0 };
        check_that(t, !crl_stream_new(&p.stream, &source, session, &options, &err) && !crl_stream_add(p.stream, &as_sink, &err), "%s", err.text);
        if (!check_that(t, !pthread_create(&thread, NULL, stop_soon, &p), "no thread")) return;
        check_that(t, !crl_stream_run(p.stream, &err), "%s", err.text);
        const double ms = (double)(crl_stream_now() - p.when) / 1e6;
        check_that(t, ms < 5000, "it took %g ms to end", ms); /* the source has no end; a watchdog on a busy machine takes seconds */
        pthread_join(thread, NULL);
        crl_stream_free(p.stream);
        check_that(t, m.given == m.back && m.starts == 1 && m.stops == 1 && m.freed == 1, "of %d frames %d came back", m.given, m.back);
        crl_session_close(session);
        free(sink);
    }
}

void check_stream_refused(check *t, unsigned cpu)
{
    (void)cpu;
    crl_session *session = made_session(t);
    crl_stream *s;
    crl_error err;
    made_source m = { 0 };
    const crl_source source = made_source_of(&m);
    const crl_stream_options wrong[] = { { .mode = (crl_stream_mode)2 }, { .threshold = -1 },
                                         { .threshold = NAN },           { .top_k = -1 },
                                         { .reserved = { 1 } },          { .tracker = { .overlap = 2 } } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_that(t, crl_stream_new(&s, &source, session, &wrong[i], &err) == CRL_ERR_ARGUMENT && !s, "options %d are taken", (int)i);
    check_that(t, m.freed == (int)(sizeof wrong / sizeof *wrong), "a source is left");
    crl_stream_free(NULL);
    crl_session_close(session);
}
