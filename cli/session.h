/* SPDX-License-Identifier: Apache-2.0 */
/* A model opened, made ready and named, as the settings ask: the same for every command that runs one. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <corallite/corallite.h>

#include "builtin.h"
#include "cmd.h"

enum { CLI_BACKEND_EDGETPU = 3 }; /* follows crl_backend_kind in the choices of --backend */

typedef struct cli_session {
    const char *name; /* the file as it was given, or what the built-in model is called */
    crl_model *model;
    crl_engine *engine;
    double load_ms, prepare_ms;
} cli_session;

/**
 * Opens the model and prepares an engine; `pictures`: one that a picture goes into.
 *
 * `model` may end in a device, as in model.tflite@usb:0. NULL stands for `builtin`, which may be NULL too.
 * Returns CLI_DONE, or an exit code after saying what is wrong; close in either case.
 */
int cli_session_open(cli_session *s, const cli_settings *settings, const char *model, const cli_builtin *builtin,
                     bool pictures);
void cli_session_close(cli_session *s);

/* The input that a picture goes into: the first that one fits. Others, such as the state of a recurrent model, start
 * as zeros. */
int32_t cli_picture_input(crl_engine *e);

/* Fills an input with zeros of its own scale. */
void cli_tensor_zero(crl_tensor *t);

/* Milliseconds of a clock that only goes forward. */
double cli_now_ms(void);

#endif
