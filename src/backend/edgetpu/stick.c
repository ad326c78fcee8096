/* SPDX-License-Identifier: Apache-2.0 */
/* Sticks that engines share: see stick.h. */
#include "backend/edgetpu/stick.h"

#include <pthread.h>
#include <string.h>

#include "backend/edgetpu/stream.h"
#include "base/alloc.h"
#include "base/error.h"

enum { MOST_STICKS = 64, MOST_CACHED = 64, MOST_INBOX = 64, DRAIN_MS = 50 };

typedef enum stick_state { CLOSED, OPENING, READY, FAULTY, DEAD } stick_state;

struct crl_stick {
    crl_stick *next;
    int users;
    uint64_t wanted;          /* the token of who took it last: what it is likely to have cached */
    const crl_usb *usb;
    crl_usb_place place;
    crl_tpu_options options;
    pthread_mutex_t running;  /* a frame, or the work of the thread */
    pthread_mutex_t looking;  /* at what follows */
    stick_state state;
    bool has_thread;
    pthread_t thread;
    crl_error fault;          /* why it is dead */
    /* Those of whoever holds `running`: */
    crl_tpu tpu;
    crl_stream stream;
    bool is_open, stuck;      /* stuck: the system still has transfers, whose memory therefore stays */
    uint64_t token;           /* of what is cached; 0: nothing */
    uint64_t cached[MOST_CACHED]; /* programs */
    int n_cached;
};

/* All sticks of the process that are not dead. */
static pthread_mutex_t sticks_lock = PTHREAD_MUTEX_INITIALIZER;
static crl_stick *sticks;

static stick_state look(crl_stick *k, crl_error *fault)
{
    pthread_mutex_lock(&k->looking);
    const stick_state state = k->state;
    if (fault) *fault = k->fault;
    pthread_mutex_unlock(&k->looking);
    return state;
}

static void become(crl_stick *k, stick_state state, const crl_error *fault)
{
    pthread_mutex_lock(&k->looking);
    k->state = state;
    if (fault) k->fault = *fault;
    pthread_mutex_unlock(&k->looking);
}

/* --- opening and closing, by whoever holds `running` ---------------------------------------------------------- */

static void forget_cached(crl_stick *k)
{
    k->token = 0;
    k->n_cached = 0;
}

static crl_status open_stick(crl_stick *k, crl_error *err)
{
    crl_status s = crl_tpu_open(&k->tpu, k->usb, &k->place, &k->options, err);
    if (s) return s;
    s = crl_stream_init(&k->stream, &k->tpu, MOST_INBOX, err);
    if (s) {
        crl_tpu_close(&k->tpu, NULL);
        return s;
    }
    forget_cached(k);
    k->is_open = true;
    return CRL_OK;
}

/* A stick whose program stalled still answers at its registers, and is started anew; one that does not is beyond help, and a
 * reset of its port would take it off the bus. */
static crl_status start_anew(crl_stick *k, crl_error *err)
{
    const crl_usb *usb = k->usb;
    if (!crl_stream_cancel(&k->stream)) return crl_fail(err, CRL_ERR_DEVICE, "the system does not give transfers back");
    crl_stream_drain(&k->stream, DRAIN_MS);
    crl_stream_cancel(&k->stream);
    crl_registers r = { .usb = usb, .handle = k->tpu.handle, .until = usb->now(usb) + UINT64_C(2000000000), .err = err };
    if (crl_registers_start(&r, k->options.clock, k->tpu.separate, k->tpu.wide))
        return crl_within(err, r.status, "it does not answer: unplug it and plug it in again");
    forget_cached(k);
    return CRL_OK;
}

/* Halting a chip kills it while a program runs, as one that stalled still does: that is put to an end before. */
static crl_status close_stick(crl_stick *k, crl_error *err)
{
    if (!k->is_open) return CRL_OK;
    const bool answers = look(k, NULL) != FAULTY || !start_anew(k, NULL);
    k->is_open = false;
    if (!crl_stream_cancel(&k->stream)) {
        k->stuck = true;
        return crl_fail(err, CRL_ERR_DEVICE, "the system does not give transfers back");
    }
    crl_stream_release(&k->stream);
    if (answers) return crl_tpu_close(&k->tpu, err);
    crl_tpu_leave(&k->tpu);
    return CRL_OK;
}

