/* SPDX-License-Identifier: Apache-2.0 */
/* What looks at the frames of watch: its models, from the command line to sessions. */
#ifndef CLI_SIGHT_H
#define CLI_SIGHT_H

#include <corallite/stream.h>

#include "models/task.h"

typedef struct cli_sight_settings {
    int purpose; /* a crl_purpose; 0: what the model is for */
    cli_list models, labels; /* up to two; cli_sight_model() */
    const char *classifier, *classifier_labels, *tiles;
} cli_sight_settings;
extern const cli_group cli_sight_group;

/* Zeroed is closed. */
typedef struct cli_sight {
    cli_session first, second, classifier;
} cli_sight;

/* The first model with its labels, which `task` is about. */
cli_model_settings cli_sight_model(const cli_sight_settings *settings);
/* Opens the models, or a built-in one, ready for frames. Returns CLI_DONE, or an exit code after saying what is wrong; close in either case. */
int cli_sight_open(cli_sight *s, const cli_sight_settings *settings, const cli_task_settings *task);
/* Sets what the options of a stream have of it, but for the first session. */
void cli_sight_apply(const cli_sight *s, const cli_sight_settings *settings, crl_stream_options *options);
void cli_sight_close(cli_sight *s);

#endif
