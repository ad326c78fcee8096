/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP for the program: requests come whole, are answered at once or later, and nobody who is slow is waited for.
 *
 * One thread of libmicrohttpd's moves bytes for all connections. A request that takes time is put aside, which costs no thread, and
 * answered from any other one. Who says nothing, sends a request too slowly or does not take his answer is cut off by a second thread;
 * where connections get scarce, those that have been idle for longest go first, so that idle ones keep nobody out. */
#ifndef CLI_SERVE_HTTP_H
#define CLI_SERVE_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serve/queue.h"

typedef struct cli_http cli_http;

typedef struct cli_request {
    cli_work work; /* for who queues it */
    cli_http *http;
    struct mhd_connection *connection;
    const char *method;
    char path[256]; /* decoded, cut where it is longer */
    uint8_t *body;
    size_t n, limit; /* bytes of the body, and how many there may be */
    void *user; /* the handler's */
    bool refused; /* nothing more of the body is kept */
    bool unproved; /* begin() sets it: the body has to say who asks. Until it does, it shares a quarter of the memory with others such */
    bool later; /* what answers it is another thread */
    /* The answer. */
    int status; /* 0: there is none yet */
    const char *type;
    char *text; /* for free() */
    size_t bytes;
    char extra[2][2][64]; /* up to two more headers, name and value; an empty name: none */
    size_t room; /* of body */
    size_t next_look; /* so much of the body, and it is looked at again who asks */
} cli_request;

typedef struct cli_http_options {
    const char *address;
    int port;           /* 0: one that is free */
    int connections;    /* 0: 512 */
    double idle_s, request_s; /* how long a client may be idle, and take to send a request or to take its answer; 0: 60 and 30 */
    size_t body_bytes;  /* of all requests together; 0: 256 MiB */
    void *user;
    /* The head has come. Sets r->limit, for the body, or answers. */
    void (*begin)(void *user, cli_request *r);
    /* Whether what has come of the body of an unproved request says who asks; called a few times while it comes. */
    bool (*prove)(void *user, const cli_request *r);
    /* All of it has come: answers, or sets r->later, and something else calls cli_http_done() once it has answered. */
    void (*handle)(void *user, cli_request *r);
    void (*sent)(void *user, const cli_request *r); /* the answer is on its way, or lost with the client */
} cli_http_options;

/* NULL after saying what is wrong. */
cli_http *cli_http_start(const cli_http_options *options);
int cli_http_port(const cli_http *http);
int cli_http_connections(cli_http *http);
size_t cli_http_body_bytes(cli_http *http); /* that are held now */
/* Lets nobody new in, as soon as nothing comes for a moment, and waits for `seconds` at most until all requests are answered; false: some are not. */
bool cli_http_drain(cli_http *http, double seconds);
/* Nothing that is to be answered later may be left. */
void cli_http_stop(cli_http *http);

/* Of a request. NULL: none. */
const char *cli_request_header(const cli_request *r, const char *name);
const char *cli_request_argument(const cli_request *r, const char *name);
/* The peer's address, as a hash. */
uint32_t cli_request_peer(const cli_request *r);

/* The answer; `text` is taken over for free(), NULL where there was no memory: 503. */
void cli_request_answer(cli_request *r, int status, const char *type, char *text, size_t bytes);
void cli_request_add_header(cli_request *r, const char *name, const char *value);
/* An answer {"error": ..}; 503 and 429 have Retry-After: 1. */
void cli_request_refuse(cli_request *r, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* To be called once for what is later, by any thread, after the answer. */
void cli_http_done(cli_request *r);

uint64_t cli_now_ns(void);

#endif
