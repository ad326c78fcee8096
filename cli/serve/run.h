/* SPDX-License-Identifier: Apache-2.0 */
/* What workers do: requests that wait for a model are read, run and answered. */
#ifndef CLI_SERVE_RUN_H
#define CLI_SERVE_RUN_H

#include "serve/frigate.h"
#include "serve/http.h"
#include "serve/served.h"

/* Kinds of work. All but FRIGATE are the head of a cli_request. */
enum { CLI_ASK_INFER = 1, CLI_ASK_DETECT, CLI_ASK_FACE, CLI_ASK_FRIGATE };

/* For cli_shop.run: answers all, by one of the version's engines. */
void cli_serve_run(void *version, int seat, cli_work *const *work, int n);

#endif
