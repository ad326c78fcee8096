/* SPDX-License-Identifier: Apache-2.0 */
/* Views to sinks: each has a thread and a short queue, so that none waits for another. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

enum { MOST_WAITING = 64 };
/* Before a sink that failed is started again: the first pause, and the longest. */
#define FIRST_PAUSE ((uint64_t)1000000000)
#define LONGEST_PAUSE ((uint64_t)30000000000)
/* What fails again before so long has not been mended, and its pauses go on growing: a film takes frames before the disk is found full. */
#define STEADY ((uint64_t)30000000000)
/* What waits for a sink at the end may take it so long: where somebody wants the end, and where a source came to its own and no frame may
 * be left out. */
#define FAREWELL ((uint64_t)800000000)
#define LONG_FAREWELL ((uint64_t)60000000000)

struct crl_outlet {
    crl_stream *stream;
    crl_sink sink;
    crl_outlet *next;
    pthread_t thread;
    bool has_thread;
    /* Under the stream's lock. */
    crl_frozen *waiting[MOST_WAITING];
    int32_t n, room;
    enum { NOT_STARTED, STARTED, FAILED, OVER } state;
    bool finishing;
    uint64_t finish_ns; /* since when */
    crl_status status; /* why it FAILED at the start, or at the end could not be closed */
    crl_error err;
    /* Of its thread. */
    bool down;
    uint64_t retry_ns, pause_ns, back_ns; /* back_ns: since when it has worked again */
};

/* ---- views ---- */

void crl_frozen_drop(crl_stream *s, crl_frozen *v)
{
    pthread_mutex_lock(&s->lock);
    const bool last = !--v->holders;
    pthread_mutex_unlock(&s->lock);
    if (!last) return;
    crl_blocks_give(v->pictures, v->image.data);
    crl_free((void *)(uintptr_t)v->view.tracks);
    crl_free((void *)(uintptr_t)v->view.gone);
    crl_free((void *)(uintptr_t)v->view.classes);
    crl_free((void *)(uintptr_t)v->view.poses);
    crl_free((void *)(uintptr_t)v->view.zones);
    crl_free((void *)(uintptr_t)v->view.areas);
    crl_free((void *)(uintptr_t)v->view.kinds);
    crl_free(v);
}

/* The lock is held. */
static crl_frozen *first_waiting(crl_outlet *o)
{
    crl_frozen *v = o->waiting[0];
    memmove(o->waiting, o->waiting + 1, (size_t)--o->n * sizeof *o->waiting);
    return v;
}

void crl_outlets_give(crl_stream *s, crl_frozen *v)
{
    for (crl_outlet *o = s->outlets; o; o = o->next) {
        crl_frozen *old = NULL;
        pthread_mutex_lock(&s->lock);
        if (o->state == STARTED) {
            if (o->n == o->room) old = first_waiting(o);
            v->holders++;
            o->waiting[o->n++] = v;
        }
        if (old || o->state == FAILED) s->counts.not_delivered++;
        pthread_cond_broadcast(&s->event);
        pthread_mutex_unlock(&s->lock);
        if (old) crl_frozen_drop(s, old);
    }
}

bool crl_outlets_full(const crl_stream *s)
{
    for (const crl_outlet *o = s->outlets; o; o = o->next)
        if (o->state == STARTED && o->n == o->room) return true;
    return false;
}

/* ---- the thread of a sink ---- */

static void set_state(crl_outlet *o, int state, crl_status status, const crl_error *err)
{
    crl_stream *s = o->stream;
    crl_frozen *left[MOST_WAITING];
    int32_t n = 0;
    pthread_mutex_lock(&s->lock);
    o->state = state;
    if (status) {
        o->status = status;
        o->err = *err;
    }
    while (state != STARTED && o->n) left[n++] = first_waiting(o);
    s->counts.not_delivered += (uint64_t)n;
    pthread_cond_broadcast(&s->event);
    pthread_mutex_unlock(&s->lock);
    for (int32_t i = 0; i < n; i++) crl_frozen_drop(s, left[i]);
}

static crl_status start(crl_outlet *o, crl_error *err)
{
    return o->sink.type->start ? o->sink.type->start(o->sink.self, err) : CRL_OK;
}

static crl_status stop(crl_outlet *o, crl_error *err)
{
    return o->sink.type->stop ? o->sink.type->stop(o->sink.self, err) : CRL_OK;
}

static bool others_live(const crl_outlet *o)
{
    for (const crl_outlet *k = o->stream->outlets; k; k = k->next)
        if (k != o && k->state == STARTED) return true;
    return false;
}

/* A sink that can do no more: when it was the last one, the stream has nobody left to play to. */
static void lose(crl_outlet *o, crl_status status, crl_error *err)
{
    crl_stream *s = o->stream;
    if (status == CRL_ERR_CANCELLED) {
        set_state(o, FAILED, CRL_OK, NULL);
        crl_stream_stop(s);
        return;
    }
    stop(o, NULL);
    set_state(o, FAILED, CRL_OK, NULL);
    const bool first = !o->down, returns = o->sink.type->returns, again = o->pause_ns && (!first || crl_stream_now() - o->back_ns < STEADY);
    pthread_mutex_lock(&s->lock);
    const bool others = others_live(o);
    pthread_mutex_unlock(&s->lock);
    if (!returns && !others) {
        crl_stream_fail(s, err, status);
        return;
    }
    if (first)
        crl_stream_notify(s, CRL_NOTICE_SINK_LOST, "%s; %s", err->text,
                          returns ? "it is tried again, and the rest goes on" : "the rest goes on");
    o->down = true;
    o->pause_ns = !again ? FIRST_PAUSE : o->pause_ns * 2 < LONGEST_PAUSE ? o->pause_ns * 2 : LONGEST_PAUSE;
    o->retry_ns = returns ? crl_stream_now() + o->pause_ns : UINT64_MAX;
}

