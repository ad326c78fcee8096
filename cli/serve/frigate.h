/* SPDX-License-Identifier: Apache-2.0 */
/* Frigate's detector over ZeroMQ: messages of one or two parts, JSON and bytes, and a model's name by way of greeting.
 *
 *   {"model_request": true, "model_name": N}         -> {"model_available": b, "model_loaded": b}
 *   {"model_data": true, "model_name": N}, bytes     -> {"model_saved": b, "model_loaded": b}
 *   {"shape": [1,h,w,3], "dtype": "uint8"}, pixels   -> {"shape": [20,6], "dtype": "float32"}, rows of class, score, top, left, bottom, right
 *
 * Source  the behaviour of Frigate's detector plug-in `zmq` (frigate/detectors/plugins/zmq_ipc.py) */
#ifndef CLI_SERVE_FRIGATE_H
#define CLI_SERVE_FRIGATE_H

#include "serve/served.h"

enum { CLI_FRIGATE_ROWS = 20 };

typedef enum cli_frigate_kind { CLI_FRIGATE_HAS = 1, CLI_FRIGATE_TAKE, CLI_FRIGATE_LOOK } cli_frigate_kind;

typedef struct cli_frigate_message {
    cli_frigate_kind kind;
    char model[96]; /* its name without the ending, of HAS and TAKE; letters that names do not have are _ */
    int32_t width, height; /* of LOOK */
} cli_frigate_message;

/* Reads a message: the first part, and how many bytes the second has. Errors: ARGUMENT, MEMORY. */
crl_status cli_frigate_parse(cli_frigate_message *out, const void *head, size_t n, size_t body, crl_error *err);

/* A frame that waits for a detector, and for whom there waits a thread. */
typedef struct cli_frigate_ask {
    cli_work work;
    const uint8_t *pixels;
    int32_t width, height;
    float rows[CLI_FRIGATE_ROWS][6];
    crl_status status;
    crl_error err;
    bool done;
    pthread_mutex_t lock;
    pthread_cond_t answered;
} cli_frigate_ask;

/* Of run.c: looks at a frame, and wakes who waits. */
void cli_frigate_run(cli_served *v, int seat, cli_frigate_ask *a);

/* Answers at an endpoint from a thread of its own. NULL after saying what is wrong. */
typedef struct cli_frigate cli_frigate;
cli_frigate *cli_frigate_start(cli_shop *shop, const char *endpoint);
/* What was asked is answered before it returns. Accepts NULL. */
void cli_frigate_stop(cli_frigate *f);

#endif
