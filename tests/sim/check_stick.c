/* SPDX-License-Identifier: Apache-2.0 */
/* The driver on a stick in software: right answers, and the right answers still where it fails, at every transfer in every way. */
#include <corallite/compile.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "areas.h"
#include "backend/edgetpu/edgetpu.h"
#include "check.h"
#include "engine/setup.h"
#include "sim.h"

enum { PATH = 1024, MS = 1000000 };

static const uint8_t firmware[10783];

typedef struct bench {
    crl_model *compiled, *twin;
    crl_engine *cpu; /* the twin alone: what is right */
    sim *stick;
    crl_edgetpu_setup device;
    crl_canaries canaries;
    crl_backend backend;
    const crl_backend *list[3];
    crl_engine *engine;
} bench;

static bool open_model(check *t, crl_model **m, const char *name)
{
    char path[PATH];
    const char *data = getenv("CRL_TESTDATA");
    snprintf(path, sizeof path, "%s/models/%s.tflite", data ? data : SOURCE_ROOT "/../shared/testdata", name);
    if (access(path, R_OK)) {
        check_skip(t, "%s of the public Coral test set is not there", path);
        return false;
    }
    crl_error err = { 0 };
    return check_that(t, !crl_model_open_file(m, path, &err), "%s", err.text);
}

static void put_away(bench *b)
{
    crl_engine_free(b->engine);
    crl_engine_free(b->cpu);
    crl_canaries_release(&b->canaries);
    if (b->stick) sim_free(b->stick);
    crl_model_close(b->compiled);
    crl_model_close(b->twin);
}

/* `here`: without threads, so that the clock is the same each time. `inside`: what computes in the stick. */
static bool make_engines(check *t, bench *b, bool alone, bool here, const crl_model *inside, crl_arithmetic arithmetic)
{
    crl_error err = { 0 };
    b->stick = sim_new();
    sim_add(b->stick, b->compiled, inside, arithmetic);
    b->device = (crl_edgetpu_setup){ .model = b->compiled, .usb = sim_usb(b->stick), .canaries = &b->canaries,
                                        .options = { .firmware = { firmware, sizeof firmware }, .here = here } };
    b->backend = crl_edgetpu_backend(&b->device);
    b->list[0] = &b->backend;
    b->list[1] = &crl_backend_cpu;
    static const crl_backend *const cpu[] = { &crl_backend_cpu, NULL };
    const crl_engine_setup setup = { .device = b->list, .backends = cpu, .twin = b->twin, .alone = alone, .clock = { sim_now, b->stick } };
    const crl_engine_options options = { .threads = 1, .arithmetic = arithmetic };
    if (!check_that(t, !crl_engine_new(&b->cpu, b->twin, &options, &err), "%s", err.text)) return false;
    return check_that(t, !crl_engine_new_on(&b->engine, b->compiled, &options, &setup, &err), "%s", err.text);
}

static bool plug_in(check *t, bench *b, const char *name, bool alone, bool here)
{
    char compiled[PATH];
    *b = (bench){ 0 };
    snprintf(compiled, sizeof compiled, "%s_edgetpu", name);
    if (!open_model(t, &b->compiled, compiled) || !open_model(t, &b->twin, name)) return false;
    return make_engines(t, b, alone, here, b->twin, CRL_ARITHMETIC_TFLITE);
}

/* A frame of noise, whose outputs have to be those of the CPU. */
static bool frame(check *t, bench *b, const char *when)
{
    crl_error err = { 0 };
    for (int32_t i = 0; i < crl_engine_input_count(b->engine); i++) {
        crl_tensor *in = crl_engine_input(b->engine, i);
        check_fill(t, in->data, in->bytes);
        memcpy(crl_engine_input(b->cpu, i)->data, in->data, in->bytes);
    }
    if (!check_that(t, !crl_engine_run(b->engine, &err), "%s: %s", when, err.text)) return false;
    if (!check_that(t, !crl_engine_run(b->cpu, &err), "%s: %s", when, err.text)) return false;
    for (int32_t i = 0; i < crl_engine_output_count(b->engine); i++) {
        const crl_tensor *got = crl_engine_output(b->engine, i), *want = crl_engine_output(b->cpu, i);
        if (!check_equal(t, want->data, got->data, want->bytes, "%s: output %d", when, (int)i)) return false;
    }
    return true;
}

/* --- right answers ---------------------------------------------------------------------------------------------- */

static void answers(check *t, const char *name, bool slow)
{
    bench b;
    if (plug_in(t, &b, name, true, false)) {
        sim_set_slow(b.stick, slow);
        for (int i = 0; i < 3 && frame(t, &b, name); i++) continue;
        check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        check_that(t, sim_programs(b.stick) == 4, "%d programs ran, not one that caches and three that run", sim_programs(b.stick));
    }
    put_away(&b);
}

static void a_classifier(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "mobilenet_v1_0.25_128_quant", false);
}

static void several_inputs_and_outputs(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "split_concat", false);
}

static void parts_that_stay_on_the_cpu(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "posenet_mobilenet_v1_075_353_481_16_quant_decoder", false);
}