static void *work(void *of)
{
    crl_stick *k = of;
    crl_error err = { 0 };
    pthread_mutex_lock(&k->running);
    crl_status s = k->is_open ? start_anew(k, &err) : open_stick(k, &err);
    if (s && k->is_open) close_stick(k, NULL);
    pthread_mutex_unlock(&k->running);
    err.status = s;
    become(k, s ? DEAD : READY, &err);
    return NULL;
}

/* The thread that was started, or has come to an end. */
static void join(crl_stick *k)
{
    if (k->has_thread) pthread_join(k->thread, NULL);
    k->has_thread = false;
}

static void begin(crl_stick *k)
{
    join(k);
    become(k, OPENING, NULL);
    k->has_thread = !k->options.here && !pthread_create(&k->thread, NULL, work, k);
    if (!k->has_thread) work(k); /* where the system gives no thread, it takes its time here, too */
}

/* --- sharing ------------------------------------------------------------------------------------------------- */

static crl_stick *shared(const crl_usb *usb, const crl_usb_place *place)
{
    for (crl_stick *k = sticks; k; k = k->next)
        if (k->usb == usb && crl_usb_same_place(&k->place, place)) return k;
    return NULL;
}

/* The one that the fewest use; of several, one that has the model already, so that models do not take each other's place. */
static crl_status choose(const crl_usb *usb, crl_usb_place *place, uint64_t token, crl_error *err)
{
    crl_usb_place all[MOST_STICKS];
    int n, best = 0, least = -1;
    bool has = false;
    const crl_status s = crl_tpu_list(usb, all, MOST_STICKS, &n, err);
    if (s) return s;
    if (!n)
        return crl_fail(err, CRL_ERR_DEVICE, "no Edge TPU on the USB: plug one in; `corallite devices` lists them, `corallite doctor` tells "
                        "what keeps one from showing up");
    for (int i = 0; i < n; i++) {
        const crl_stick *k = shared(usb, &all[i]);
        const int users = k ? k->users : 0;
        const bool same = k && token && k->wanted == token;
        if (least < 0 || users < least || (users == least && same && !has)) least = users, best = i, has = same;
    }
    *place = all[best];
    return CRL_OK;
}

static crl_stick *new_stick(const crl_usb *usb, const crl_usb_place *place, const crl_tpu_options *options)
{
    crl_stick *k = crl_alloc(sizeof *k);
    if (!k) return NULL;
    k->usb = usb;
    k->place = *place;
    k->options = *options;
    pthread_mutex_init(&k->running, NULL);
    pthread_mutex_init(&k->looking, NULL);
    return k;
}

static void free_stick(crl_stick *k)
{
    pthread_mutex_destroy(&k->running);
    pthread_mutex_destroy(&k->looking);
    if (!k->stuck) crl_free(k);
}

static void take_out(crl_stick *k)
{
    for (crl_stick **at = &sticks; *at; at = &(*at)->next)
        if (*at == k) {
            *at = k->next;
            return;
        }
}

static crl_status take(crl_stick **out, const crl_usb *usb, const crl_usb_place *place, const crl_tpu_options *options, crl_error *err)
{
    crl_usb_place at;
    if (place)
        at = *place;
    else {
        const crl_status s = choose(usb, &at, options->token, err);
        if (s) return s;
    }
    *out = shared(usb, &at);
    if (*out && look(*out, NULL) == DEAD) { /* who still shares it finds out by itself */
        take_out(*out);
        *out = NULL;
    }
    if (!*out) {
        *out = new_stick(usb, &at, options);
        if (!*out) return crl_fail_memory(err, "an Edge TPU");
        (*out)->next = sticks;
        sticks = *out;
        begin(*out);
    }
    (*out)->users++;
    (*out)->wanted = options->token;
    return CRL_OK;
}