static void start_again(crl_outlet *o)
{
    crl_error err;
    if (crl_stream_now() < o->retry_ns) return;
    const crl_status status = start(o, &err);
    if (status == CRL_ERR_TIMEOUT) return;
    if (status) {
        lose(o, status, &err);
        return;
    }
    set_state(o, STARTED, CRL_OK, NULL);
}

/* Views that wait now are left. The lock is held. */
static bool has_no_time(const crl_outlet *o)
{
    const crl_stream *s = o->stream;
    const bool all = s->options.mode == CRL_STREAM_SYNC && !crl_stream_stopped(s);
    return o->finishing && crl_stream_now() - o->finish_ns > (all ? LONG_FAREWELL : FAREWELL);
}

/* The next view, NULL after a tick without one; `*over`: there will be none. */
static crl_frozen *next_view(crl_outlet *o, bool *over)
{
    crl_stream *s = o->stream;
    pthread_mutex_lock(&s->lock);
    if (!o->n && !o->finishing) crl_stream_wait(s);
    *over = o->finishing && (!o->n || o->state != STARTED || has_no_time(o));
    crl_frozen *v = !*over && o->n ? first_waiting(o) : NULL;
    if (v) pthread_cond_broadcast(&s->event); /* there is room now: of nothing else, or two that idle wake each other without end */
    pthread_mutex_unlock(&s->lock);
    return v;
}

static bool is_late(crl_outlet *o)
{
    pthread_mutex_lock(&o->stream->lock);
    const bool late = has_no_time(o);
    pthread_mutex_unlock(&o->stream->lock);
    return late;
}

static void show(crl_outlet *o, crl_frozen *v)
{
    crl_error err;
    const crl_sink_type *type = o->sink.type;
    crl_status status = CRL_OK;
    if (v) {
        do status = type->show(o->sink.self, &v->view, &err);
        while (status == CRL_ERR_TIMEOUT && !is_late(o));
        if (status == CRL_ERR_TIMEOUT) status = CRL_OK;
    } else if (type->idle)
        status = type->idle(o->sink.self, &err);
    if (v) crl_frozen_drop(o->stream, v);
    if (status) {
        lose(o, status, &err);
    } else if (v && o->down) {
        o->down = false;
        o->back_ns = crl_stream_now();
        crl_stream_notify(o->stream, CRL_NOTICE_SINK_BACK, "%s: it works again", type->kind);
    }
}

static void *sink_thread(void *outlet)
{
    crl_outlet *o = outlet;
    crl_error err;
    crl_status status;
    do status = start(o, &err);
    while (status == CRL_ERR_TIMEOUT && !crl_stream_stopped(o->stream));
    if (status == CRL_ERR_TIMEOUT) {
        set_state(o, OVER, CRL_OK, NULL);
        return NULL;
    }
    bool over = false, up = !status;
    if (status && o->stream->options.patient && o->sink.type->returns) {
        lose(o, status, &err);
    } else {
        set_state(o, up ? STARTED : FAILED, status, &err);
        if (!up) return NULL;
    }
    while (!over) {
        crl_frozen *v = next_view(o, &over);
        if (over) break;
        if (o->state == STARTED) show(o, v);
        else if (o->retry_ns) start_again(o);
        up = o->state == STARTED;
    }
    status = up ? stop(o, &err) : CRL_OK;
    set_state(o, OVER, status, &err);
    return NULL;
}

/* ---- all of them ---- */

crl_status crl_outlet_new(crl_stream *s, const crl_sink *sink, crl_error *err)
{
    crl_outlet *o = crl_alloc(sizeof *o);
    if (!o) {
        sink->type->free(sink->self);
        return crl_fail_memory(err, "a sink");
    }
    o->stream = s;
    o->sink = *sink;
    o->room = sink->type->queue <= 0 ? 2 : sink->type->queue < MOST_WAITING ? sink->type->queue : MOST_WAITING;
    crl_outlet **end = &s->outlets;
    while (*end) end = &(*end)->next;
    *end = o;
    return CRL_OK;
}

crl_status crl_outlets_start(crl_stream *s, crl_error *err)
{
    for (crl_outlet *o = s->outlets; o; o = o->next) {
        if (pthread_create(&o->thread, NULL, sink_thread, o)) return crl_fail(err, CRL_ERR_MEMORY, "the system gives no thread for a sink");
        o->has_thread = true;
        pthread_mutex_lock(&s->lock);
        while (o->state == NOT_STARTED) crl_stream_wait(s);
        const crl_status status = o->status;
        pthread_mutex_unlock(&s->lock);
        if (status) {
            if (err) *err = o->err;
            return status;
        }
    }
    return CRL_OK;
}

crl_status crl_outlets_finish(crl_stream *s, crl_error *err)
{
    crl_status status = CRL_OK;
    pthread_mutex_lock(&s->lock);
    for (crl_outlet *o = s->outlets; o; o = o->next) {
        o->finishing = true;
        o->finish_ns = crl_stream_now();
    }
    pthread_cond_broadcast(&s->event);
    pthread_mutex_unlock(&s->lock);
    for (crl_outlet *o = s->outlets; o; o = o->next) {
        if (o->has_thread) pthread_join(o->thread, NULL);
        o->has_thread = false;
        if (status || !o->status) continue;
        status = o->status;
        if (err) *err = o->err;
    }
    return status;
}

void crl_outlets_free(crl_stream *s)
{
    while (s->outlets) {
        crl_outlet *o = s->outlets;
        s->outlets = o->next;
        o->sink.type->free(o->sink.self);
        crl_free(o);
    }
}
