/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of engines that share a machine: a pool for several, and what they are told. */
#include <corallite/corallite.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "areas.h"
#include "base/cpu.h"
#include "base/given.h"
#include "check.h"

typedef struct heard {
    int n;
    crl_notice_kind kind;
    char text[256];
} heard;

static void hear(void *user, const crl_notice *notice)
{
    heard *h = user;
    h->n++;
    h->kind = notice->kind;
    strncpy(h->text, notice->text, sizeof h->text - 1);
}

static crl_model *open_model(check *t, const char *path)
{
    crl_model *model = NULL;
    crl_error err;
    check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text);
    return model;
}

/* What an engine says while it is made; `level` NULL: CRL_CPU is not set. */
static heard made(check *t, const crl_model *model, int given, const char *level)
{
    heard h = { 0 };
    crl_engine *engine;
    crl_error err;
    if (level) setenv("CRL_CPU", level, 1);
    else unsetenv("CRL_CPU");
    threads_given = given;
    check_that(t, !crl_engine_new(&engine, model, &(crl_engine_options){ .threads = 3, .notice = hear, .notice_user = &h }, &err),
               "%s", err.text);
    threads_given = THREADS_PLENTY;
    crl_engine_free(engine);
    return h;
}

static void notices_tell_what_is_no_error(check *t, unsigned cpu)
{
    crl_model *model = open_model(t, SOURCE_ROOT "/tests/data/tiny_u8.tflite");
    if (!model) return;
    const char *before = getenv("CRL_CPU");
    char saved[32] = "";
    if (before) strncpy(saved, before, sizeof saved - 1);

    heard h = made(t, model, THREADS_PLENTY, NULL);
    check_that(t, h.n == 0, "of nothing: \"%s\"", h.text);
    h = made(t, model, 1, NULL);
    check_that(t, h.n == 1 && h.kind == CRL_NOTICE_THREADS && !strcmp(h.text, "the system gives 2 of 3 threads (ulimit -u, ulimit -v)"),
               "of threads: %d, \"%s\"", h.n, h.text);
    h = made(t, model, THREADS_PLENTY, crl_cpu_name(cpu));
    check_that(t, h.n == 0, "of the machine's own level: \"%s\"", h.text);
    h = made(t, model, THREADS_PLENTY, "ref");
    check_that(t, cpu == 0 || (h.n == 1 && h.kind == CRL_NOTICE_LEVEL && strstr(h.text, "CRL_CPU=ref")), "of a level: %d, \"%s\"", h.n, h.text);
    check_that(t, !strcmp(crl_notice_name(CRL_NOTICE_LEVEL), "level") && !strcmp(crl_notice_name((crl_notice_kind)99), "?"), "names");

    if (before) setenv("CRL_CPU", saved, 1);
    else unsetenv("CRL_CPU");
    crl_model_close(model);
}

/* Runs an engine again and again on an input of its own. */
typedef struct runner {
    pthread_t thread;
    crl_engine *engine;
    uint8_t seed;
    int rounds, wrong;
    void *want; /* the first output, as an engine without a pool has it */
} runner;

static bool run_once(crl_engine *engine, uint8_t seed)
{
    crl_tensor *in = crl_engine_input(engine, 0);
    for (size_t i = 0; i < in->bytes; i++) ((uint8_t *)in->data)[i] = (uint8_t)(i * 7 + i / 50 * seed);
    return !crl_engine_run(engine, NULL);
}

static void *run_often(void *arg)
{
    runner *r = arg;
    const crl_tensor *out = crl_engine_output(r->engine, 0);
    for (int i = 0; i < r->rounds; i++) r->wrong += !run_once(r->engine, r->seed) || memcmp(out->data, r->want, out->bytes);
    return NULL;
}

static bool make_runner(check *t, runner *r, const crl_model *model, crl_pool *pool, int seed)
{
    crl_error err;
    *r = (runner){ .seed = (uint8_t)seed, .rounds = 20 };
    crl_engine *alone;
    if (!check_that(t, !crl_engine_new(&alone, model, &(crl_engine_options){ .threads = 1 }, &err), "%s", err.text)) return false;
    const crl_tensor *out = crl_engine_output(alone, 0);
    check_that(t, run_once(alone, r->seed), "an engine alone");
    r->want = malloc(out->bytes);
    if (r->want) memcpy(r->want, out->data, out->bytes);
    crl_engine_free(alone);
    return check_that(t, r->want && !crl_engine_new(&r->engine, model, &(crl_engine_options){ .pool = pool }, &err), "%s", err.text);
}

