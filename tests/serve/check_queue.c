/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of the server: each piece of work is done once, seats are held by one, lanes come by turns, and one that is closed is empty. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "checks.h"
#include "../../cli/serve/queue.h"

typedef struct piece {
    cli_work work;
    atomic_int done;
} piece;

typedef struct model {
    cli_lane lane;
    atomic_int held[CLI_LANE_SEATS], at_once, most, done, gone, wrong;
    int slow; /* turns of a loop that a run takes */
    pthread_mutex_t *gate; /* a run waits for it, NULL: none */
    int *order, *n_order, number; /* which model was at work, in turn */
} model;

static void run(void *user, int seat, cli_work *const *work, int n)
{
    model *m = user;
    if (atomic_fetch_add(&m->held[seat], 1)) atomic_fetch_add(&m->wrong, 1);
    const int now = atomic_fetch_add(&m->at_once, 1) + 1;
    int most = atomic_load(&m->most);
    while (now > most && !atomic_compare_exchange_weak(&m->most, &most, now)) continue;
    if (m->gate) {
        pthread_mutex_lock(m->gate);
        if (m->order) m->order[(*m->n_order)++] = m->number;
        pthread_mutex_unlock(m->gate);
    }
    for (volatile int i = 0; i < m->slow; i++) continue;
    if (n < 1 || n > m->lane.most) atomic_fetch_add(&m->wrong, 1);
    for (int i = 0; i < n; i++) atomic_fetch_add(&((piece *)work[i])->done, 1);
    atomic_fetch_add(&m->done, n);
    atomic_fetch_sub(&m->at_once, 1);
    atomic_fetch_sub(&m->held[seat], 1);
}

static void gone(void *user)
{
    atomic_fetch_add(&((model *)user)->gone, 1);
}

static void open_model(cli_queue *q, model *m, int seats, int most, int depth)
{
    m->lane = (cli_lane){ .seats = seats, .most = most, .depth = depth, .user = m, .run = run, .gone = gone };
    cli_queue_open(q, &m->lane);
}

enum { PIECES = 600, CLIENTS = 4 };

typedef struct client {
    cli_queue *q;
    model *models;
    int n_models;
    piece *pieces;
    atomic_int *full;
} client;

static void *ask(void *user)
{
    const client *c = user;
    for (int i = 0; i < PIECES; i++)
        while (!cli_queue_put(c->q, &c->models[i % c->n_models].lane, &c->pieces[i].work)) {
            atomic_fetch_add(c->full, 1);
            for (volatile int k = 0; k < 1000; k++) continue;
        }
    return NULL;
}

void check_queue(check *t, unsigned cpu)
{
    static model models[3];
    static piece pieces[CLIENTS][PIECES];
    client clients[CLIENTS];
    pthread_t threads[CLIENTS];
    atomic_int full = 0;
    (void)cpu;
    cli_queue *q = cli_queue_new(3);
    if (!check_that(t, q, "no queue")) return;
    for (int k = 0; k < 3; k++) {
        models[k] = (model){ .slow = 200 };
        open_model(q, &models[k], k + 1, k == 1 ? 4 : 1, 8);
    }
    for (int i = 0; i < CLIENTS; i++) {
        for (int k = 0; k < PIECES; k++) atomic_store(&pieces[i][k].done, 0);
        clients[i] = (client){ q, models, 3, pieces[i], &full };
        pthread_create(&threads[i], NULL, ask, &clients[i]);
    }
    for (int i = 0; i < CLIENTS; i++) pthread_join(threads[i], NULL);
    for (int k = 0; k < 3; k++) cli_queue_close(q, &models[k].lane);
    cli_queue_drain(q);
    cli_queue_free(q);
    for (int i = 0; i < CLIENTS; i++)
        for (int k = 0; k < PIECES; k++)
            check_that(t, atomic_load(&pieces[i][k].done) == 1, "piece %d of %d was done %d times", k, i,
                       atomic_load(&pieces[i][k].done));
    for (int k = 0; k < 3; k++) {
        check_that(t, !atomic_load(&models[k].wrong) && atomic_load(&models[k].gone) == 1,
                   "model %d: %d wrong, gone %d times", k, atomic_load(&models[k].wrong), atomic_load(&models[k].gone));
        check_that(t, atomic_load(&models[k].most) <= k + 1, "model %d: %d at once", k, atomic_load(&models[k].most));
    }
}

