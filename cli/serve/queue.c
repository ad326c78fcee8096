/* SPDX-License-Identifier: Apache-2.0 */
/* See queue.h. */
#include "serve/queue.h"

#include <pthread.h>
#include <stdlib.h>

struct cli_queue {
    pthread_mutex_t lock;
    pthread_cond_t work, empty;
    cli_lane *ring; /* whose turn it is next; NULL: there are no lanes */
    bool ending;
    int n, idle; /* workers; those that wait for work */
    pthread_t threads[];
};

/* ---- under the lock ---- */

static void leave_ring(cli_queue *q, cli_lane *lane)
{
    if (lane->next == lane) {
        q->ring = NULL;
        pthread_cond_broadcast(&q->empty);
        return;
    }
    lane->before->next = lane->next;
    lane->next->before = lane->before;
    if (q->ring == lane) q->ring = lane->next;
}

static int free_seat(const cli_lane *lane)
{
    for (int i = 0; i < lane->seats; i++)
        if (!(lane->taken >> i & 1)) return i;
    return -1;
}

/* The next lane that has work and a seat. */
static cli_lane *choose(const cli_queue *q, int *seat)
{
    cli_lane *lane = q->ring;
    if (!lane) return NULL;
    do {
        *seat = free_seat(lane);
        if (lane->first && *seat >= 0) return lane;
        lane = lane->next;
    } while (lane != q->ring);
    return NULL;
}

/* For work that has just come. Where its lane has no seat nobody is woken: who gets up from one looks for more work himself. */
static void wake_one(cli_queue *q)
{
    int seat;
    if (q->idle && choose(q, &seat)) pthread_cond_signal(&q->work);
}

static int take(cli_lane *lane, cli_work **work)
{
    int n = 0;
    while (lane->first && n < lane->most) {
        work[n] = lane->first;
        lane->first = work[n++]->next;
    }
    if (!lane->first) lane->last = &lane->first;
    lane->waiting -= n;
    return n;
}

static bool is_done(const cli_lane *lane)
{
    return lane->closed && !lane->first && !lane->taken;
}

/* ---- workers ---- */

static void *serve(void *user)
{
    cli_queue *q = user;
    cli_work *work[CLI_LANE_BATCH];
    pthread_mutex_lock(&q->lock);
    for (;;) {
        int seat;
        cli_lane *lane = choose(q, &seat);
        if (!lane) {
            if (q->ending) break;
            q->idle++;
            pthread_cond_wait(&q->work, &q->lock);
            q->idle--;
            continue;
        }
        q->ring = lane->next; /* the one behind it comes first the next time */
        lane->taken |= 1u << seat;
        const int n = take(lane, work);
        pthread_mutex_unlock(&q->lock);
        lane->run(lane->user, seat, work, n);
        pthread_mutex_lock(&q->lock);
        lane->taken &= ~(1u << seat);
        if (is_done(lane)) {
            leave_ring(q, lane);
            pthread_mutex_unlock(&q->lock);
            lane->gone(lane->user);
            pthread_mutex_lock(&q->lock);
        }
    }
    pthread_mutex_unlock(&q->lock);
    return NULL;
}

cli_queue *cli_queue_new(int workers)
{
    cli_queue *q = calloc(1, sizeof *q + (size_t)workers * sizeof *q->threads);
    if (!q) return NULL;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->work, NULL);
    pthread_cond_init(&q->empty, NULL);
    while (q->n < workers && !pthread_create(&q->threads[q->n], NULL, serve, q)) q->n++;
    if (q->n) return q;
    cli_queue_free(q);
    return NULL;
}

void cli_queue_free(cli_queue *q)
{
    if (!q) return;
    pthread_mutex_lock(&q->lock);
    q->ending = true;
    pthread_cond_broadcast(&q->work);
    pthread_mutex_unlock(&q->lock);
    for (int i = 0; i < q->n; i++) pthread_join(q->threads[i], NULL);
    pthread_cond_destroy(&q->empty);
    pthread_cond_destroy(&q->work);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

/* ---- lanes ---- */

void cli_queue_open(cli_queue *q, cli_lane *lane)
{
    lane->last = &lane->first;
    pthread_mutex_lock(&q->lock);
    lane->next = q->ring ? q->ring : lane;
    lane->before = q->ring ? q->ring->before : lane;
    lane->before->next = lane->next->before = lane;
    q->ring = lane;
    pthread_mutex_unlock(&q->lock);
}

void cli_queue_close(cli_queue *q, cli_lane *lane)
{
    pthread_mutex_lock(&q->lock);
    lane->closed = true;
    const bool done = is_done(lane);
    if (done) leave_ring(q, lane);
    pthread_mutex_unlock(&q->lock);
    if (done) lane->gone(lane->user);
}

bool cli_queue_put(cli_queue *q, cli_lane *lane, cli_work *work)
{
    pthread_mutex_lock(&q->lock);
    const bool fits = !lane->closed && lane->waiting < lane->depth;
    if (fits) {
        work->next = NULL;
        *lane->last = work;
        lane->last = &work->next;
        lane->waiting++;
        wake_one(q);
    }
    pthread_mutex_unlock(&q->lock);
    return fits;
}

int cli_queue_waiting(cli_queue *q, const cli_lane *lane)
{
    pthread_mutex_lock(&q->lock);
    const int n = lane->waiting;
    pthread_mutex_unlock(&q->lock);
    return n;
}

void cli_queue_drain(cli_queue *q)
{
    pthread_mutex_lock(&q->lock);
    while (q->ring) pthread_cond_wait(&q->empty, &q->lock);
    pthread_mutex_unlock(&q->lock);
}
