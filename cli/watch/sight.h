/* SPDX-License-Identifier: Apache-2.0 */
/* What looks at the frames of watch: its models, from the command line to sessions. */
#ifndef CLI_SIGHT_H
#define CLI_SIGHT_H

#include "models/task.h"

typedef struct cli_sight_settings {
    int purpose; /* a crl_purpose; 0: what the model is for */
} cli_sight_settings;
extern const cli_group cli_sight_group;

/* Zeroed is closed. */
typedef struct cli_sight {
    cli_session first;
} cli_sight;

/* Opens the model, or a built-in one, ready for frames. Returns CLI_DONE, or an exit code after saying what is wrong; close in either case. */
int cli_sight_open(cli_sight *s, const cli_sight_settings *settings, const cli_task_settings *task);
void cli_sight_close(cli_sight *s);

#endif
