/* SPDX-License-Identifier: Apache-2.0 */
/* Models that several backends share: whoever claims what, the bytes are the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "engine/setup.h"
#include "fake.h"
#include "ops/packed.h"

/* --- whole models ------------------------------------------------------------------------------------- */

static const char *const models[] = { "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite", "models/signs_classifier.tflite",
                                      "models/signs_detector.tflite" };
enum { N_MODELS = sizeof models / sizeof models[0] };

/* All, none, every second one, and then any. */
static uint32_t choice_of(check *t, int round)
{
    static const uint32_t first[] = { 0xffffffff, 0, 0x55555555, 0xaaaaaaaa, 0x0000ffff, 0x00fff000 };
    enum { N = sizeof first / sizeof first[0] };
    return round < N ? first[round] : (uint32_t)check_random(t);
}

static crl_engine *new_engine(check *t, const crl_model *m, const crl_backend *const *backends, const char *name)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    const crl_engine_options o = { .threads = 1, .work_limit = UINT64_MAX };
    check_that(t, !crl_engine_new_on(&e, m, &o, &(crl_engine_setup){ backends }, &err), "%s: %s", name, err.text);
    return e;
}

/* Steps of the fake, of all. */
static int32_t steps_of_fake(const crl_engine *e, int32_t *all)
{
    int32_t n = 0;
    const crl_profile_row *rows = crl_engine_profile_rows(e, all);
    for (int32_t i = 0; i < *all; i++) n += !strcmp(rows[i].kernel, "fake");
    return n;
}

static void try_model(check *t, const char *name)
{
    enum { ROUNDS = 12 };
    char path[1024];
    crl_model *m;
    crl_error err = { .text = "" };
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    if (!check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text)) return;
    static const crl_backend *const reference[] = { &crl_backend_reference, NULL };
    crl_engine *want = new_engine(t, m, reference, name);
    const crl_tensor *in = want ? crl_engine_input(want, 0) : NULL;
    if (in) check_fill(t, in->data, in->bytes);
    bool ok = in && check_that(t, !crl_engine_run(want, &err), "%s: %s", name, err.text);
    for (int round = 0; ok && round < check_rounds(t, ROUNDS); round++) {
        fake f = { .wants = fake_wants_some, .choice = choice_of(t, round) };
        const crl_backend table = fake_backend(&f), *const backends[] = { &table, &crl_backend_cpu, NULL };
        crl_engine *got = new_engine(t, m, backends, name);
        if (!got) break;
        int32_t all, n = steps_of_fake(got, &all);
        if (round < 2) check_that(t, n == (round ? 0 : all), "%s: %d of %d steps are the fake's", name, n, all);
        memcpy(crl_engine_input(got, 0)->data, in->data, in->bytes);
        ok = check_that(t, !crl_engine_run(got, &err), "%s: %s", name, err.text);
        for (int32_t i = 0; ok && i < crl_engine_output_count(want); i++)
            ok = check_equal(t, crl_engine_output(want, i)->data, crl_engine_output(got, i)->data, crl_engine_output(want, i)->bytes,
                             "%s: output %d, operators %08x are the fake's", name, i, f.choice);
        crl_engine_free(got);
        check_that(t, f.states == 0 && f.calls[FAKE_CLOSE] == 1, "%s: opened %d times, closed %d times", name, f.calls[FAKE_OPEN],
                   f.calls[FAKE_CLOSE]);
    }
    crl_engine_free(want);
    crl_model_close(m);
}

static void every_division_gives_the_same_bytes(check *t, unsigned cpu)
{
    (void)cpu;
    const int only = check_rounds(t, 8) < 8 ? check_range(t, 0, N_MODELS - 1) : -1; /* a sample takes one of them */
    for (int i = 0; i < N_MODELS; i++)
        if (only < 0 || i == only) try_model(t, models[i]);
}

/* --- the oracle's cases -------------------------------------------------------------------------------- */

static bool run_case(check *t, crl_engine *e, const packed_case *c, uint32_t choice)
{
    crl_error err = { .text = "" };
    crl_status s = c->shaped ? crl_engine_resize(e, c->in_shape, (int32_t)c->n_in, &err) : CRL_OK;
    for (uint32_t i = 0; !s && i < c->n_in; i++)
        if (c->in[i].bytes) memcpy(crl_engine_input(e, (int32_t)i)->data, c->in[i].data, c->in[i].bytes);
    if (!s) s = crl_engine_run(e, &err);
    if (!check_that(t, !s, "%s, %08x: %s", c->name, choice, err.text)) return false;
    for (uint32_t i = 0; i < c->n_out && !c->ulp; i++) {
        const crl_tensor *out = crl_engine_output(e, (int32_t)i);
        if (!check_that(t, out->bytes == c->out[i].bytes, "%s, %08x: output %u has %zu bytes", c->name, choice, i, out->bytes) ||
            (out->bytes && !check_equal(t, c->out[i].data, out->data, out->bytes, "%s, %08x: output %u", c->name, choice, i)))
            return false;
    }
    return true;
}

static void try_cases(check *t, const char *path, uint32_t choice)
{
    reader r;
    packed_case c;
    crl_model *m = NULL;
    crl_engine *e = NULL;
    fake f = { .wants = fake_wants_some, .choice = choice };
    const crl_backend table = fake_backend(&f), *const backends[] = { &table, &crl_backend_cpu, NULL };
    uint8_t *raw = packed_read(path, &r);
    check_that(t, raw != NULL, "no cases in %s", path);
    while (raw && packed_next(&r, &c) && !check_failed(t)) {
        if (c.model.bytes) {
            crl_error err = { .text = "" };
            crl_engine_free(e);
            crl_model_close(m);
            e = NULL;
            m = NULL;
            if (!check_that(t, !crl_model_open(&m, c.model.data, c.model.bytes, &err), "%s: %s", c.name, err.text)) break;
            e = new_engine(t, m, backends, c.name);
        }
        if (!e || !run_case(t, e, &c, choice)) break;
    }
    crl_engine_free(e);
    crl_model_close(m);
    free(raw);
}

