/* SPDX-License-Identifier: Apache-2.0 */
/* A stream from its making to its end: see stream.h. */
#include "stream/stream.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"

uint64_t crl_stream_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool crl_stream_stopped(const crl_stream *s)
{
    return atomic_load(&s->stopped);
}

void crl_stream_wait_until(crl_stream *s, uint64_t ns)
{
    const uint64_t tick = crl_stream_now() + CRL_STREAM_TICK_MS * 1000000u, until = ns < tick ? ns : tick;
    const struct timespec t = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };
    pthread_cond_timedwait(&s->event, &s->lock, &t);
}

void crl_stream_wait(crl_stream *s)
{
    crl_stream_wait_until(s, UINT64_MAX);
}

void crl_stream_notify(crl_stream *s, crl_notice_kind kind, const char *fmt, ...)
{
    if (!s->options.notice) return;
    crl_error text;
    va_list args;
    va_start(args, fmt);
    crl_error_write(&text, fmt, args);
    va_end(args);
    const crl_notice notice = { .kind = kind, .text = text.text };
    pthread_mutex_lock(&s->telling);
    s->options.notice(s->options.user, &notice);
    pthread_mutex_unlock(&s->telling);
}

void crl_stream_fail(crl_stream *s, const crl_error *err, crl_status status)
{
    pthread_mutex_lock(&s->lock);
    if (!s->failure) {
        s->failure = status;
        s->failed = *err;
    }
    pthread_cond_broadcast(&s->event);
    pthread_mutex_unlock(&s->lock);
    crl_stream_stop(s);
}

void crl_stream_note(crl_stream *s, const char *text)
{
    pthread_mutex_lock(&s->lock);
    if (strcmp(s->note, text ? text : "")) {
        snprintf(s->note, sizeof s->note, "%s", text ? text : "");
        s->notes++;
        pthread_cond_broadcast(&s->event);
    }
    pthread_mutex_unlock(&s->lock);
}

void crl_stream_stop(crl_stream *s)
{
    atomic_store(&s->stopped, true);
}

void crl_stream_pause(crl_stream *s, bool paused)
{
    atomic_store(&s->paused, paused);
}

bool crl_stream_paused(const crl_stream *s)
{
    return atomic_load(&s->paused);
}

crl_status crl_stream_set_threshold(crl_stream *s, float threshold, crl_error *err)
{
    if (!(threshold >= 0 && threshold <= 1))
        return crl_fail(err, CRL_ERR_ARGUMENT, "threshold %g, a number from 0 to 1 is expected", (double)threshold);
    atomic_store(&s->threshold, fmaxf(threshold, 1e-3f)); /* 0 stands for a default */
    return CRL_OK;
}

float crl_stream_threshold(const crl_stream *s)
{
    return atomic_load(&s->threshold);
}

crl_status crl_stream_teach(crl_stream *s, int32_t lesson, crl_error *err)
{
    const int32_t n = s->options.teacher ? s->options.teacher->n_lessons : 0;
    if (!n) return crl_fail(err, CRL_ERR_ARGUMENT, "nobody is taught here");
    if (lesson < 1 || lesson > n) return crl_fail(err, CRL_ERR_ARGUMENT, "class %d, there are 1 to %d", lesson, n);
    atomic_store(&s->lesson, lesson);
    return CRL_OK;
}

void crl_stream_counts_now(crl_stream *s, crl_stream_counts *out)
{
    pthread_mutex_lock(&s->lock);
    *out = s->counts;
    pthread_mutex_unlock(&s->lock);
}

/* ---- making ---- */

static crl_status check(const crl_stream_options *o, crl_session *session, crl_error *err)
{
    crl_recognition r;
    const crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_stream_options", err);
    if (s) return s;
    if ((int)o->mode < 0 || o->mode > CRL_STREAM_SYNC) return crl_fail(err, CRL_ERR_ARGUMENT, "mode %d, there are 0 and 1", (int)o->mode);
    if (!isfinite(o->threshold) || o->threshold < 0)
        return crl_fail(err, CRL_ERR_ARGUMENT, "threshold %g, at least 0 is expected", (double)o->threshold);
    if (o->top_k < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "top_k %d, at least 0 is expected", o->top_k);
    if (o->teacher) {
        const crl_teacher *t = o->teacher;
        if (t->n_lessons < 1 || t->n_lessons > CRL_STREAM_LESSONS)
            return crl_fail(err, CRL_ERR_ARGUMENT, "%d classes to teach, 1 to %d are taken", t->n_lessons,
                            CRL_STREAM_LESSONS);
        return crl_check_reserved(t->reserved, sizeof t->reserved / sizeof *t->reserved, "crl_teacher", err);
    }
    crl_turns_take(o->turns);
    const crl_status unknown = crl_session_recognise(session, &r, NULL);
    crl_turns_give(o->turns);
    if (unknown) return CRL_OK; /* where shapes are known only after a run it is the run that says it */
    const unsigned shown = 1u << CRL_PURPOSE_CLASSIFY | 1u << CRL_PURPOSE_DETECT | 1u << CRL_PURPOSE_POSE;
    if (r.fits && !(r.fits & shown))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s cannot be watched; classifiers, detectors and pose models can", r.what ? r.what : "this model");
    return CRL_OK;
}

