/* SPDX-License-Identifier: Apache-2.0 */
/* A model as one page of HTML that needs nothing else: graph_page.html with the model's data in it. */
#ifndef CLI_GRAPH_PAGE_H
#define CLI_GRAPH_PAGE_H

#include <corallite/model.h>

#include "io/json.h"

/* The page as text, for free(); NULL without memory. What follows is as below. */
char *cli_graph_page_text(const crl_model *m, const char *name, json_t *inspected, json_t *profile, size_t *bytes);

/**
 * Writes the page to `path`.
 *
 * `inspected` is what inspect --json prints. `profile` is a list of rows, or NULL where none was asked for. Both are used up.
 * Returns an exit code, after saying what is wrong.
 */
int cli_graph_page(const char *path, const crl_model *m, const char *name, json_t *inspected, json_t *profile);

#endif
