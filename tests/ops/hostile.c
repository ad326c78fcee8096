/* SPDX-License-Identifier: Apache-2.0 */
/* Models of the packed cases with something wrong in them: an option out of range, a shape that does not fit, a type, a scale,
 * an axis, an operand more or less. Both backends refuse it, with the same sentence, or compute the same bytes.
 *
 *   hostile [--seed N] [--rounds N] [NAME...]      seed: of the choices, 0 for new ones (default 1);
 *                                                  rounds: of each kind of case (default 10, in a sample 2); NAME: only kinds that begin so
 *   hostile --seed 123 --rounds 1 "ADD uint8"      again what failed with that seed
 *
 * A sentence about an operator begins with its index and name. The last line is "N passed, N failed"; an operator is one. */
#include <corallite/corallite.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "areas.h"
#include "confine.h"
#include "mutate.h"
#include "packed.h"

enum { ROUNDS = 10, CHOICES = 32, TOLD = 3 };

static uint64_t state;

static uint8_t random_byte(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(state >> 56);
}

typedef struct result {
    crl_status prepared, ran;
    crl_error err;
    crl_engine *engine;
} result;

static void run(result *r, const crl_model *m, crl_backend_kind backend)
{
    *r = (result){ .err = { .text = "" } };
    confine_allocations();
    r->prepared = crl_engine_new(&r->engine, m, &(crl_engine_options){ .backend = backend, .threads = 1 }, &r->err);
    if (r->prepared) return;
    for (int32_t i = 0; i < crl_engine_input_count(r->engine); i++) fill_tensor(crl_engine_input(r->engine, i), (uint32_t)i + 1);
    r->ran = crl_engine_run(r->engine, &r->err);
}

/* Views and packed weights make arenas of another size, and fast kernels do less work. */
static bool too_large(const result *r)
{
    if (r->prepared == CRL_ERR_TIMEOUT || r->ran == CRL_ERR_TIMEOUT) return true;
    return r->prepared == CRL_ERR_MEMORY || r->ran == CRL_ERR_MEMORY || strstr(r->err.text, "MiB are allowed") ||
           strstr(r->err.text, "MiB, at most 768 are allowed");
}

/* What is about no operator. */
static bool about_all(const result *r, crl_status s)
{
    static const char *const begin[] = { "input ", "output ", "the activations need ", "the inputs and outputs need ",
                                        "the operators' scratch buffers need " };
    for (size_t i = 0; i < sizeof begin / sizeof begin[0]; i++)
        if (!strncmp(r->err.text, begin[i], strlen(begin[i]))) return true;
    return s == CRL_ERR_MEMORY;
}

/* "op 0 ADD: ..." of an operator of the model. Success leaves the error as it was. */
static bool well_said(const crl_model *m, const result *r)
{
    if (!r->prepared && !r->ran) return !*r->err.text;
    const crl_status s = r->prepared ? r->prepared : r->ran;
    int i, used = 0;
    char name[64];
    if (!*r->err.text || strchr(r->err.text, '\n') || r->err.status != s) return false;
    if (sscanf(r->err.text, "op %d %63[^:]: %n", &i, name, &used) < 2 || !used) return about_all(r, s);
    const crl_subgraph *g = &m->subgraphs[0];
    return i >= 0 && i < g->n_operators && !strcmp(name, g->operators[i].name) && strlen(r->err.text + used) > 8;
}

static bool same_results(const crl_engine *a, const crl_engine *b)
{
    for (int32_t i = 0; i < crl_engine_output_count(a); i++) {
        const crl_tensor *x = crl_engine_output(a, i), *y = crl_engine_output(b, i);
        if (!crl_shape_equal(&x->shape, &y->shape) || x->bytes != y->bytes) return false;
        if (x->bytes && memcmp(x->data, y->data, x->bytes)) return false;
    }
    return true;
}

/* What is wrong; NULL when nothing is. */
static const char *judge(const crl_model *m, const result *a, const result *b)
{
    if (!well_said(m, a) || !well_said(m, b)) return "a sentence without its operator, or none";
    if (too_large(a) || too_large(b)) return NULL;
    if (a->prepared != b->prepared || a->ran != b->ran) return "only one backend refuses";
    if (strcmp(a->err.text, b->err.text)) return "two sentences";
    return a->prepared || a->ran || same_results(a->engine, b->engine) ? NULL : "two results";
}

typedef struct tally {
    unsigned models, refused, bad;
} tally;

static void try_one(const packed_case *c, const crl_model *original, tally *n)
{
    uint8_t bytes[CHOICES];
    mutant m;
    result a, b;
    const uint64_t seed = state;
    for (int i = 0; i < CHOICES; i++) bytes[i] = random_byte();
    if (mutant_make(&m, original, &(choices){ bytes, CHOICES })) {
        run(&a, &m.model, CRL_BACKEND_REFERENCE);
        run(&b, &m.model, CRL_BACKEND_CPU);
        crl_alloc_hook(NULL, NULL);
        const char *why = judge(&m.model, &a, &b);
        n->models++;
        n->refused += a.prepared || a.ran;
        n->bad += why != NULL;
        if (why && n->bad <= TOLD)
            printf("FAIL %s --seed %llu: %s;%s\n  reference: %s\n  cpu:       %s\n", c->name, (unsigned long long)seed, why,
                   m.text, a.err.text, b.err.text);
        crl_engine_free(a.engine);
        crl_engine_free(b.engine);
    }
    mutant_free(&m);
}

static bool wanted(const char *kind, char **names)
{
    for (char **name = names; *name; name++)
        if (!strncmp(kind, *name, strlen(*name))) return true;
    return !*names;
}

/* The first case of each kind. */
static void try_file(const char *path, int rounds, char **names, tally *n)
{
    reader r;
    uint8_t *raw = packed_read(path, &r);
    packed_case c;
    char kind[80] = "";
    while (raw && r.left && packed_next(&r, &c)) {
        char *number = strrchr(c.name, ' ');
        if (!number || !c.model.bytes) continue; /* another run of the model before */
        *number = 0;
        if (!strcmp(kind, c.name)) continue;
        snprintf(kind, sizeof kind, "%s", c.name);
        crl_model *model;
        if (!wanted(kind, names) || crl_model_open(&model, c.model.data, c.model.bytes, NULL)) continue;
        for (int i = 0; i < rounds; i++) try_one(&c, model, n);
        crl_model_close(model);
    }
    free(raw);
}

int area_hostile(int argc, char **argv)
{
    uint64_t seed = 1;
    int rounds = getenv("CHECK_SAMPLE") ? (ROUNDS + 7) / 8 : ROUNDS, first = 1, passed = 0, failed = 0;
    for (; first + 1 < argc && !strncmp(argv[first], "--", 2); first += 2) {
        if (!strcmp(argv[first], "--seed")) seed = strtoull(argv[first + 1], NULL, 10);
        if (!strcmp(argv[first], "--rounds")) rounds = atoi(argv[first + 1]);
    }
    if (!seed) seed = (uint64_t)time(NULL);
    state = seed;
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    tally all = { 0, 0, 0 };
    for (size_t i = 0; i < n; i++) {
        tally t = { 0, 0, 0 };
        try_file(path[i], rounds, argv + first, &t);
        passed += t.models && !t.bad;
        failed += t.bad != 0;
        all.models += t.models;
        all.refused += t.refused;
        free(path[i]);
    }
    printf("seed %llu: %u models, %u refused\n", (unsigned long long)seed, all.models, all.refused);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !all.models ? 1 : 0;
}
