/* SPDX-License-Identifier: Apache-2.0 */
/* Work that waits for an engine: a lane for each model, and workers that take from the lanes by turns.
 *
 * A lane is bounded, and has a number of seats: so many workers may be at work for it at once, each with a seat of its own, which is
 * an engine. A worker takes as much of a lane at once as its model has rows (cli_lane.most). The next lane in the ring comes first,
 * so that a model that is asked a lot does not keep another one waiting for longer than one run.
 *
 * Threads  All functions may be called by any thread, but cli_queue_free(). */
#ifndef CLI_SERVE_QUEUE_H
#define CLI_SERVE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

/* The head of a piece of work. */
typedef struct cli_work {
    struct cli_work *next;
    int kind;          /* its maker's */
    uint64_t begun_ns; /* when it was asked for */
} cli_work;

enum { CLI_LANE_SEATS = 32, CLI_LANE_BATCH = 64 };

typedef struct cli_lane {
    int seats;    /* 1 to CLI_LANE_SEATS */
    int most;     /* pieces of work at once: 1 to CLI_LANE_BATCH */
    int depth;    /* pieces that may wait */
    void *user;
    void (*run)(void *user, int seat, cli_work *const *work, int n); /* answers all of them */
    void (*gone)(void *user); /* the lane was closed, and is empty: its memory may go */
    /* The queue's own. */
    struct cli_lane *next, *before;
    cli_work *first, **last;
    int waiting;
    uint32_t taken; /* seats, a bit for each */
    bool closed;
} cli_lane;

typedef struct cli_queue cli_queue;

/* Starts `workers` threads, fewer where the system gives no more. NULL: not one. */
cli_queue *cli_queue_new(int workers);
/* All lanes have to be gone. */
void cli_queue_free(cli_queue *queue);

void cli_queue_open(cli_queue *queue, cli_lane *lane);
/* Nothing more comes in; what waits is done before gone() is called, by the caller or by a worker. */
void cli_queue_close(cli_queue *queue, cli_lane *lane);

/* false: so many wait already, or the lane was closed. */
bool cli_queue_put(cli_queue *queue, cli_lane *lane, cli_work *work);
/* Pieces that wait. */
int cli_queue_waiting(cli_queue *queue, const cli_lane *lane);
/* Waits until no lane is left. */
void cli_queue_drain(cli_queue *queue);

#endif