crl_status crl_stream_make_tracker(crl_stream *s, crl_error *err)
{
    crl_tracker_options t = s->options.tracker;
    if (t.high <= 0) t.high = s->options.threshold;
    if (t.low <= 0) t.low = fminf(0.1f, t.high);
    return crl_tracker_new(&s->tracker, &t, err);
}

static crl_status make_parts(crl_stream *s, crl_error *err)
{
    crl_turns_take(s->options.turns);
    crl_status status = crl_looking_new(s, &s->options, err);
    crl_turns_give(s->options.turns);
    if (!status) status = crl_stream_make_tracker(s, err);
    return status ? status : crl_painter_new(&s->painter, err);
}

crl_status crl_stream_new(crl_stream **out, const crl_source *source, crl_session *session, const crl_stream_options *options,
                          crl_error *err)
{
    static const crl_stream_options none;
    if (!options) options = &none;
    *out = NULL;
    crl_status status = check(options, session, err);
    crl_stream *s = status ? NULL : crl_alloc(sizeof *s);
    if (!s) {
        source->type->free(source->self);
        return status ? status : crl_fail_memory(err, "a stream");
    }
    s->options = *options;
    if (s->options.threshold <= 0) s->options.threshold = 0.5f;
    if (!s->options.top_k) s->options.top_k = 10;
    s->options.areas = NULL; /* those are copied */
    atomic_store(&s->threshold, s->options.threshold);
    if (!source->type->live) s->options.mode = CRL_STREAM_SYNC;
    for (int32_t i = 0; i < CRL_STREAM_LESSONS; i++)
        s->lessons[i] = options->teacher && i < options->teacher->n_lessons ? options->teacher->pictures[i] : -1;
    s->session = session;
    s->feed.source = *source;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&s->event, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->telling, NULL);
    crl_blocks_init(&s->pictures);
    status = make_parts(s, err);
    if (!status && options->n_areas) {
        s->areas = crl_alloc(sizeof *s->areas);
        status = s->areas ? crl_areas_set(s->areas, options->areas, options->n_areas, err) : crl_fail_memory(err, "zones");
    }
    if (status) crl_stream_free(s);
    else *out = s;
    return status;
}

crl_status crl_stream_add(crl_stream *s, const crl_sink *sink, crl_error *err)
{
    s->wants_pictures = s->wants_pictures || sink->type->pictures;
    return crl_outlet_new(s, sink, err);
}

void crl_stream_free(crl_stream *s)
{
    if (!s) return;
    crl_outlets_free(s);
    while (s->free_shots) {
        crl_shot *shot = s->free_shots;
        s->free_shots = shot->next;
        crl_free(shot);
    }
    s->feed.source.type->free(s->feed.source.self);
    crl_seen_fini(&s->seen);
    crl_seen_fini(&s->working);
    crl_seen_fini(&s->shown);
    crl_free(s->boxes);
    crl_free(s->names);
    crl_free(s->name_list);
    crl_looking_free(s->looking);
    crl_free(s->areas);
    crl_blocks_fini(&s->pictures);
    crl_tracker_free(s->tracker);
    crl_painter_free(s->painter);
    pthread_cond_destroy(&s->event);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->telling);
    crl_free(s);
}

/* ---- running ---- */

crl_status crl_stream_run(crl_stream *s, crl_error *err)
{
    if (s->ran) return crl_fail(err, CRL_ERR_STATE, "a stream runs once; make another one");
    s->ran = true;
    crl_error at_end;
    crl_status status = crl_outlets_start(s, err);
    if (!status) status = s->options.mode == CRL_STREAM_SYNC ? crl_play_sync(s, err) : crl_play_async(s, err);
    crl_feed_stop(s);
    const crl_status finish = crl_outlets_finish(s, &at_end);
    if (status) return status;
    if (s->failure) {
        if (err) *err = s->failed;
        return s->failure;
    }
    if (finish && err) *err = at_end;
    return finish;
}
