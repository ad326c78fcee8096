/* SPDX-License-Identifier: Apache-2.0 */
/* Which command a model is for. */
#ifndef CLI_PURPOSE_H
#define CLI_PURPOSE_H

#include <corallite/vision.h>

#include "session.h"

/* What the outputs are, or were after the last run where their shapes are known no sooner. `labels`: how many
 * classes have a name. */
crl_recognition cli_recognise(const cli_session *session, int32_t labels);

/* Whether shapes of outputs are known only after a run. */
bool cli_outputs_are_open(const cli_session *session);

/* What the model is and which command reads it, as one sentence; for free(). */
char *cli_purpose_text(const cli_session *session, crl_recognition r);

/* "corallite FILE.tflite IMAGE": whether the word is a model's, and the command for it. */
bool cli_names_model(const char *word);
/* NULL after saying what is wrong; `*code` is then the exit code. */
const cli_verb *cli_pick_verb(const char *model, int argc, char **argv, int *code);

#endif
