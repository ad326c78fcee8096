/* SPDX-License-Identifier: Apache-2.0 */
/* Lists the operators that we know, the packed cases that prove them, and the kernels that they run on: what
 * tools/gen_operators_md.py makes docs/operators.md of. Lines of fields with tabs between:
 *
 *   op    NAME CODE EDGETPU LIMITS   the lowest runtime of the Edge TPU that has it, "-": none has; limits may be missing
 *   case  NAME KIND ULP KERNEL...   a kernel for each of `levels`: "ref" is the operator's own invoke, "view" no work */
#include <corallite/corallite.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/cpu.h"
#include "compile/rules.h"
#include "ops/op.h"
#include "packed.h"

/* Is `name` one of those in "PAD+CONV_2D+ADD"? */
static bool names(const char *list, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, '+')) {
        at += *at == '+';
        if (!strncmp(at, name, length) && (at[length] == 0 || at[length] == '+')) return true;
    }
    return false;
}

/* NULL: the reference backend. Levels above differ in variants of the same kernels, and not every machine has them. */
static const char *const levels[] = { NULL, "ref", "avx2" };
enum { N_LEVELS = sizeof levels / sizeof levels[0], SKIPPED = 77 };

/* What runs the operator `name` of the model; NULL and an error when the model is refused. */
static const char *kernel_of(const crl_model *model, const char *name, const char *level, crl_error *err)
{
    const crl_engine_options options = { .backend = level ? CRL_BACKEND_CPU : CRL_BACKEND_REFERENCE, .cpu = level, .threads = 1 };
    crl_engine *engine;
    if (crl_engine_new(&engine, model, &options, err)) return NULL;
    const char *kernel = "view";
    int32_t n;
    const crl_profile_row *row = crl_engine_profile_rows(engine, &n);
    for (int32_t i = 0; i < n; i++)
        if (names(row[i].name, name)) kernel = row[i].kernel; /* names of kernels outlive the engine */
    crl_engine_free(engine);
    return kernel;
}

static bool list_case(const packed_case *c)
{
    crl_error err;
    crl_model *model;
    char name[80], kind[80];
    if (sscanf(c->name, "%79s %79s", name, kind) != 2 || crl_model_open(&model, c->model.data, c->model.bytes, &err)) {
        printf("FAIL %s: no case\n", c->name);
        return false;
    }
    const char *kernel[N_LEVELS];
    bool ok = true;
    for (int i = 0; ok && i < N_LEVELS; i++) ok = (kernel[i] = kernel_of(model, name, levels[i], &err)) != NULL;
    if (!ok) printf("FAIL %s: %s\n", c->name, err.text);
    /* An operator of constants alone is computed while the graph is built, whatever the backend. */
    if (ok) printf("case\t%s\t%s\t%u", name, kind, (unsigned)c->ulp);
    for (int i = 1; ok && i < N_LEVELS; i++) printf("\t%s", strcmp(kernel[0], "view") ? kernel[i] : "ref");
    if (ok) printf("\n");
    crl_model_close(model);
    return ok;
}

static void list_operator(const crl_op_type *type)
{
    char limits[CRL_RULE_TEXT], runtime[16] = "-";
    const int32_t from = crl_rules_of(type->code, limits);
    if (from >= 0) snprintf(runtime, sizeof runtime, "%d", from);
    printf("op\t%s\t%d\t%s%s%s\n", type->name, type->code, runtime, *limits ? "\t" : "", limits);
}

static bool list_file(const char *path)
{
    reader r;
    uint8_t *raw = packed_read(path, &r);
    if (!raw) return false;
    packed_case c;
    bool ok = true;
    while (ok && r.left) ok = packed_next(&r, &c) && (!c.model.bytes || list_case(&c));
    free(raw);
    return ok;
}

int area_list_operators(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    unsigned cpu;
    if (crl_cpu_cap(&cpu, crl_cpu_detect(), levels[N_LEVELS - 1], NULL)) {
        printf("this machine has no %s\n", levels[N_LEVELS - 1]);
        return SKIPPED;
    }
    const crl_op_type *type;
    for (int32_t i = 0; (type = crl_op_at(i)); i++) list_operator(type);
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    bool ok = n > 0;
    for (size_t i = 0; i < n; i++) {
        ok = ok && list_file(path[i]);
        free(path[i]);
    }
    return ok ? 0 : 1;
}
