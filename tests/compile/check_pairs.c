/* SPDX-License-Identifier: Apache-2.0 */
/* What check foretells, against what the compiler made: pairs.tsv, of which tools/oracle/gen_pairs.py tells. Models are found by their
 * digest in $CRL_TESTDATA/models and in the folders of $CRL_PAIRS, which are parted by colons. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/check.h>

#include "../models/sha256.h"
#include "checks.h"

enum { LINE = 512, LAYERS = 32, MODELS = 1024 };

typedef struct layer {
    bool output;
    char name[256];
    size_t bytes;
} layer;

typedef struct pair {
    char name[128], digest[SHA256_HEX], left[256];
    int compiler, n_ops, n_layers;
    size_t parameters, streamed;
    layer layers[LAYERS];
} pair;

/* What the formulas do not explain yet: a recurrent layer is unrolled and its gates laid out in an unknown way. */
static const char *const unexplained[] = { "keras_lstm_mnist_ptq" };
/* Of which compiler 2.0 streams what would fit: many equal layers, of which it caches 52 or 78, for reasons that are not known. */
static const char *const streamed[] = { "model_conv_128x128x3x32x7x75", "model_dense_2x2x3x100x100", "model_dense_2x2x3x100x200",
                                        "model_dense_2x2x3x150x100" };
/* Outputs that had other names in the model that was compiled. */
static const char *const renamed[] = { "430b612458b71755abef545f98f1e70b74631f34f2dfd1d751e2f84a9400a1a2",
                                       "f1d3d6767561d9394c754b29c5acd7c47122c010c7fa2503abb22e5b639f9598",
                                       "e055aa147b52fa536df9008cd97c66790deb2c736e35a24975ac47356067a8be",
                                       "29c142d62cd1f4f562bcb423a88b85c67db26aa2c057c4a3ce519bc397a6f7d4",
                                       "6e4b3bffb3b7a04e6897878e8869079300d46fe8f7c7197011fa93436192b294",
                                       "a0911cc573b795dbefaf29630e586ebe76784c54137cd9ced82046d2091e150a" };

static bool among(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(word, list[i])) return true;
    return false;
}

/* ---- models by digest ---- */

typedef struct found {
    char path[LINE], digest[SHA256_HEX];
} found;

static found models[MODELS];
static int n_models;

static void look_into(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d)) && n_models < MODELS;) {
        const size_t n = strlen(e->d_name);
        found *m = &models[n_models];
        crl_model *model;
        if (n < 8 || strcmp(e->d_name + n - 7, ".tflite")) continue;
        if (snprintf(m->path, sizeof m->path, "%s/%s", folder, e->d_name) >= (int)sizeof m->path) continue;
        if (crl_model_open_file(&model, m->path, NULL)) continue;
        sha256_hex(model->bytes, model->size, m->digest);
        crl_model_close(model);
        n_models++;
    }
    closedir(d);
}

static void find_models(void)
{
    char folder[LINE];
    const char *testdata = getenv("CRL_TESTDATA"), *more = getenv("CRL_PAIRS");
    n_models = 0;
    snprintf(folder, sizeof folder, "%s/models", testdata ? testdata : SOURCE_ROOT "/../shared/testdata");
    look_into(folder);
    for (const char *at = more ? more : ""; *at;) {
        const size_t n = strcspn(at, ":");
        snprintf(folder, sizeof folder, "%.*s", (int)(n < LINE ? n : LINE - 1), at);
        look_into(folder);
        at += n + (at[n] == ':');
    }
}

static const char *path_of(const char *digest)
{
    for (int i = 0; i < n_models; i++)
        if (!strcmp(models[i].digest, digest)) return models[i].path;
    return NULL;
}

/* ---- comparing ---- */

/* "63,65-68" has i. */
static bool listed(const char *list, int i)
{
    for (const char *at = list; *at && *at != '-';) {
        char *end;
        const long from = strtol(at, &end, 10), to = *end == '-' ? strtol(end + 1, &end, 10) : from;
        if (i >= from && i <= to) return true;
        at = *end ? end + 1 : end;
    }
    return false;
}

static bool same_layer(const crl_model *m, const crl_check_layer *mine, int n, const layer *want, bool by_name)
{
    for (int i = 0; i < n; i++)
        if (mine[i].bytes == want->bytes && (!by_name || !strcmp(m->subgraphs[0].tensors[mine[i].tensor].name, want->name))) return true;
    return false;
}