static void engines_share_a_pool(check *t, unsigned cpu)
{
    (void)cpu;
    enum { N = 3 };
    crl_model *model = open_model(t, SOURCE_ROOT "/models/signs_detector.tflite");
    crl_pool *pool;
    runner runners[N];
    if (!model || !check_that(t, !crl_pool_new(&pool, 4, NULL), "no pool")) return;
    for (int i = 0; i < N; i++)
        if (!make_runner(t, &runners[i], model, pool, i + 1)) return;
    const crl_engine_info info = crl_engine_describe(runners[0].engine);
    check_that(t, info.threads == 4 && info.threads_asked == 4, "%d of %d threads", info.threads, info.threads_asked);
    for (int i = 0; i < N; i++) check_that(t, !pthread_create(&runners[i].thread, NULL, run_often, &runners[i]), "no thread");
    for (int i = 0; i < N; i++) {
        pthread_join(runners[i].thread, NULL);
        check_that(t, !runners[i].wrong, "engine %d: %d of %d runs have other bytes", i, runners[i].wrong, runners[i].rounds);
    }
    for (int i = 0; i < N; i++) {
        crl_engine_free(runners[i].engine);
        free(runners[i].want);
    }
    crl_pool_free(pool);
    crl_model_close(model);
}

static void a_pool_says_how_many_threads(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *model = open_model(t, SOURCE_ROOT "/tests/data/tiny_u8.tflite");
    crl_pool *pool;
    crl_error err;
    if (!model || !check_that(t, !crl_pool_new(&pool, 2, &err), "no pool")) return;
    crl_engine *engine;
    crl_status s = crl_engine_new(&engine, model, &(crl_engine_options){ .threads = 3, .pool = pool }, &err);
    check_that(t, s == CRL_ERR_ARGUMENT && !strcmp(err.text, "3 threads and a pool of 2: with a pool, leave threads at 0"), "%s: %s",
               crl_status_name(s), err.text);
    s = crl_engine_new(&engine, model, &(crl_engine_options){ .threads = 2, .pool = pool }, &err);
    check_that(t, !s, "the pool's own number: %s", s ? err.text : "");
    crl_engine_free(engine);
    crl_pool_free(pool);
    crl_model_close(model);
}

#if !defined(__SANITIZE_THREAD__) /* which allows no threads in the child of a process that has some */
/* The child has an engine that was idle and a pool that another thread was running on. */
static void engines_go_through_fork(check *t, unsigned cpu)
{
    (void)cpu;
    const char *emulator = getenv("MESON_EXE_WRAPPER");
    if (emulator && strstr(emulator, "qemu")) {
        check_skip(t, "qemu-user ends when a process of several threads forks");
        return;
    }
    crl_model *model = open_model(t, SOURCE_ROOT "/models/signs_detector.tflite");
    crl_pool *pool;
    runner idle, at_work;
    if (!model || !check_that(t, !crl_pool_new(&pool, 3, NULL), "no pool")) return;
    if (!make_runner(t, &idle, model, pool, 1) || !make_runner(t, &at_work, model, pool, 2)) return;
    at_work.rounds = 60;
    check_that(t, !pthread_create(&at_work.thread, NULL, run_often, &at_work), "no thread");
    for (int child = 0; child < 4; child++) {
        const pid_t pid = fork();
        if (!pid) {
            alarm(60);
            idle.rounds = 5; /* plain kernels are slow */
            if (child % 2) run_often(&idle);
            crl_engine_free(idle.engine);
            crl_pool_free(pool);
            /* Whoever looks for leaks at the end would find what belongs to the other thread, which is not here. */
            if (!idle.wrong) execl("/bin/true", "true", (char *)NULL);
            _exit(1);
        }
        int status = -1;
        waitpid(pid, &status, 0);
        check_that(t, status == 0, "a child that %s ends with status %#x", child % 2 ? "runs and frees" : "frees", (unsigned)status);
    }
    pthread_join(at_work.thread, NULL);
    check_that(t, !at_work.wrong, "%d runs beside the forks have other bytes", at_work.wrong);
    crl_engine_free(at_work.engine);
    crl_engine_free(idle.engine);
    free(at_work.want);
    free(idle.want);
    crl_pool_free(pool);
    crl_model_close(model);
}
#endif

int area_engine_shared(int argc, char **argv)
{
    static const check_case cases[] = {
        { "a_pool_says_how_many_threads", a_pool_says_how_many_threads, false },
#if !defined(__SANITIZE_THREAD__)
        { "engines_go_through_fork", engines_go_through_fork, false },
#endif
        { "engines_share_a_pool", engines_share_a_pool, false },
        { "notices_tell_what_is_no_error", notices_tell_what_is_no_error, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
