/* SPDX-License-Identifier: Apache-2.0 */
/* A model opened and named, and made ready for a command that runs it on arrays. */
#ifndef CLI_MODEL_H
#define CLI_MODEL_H

#include <corallite/engine.h>

#include "builtin.h"
#include "cmd.h"

typedef struct cli_model {
    const char *name; /* the file as it was given, or what the built-in model is called */
    crl_model *model;
    crl_model *twin;    /* of a compiled model that runs on a device: stands in for it; NULL: nothing does */
    char *file;         /* the name without the device behind it; NULL: there was none */
    const char *device; /* behind the name, or NULL */
    crl_engine *engine; /* of cli_model_prepare() */
    double load_ms, prepare_ms;
} cli_model;

/**
 * Opens the model.
 *
 * `file` may end in a device, as in model.tflite@usb:0. NULL stands for `builtin`, which may be NULL too.
 * Returns CLI_DONE, or an exit code after saying what is wrong; close in either case.
 */
int cli_model_open(cli_model *m, const cli_engine_settings *settings, const char *file, const cli_builtin *builtin);
void cli_model_close(cli_model *m);

crl_engine_options cli_engine_options(const cli_engine_settings *settings);
/* The same with what the model brings: its device and twin, which outlives the options. */
crl_engine_options cli_model_options(const cli_model *m, const cli_engine_settings *settings);
/* Opens the model and prepares an engine, as the settings ask. Returns as above. */
int cli_model_prepare(cli_model *m, const cli_engine_settings *settings, const char *file);
/* Says why the model could not be prepared, `err` naming it already, and returns the exit code. */
int cli_model_failed(const cli_model *m, const crl_error *err);

/* Where the model is compiled for an Edge TPU: opens its twin, the model that it was compiled from. Where no device is to run it, or
 * there is none and none was asked for, the twin takes its place, and that is said. The name stays. Returns as above. */
int cli_model_take_twin(cli_model *m, const cli_engine_settings *settings);

/* Numbers for a tensor: integers over their whole range; reals from -1 to 1, since the infinite tell nothing; truths. */
void cli_fill_random(void *data, crl_type type, size_t bytes, uint64_t *state);

/* What the compiler puts for ".tflite" behind a name; "x.tflite" to "x_edgetpu.tflite", and back, NULL where it does not end so. For free(). */
#define CLI_COMPILED "_edgetpu.tflite"
char *cli_compiled_name(const char *model);
char *cli_twin_name(const char *file);

/* Milliseconds of a clock that only goes forward. */
double cli_now_ms(void);

#endif