/* The state of a recurrent layer goes in under its own name, and comes out with an ending. */
static void cut_state_name(layer *l)
{
    char *end = strstr(l->name, "_variable_output");
    if (end) *end = 0;
}

static void compare(check *t, pair *p, const char *path)
{
    crl_model *m;
    crl_check *c;
    crl_error err;
    const crl_check_options options = { .compiler = p->compiler };
    if (!check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text)) return;
    if (check_that(t, !crl_check_new(&c, m, &options, &err), "%s", err.text)) {
        check_that(t, c->n_ops == p->n_ops, "%s: %d operators, not %d", p->name, c->n_ops, p->n_ops);
        for (int i = 0; i < c->n_ops; i++)
            check_that(t, (c->ops[i].mapping != CRL_MAPPED) == listed(p->left, i), "%s: op %d %s is %s", p->name, i,
                       m->subgraphs[0].operators[i].name, c->ops[i].mapping ? "not mapped" : "mapped");
        if (!among(p->name, unexplained, sizeof unexplained / sizeof *unexplained)) {
            check_that(t, c->parameter_bytes == p->parameters, "%s: %zu bytes of parameters, not %zu", p->name, c->parameter_bytes,
                       p->parameters);
            const bool known = !among(p->name, streamed, sizeof streamed / sizeof *streamed);
            check_that(t, !known || c->streamed_bytes == p->streamed, "%s: %zu bytes streamed, not %zu", p->name, c->streamed_bytes, p->streamed);
        }
        const bool by_name = !among(p->digest, renamed, sizeof renamed / sizeof *renamed);
        check_that(t, c->n_inputs + c->n_outputs == p->n_layers, "%s: %d layers, not %d", p->name, c->n_inputs + c->n_outputs, p->n_layers);
        for (int i = 0; i < p->n_layers; i++) {
            layer *l = &p->layers[i];
            cut_state_name(l);
            check_that(t, same_layer(m, l->output ? c->outputs : c->inputs, l->output ? c->n_outputs : c->n_inputs, l, by_name),
                       "%s: no layer \"%s\" of %zu bytes", p->name, l->name, l->bytes);
        }
        crl_check_free(c);
    }
    crl_model_close(m);
}

static void try_pair(check *t, pair *p, int *seen)
{
    const char *path = p->n_ops ? path_of(p->digest) : NULL;
    if (!path) return;
    check_name(t, p->name);
    compare(t, p, path);
    (*seen)++;
}

/* The fields of a line, which is cut into them. */
static int cut(char *line, char *field[8])
{
    int n = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *at = line; at && n < 8;) {
        field[n++] = at;
        at = strchr(at, '\t');
        if (at) *at++ = 0;
    }
    return n;
}

void check_pairs_agree(check *t, unsigned cpu)
{
    (void)cpu;
    char line[LINE], *field[8];
    FILE *f = fopen(SOURCE_ROOT "/tests/compile/pairs.tsv", "r");
    if (!check_that(t, f != NULL, "no pairs.tsv")) return;
    find_models();
    int seen = 0, rows = 0;
    pair p = { .n_ops = 0 };
    while (fgets(line, sizeof line, f)) {
        const int n = cut(line, field);
        if (n == 8 && !strcmp(field[0], "pair")) {
            try_pair(t, &p, &seen);
            p = (pair){ .compiler = atoi(field[3]), .n_ops = atoi(field[4]), .parameters = strtoull(field[6], NULL, 10),
                        .streamed = strtoull(field[7], NULL, 10) };
            snprintf(p.name, sizeof p.name, "%s", field[1]);
            snprintf(p.digest, sizeof p.digest, "%s", field[2]);
            snprintf(p.left, sizeof p.left, "%s", field[5]);
            rows++;
        } else if (n == 4 && !strcmp(field[0], "layer") && p.n_layers < LAYERS) {
            layer *l = &p.layers[p.n_layers++];
            *l = (layer){ .output = !strcmp(field[1], "out"), .bytes = strtoull(field[3], NULL, 10) };
            snprintf(l->name, sizeof l->name, "%s", field[2]);
        }
    }
    try_pair(t, &p, &seen);
    fclose(f);
    check_that(t, rows >= 120, "%d pairs in the table", rows);
    if (!seen) check_skip(t, "no model of the table is in $CRL_TESTDATA/models or $CRL_PAIRS");
}
