/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the command among the arguments. A name has one word or two ("learn imprint"); then the first word alone is none, or another. */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "cmd.h"

/* The verb whose name argv[0..argc) begins with, and how many words that takes; NULL: none. */
const cli_verb *cli_find_verb(int argc, char **argv, int *words);

/* Says what somebody may have meant whose words are no command. Returns CLI_USAGE. */
int cli_no_such_verb(int argc, char **argv);

/* The first words of verbs whose names have two. The k-th of them, and the second words that go with it, separated by blanks;
 * false past the last. */
bool cli_verb_family(int k, char *first, char *seconds, size_t size);

#endif
