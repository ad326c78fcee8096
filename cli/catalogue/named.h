/* SPDX-License-Identifier: Apache-2.0 */
/* Names on the command line that stand for files of the shelf. */
#ifndef CLI_NAMED_H
#define CLI_NAMED_H

#include "cmd.h"

/* After cli_parse(): puts files in the place of names of models and labels, and the labels of a model that goes by name where none are
 * given. Returns CLI_DONE, or CLI_FAILED after saying what is not there. */
int cli_name_files(const cli_verb *verb, void *settings);

#endif
