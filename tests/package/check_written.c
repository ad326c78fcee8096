/* SPDX-License-Identifier: Apache-2.0 */
/* Packages written from their tables: the same bytes where nothing was changed, and what was changed where something was. */
#include <corallite/package.h>

#include <string.h>

#include "areas.h"
#include "check.h"
#include "make.h"
#include "package/write.h"
#include "real.h"

/* The options that a package lies in, of an operator whose bytes end at most 256 bytes behind it. */
static void comes_back(check *t, const char *name, const uint8_t *options, size_t size)
{
    crl_package_tree tree;
    crl_pile pile = { 0 };
    uint8_t *bytes = NULL;
    size_t n;
    crl_error err = { .text = "" };
    if (check_that(t, !crl_package_tree_read(&tree, options, size, &pile, &err), "%s: %s", name, err.text) &&
        check_that(t, !crl_package_tree_write(&tree, &bytes, &n, &err), "%s: %s", name, err.text)) {
        check_that(t, n == size, "%s: %zu bytes, want %zu", name, n, size);
        size_t i = 0;
        while (i < n && i < size && bytes[i] == options[i]) i++;
        check_that(t, i == size, "%s: byte %zu of %zu is another", name, i, size);
    }
    crl_free(bytes);
    crl_pile_free(&pile);
}

static void operator_comes_back(check *t, const char *name, const crl_model *m)
{
    const crl_operator *op = &m->subgraphs[0].operators[crl_find_compiled(m, 0)];
    comes_back(t, name, op->custom_options, op->custom_bytes);
}

static void real_ones_come_back(check *t, unsigned cpu)
{
    (void)cpu;
    real_models(t, operator_comes_back);
}

/* One that was made by the other writer is laid out anew once, and then stays. */
static void made_ones_settle(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    crl_package_tree tree;
    crl_pile pile = { 0 };
    uint8_t *bytes = NULL;
    size_t n = 0;
    crl_error err = { .text = "" };
    made_begin(&m);
    made_finish(&m);
    if (check_that(t, !crl_package_tree_read(&tree, m.options, m.options_bytes, &pile, &err), "%s", err.text)) {
        /* A name of another length, and a zero point that files leave out. */
        *crl_tree_at(tree.executables[0], CRL_FIELD_EXECUTABLE_NAME) = (crl_tree_value){ .list = "another name", .n = 12, .present = true };
        crl_tree *layer = crl_tree_at(tree.executables[0], CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS)->tables[0];
        crl_tree *numerics = crl_tree_at(layer, CRL_FIELD_LAYER_NUMERICS)->table;
        crl_tree_at(numerics, CRL_FIELD_NUMERICS_CONSTANTS_ZERO_POINT)->present = false;
        tree.entries[tree.n_entries++] = (crl_option_entry){ .key = "6", .is_list = true, .numbers = { 300, -7 }, .n = 2 };
        tree.entries[tree.n_entries++] = (crl_option_entry){ .key = "8", .is_text = true, .text = "text", .bytes = 4 };
        check_that(t, !crl_package_tree_write(&tree, &bytes, &n, &err), "%s", err.text);
    }
    crl_package *p = NULL;
    m.op.custom_options = bytes;
    m.op.custom_bytes = n;
    if (bytes && check_that(t, !crl_package_open(&p, &m.model, 0, &err), "%s", err.text)) {
        check_that(t,
                   !strcmp(p->running->name, "another name") && !p->running->outputs[0].zero_point &&
                       p->running->outputs[0].scale == 0.5f && p->chip == 300 && p->caching->parameter_bytes == 64 &&
                       p->caching->parameters[2] == 3,
                   "what was changed, and what was not");
        check_that(t, !((p->caching->parameters - p->bytes) % 4096), "parameters begin at byte %td", p->caching->parameters - p->bytes);
        comes_back(t, "made", bytes, n);
        crl_package_close(p);
    }
    crl_free(bytes);
    crl_pile_free(&pile);
    made_end(&m);
}

static bool refuse(void *user, size_t bytes)
{
    (void)bytes;
    return (*(int *)user)-- > 0;
}

/* Each allocation fails in its turn. */
static void writes_or_fails(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    crl_package_tree tree;
    crl_pile pile = { 0 };
    made_begin(&m);
    made_finish(&m);
    bool done = !check_that(t, !crl_package_tree_read(&tree, m.options, m.options_bytes, &pile, NULL), "it cannot be read");
    for (int allowed = 0; !done && allowed < 500; allowed++) {
        int left = allowed;
        uint8_t *bytes;
        size_t n;
        crl_error err = { .text = "" };
        crl_alloc_hook(refuse, &left);
        const crl_status s = crl_package_tree_write(&tree, &bytes, &n, &err);
        crl_alloc_hook(NULL, NULL);
        check_that(t, s ? s == CRL_ERR_MEMORY && !bytes && *err.text : bytes != NULL, "after %d: %d, \"%s\"", allowed, s, err.text);
        crl_free(bytes);
        done = !s;
    }
    check_that(t, done, "it is never written");
    crl_pile_free(&pile);
    made_end(&m);
}

int area_package_written(int argc, char **argv)
{
    static const check_case cases[] = {
        { "real_ones_come_back", real_ones_come_back, false },
        { "made_ones_settle", made_ones_settle, false },
        { "writes_or_fails", writes_or_fails, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