crl_status crl_stick_take(crl_stick **out, const crl_usb *usb, const crl_usb_place *place, const crl_tpu_options *options, bool hurry,
                          crl_error *err)
{
    *out = NULL;
    pthread_mutex_lock(&sticks_lock);
    crl_status s = take(out, usb, place, options, err);
    pthread_mutex_unlock(&sticks_lock);
    if (s || hurry) return s;
    /* The thread works while it is OPENING; whoever holds `running` after it sees how that ended. */
    while (look(*out, NULL) == OPENING) usb->sleep(usb, 1);
    s = crl_stick_ready(*out, err);
    if (!s || s == CRL_ERR_TIMEOUT) return CRL_OK;
    crl_stick_drop(*out, NULL);
    *out = NULL;
    return s;
}

crl_status crl_stick_drop(crl_stick *k, crl_error *err)
{
    pthread_mutex_lock(&sticks_lock);
    const bool last = --k->users == 0;
    if (last) take_out(k);
    pthread_mutex_unlock(&sticks_lock);
    if (!last) return CRL_OK;
    join(k);
    const crl_status s = close_stick(k, err);
    free_stick(k);
    return s;
}

crl_status crl_stick_ready(crl_stick *k, crl_error *err)
{
    crl_error fault;
    switch (look(k, &fault)) {
    case READY: return CRL_OK;
    case DEAD: return crl_fail(err, CRL_ERR_DEVICE, "%s", fault.text);
    default: return crl_fail(err, CRL_ERR_TIMEOUT, "the Edge TPU is being made ready");
    }
}

crl_status crl_stick_recover(crl_stick *k, crl_error *err)
{
    pthread_mutex_lock(&sticks_lock); /* of those that share it, one begins */
    if (look(k, NULL) == FAULTY) begin(k);
    pthread_mutex_unlock(&sticks_lock);
    return crl_stick_ready(k, err);
}

/* --- a frame -------------------------------------------------------------------------------------------------- */

/* Whether the chip has what the program caches; from now on it counts as having it. Models that were compiled together share a
 * token and what is cached of each; all others take the place of what is there. */
static bool is_cached(crl_stick *k, const crl_tpu_program *p)
{
    if (!p->token || p->token != k->token) forget_cached(k);
    k->token = p->token;
    for (int i = 0; i < k->n_cached; i++)
        if (k->cached[i] == p->number) return true;
    if (k->n_cached < MOST_CACHED) k->cached[k->n_cached++] = p->number;
    return false;
}

static crl_status run(crl_stick *k, const crl_tpu_program *p, uint64_t patience, crl_error *err)
{
    crl_stream *s = &k->stream;
    const bool caches = p->caching.n && !is_cached(k, p);
    if (!p->caching.n) forget_cached(k);
    s->status = CRL_OK;
    s->err = err;
    s->until = k->usb->now(k->usb) + patience;
    if (caches) crl_stream_play(s, &p->caching);
    crl_stream_play(s, &p->running);
    crl_stream_finish(s, caches ? 2 : 1);
    s->err = NULL;
    return s->status;
}

crl_status crl_stick_run(crl_stick *k, const crl_tpu_program *program, uint64_t patience, crl_error *err)
{
    pthread_mutex_lock(&k->running);
    crl_status s;
    if (look(k, NULL) != READY)
        s = crl_fail(err, CRL_ERR_STATE, "the Edge TPU is not ready");
    else if ((s = run(k, program, patience, err))) {
        char text[CRL_USB_PLACE_TEXT];
        become(k, FAULTY, NULL);
        forget_cached(k);
        crl_within(err, s, "Edge TPU on %s", crl_usb_place_text(text, &k->place));
    }
    pthread_mutex_unlock(&k->running);
    return s;
}

void crl_stick_distrust(crl_stick *k)
{
    pthread_mutex_lock(&k->running);
    if (look(k, NULL) == READY) become(k, FAULTY, NULL);
    forget_cached(k);
    pthread_mutex_unlock(&k->running);
}
