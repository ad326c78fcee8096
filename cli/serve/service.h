/* SPDX-License-Identifier: Apache-2.0 */
/* corallite serve, from its settings to its end. */
#ifndef CLI_SERVE_SERVICE_H
#define CLI_SERVE_SERVICE_H

#include "cmd.h"
#include "serve/served.h"

typedef struct cli_serve_settings {
    cli_list models, labels, operands;
    const char *address, *token, *zmq;
    int port, engines, queue, connections, picture_mib, body_mib;
    double rate, request_s, idle_s, grace_s;
    cli_engine_settings engine;
    cli_common_settings common;
} cli_serve_settings;

/* Serves until a signal ends it. Returns an exit code. */
int cli_serve_models(const cli_serve_settings *settings);

#endif
