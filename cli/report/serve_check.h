/* SPDX-License-Identifier: Apache-2.0 */
/* The page on which a model is dropped to be checked. */
#ifndef CLI_SERVE_CHECK_H
#define CLI_SERVE_CHECK_H

/* Serves at 127.0.0.1 until a signal ends it; `port` 0: one that is free, which is said. Returns an exit code. */
int cli_serve_check(int port);

#endif
