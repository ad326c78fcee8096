/* SPDX-License-Identifier: Apache-2.0 */
/* corallite serve, from requests to the queue and back.
 *
 *   http.h -> server.c: who asks, and for what -> served.h: the queue of the model -> run.h: workers answer
 *             metrics.c                           zmq.c: Frigate's frames ----^ */
#ifndef CLI_SERVE_SERVER_H
#define CLI_SERVE_SERVER_H

#include "serve/frigate.h"
#include "serve/http.h"
#include "serve/rate.h"
#include "serve/served.h"

enum { CLI_TOKEN = 129 };

typedef struct cli_server {
    cli_shop shop;
    cli_http *http; /* for who ends it: requests come in before it is set, and have their own */
    cli_frigate *frigate; /* NULL: nobody asks over ZeroMQ */
    cli_lane control;     /* loading and unloading */
    cli_rate rate;
    const char *address;
    char token[CLI_TOKEN]; /* "": nobody needs one */
    size_t picture_bytes;  /* of a form at most */
    atomic_bool leaving;   /* it is ready for nothing new */
    atomic_ullong limited, foreign; /* requests that were too many, or not let in */
} cli_server;

/* For cli_http_options: `user` is a cli_server. */
void cli_server_begin(void *user, cli_request *r);
bool cli_server_prove(void *user, const cli_request *r);
void cli_server_handle(void *user, cli_request *r);

/* For the lane `control`, whose user is the server. */
void cli_server_control(void *user, int seat, cli_work *const *work, int n);

/* What Prometheus reads. */
void cli_server_metrics(cli_server *s, cli_http *http, cli_text *t);

#endif