/* A model that is exchanged for another one, again and again, while there is work for it. */
void check_queue_swap(check *t, unsigned cpu)
{
    enum { VERSIONS = 40, EACH = 20 };
    static model versions[VERSIONS];
    static piece pieces[VERSIONS][EACH];
    (void)cpu;
    cli_queue *q = cli_queue_new(2);
    if (!check_that(t, q, "no queue")) return;
    for (int v = 0; v < VERSIONS; v++) {
        versions[v] = (model){ .slow = 500 };
        open_model(q, &versions[v], 2, 2, EACH);
        for (int i = 0; i < EACH; i++) {
            atomic_store(&pieces[v][i].done, 0);
            check_that(t, cli_queue_put(q, &versions[v].lane, &pieces[v][i].work), "piece %d of version %d", i, v);
        }
        cli_queue_close(q, &versions[v].lane);
    }
    cli_queue_drain(q);
    for (int v = 0; v < VERSIONS; v++)
        check_that(t, atomic_load(&versions[v].done) == EACH, "version %d: %d done", v, atomic_load(&versions[v].done));
    cli_queue_free(q);
    for (int v = 0; v < VERSIONS; v++)
        check_that(t, atomic_load(&versions[v].gone) == 1 && !atomic_load(&versions[v].wrong),
                   "version %d went %d times", v, atomic_load(&versions[v].gone));
}

/* With one worker: a model that has a lot to do, and one that has little, come by turns. */
void check_queue_turns(check *t, unsigned cpu)
{
    enum { MANY = 20, FEW = 5 };
    static model models[2];
    static piece pieces[MANY + FEW];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int order[MANY + FEW], n = 0;
    (void)cpu;
    cli_queue *q = cli_queue_new(1);
    if (!check_that(t, q, "no queue")) return;
    pthread_mutex_lock(&gate);
    for (int k = 0; k < 2; k++) {
        models[k] = (model){ .gate = &gate, .order = order, .n_order = &n, .number = k };
        open_model(q, &models[k], 1, 1, MANY);
    }
    for (int i = 0; i < MANY; i++) cli_queue_put(q, &models[0].lane, &pieces[i].work);
    for (int i = 0; i < FEW; i++) cli_queue_put(q, &models[1].lane, &pieces[MANY + i].work);
    pthread_mutex_unlock(&gate);
    for (int k = 0; k < 2; k++) cli_queue_close(q, &models[k].lane);
    cli_queue_drain(q);
    cli_queue_free(q);
    int few = 0;
    for (int i = 0; i < 2 * FEW + 2; i++) few += order[i];
    check_that(t, n == MANY + FEW && few == FEW, "%d runs, of the first %d were %d of the model with few", n, 2 * FEW + 2, few);
}

void check_queue_full(check *t, unsigned cpu)
{
    static model m;
    static piece pieces[12];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int taken = 0;
    (void)cpu;
    cli_queue *q = cli_queue_new(1);
    if (!check_that(t, q, "no queue")) return;
    pthread_mutex_lock(&gate);
    m = (model){ .gate = &gate };
    open_model(q, &m, 1, 1, 4);
    for (int i = 0; i < 12; i++) taken += cli_queue_put(q, &m.lane, &pieces[i].work);
    check_that(t, taken >= 4 && taken <= 5, "%d of 12 were taken: four that wait, and one at work", taken);
    check_that(t, cli_queue_waiting(q, &m.lane) <= 4, "so many wait");
    pthread_mutex_unlock(&gate);
    cli_queue_close(q, &m.lane);
    cli_queue_drain(q);
    static piece late;
    check_that(t, !cli_queue_put(q, &m.lane, &late.work) && atomic_load(&m.done) == taken, "closed; %d of %d done", atomic_load(&m.done), taken);
    cli_queue_free(q);
}
