/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of engines that share a machine: what they are told of it. */
#include <corallite/corallite.h>

#include <stdlib.h>
#include <string.h>

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

static crl_model *open_model(check *t)
{
    crl_model *model = NULL;
    crl_error err;
    check_that(t, !crl_model_open_file(&model, SOURCE_ROOT "/tests/data/tiny_u8.tflite", &err), "%s", err.text);
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
    crl_model *model = open_model(t);
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

int area_engine_shared(int argc, char **argv)
{
    static const check_case cases[] = {
        { "notices_tell_what_is_no_error", notices_tell_what_is_no_error, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
