/* SPDX-License-Identifier: Apache-2.0 */
/* See check_log.h. */
#include "report/check_log.h"

#include <stdlib.h>
#include <string.h>

#include <corallite/version.h>

#include "io/say.h"

static const char *log_name(const crl_operator *op)
{
    return op->code == CRL_CUSTOM ? "CUSTOM" : op->name;
}

/* A row for each operator and status, counted, in the order in which they first occur. */
void cli_check_log(FILE *f, const crl_model *m, const crl_check *c, const char *name, const char *result, const char *version)
{
    char *in = cli_clean(name, CLI_FOR_TERMINAL), *out = cli_clean(result, CLI_FOR_TERMINAL);
    fprintf(f, "Edge TPU Compiler version %s (foretold by corallite %s)\n", version, crl_version());
    fprintf(f, "Input: %s\nOutput: %s\n\n", in, out);
    fprintf(f, "%-31s%-11s%s\n\n", "Operator", "Count", "Status");
    const crl_operator *ops = m->subgraphs[0].operators;
    bool *done = cli_alloc((size_t)c->n_ops, sizeof *done);
    for (int32_t i = 0; i < c->n_ops; i++) {
        int n = 0;
        for (int32_t k = i; k < c->n_ops && !done[i]; k++)
            if (!done[k] && c->ops[k].mapping == c->ops[i].mapping && !strcmp(log_name(&ops[k]), log_name(&ops[i]))) {
                done[k] = k != i;
                n++;
            }
        if (n) fprintf(f, "%-31s%-11d%s\n", log_name(&ops[i]), n, crl_mapping_text(c->ops[i].mapping));
    }
    free(done);
    free(in);
    free(out);
}
