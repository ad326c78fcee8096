/* SPDX-License-Identifier: Apache-2.0 */
/* Which command a model is for. */
#ifndef CLI_PURPOSE_H
#define CLI_PURPOSE_H

#include "models/session.h"

/* Whether an output has no elements, which says nothing of what it is. */
bool cli_has_empty_output(crl_session *session);

/* What the model is and which command reads it, as one sentence; for free(). */
char *cli_purpose_text(crl_session *session, crl_recognition r);

/* "corallite FILE.tflite IMAGE": whether the word is a model's, and the command for it. */
bool cli_names_model(const char *word);
/* NULL after saying what is wrong; `*code` is then the exit code. `*opened` gets the session that told, which goes on with
 * that command; close in either case. */
const cli_verb *cli_pick_verb(const char *model, int argc, char **argv, cli_session *opened, int *code);

#endif