/* Subgraphs, late shapes, resized inputs, variables: whatever the oracle was asked about. */
static void every_case_is_divided(check *t, unsigned cpu)
{
    (void)cpu;
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    check_that(t, n > 0, "no cases");
    const int step = n ? (int)n / check_rounds(t, (int)n) : 1, some = check_range(t, 0, step - 1);
    for (int i = 0; i < (int)n; i++) {
        for (int round = 0; i % step == some && round < 4 && !check_failed(t); round++) try_cases(t, path[i], choice_of(t, 2 * round));
        free(path[i]);
    }
}

/* --- operators that only a backend knows -------------------------------------------------------------- */

static const int32_t zero[] = { 0 }, one[] = { 1 };

/* uint8 [8] -> a custom operator -> uint8 [8] */
static crl_model with_custom(const char *name, crl_operator *op, crl_tensor_def tensors[2], crl_subgraph *graph)
{
    for (int i = 0; i < 2; i++)
        tensors[i] = (crl_tensor_def){ .name = "", .type = CRL_UINT8, .shape = { .rank = 1, .dim = { 8 } } };
    *op = (crl_operator){ .name = name, .code = CRL_CUSTOM, .inputs = zero, .n_inputs = 1, .outputs = one, .n_outputs = 1 };
    *graph = (crl_subgraph){ .name = "", .tensors = tensors, .n_tensors = 2, .operators = op, .n_operators = 1, .inputs = zero,
                             .n_inputs = 1, .outputs = one, .n_outputs = 1 };
    return (crl_model){ .version = 3, .subgraphs = graph, .n_subgraphs = 1 };
}

static void a_backend_may_know_more_operators(check *t, unsigned cpu)
{
    (void)cpu;
    fake f = { .wants = fake_wants_some };
    const crl_backend table = fake_backend(&f);
    const crl_backend *const with[] = { &table, &crl_backend_cpu, NULL }, *const without[] = { &crl_backend_cpu, NULL };
    crl_operator op;
    crl_tensor_def tensors[2];
    crl_subgraph graph;
    crl_engine *e;
    crl_error err = { .text = "" };
    crl_model m = with_custom("made-up", &op, tensors, &graph);
    crl_status s = crl_engine_new_on(&e, &m, NULL, &(crl_engine_setup){ without }, &err);
    check_that(t, s == CRL_ERR_UNSUPPORTED && strstr(err.text, "op 0 made-up: a custom operator that is not known here"), "%s", err.text);
    s = crl_engine_new_on(&e, &m, NULL, &(crl_engine_setup){ with }, &err);
    if (check_that(t, !s, "%s", err.text)) {
        ((uint8_t *)crl_engine_input(e, 0)->data)[3] = 5;
        check_that(t, !crl_engine_run(e, &err), "%s", err.text);
        const uint8_t *out = crl_engine_output(e, 0)->data;
        check_that(t, out[3] == 250 && out[0] == 255, "it gives %d and %d", out[3], out[0]);
        crl_engine_free(e);
    }
    m = with_custom("edgetpu-custom-op", &op, tensors, &graph);
    s = crl_engine_new_on(&e, &m, NULL, &(crl_engine_setup){ with }, &err);
    check_that(t, s == CRL_ERR_UNSUPPORTED && strstr(err.text, "this model is compiled for the Edge TPU"), "%s", err.text);
    check_that(t, f.states == 0, "%d states are left open", f.states);
}

/* --- faults without a supervisor ---------------------------------------------------------------------- */

static void faults_are_passed_on(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m;
    crl_error err = { .text = "" };
    if (!check_that(t, !crl_model_open_file(&m, SOURCE_ROOT "/tests/data/tiny_u8.tflite", &err), "%s", err.text)) return;
    for (int at = 0; at < FAKE_POINTS; at++) {
        fake f = { 0 };
        f.broken[at] = true;
        const crl_backend table = fake_backend(&f), *const backends[] = { &table, &crl_backend_cpu, NULL };
        crl_engine *e;
        err = (crl_error){ .text = "" };
        crl_status s = crl_engine_new_on(&e, m, NULL, &(crl_engine_setup){ backends }, &err);
        check_that(t, (at <= FAKE_LOWER) == !e, "point %d: %s", at, err.text);
        if (e) s = crl_engine_run(e, &err);
        const bool heard = at != FAKE_RECOVER && at != FAKE_CLOSE;
        check_that(t, s == (heard ? CRL_ERR_DEVICE : CRL_OK) && !strstr(err.text, "fails at") == !heard, "point %d: %s", at, err.text);
        crl_engine_free(e);
        check_that(t, f.states == 0, "point %d: %d states are left open", at, f.states);
    }
    crl_model_close(m);
}

int area_engine_segments(int argc, char **argv)
{
    static const check_case cases[] = {
        { "every_division_gives_the_same_bytes", every_division_gives_the_same_bytes, false },
        { "every_case_is_divided", every_case_is_divided, false },
        { "a_backend_may_know_more_operators", a_backend_may_know_more_operators, false },
        { "faults_are_passed_on", faults_are_passed_on, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
