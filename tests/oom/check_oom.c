/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: every allocation failed in turn; none while running; as much as is written down. */
#include <corallite/corallite.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check.h"
#include "count_malloc.h"

static const char *const models[] = { "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite" };
enum { N_MODELS = sizeof models / sizeof models[0] };

static const crl_backend_kind backends[] = { CRL_BACKEND_REFERENCE, CRL_BACKEND_CPU };

/* The hook: counts, and refuses allocation number `fail_at`. */
typedef struct refusal {
    atomic_long seen;
    long fail_at; /* -1: none */
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return atomic_fetch_add(&r->seen, 1) != r->fail_at;
}

static void path_of(char path[1024], const char *name)
{
    snprintf(path, 1024, "%s/%s", SOURCE_ROOT, name);
}

/* Open, prepare, run, throw away. */
static crl_status scenario(const char *path, crl_backend_kind backend, crl_error *err)
{
    crl_model *model;
    crl_status s = crl_model_open_file(&model, path, err);
    if (s) return model ? CRL_OK : s;
    crl_engine *e;
    s = crl_engine_new(&e, model, &(crl_engine_options){ .backend = backend, .threads = 2 }, err);
    if (s && e) s = CRL_OK; /* `*out` has to be NULL after a failure: let the check see it */
    if (e) {
        for (int32_t i = 0; i < crl_engine_input_count(e); i++)
            memset(crl_engine_input(e, i)->data, 77, crl_engine_input(e, i)->bytes);
        if (!s) s = crl_engine_run(e, err);
    }
    crl_engine_free(e);
    crl_model_close(model);
    return s;
}

static void fail_each_allocation(check *t, unsigned cpu)
{
    (void)cpu;
    for (int m = 0; m < N_MODELS; m++) {
        char path[1024];
        path_of(path, models[m]);
        for (size_t b = 0; b < sizeof backends / sizeof backends[0]; b++) {
            const char *backend = crl_backend_name(backends[b]);
            crl_error err;
            /* Once without refusals, so that what the C library keeps for its threads is there already. */
            crl_status s = scenario(path, backends[b], &err);
            if (!check_that(t, !s, "%s %s: %s", models[m], backend, err.text)) return;
            const long before = count_malloc_living();
            for (long fail_at = 0;; fail_at++) {
                refusal r = { .fail_at = fail_at };
                err = (crl_error){ .text = "" };
                crl_alloc_hook(allow, &r);
                s = scenario(path, backends[b], &err);
                crl_alloc_hook(NULL, NULL);
                const long living = count_malloc_living();
                if (!check_that(t, living == before, "%s %s: allocation %ld refused, %ld blocks leaked", models[m], backend,
                                fail_at, living - before))
                    return;
                if (r.seen <= fail_at) { /* it had all that it wanted */
                    check_that(t, !s, "%s %s: %s", models[m], backend, err.text);
                    check_that(t, fail_at > 10, "%s %s: only %ld allocations, does the hook work?", models[m], backend, fail_at);
                    break;
                }
                if (!check_that(t, s == CRL_ERR_MEMORY && err.status == s && *err.text,
                                "%s %s: allocation %ld refused, and the answer is %s: \"%s\"", models[m], backend, fail_at,
                                crl_status_name(s), err.text))
                    return;
            }
        }
    }
}

static void running_allocates_nothing(check *t, unsigned cpu)
{
    (void)cpu;
    for (int m = 0; m < N_MODELS; m++) {
        char path[1024];
        path_of(path, models[m]);
        for (size_t b = 0; b < sizeof backends / sizeof backends[0]; b++) {
            crl_error err;
            crl_model *model;
            crl_engine *e = NULL;
            if (!check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text)) return;
            crl_status s = crl_engine_new(&e, model, &(crl_engine_options){ .backend = backends[b], .threads = 2 }, &err);
            if (check_that(t, !s, "%s", err.text)) {
                refusal r = { .fail_at = -1 };
                crl_alloc_hook(allow, &r);
                const long before = count_malloc_calls();
                for (int run = 0; run < 3 && !s; run++) {
                    memset(crl_engine_input(e, 0)->data, 50 * run, crl_engine_input(e, 0)->bytes);
                    s = crl_engine_run(e, &err);
                }
                crl_engine_reset(e);
                const long calls = count_malloc_calls() - before;
                crl_alloc_hook(NULL, NULL);
                check_that(t, !s, "%s", err.text);
                check_that(t, r.seen == 0 && calls == 0, "%s %s: %ld allocations by the library, %ld in all", models[m],
                           crl_backend_name(backends[b]), (long)r.seen, calls);
            }
            crl_engine_free(e);
            crl_model_close(model);
        }
    }
}

/* A line of arena.tsv. A different number may well be right: then the file changes, and someone reads it. */
static void check_arena(check *t, const char *name, crl_backend_kind backend, size_t want)
{
    char path[1024];
    path_of(path, name);
    crl_error err;
    crl_model *model;
    crl_engine *e = NULL;
    if (!check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text)) return;
    crl_status s = crl_engine_new(&e, model, &(crl_engine_options){ .backend = backend, .threads = 1, .cpu = "ref" }, &err);
    if (check_that(t, !s, "%s", err.text))
        check_that(t, crl_engine_describe(e).arena_bytes == want,
                   "%s %s: the arena has %zu bytes; %zu are written down in tests/oom/arena.tsv", name,
                   crl_backend_name(backend), crl_engine_describe(e).arena_bytes, want);
    crl_engine_free(e);
    crl_model_close(model);
}

static void arena_is_as_written_down(check *t, unsigned cpu)
{
    (void)cpu;
    char path[1024], line[1024];
    path_of(path, "tests/oom/arena.tsv");
    FILE *f = fopen(path, "r");
    if (!check_that(t, f != NULL, "no file %s", path)) return;
    int lines = 0;
    while (fgets(line, sizeof line, f)) {
        char name[512], backend[32];
        size_t bytes;
        if (*line == '#' || sscanf(line, "%511s %31s %zu", name, backend, &bytes) != 3) continue;
        check_arena(t, name, strcmp(backend, "reference") ? CRL_BACKEND_CPU : CRL_BACKEND_REFERENCE, bytes);
        lines++;
    }
    fclose(f);
    check_that(t, lines > 0, "%s has no lines", path);
}

int main(int argc, char **argv)
{
    static const check_case cases[] = {
        { "fail_each_allocation", fail_each_allocation, false },
        { "running_allocates_nothing", running_allocates_nothing, false },
        { "arena_is_as_written_down", arena_is_as_written_down, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
