/* SPDX-License-Identifier: Apache-2.0 */
/* The page on which a model is dropped to be checked, or compiled. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <corallite/model.h>

/* Compiles a model that was dropped. `*bytes` is for free(). */
typedef crl_status cli_serve_compile(const void *user, const crl_model *model, uint8_t **bytes, size_t *size, crl_error *err);

/* Serves at 127.0.0.1 until a signal ends it; `port` 0: one that is free, which is said. `compile` NULL: models are only checked. Returns
 * an exit code. */
int cli_serve(int port, cli_serve_compile *compile, const void *user);

#endif