static void a_slow_link(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "split_concat", true);
}

/* A model of this tree, compiled by rule, whose instructions are executed inside of the stick. */
static void the_chip_itself(check *t, unsigned cpu)
{
    (void)cpu;
    bench b = { 0 };
    crl_error err = { 0 };
    uint8_t *bytes = NULL;
    size_t size;
    const crl_compile_options options = { .unproved = true };
    crl_compiled done;
    bool made = check_that(t, !crl_model_open_file(&b.twin, SOURCE_ROOT "/fuzz/corpus/compile/conv", &err), "%s", err.text);
    made = made && check_that(t, !crl_compile(b.twin, &options, &bytes, &size, &done, &err), "%s", err.text);
    made = made && check_that(t, !crl_model_open(&b.compiled, bytes, size, &err), "%s", err.text);
    if (made && make_engines(t, &b, true, false, NULL, CRL_ARITHMETIC_EDGETPU)) {
        for (int i = 0; i < 3 && frame(t, &b, "conv"); i++) continue;
        check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        check_that(t, sim_programs(b.stick) == 4, "%d programs ran, not one that caches and three that run", sim_programs(b.stick));
    }
    put_away(&b);
    free(bytes);
}

/* Two engines on one stick: what one caches takes the place of the other's, and both stay right. */
static void a_stick_is_shared(check *t, unsigned cpu)
{
    (void)cpu;
    bench b, c = { 0 };
    if (plug_in(t, &b, "split_concat", true, false) && plug_in(t, &c, "mobilenet_v1_0.25_128_quant", true, false)) {
        crl_error err = { 0 };
        sim_add(b.stick, c.compiled, c.twin, CRL_ARITHMETIC_TFLITE);
        crl_engine_free(c.engine);
        c.engine = NULL;
        c.device.usb = sim_usb(b.stick);
        const crl_engine_setup setup = { .device = c.list, .alone = true, .clock = { sim_now, b.stick } };
        check_that(t, !crl_engine_new_on(&c.engine, c.compiled, &(crl_engine_options){ .threads = 1 }, &setup, &err), "%s", err.text);
        for (int i = 0; i < 3 && c.engine && frame(t, &b, "one") && frame(t, &c, "the other"); i++) continue;
        check_that(t, sim_programs(b.stick) == 12, "%d programs ran", sim_programs(b.stick));
        check_that(t, sim_handles(b.stick) == 1, "%d handles", sim_handles(b.stick));
        check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        crl_engine_free(c.engine);
        c.engine = NULL;
    }
    put_away(&b);
    put_away(&c);
}

/* --- faults --------------------------------------------------------------------------------------------------------- */

/* It comes back, if it has to, and holds for so long that the next fault is a first one, after which it is soon tried again. */
static bool holds(check *t, bench *b, const char *when)
{
    enum { LONG_MS = 40000 };
    for (int i = 0; i < 2; i++) {
        sim_wait(b->stick, LONG_MS);
        if (!frame(t, b, when)) return false;
    }
    return true;
}

/* Frames until the device serves again, which is within four seconds of its being there; each takes some time. */
static bool comes_back(check *t, bench *b, const char *when)
{
    enum { FRAME_MS = 25, LIMIT_MS = 4000 };
    const uint64_t start = sim_now(b->stick);
    while (!crl_engine_count(b->engine).on_device) {
        const uint64_t since = sim_there_since(b->stick), from = since > start ? since : start, passed = (sim_now(b->stick) - from) / MS;
        if (!check_that(t, passed < LIMIT_MS, "%s: it is not back after %d ms: %s", when, (int)passed, crl_engine_count(b->engine).fault.text))
            return false;
        sim_wait(b->stick, FRAME_MS);
        if (!frame(t, b, when)) return false;
    }
    return frame(t, b, when);
}

static void at_every_transfer(check *t, const char *name, sim_fault fault)
{
    bench b;
    if (plug_in(t, &b, name, false, true) && comes_back(t, &b, "at first")) {
        const int before = sim_transfers(b.stick);
        bool ok = frame(t, &b, "healthy");
        const int n = sim_transfers(b.stick) - before;
        check_that(t, n > 3, "%d transfers", n);
        for (int at = 1; ok && at <= n; at++) {
            char when[128];
            snprintf(when, sizeof when, "fault %d at transfer %d of %d", (int)fault, at, n);
            ok = holds(t, &b, when);
            const uint64_t start = sim_now(b.stick);
            sim_break(b.stick, fault, at);
            ok = ok && frame(t, &b, when);
            const uint64_t took = (sim_now(b.stick) - start) / MS;
            ok = ok && check_that(t, took <= 3000, "%s: the frame took %d ms", when, (int)took);
            ok = ok && check_that(t, sim_has_broken(b.stick), "%s: it did not come to that", when);
            ok = ok && comes_back(t, &b, when);
            ok = ok && check_that(t, !*sim_complaint(b.stick), "%s: %s", when, sim_complaint(b.stick));
        }
    }
    crl_engine_free(b.engine);
    b.engine = NULL;
    if (b.stick) check_that(t, !sim_handles(b.stick), "%d handles are left", sim_handles(b.stick));
    put_away(&b);
}

