/* SPDX-License-Identifier: Apache-2.0 */
/* See check_package.h. */
#include "report/check_package.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/package.h>

#include "cmd.h"
#include "io/json.h"
#include "io/say.h"
#include "report/groups.h"

typedef struct checked {
    const char *name;
    crl_model *own; /* to be closed */
    crl_package *package;
    char **faults;
    int n_faults;
} checked;

static void add_fault(void *user, const char *text)
{
    checked *c = user;
    c->faults = cli_grow(c->faults, (size_t)c->n_faults + 1, sizeof *c->faults);
    c->faults[c->n_faults++] = cli_clean(text, CLI_FOR_TERMINAL);
}

/* false: it cannot be opened, which was said. */
static bool examine(checked *c, const crl_model *m, const char *name)
{
    crl_error err;
    c->name = name;
    if (!m && crl_model_open_file(&c->own, name, &err)) return cli_failed(&err), false;
    m = m ? m : c->own;
    const int32_t op = crl_find_compiled(m, 0);
    if (op < 0) {
        cli_error("%s: it is not compiled; models are checked together only where all are", name);
        return false;
    }
    crl_status s = crl_package_open(&c->package, m, op, &err);
    if (!s) s = crl_package_verify(c->package, add_fault, c, &err);
    if (s) cli_within(&err, s, "%s", name);
    return s ? cli_failed(&err), false : true;
}

static size_t cached_bytes(const crl_package *p)
{
    return p->caching ? p->caching->parameter_bytes : 0;
}

static bool stays(const checked *c, const checked *other)
{
    bool together = false;
    crl_error err;
    return !crl_packages_together(c->package, other->package, &together, &err) && together;
}

/* How two packages belong together, for text and for programs. */
static const char *relation(const checked *c, const checked *other)
{
    return cli_package_relation(c->package, other->package);
}

static const char *relation_text(const char *relation)
{
    if (!strcmp(relation, "segment_behind")) return ", the segment behind it, which is for a device of its own";
    if (!strcmp(relation, "segment_before")) return ", the segment before it, which is for a device of its own";
    return !strcmp(relation, "compiled_together") ? ", which was compiled together with it" : "";
}

static void print_text(const checked *all, int n)
{
    char size[32];
    for (int i = 0; i < n; i++) {
        const checked *c = &all[i];
        char *clean = cli_clean(c->name, CLI_FOR_TERMINAL);
        printf("%s: compiled for the Edge TPU, ", clean);
        if (c->n_faults)
            printf("%d fault%s\n", c->n_faults, c->n_faults > 1 ? "s" : "");
        else
            puts("nothing wrong: chunks and numbers in order, transfers as hinted, parameters where nothing writes");
        for (int k = 0; k < c->n_faults; k++) printf("  %s\n", c->faults[k]);
        printf("  %s of parameters cached, token %016" PRIx64 "\n",
               cli_bytes_text((double)cached_bytes(c->package), size), c->package->running->token);
        for (int k = 0; k < n; k++) {
            if (k == i || !c->package->caching) continue;
            char *other = cli_clean(all[k].name, CLI_FOR_TERMINAL);
            printf("  they %s when %s runs%s\n", stays(c, &all[k]) ? "stay" : "are written over", other, relation_text(relation(c, &all[k])));
            free(other);
        }
        free(clean);
    }
}

static json_t *checked_json(const checked *all, int n, int i)
{
    const checked *c = &all[i];
    json_t *o = json_object(), *faults = json_array(), *others = json_array();
    char token[17];
    snprintf(token, sizeof token, "%016" PRIx64, c->package->running->token);
    for (int k = 0; k < c->n_faults; k++) json_array_append_new(faults, cli_json_text(c->faults[k]));
    for (int k = 0; k < n; k++) {
        if (k == i) continue;
        json_t *other = json_object();
        json_object_set_new(other, "model", cli_json_text(all[k].name));
        json_object_set_new(other, "relation", json_string(relation(c, &all[k])));
        json_object_set_new(other, "parameters_stay", json_boolean(stays(c, &all[k])));
        json_array_append_new(others, other);
    }
    json_object_set_new(o, "model", cli_json_text(c->name));
    json_object_set_new(o, "kind", json_string("compiled"));
    json_object_set_new(o, "sound", json_boolean(!c->n_faults));
    json_object_set_new(o, "faults", faults);
    json_object_set_new(o, "token", json_string(token));
    json_object_set_new(o, "cached_bytes", json_integer((json_int_t)cached_bytes(c->package)));
    json_object_set_new(o, "streamed_bytes", json_integer((json_int_t)c->package->running->parameter_bytes));
    json_object_set_new(o, "others", others);
    return o;
}

static void print_json(const checked *all, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, checked_json(all, n, i));
    if (n == 1) {
        json_t *one = json_incref(json_array_get(list, 0));
        json_decref(list);
        list = one;
    }
    cli_json_print(list, stdout);
    putchar('\n');
}

int cli_check_packages(const crl_model *first, const cli_list *names, bool json)
{
    checked *all = cli_alloc((size_t)names->n, sizeof *all);
    int code = CLI_DONE;
    for (int i = 0; i < names->n && !code; i++)
        if (!examine(&all[i], i ? NULL : first, names->items[i])) code = CLI_FAILED;
    if (!code) {
        if (json)
            print_json(all, names->n);
        else
            print_text(all, names->n);
        for (int i = 0; i < names->n; i++)
            if (all[i].n_faults) code = CLI_FAILED;
    }
    for (int i = 0; i < names->n; i++) {
        for (int k = 0; k < all[i].n_faults; k++) free(all[i].faults[k]);
        free(all[i].faults);
        crl_package_close(all[i].package);
        crl_model_close(all[i].own);
    }
    free(all);
    return code;
}
