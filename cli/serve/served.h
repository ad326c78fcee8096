/* SPDX-License-Identifier: Apache-2.0 */
/* The models that are served: by name, each with its engines and what waits for them, exchanged while requests come in.
 *
 *   cli_shop -> slots, one for each name -> the version in use: a lane of the queue, and an engine for each of its seats
 *
 * A new version takes the place of the old one between two requests; what waits for the old one is still answered by it. */
#ifndef CLI_SERVE_SERVED_H
#define CLI_SERVE_SERVED_H

#include <pthread.h>
#include <stdatomic.h>

#include <corallite/session.h>

#include "builtin.h"
#include "serve/queue.h"
#include "serve/v2.h"

enum { CLI_SERVED_MODELS = 64, CLI_LATENCIES = 12 };

/* Upper ends of the buckets of latency, in ms; the last one is open. */
extern const double cli_latency_ms[CLI_LATENCIES];

/* Since the start, whatever the version. */
typedef struct cli_counters {
    atomic_ullong answered, refused, busy, failed; /* 200; the request was wrong; 503 for the queue was full or memory ended; the rest */
    atomic_ullong runs, rows;                      /* of the engines */
    atomic_ullong run_ns, wait_ns, total_ns;
    atomic_ullong latency[CLI_LATENCIES];
} cli_counters;

typedef struct cli_slot cli_slot;

/* One version of a model. */
typedef struct cli_served {
    cli_lane lane;
    cli_slot *slot;
    struct cli_shop *shop;
    crl_model *model, *twin;
    void *bytes; /* of a model that was sent, for free(); NULL: it came from a file */
    cli_ports ports;
    crl_purpose purpose; /* UNKNOWN: no picture goes in, or what comes out is of no kind */
    struct {
        crl_session *session; /* NULL: no picture goes in */
        crl_engine *engine;   /* the session's, where there is one */
    } seats[CLI_LANE_SEATS];
} cli_served;

struct cli_slot {
    char name[96];
    const char *file, *labels;   /* file NULL: `builtin` */
    const cli_builtin *builtin;
    cli_served *current; /* NULL: not loaded; under the shop's lock */
    bool replaceable;    /* its model may be sent by who asks (frigate.h) */
    char why[256];       /* it is not loaded */
    cli_counters counters;
};

typedef struct cli_shop {
    pthread_mutex_t lock, loading;
    cli_queue *queue;
    cli_slot slots[CLI_SERVED_MODELS];
    int n;
    bool closed;      /* no model is loaded any more; under `loading` */
    atomic_bool late; /* the time to end is over: what waits is refused, not run */
    crl_engine_options engine; /* with the pool that all share */
    int seats, depth;
    void (*run)(void *version, int seat, cli_work *const *work, int n);
} cli_shop;

/* A slot of that name, of letters, digits and ._-; `name` is n bytes. NULL: it is no such name, or taken, or there are too many. */
cli_slot *cli_shop_add(cli_shop *shop, const char *name, size_t n, bool replaceable);
cli_slot *cli_shop_find(cli_shop *shop, const char *name, size_t n); /* NULL: there is none */

int cli_shop_count(cli_shop *shop); /* slots never go */

/* Loads a slot's file, or a copy of `bytes`, and puts it in the place of what is there, which stays where that fails. */
crl_status cli_shop_load(cli_shop *shop, cli_slot *slot, const void *bytes, size_t n, crl_error *err);
void cli_shop_unload(cli_shop *shop, cli_slot *slot);
/* Lets go of all models, for good: who loads one from then on is refused. */
void cli_shop_close(cli_shop *shop);

typedef enum cli_put { CLI_PUT, CLI_PUT_FULL, CLI_PUT_UNLOADED } cli_put;
/* Queues work for the version in use. */
cli_put cli_shop_put(cli_shop *shop, cli_slot *slot, cli_work *work);
bool cli_shop_is_ready(cli_shop *shop, const cli_slot *slot);
int cli_shop_waiting(cli_shop *shop, const cli_slot *slot);
/* A copy of what the version in use takes and gives; false: it is not loaded. */
bool cli_shop_ports(cli_shop *shop, const cli_slot *slot, cli_ports *out, crl_purpose *purpose);
/* The slot for pictures: the first that is a detector (`named` NULL), or the one of that name. */
cli_slot *cli_shop_detector(cli_shop *shop, const char *named, size_t n);

/* Counts an answer with this status of HTTP. */
void cli_count_answer(cli_counters *c, int status, uint64_t begun_ns);

#endif
