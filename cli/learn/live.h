/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to learn from, from a camera: --from-watch. */
#ifndef CLI_LEARN_LIVE_H
#define CLI_LEARN_LIVE_H

#include "cmd.h"

typedef struct cli_live_settings {
    const char *source, *names;
    cli_list displays;
    const char *address, *token;
    int port, width, height, frames;
} cli_live_settings;
extern const cli_group cli_live_group;

struct cli_learning;

/* Shows what the source sees while somebody gives pictures to classes, which go into the folder of the data, and are recognised at once. Returns
 * CLI_DONE when that ends, or an exit code after saying what is wrong. */
int cli_learn_live(struct cli_learning *w);

#endif
