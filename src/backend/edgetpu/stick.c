/* SPDX-License-Identifier: Apache-2.0 */
/* Sticks that engines share: see stick.h. */
#include "backend/edgetpu/stick.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/error.h"

enum { MOST_STICKS = 64, MOST_CACHED = 64 };

typedef enum stick_state { CLOSED, OPENING, READY, FAULTY, DEAD } stick_state;

struct crl_stick {
    crl_stick *next;
    int users;
    uint64_t wanted;          /* the token of who took it last: what it is likely to have cached */
    crl_bus bus;
    crl_place place;
    crl_tpu_options options;
    pthread_mutex_t running;  /* a frame, or the work of the thread */
    pthread_mutex_t looking;  /* at what follows */
    stick_state state;
    bool has_thread;
    pthread_t thread;
    crl_error fault;          /* why it is dead */
    /* Those of whoever holds `running`: */
    void *chip;               /* of the bus, NULL: it is not open */
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

static crl_status close_stick(crl_stick *k, crl_error *err)
{
    if (!k->chip) return CRL_OK;
    void *chip = k->chip;
    k->chip = NULL;
    return k->bus.close(chip, look(k, NULL) == FAULTY, err);
}

static void *work(void *of)
{
    crl_stick *k = of;
    crl_error err = { 0 };
    pthread_mutex_lock(&k->running);
    const crl_status s = k->chip ? k->bus.start_anew(k->chip, &err) : k->bus.open(&k->bus, &k->place, &k->options, &k->chip, &err);
    forget_cached(k);
    if (s) close_stick(k, NULL);
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

static crl_stick *shared(const crl_bus *bus, const crl_place *place)
{
    for (crl_stick *k = sticks; k; k = k->next)
        if (k->bus.own == bus->own && crl_same_place(&k->place, place)) return k;
    return NULL;
}

/* Of those on one bus the best so far. */
typedef struct choice {
    const crl_bus *bus;
    crl_place place;
    int least; /* engines that use it, -1: there is none yet */
    bool has;  /* the model */
} choice;

static crl_status look_at(choice *c, const crl_bus *bus, uint64_t token, crl_error *err)
{
    crl_place all[MOST_STICKS];
    int n = 0;
    const crl_status s = bus->list(bus, all, MOST_STICKS, &n, err);
    for (int i = 0; !s && i < n; i++) {
        const crl_stick *k = shared(bus, &all[i]);
        const int users = k ? k->users : 0;
        const bool same = k && token && k->wanted == token;
        if (c->least < 0 || users < c->least || (users == c->least && same && !c->has)) *c = (choice){ bus, all[i], users, same };
    }
    return s;
}

/* The one that the fewest use; of several, one that has the model already, so that models do not take each other's place. */
static crl_status choose(choice *c, const crl_bus *buses, int n_buses, uint64_t token, crl_error *err)
{
    crl_status s = CRL_OK;
    *c = (choice){ .least = -1 };
    for (int i = 0; i < n_buses; i++) {
        const crl_status failed = look_at(c, &buses[i], token, err);
        if (!s) s = failed;
    }
    if (c->least >= 0) return CRL_OK; /* whatever is the matter with another bus */
    if (s) return s;
    return crl_fail(err, CRL_ERR_DEVICE, "no Edge TPU on the USB or PCIe: plug one in; `corallite devices` lists them, `corallite doctor` tells "
                    "what keeps one from showing up");
}

static crl_stick *new_stick(const crl_bus *bus, const crl_place *place, const crl_tpu_options *options)
{
    crl_stick *k = crl_alloc(sizeof *k);
    if (!k) return NULL;
    k->bus = *bus;
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
    crl_free(k);
}

static void take_out(crl_stick *k)
{
    for (crl_stick **at = &sticks; *at; at = &(*at)->next)
        if (*at == k) {
            *at = k->next;
            return;
        }
}

static crl_status take(crl_stick **out, const choice *c, const crl_tpu_options *options, crl_error *err)
{
    *out = shared(c->bus, &c->place);
    if (*out && look(*out, NULL) == DEAD) { /* who still shares it finds out by itself */
        take_out(*out);
        *out = NULL;
    }
    if (!*out) {
        *out = new_stick(c->bus, &c->place, options);
        if (!*out) return crl_fail_memory(err, "an Edge TPU");
        (*out)->next = sticks;
        sticks = *out;
        begin(*out);
    }
    (*out)->users++;
    (*out)->wanted = options->token;
    return CRL_OK;
}

crl_status crl_stick_take(crl_stick **out, const crl_bus *buses, int n_buses, const crl_place *place, const crl_tpu_options *options, bool hurry,
                          crl_error *err)
{
    *out = NULL;
    crl_status s = CRL_OK;
    choice c = { .bus = buses };
    pthread_mutex_lock(&sticks_lock);
    if (place)
        c.place = *place;
    else
        s = choose(&c, buses, n_buses, options->token, err);
    if (!s) s = take(out, &c, options, err);
    pthread_mutex_unlock(&sticks_lock);
    if (s || hurry) return s;
    /* The thread works while it is OPENING; whoever holds `running` after it sees how that ended. */
    while (look(*out, NULL) == OPENING) (*out)->bus.sleep(&(*out)->bus, 1);
    s = crl_stick_ready(*out, err);
    if (!s || s == CRL_ERR_TIMEOUT) return CRL_OK;
    crl_stick_drop(*out, NULL);
    *out = NULL;
    return s;
}

crl_stick *crl_stick_take_free(const crl_bus *buses, int n_buses, const crl_tpu_options *options)
{
    crl_stick *free = NULL;
    choice c;
    pthread_mutex_lock(&sticks_lock);
    if (!choose(&c, buses, n_buses, options->token, NULL) && !c.least) take(&free, &c, options, NULL);
    pthread_mutex_unlock(&sticks_lock);
    return free;
}

bool crl_stick_is_shared(const crl_stick *k)
{
    pthread_mutex_lock(&sticks_lock);
    const bool is = k->users > 1;
    pthread_mutex_unlock(&sticks_lock);
    return is;
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
    const bool caches = p->caching.n && !is_cached(k, p);
    if (!p->caching.n) forget_cached(k);
    return k->bus.run(k->chip, p, caches, patience, err);
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
        crl_within(err, s, "Edge TPU on %s", crl_place_text(text, &k->place));
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

void crl_stick_forget(crl_stick *k, const crl_tpu_program *program)
{
    if (!k->bus.forget) return;
    pthread_mutex_lock(&k->running);
    if (k->chip) k->bus.forget(k->chip, program);
    pthread_mutex_unlock(&k->running);
}
