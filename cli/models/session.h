/* SPDX-License-Identifier: Apache-2.0 */
/* A model for pictures, as the settings ask: from the command line to a crl_session. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <corallite/session.h>

#include "models/model.h"

struct cli_task_settings;

/* Zeroed is closed. */
typedef struct cli_session {
    cli_model model;
    crl_session *session;
    crl_engine_options engine; /* that it was opened with */
} cli_session;

/* Opens the model, or `builtin` where the settings name none, ready for pictures. What it is for is not decided.
 * Returns CLI_DONE, or an exit code after saying what is wrong; close in either case. */
int cli_session_open(cli_session *s, const struct cli_task_settings *settings, const cli_builtin *builtin);
/* The same for s->model.model, which is open and named already. */
int cli_session_of_model(cli_session *s, const struct cli_task_settings *settings);
/* Gives one that is open other settings, and prepares the model again only where its engine is to be another. As above. */
int cli_session_configure(cli_session *s, const struct cli_task_settings *settings, const cli_builtin *builtin);
void cli_session_close(cli_session *s);

#endif
