/* SPDX-License-Identifier: Apache-2.0 */
/* The source of a stream: started, and started again when it fails; its frames, counted by who has them. */
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

/* Pauses before another start: the first, and the longest. A cable that was pulled is back within seconds; a server that is
 * down should not be hammered. */
#define FIRST_PAUSE ((uint64_t)250000000)
#define LONGEST_PAUSE ((uint64_t)8000000000)
/* A camera that gives no frame for so long has hung. Network cameras take seconds to begin. */
#define PATIENCE ((uint64_t)8000000000)

/* ---- shots ---- */

void crl_shot_hold(crl_shot *shot)
{
    shot->holders++;
}

void crl_shot_drop(crl_stream *s, crl_shot *shot)
{
    if (!shot) return;
    pthread_mutex_lock(&s->lock);
    const bool last = !--shot->holders;
    pthread_mutex_unlock(&s->lock);
    if (!last) return;
    if (shot->own.data) crl_image_fini(&shot->own);
    else s->feed.source.type->give_back(s->feed.source.self, &shot->grab);
    pthread_mutex_lock(&s->lock);
    shot->next = s->free_shots;
    s->free_shots = shot;
    pthread_mutex_unlock(&s->lock);
}

static crl_shot *new_shot(crl_stream *s)
{
    pthread_mutex_lock(&s->lock);
    crl_shot *shot = s->free_shots;
    if (shot) s->free_shots = shot->next;
    pthread_mutex_unlock(&s->lock);
    if (!shot) return crl_alloc(sizeof *shot);
    *shot = (crl_shot){ 0 };
    return shot;
}

crl_shot *crl_shot_keep(crl_stream *s, crl_shot *shot)
{
    if (shot->own.data) return shot;
    crl_shot *copy = new_shot(s);
    const crl_grab *from = &shot->grab;
    if (!copy) return shot;
    if (crl_image_init(&copy->own, from->format.width, from->format.height, 3, NULL)) {
        crl_free(copy);
        return shot;
    }
    copy->grab.captured_ns = from->captured_ns, copy->grab.time_ns = from->time_ns;
    copy->number = shot->number, copy->time_ns = shot->time_ns;
    copy->holders = 1;
    if (crl_frame_to_image(&copy->own, &from->format, &from->frame, NULL) ||
        crl_frame_of_image(&copy->grab.frame, &copy->grab.format, &copy->own, NULL)) {
        crl_image_fini(&copy->own);
        crl_free(copy);
        return shot;
    }
    crl_shot_drop(s, shot);
    return copy;
}

/* ---- the source ---- */

static void sleep_ms(int ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

void crl_feed_stop(crl_stream *s)
{
    if (s->feed.started) s->feed.source.type->stop(s->feed.source.self);
    s->feed.started = false;
}

/* What failed is tried again later, where that makes sense: at the very start it is the user's to hear of. */
static crl_status lose(crl_stream *s, crl_status status, crl_error *err)
{
    crl_feed *f = &s->feed;
    crl_feed_stop(s);
    if (!(f->proven || s->options.patient) || !f->source.type->returns) return status;
    const bool first = !f->pause_ns;
    f->retry_ns = crl_stream_now() + (first ? FIRST_PAUSE : f->pause_ns);
    f->pause_ns = first ? 2 * FIRST_PAUSE : f->pause_ns * 2 < LONGEST_PAUSE ? f->pause_ns * 2 : LONGEST_PAUSE;
    if (first) {
        pthread_mutex_lock(&s->lock);
        s->counts.losses++;
        pthread_mutex_unlock(&s->lock);
        crl_stream_notify(s, CRL_NOTICE_SOURCE_LOST, "%s; it is tried again until it is back", err->text);
    }
    crl_stream_note(s, err->text);
    return CRL_ERR_TIMEOUT;
}

static crl_status start(crl_stream *s, int timeout_ms, crl_error *err)
{
    crl_feed *f = &s->feed;
    const uint64_t now = crl_stream_now();
    if (now < f->retry_ns) {
        const uint64_t left = (f->retry_ns - now) / 1000000 + 1;
        sleep_ms(left < (uint64_t)timeout_ms ? (int)left : timeout_ms);
        return CRL_ERR_TIMEOUT;
    }
    const crl_status status = f->source.type->start(f->source.self, err);
    if (status) return lose(s, status, err);
    f->started = true;
    f->last_ns = crl_stream_now();
    return CRL_OK;
}

static void found(crl_stream *s, crl_shot *shot)
{
    crl_feed *f = &s->feed;
    if (!f->taken) f->first_ns = shot->grab.time_ns;
    /* It never goes back: not after a source was started again, either. */
    if (shot->grab.time_ns > f->first_ns + f->time_ns) f->time_ns = shot->grab.time_ns - f->first_ns;
    shot->time_ns = f->time_ns;
    f->last_ns = crl_stream_now();
    f->proven = true;
    if (!f->pause_ns) return;
    f->pause_ns = f->retry_ns = 0;
    crl_stream_note(s, NULL);
    crl_stream_notify(s, CRL_NOTICE_SOURCE_BACK, "%s: frames come again", f->source.type->kind);
}

crl_status crl_feed_take(crl_stream *s, crl_shot **out, int timeout_ms, crl_error *err)
{
    crl_feed *f = &s->feed;
    crl_error own = { 0 };
    if (!err) err = &own;
    *out = NULL;
    crl_status status = f->started ? CRL_OK : start(s, timeout_ms, err);
    if (status) return status;
    crl_shot *shot = new_shot(s);
    if (!shot) return crl_fail_memory(err, "a frame");
    status = f->source.type->take(f->source.self, &shot->grab, timeout_ms, err);
    if (!status && !shot->grab.end) {
        found(s, shot);
        shot->number = f->taken++;
        shot->holders = 1;
        pthread_mutex_lock(&s->lock);
        s->counts.taken = f->taken;
        pthread_mutex_unlock(&s->lock);
        *out = shot;
        return CRL_OK;
    }
    pthread_mutex_lock(&s->lock);
    shot->next = s->free_shots;
    s->free_shots = shot;
    pthread_mutex_unlock(&s->lock);
    if (status == CRL_ERR_TIMEOUT && f->source.type->returns && crl_stream_now() - f->last_ns > PATIENCE) {
        status = crl_fail(err, CRL_ERR_DEVICE, "%s: no frame for %d seconds", f->source.type->kind, (int)(PATIENCE / 1000000000));
        return lose(s, status, err);
    }
    if (!status || status == CRL_ERR_TIMEOUT) return status;
    if (!f->source.type->skips) return lose(s, status, err);
    crl_stream_notify(s, CRL_NOTICE_FRAME_LOST, "%s", err->text);
    return CRL_ERR_TIMEOUT;
}
