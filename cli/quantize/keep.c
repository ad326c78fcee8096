/* SPDX-License-Identifier: Apache-2.0 */
/* --keep-float: operators by name, number or range of numbers. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/say.h"
#include "quantize/quantize.h"

static int keep_numbers(const crl_subgraph *g, const char *word, bool *keep)
{
    char *end;
    const long from = strtol(word, &end, 10), to = *end == '-' && isdigit((unsigned char)end[1]) ? strtol(end + 1, &end, 10) : from;
    if (*end) {
        cli_error("--keep-float %s: the name of an operator, a number or a range such as 10-19 is expected", word);
        return CLI_USAGE;
    }
    if (to < from) {
        cli_error("--keep-float %s: a range begins with its lower number", word);
        return CLI_USAGE;
    }
    if (to >= g->n_operators) {
        cli_error("--keep-float %s: the model has operators 0 to %d; 'corallite inspect' lists them", word, g->n_operators - 1);
        return CLI_FAILED;
    }
    for (long i = from; i <= to; i++) keep[i] = true;
    return CLI_DONE;
}

static int keep_named(const crl_subgraph *g, const char *word, bool *keep)
{
    bool any = false;
    for (int32_t i = 0; i < g->n_operators; i++) {
        if (strcasecmp(g->operators[i].name, word)) continue;
        keep[i] = any = true;
    }
    if (any) return CLI_DONE;
    const char **names = cli_alloc((size_t)g->n_operators + 1, sizeof *names);
    for (int32_t i = 0; i < g->n_operators; i++) names[i] = g->operators[i].name;
    const char *near = cli_nearest(word, names, g->n_operators);
    cli_error(near ? "--keep-float %s: no operator is called so; did you mean %s?"
                   : "--keep-float %s: no operator is called so; 'corallite inspect' lists them",
              word, near);
    free(names);
    return CLI_FAILED;
}

int cli_quantize_keep(const crl_model *model, const cli_list *names, bool *keep)
{
    int code = CLI_DONE;
    for (int i = 0; i < names->n && !code; i++) {
        if (names->items[i][strspn(names->items[i], ",")] == '\0') {
            cli_error("--keep-float %s: no operator is named; 'corallite inspect' lists them", names->items[i]);
            return CLI_USAGE;
        }
        char *all = cli_format("%s", names->items[i]), *rest = NULL;
        for (char *word = strtok_r(all, ",", &rest); word && !code; word = strtok_r(NULL, ",", &rest))
            code = isdigit((unsigned char)*word) ? keep_numbers(&model->subgraphs[0], word, keep) : keep_named(&model->subgraphs[0], word, keep);
        free(all);
    }
    return code;
}