static void faults(check *t, unsigned cpu)
{
    (void)cpu;
    for (int fault = SIM_NONE + 1; fault < SIM_FAULTS; fault++) at_every_transfer(t, "split_concat", (sim_fault)fault);
}

/* The same while it is opened: the CPU serves until an opening goes well. */
static void faults_of_opening(check *t, unsigned cpu)
{
    (void)cpu;
    bench b;
    if (!plug_in(t, &b, "split_concat", false, true)) {
        put_away(&b);
        return;
    }
    const int n = sim_transfers(b.stick);
    const int step = n / check_rounds(t, n / 3); /* each third, or in samples each 36th */
    for (int fault = SIM_NONE + 1; fault < SIM_FAULTS; fault++)
        for (int at = 1 + check_range(t, 0, step - 1); at < n && !check_failed(t); at += step) {
            char when[128];
            snprintf(when, sizeof when, "fault %d at transfer %d of opening", fault, at);
            if (!holds(t, &b, when)) break;
            sim_plug(b.stick, false);
            if (!frame(t, &b, when)) break;
            sim_plug(b.stick, true);
            sim_break(b.stick, (sim_fault)fault, at);
            if (!comes_back(t, &b, when)) break;
            sim_break(b.stick, SIM_NONE, 0);
        }
    check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
    put_away(&b);
}

/* With a thread that opens it, which gets its turn when the system likes: only that it comes back is looked at. */
static bool comes_back_some_time(check *t, bench *b, const char *when)
{
    enum { MOST = 60000 };
    for (int i = 0; !crl_engine_count(b->engine).on_device; i++) {
        if (!check_that(t, i < MOST, "%s: it does not come back: %s", when, crl_engine_count(b->engine).fault.text)) return false;
        sim_wait(b->stick, 1);
        nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
        if (!frame(t, b, when)) return false;
    }
    return frame(t, b, when);
}

/* What computes something else after it was brought back, or plugged in anew, is not believed until it is as before. */
static void a_stick_that_is_wrong(check *t, unsigned cpu)
{
    (void)cpu;
    bench b;
    for (int away = 0; away < 2 && !check_failed(t); away++) {
        const char *when = away ? "wrong after it was away" : "wrong after a stall";
        if (plug_in(t, &b, "split_concat", false, true) && comes_back(t, &b, "at first") && holds(t, &b, when)) {
            if (away)
                sim_plug(b.stick, false);
            else
                sim_break(b.stick, SIM_STALL, 2);
            frame(t, &b, when);
            sim_set_wrong(b.stick, true);
            if (away) sim_plug(b.stick, true);
            for (int i = 0; i < 200 && frame(t, &b, when); i++) {
                sim_wait(b.stick, 25);
                check_that(t, !crl_engine_count(b.engine).on_device, "%s: it is believed", when);
            }
            check_that(t, strstr(crl_engine_count(b.engine).fault.text, "other numbers") != NULL, "%s: %s", when,
                       crl_engine_count(b.engine).fault.text);
            sim_set_wrong(b.stick, false);
            for (int i = 0; i < 1000 && !crl_engine_count(b.engine).on_device && frame(t, &b, when); i++) sim_wait(b.stick, 25);
            check_that(t, crl_engine_count(b.engine).on_device, "%s: it is right again, and not back: %s", when,
                       crl_engine_count(b.engine).fault.text);
            frame(t, &b, when);
            check_that(t, !*sim_complaint(b.stick), "%s: %s", when, sim_complaint(b.stick));
        }
        put_away(&b);
    }
}

/* Pulled out and put back, again and again. */
static void unplugged(check *t, unsigned cpu)
{
    (void)cpu;
    bench b;
    if (plug_in(t, &b, "mobilenet_v1_0.25_128_quant", false, false))
        for (int i = 0; i < 3 && comes_back_some_time(t, &b, "plugged in"); i++) {
            if (!holds(t, &b, "plugged in")) break;
            sim_plug(b.stick, false);
            for (int k = 0; k < 5 && frame(t, &b, "unplugged"); k++) sim_wait(b.stick, 100);
            check_that(t, !crl_engine_count(b.engine).on_device, "it is said to be there");
            sim_plug(b.stick, true);
        }
    put_away(&b);
}

int area_stick(int argc, char **argv)
{
    static const check_case cases[] = {
        { "a_classifier", a_classifier, false },
        { "several_inputs_and_outputs", several_inputs_and_outputs, false },
        { "parts_that_stay_on_the_cpu", parts_that_stay_on_the_cpu, false },
        { "a_slow_link", a_slow_link, false },
        { "a_stick_is_shared", a_stick_is_shared, false },
        { "the_chip_itself", the_chip_itself, false },
        { "faults", faults, false },
        { "faults_of_opening", faults_of_opening, false },
        { "a_stick_that_is_wrong", a_stick_that_is_wrong, false },
        { "unplugged", unplugged, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
