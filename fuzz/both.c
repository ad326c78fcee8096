/* SPDX-License-Identifier: Apache-2.0 */
/* Both backends, three runs: see both.h. */
#include "both.h"

#include <corallite/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "confine.h"

static void insist(bool promise, const char *what, const crl_error *err)
{
    if (promise) return;
    fprintf(stderr, "fuzz: %s%s%s\n", what, err ? ": " : "", err ? err->text : "");
    abort();
}

typedef struct result {
    crl_status prepared, ran;
    crl_error err;
    crl_engine *engine;
} result;

static void check_sentence(crl_status s, const crl_error *err)
{
    insist(!s || (*err->text && err->status == s), "a failure without a sentence", err);
}

/* A small part of what is usual: sanitizers take their time. What takes seconds all the same has the wrong price. */
enum { WORK = 10000000, WORK_LARGE = 100000000 };

/* Every call of the engine begins with one of these. */
typedef void account(void);

static double begin(account *open)
{
    open();
    return (double)clock() / CLOCKS_PER_SEC;
}

static void end(double start, const char *what, const crl_error *err)
{
    enum { SECONDS = 5 };
    insist((double)clock() / CLOCKS_PER_SEC - start < SECONDS, what, err);
}

static result prepare(const crl_model *m, crl_backend_kind backend, account *open)
{
    result r = { .err = { .text = "" } };
    const double start = begin(open);
    const crl_engine_options options = { .backend = backend, .threads = 1, .work_limit = open == watch_allocations ? WORK_LARGE : WORK };
    r.prepared = crl_engine_new(&r.engine, m, &options, &r.err);
    end(start, "preparing takes seconds", &r.err);
    insist(!r.prepared == !!r.engine, "an engine and a failure", &r.err);
    check_sentence(r.prepared, &r.err);
    return r;
}

/* `resized`: with inputs that are longer by one in one dimension. */
static void run(result *r, uint32_t seed, bool resized, account *open)
{
    const double start = begin(open);
    const int32_t n = crl_engine_input_count(r->engine);
    crl_shape shapes[64];
    r->ran = CRL_OK;
    for (int32_t i = 0; i < n && i < 64; i++) {
        shapes[i] = crl_engine_input(r->engine, i)->shape;
        if (shapes[i].rank) shapes[i].dim[seed % (uint32_t)shapes[i].rank]++;
    }
    if (resized && n <= 64) r->ran = crl_engine_resize(r->engine, shapes, n, &r->err);
    check_sentence(r->ran, &r->err);
    for (int32_t i = 0; i < n; i++) fill_tensor(crl_engine_input(r->engine, i), (uint32_t)i + seed);
    /* What cannot be resized runs as before. */
    const crl_status s = crl_engine_run(r->engine, &r->err);
    end(start, "running takes seconds", &r->err);
    check_sentence(s, &r->err);
    if (!r->ran) r->ran = s;
}

static void compare(const result *want, const result *got)
{
    insist(want->ran == got->ran, "only one backend runs", want->ran ? &want->err : &got->err);
    if (want->ran) return;
    for (int32_t i = 0; i < crl_engine_output_count(want->engine); i++) {
        const crl_tensor *a = crl_engine_output(want->engine, i), *b = crl_engine_output(got->engine, i);
        insist(crl_shape_equal(&a->shape, &b->shape) && a->bytes == b->bytes, "two shapes", NULL);
        insist(!a->bytes || !memcmp(a->data, b->data, a->bytes), "two results", NULL);
    }
}

/* Packed weights and the like may be one block too many for the fuzzer's limit; fast kernels do less work. */
static bool excused(crl_status a, crl_status b)
{
    return a == CRL_ERR_MEMORY || b == CRL_ERR_MEMORY || a == CRL_ERR_TIMEOUT || b == CRL_ERR_TIMEOUT;
}

static bool both(const result *want, const result *got)
{
    if (excused(want->prepared, got->prepared)) return false;
    insist(want->prepared == got->prepared, "only one backend prepares", want->prepared ? &want->err : &got->err);
    return !want->prepared;
}

/* First as the model is; then with other values, which may give other shapes; then resized. After a failed run variables
 * may differ: that is the end. */
static void run_both(result *want, result *got, account *open)
{
    for (uint32_t round = 0; round < 3; round++) {
        run(want, 1 + 77 * round, round == 2, open);
        run(got, 1 + 77 * round, round == 2, open);
        if (excused(want->ran, got->ran)) return;
        compare(want, got);
        if (want->ran) return;
    }
}

void both_backends(const crl_model *m, bool large)
{
    account *open = large ? watch_allocations : confine_allocations;
    result want = prepare(m, CRL_BACKEND_REFERENCE, open), got = prepare(m, CRL_BACKEND_CPU, open);
    if (both(&want, &got)) run_both(&want, &got, open);
    crl_engine_free(want.engine);
    crl_engine_free(got.engine);
    crl_alloc_hook(NULL, NULL);
}
