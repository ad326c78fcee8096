/* SPDX-License-Identifier: Apache-2.0 */
/* The driver on a stick in software, on the USB and on PCIe: right answers, and the right answers still where it fails, at every transfer
 * in every way. */
#include <corallite/compile.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "areas.h"
#include "backend/edgetpu/edgetpu.h"
#include "check.h"
#include "engine/device.h"
#include "sim_apex.h"

enum { PATH = 1024, MS = 1000000 };

static const uint8_t firmware[10783];

typedef struct bench {
    crl_model *compiled, *twin;
    crl_engine *cpu; /* the twin alone: what is right */
    sim *stick;
    sim_apex *apex; /* NULL: it is on the USB */
    crl_bus bus;
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
    if (b->apex) sim_apex_free(b->apex);
    if (b->stick) sim_free(b->stick);
    crl_model_close(b->compiled);
    crl_model_close(b->twin);
}

/* `here`: without threads, so that the clock is the same each time. `inside`: what computes in the stick. */
static bool make_engines(check *t, bench *b, bool alone, bool here, bool pci, const crl_model *inside, crl_arithmetic arithmetic)
{
    crl_error err = { 0 };
    b->stick = sim_new();
    b->apex = pci ? sim_apex_new(b->stick) : NULL;
    sim_add(b->stick, b->compiled, inside, arithmetic);
    b->bus = pci ? crl_apex_bus(sim_apex_system(b->apex)) : crl_usb_bus(sim_usb(b->stick));
    b->device = (crl_edgetpu_setup){ .model = b->compiled, .buses = &b->bus, .n_buses = 1, .canaries = &b->canaries,
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

static bool plug_in(check *t, bench *b, const char *name, bool alone, bool here, bool pci)
{
    char compiled[PATH];
    *b = (bench){ 0 };
    snprintf(compiled, sizeof compiled, "%s_edgetpu", name);
    if (!open_model(t, &b->compiled, compiled) || !open_model(t, &b->twin, name)) return false;
    return make_engines(t, b, alone, here, pci, b->twin, CRL_ARITHMETIC_TFLITE);
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

static void answers(check *t, const char *name, bool slow, bool pci)
{
    bench b;
    if (plug_in(t, &b, name, true, false, pci)) {
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
    answers(t, "mobilenet_v1_0.25_128_quant", false, false);
}

static void several_inputs_and_outputs(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "split_concat", false, false);
}

static void parts_that_stay_on_the_cpu(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "posenet_mobilenet_v1_075_353_481_16_quant_decoder", false, false);
}

static void a_slow_link(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "split_concat", true, false);
}

/* A model of this tree, compiled by rule, whose instructions are executed inside of the stick. */
static void emulated(check *t, bool pci)
{
    bench b = { 0 };
    crl_error err = { 0 };
    uint8_t *bytes = NULL;
    size_t size;
    const crl_compile_options options = { .unproved = true };
    crl_compiled done;
    bool made = check_that(t, !crl_model_open_file(&b.twin, SOURCE_ROOT "/fuzz/corpus/compile/conv", &err), "%s", err.text);
    made = made && check_that(t, !crl_compile(b.twin, &options, &bytes, &size, &done, &err), "%s", err.text);
    made = made && check_that(t, !crl_model_open(&b.compiled, bytes, size, &err), "%s", err.text);
    if (made && make_engines(t, &b, true, false, pci, NULL, CRL_ARITHMETIC_EDGETPU)) {
        for (int i = 0; i < 3 && frame(t, &b, "conv"); i++) continue;
        check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        check_that(t, sim_programs(b.stick) == 4, "%d programs ran, not one that caches and three that run", sim_programs(b.stick));
    }
    put_away(&b);
    free(bytes);
}

static void the_chip_itself(check *t, unsigned cpu)
{
    (void)cpu;
    emulated(t, false);
}

/* Of a compiler that nobody knows yet. */
static void a_newer_package(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m;
    crl_package *p;
    crl_tpu_program program;
    crl_pile pile = { 0 };
    const crl_tpu_tensors none = { 0 };
    crl_error err = { 0 };
    if (!open_model(t, &m, "split_concat_edgetpu")) return;
    if (check_that(t, !crl_package_open(&p, m, crl_find_compiled(m, 0), &err), "%s", err.text)) {
        crl_package newer = *p;
        newer.min_runtime = 15;
        const crl_status s = crl_tpu_program_make(&program, &newer, &none, &pile, &err);
        check_that(t, s == CRL_ERR_UNSUPPORTED && strstr(err.text, "version 15"), "%s", err.text);
        crl_package_close(p);
    }
    crl_pile_free(&pile);
    crl_model_close(m);
}

/* Two engines on one stick: what one caches takes the place of the other's, and both stay right. */
static void a_stick_is_shared(check *t, unsigned cpu)
{
    (void)cpu;
    bench b, c = { 0 };
    if (plug_in(t, &b, "split_concat", true, false, false) && plug_in(t, &c, "mobilenet_v1_0.25_128_quant", true, false, false)) {
        crl_error err = { 0 };
        sim_add(b.stick, c.compiled, c.twin, CRL_ARITHMETIC_TFLITE);
        crl_engine_free(c.engine);
        c.engine = NULL;
        c.bus = b.bus;
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

static void at_every_transfer(check *t, const char *name, sim_fault fault, bool pci)
{
    bench b;
    if (plug_in(t, &b, name, false, true, pci) && comes_back(t, &b, "at first")) {
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
    for (int fault = SIM_NONE + 1; fault < SIM_FAULTS; fault++) at_every_transfer(t, "split_concat", (sim_fault)fault, false);
}

/* The same while it is opened: the CPU serves until an opening goes well. */
static void while_it_opens(check *t, bool pci)
{
    bench b;
    if (!plug_in(t, &b, "split_concat", false, true, pci)) {
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

static void faults_of_opening(check *t, unsigned cpu)
{
    (void)cpu;
    while_it_opens(t, false);
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
static void is_not_believed(check *t, bool pci)
{
    bench b;
    for (int away = 0; away < 2 && !check_failed(t); away++) {
        const char *when = away ? "wrong after it was away" : "wrong after a stall";
        if (plug_in(t, &b, "split_concat", false, true, pci) && comes_back(t, &b, "at first") && holds(t, &b, when)) {
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

static void a_stick_that_is_wrong(check *t, unsigned cpu)
{
    (void)cpu;
    is_not_believed(t, false);
}

/* Pulled out and put back, again and again. */
static void unplugged(check *t, unsigned cpu)
{
    (void)cpu;
    bench b;
    if (plug_in(t, &b, "mobilenet_v1_0.25_128_quant", false, false, false))
        for (int i = 0; i < 3 && comes_back_some_time(t, &b, "plugged in"); i++) {
            if (!holds(t, &b, "plugged in")) break;
            sim_plug(b.stick, false);
            for (int k = 0; k < 5 && frame(t, &b, "unplugged"); k++) sim_wait(b.stick, 100);
            check_that(t, !crl_engine_count(b.engine).on_device, "it is said to be there");
            sim_plug(b.stick, true);
        }
    put_away(&b);
}

/* --- on PCIe ----------------------------------------------------------------------------------------------------------- */

static void pcie_answers(check *t, unsigned cpu)
{
    (void)cpu;
    answers(t, "mobilenet_v1_0.25_128_quant", false, true);
    answers(t, "split_concat", false, true);
    answers(t, "posenet_mobilenet_v1_075_353_481_16_quant_decoder", false, true);
    emulated(t, true);
}

/* The model, in memory that is put so that its parameters lie `at` bytes behind a multiple of 8. */
static bool move_model(check *t, bench *b, uint8_t **memory, size_t at)
{
    crl_package *p;
    crl_error err = { 0 };
    const size_t n = b->compiled->size;
    if (!check_that(t, !crl_package_open(&p, b->compiled, crl_find_compiled(b->compiled, 0), &err), "%s", err.text)) return false;
    const size_t offset = (size_t)(p->caching->parameters - b->compiled->bytes);
    crl_package_close(p);
    *memory = malloc(n + 8);
    if (!*memory) return false;
    uint8_t *bytes = *memory + (at + 8 - offset % 8) % 8;
    memcpy(bytes, b->compiled->bytes, n);
    crl_model_close(b->compiled);
    b->compiled = NULL;
    return check_that(t, !crl_model_open(&b->compiled, bytes, n, &err), "%s", err.text);
}

/* Where they are, as far as the chip can; else out of a copy. */
static void pcie_parameters(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t at = 0; at < 8; at += 4) {
        bench b = { 0 };
        uint8_t *memory = NULL;
        if (open_model(t, &b.compiled, "mobilenet_v1_0.25_128_quant_edgetpu") && open_model(t, &b.twin, "mobilenet_v1_0.25_128_quant") &&
            move_model(t, &b, &memory, at) && make_engines(t, &b, true, false, true, b.twin, CRL_ARITHMETIC_TFLITE)) {
            frame(t, &b, "mobilenet");
            check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        }
        put_away(&b);
        free(memory);
    }
}

static void pcie_faults(check *t, unsigned cpu)
{
    (void)cpu;
    for (int fault = SIM_NONE + 1; fault < SIM_FAULTS; fault++) at_every_transfer(t, "split_concat", (sim_fault)fault, true);
}

static void pcie_faults_of_opening(check *t, unsigned cpu)
{
    (void)cpu;
    while_it_opens(t, true);
}

static void pcie_wrong(check *t, unsigned cpu)
{
    (void)cpu;
    is_not_believed(t, true);
}

/* Of a chip that two engines share, the one that goes takes along what it had mapped, also where the chip has just failed, or the kernel does not
 * take the memory back. */
static void pcie_memory_comes_back(check *t, unsigned cpu)
{
    (void)cpu;
    enum { HEALTHY, HANGS, REFUSES, WAYS };
    for (int way = HEALTHY; way < WAYS; way++) {
        bench b, c = { 0 };
        if (plug_in(t, &b, "split_concat", false, true, true) && comes_back(t, &b, "at first") &&
            plug_in(t, &c, "mobilenet_v1_0.25_128_quant", false, true, true)) {
            crl_error err = { 0 };
            const size_t before = sim_apex_mapped(b.apex);
            sim_add(b.stick, c.compiled, c.twin, CRL_ARITHMETIC_TFLITE);
            crl_engine_free(c.engine);
            c.engine = NULL;
            c.bus = b.bus;
            static const crl_backend *const twin[] = { &crl_backend_cpu, NULL };
            const crl_engine_setup setup = { .device = c.list, .backends = twin, .twin = c.twin, .clock = { sim_now, b.stick } };
            check_that(t, !crl_engine_new_on(&c.engine, c.compiled, &(crl_engine_options){ .threads = 1 }, &setup, &err), "%s", err.text);
            frame(t, &c, "the other");
            check_that(t, sim_apex_mapped(b.apex) > before && before > 2, "%zu pages, then %zu", before, sim_apex_mapped(b.apex));
            if (way == HANGS) {
                sim_break(b.stick, SIM_HANG, 3);
                frame(t, &c, "the other hangs");
            }
            if (way == REFUSES) sim_break(b.stick, SIM_FAIL, 2);
            crl_engine_free(c.engine);
            c.engine = NULL;
            check_that(t, way == HEALTHY || sim_has_broken(b.stick), "it did not come to that");
            check_that(t, sim_apex_mapped(b.apex) == (way ? 0 : before), "way %d: %zu pages are left, of %zu", way, sim_apex_mapped(b.apex), before);
            frame(t, &b, "the one");
            comes_back(t, &b, "the one");
            crl_engine_free(b.engine);
            b.engine = NULL;
            check_that(t, !sim_apex_mapped(b.apex) && !sim_handles(b.stick), "%zu pages, %d files", sim_apex_mapped(b.apex), sim_handles(b.stick));
            check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        }
        put_away(&b);
        put_away(&c);
    }
}

static void pcie_closes_in_order(check *t, unsigned cpu)
{
    (void)cpu;
    sim *s = sim_new();
    sim_apex *a = sim_apex_new(s);
    crl_apex apex;
    crl_error err = { 0 };
    check_that(t, !crl_apex_open(&apex, sim_apex_system(a), 0, CRL_TPU_MAX, &err), "%s", err.text);
    check_that(t, !sim_divider(s), "a clock divided by %d", sim_divider(s) + 1);
    check_that(t, !crl_apex_close(&apex, &err), "%s", err.text);
    check_that(t, sim_apex_was_stopped(a), "it was left as it was");
    check_that(t, !sim_handles(s) && !*sim_complaint(s), "%d files, %s", sim_handles(s), sim_complaint(s));
    sim_apex_free(a);
    sim_free(s);
}

/* Kernels of before, and interrupts that do not arrive, which cost time and nothing else. */
static void pcie_other_systems(check *t, unsigned cpu)
{
    (void)cpu;
    for (int lossy = 0; lossy < 2; lossy++) {
        bench b;
        if (plug_in(t, &b, "split_concat", false, true, true) && comes_back(t, &b, "at first")) {
            sim_plug(b.stick, false);
            frame(t, &b, "away");
            if (lossy)
                sim_apex_lose_interrupts(b.apex);
            else
                sim_apex_set_old(b.apex);
            sim_plug(b.stick, true);
            comes_back(t, &b, lossy ? "no interrupts" : "an older kernel");
            const uint64_t start = sim_now(b.stick);
            sim_break(b.stick, SIM_FATAL, 5);
            frame(t, &b, "a fatal error");
            check_that(t, sim_has_broken(b.stick) && sim_now(b.stick) - start < (uint64_t)500 * MS, "it took %d ms to see a fatal error",
                       (int)((sim_now(b.stick) - start) / MS));
            check_that(t, !*sim_complaint(b.stick), "%s", sim_complaint(b.stick));
        }
        put_away(&b);
    }
}

static void pcie_says_why_not(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        int code;
        size_t page;
        const char *text;
    } cases[] = { { -EACCES, 0, "group apex" }, { -EPERM, 0, "another program" }, { -ETIMEDOUT, 0, "out of its reset" },
                  { -EISDIR, 0, "not the kernel's driver" },
                  { 0, 16384, "pages of 16384 bytes" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sim *s = sim_new();
        sim_apex *a = sim_apex_new(s);
        crl_apex apex;
        crl_error err = { 0 };
        sim_apex_set_code(a, cases[i].code);
        if (cases[i].page) sim_apex_set_page(a, cases[i].page);
        const crl_status status = crl_apex_open(&apex, sim_apex_system(a), 0, CRL_TPU_HIGH, &err);
        check_that(t, status == CRL_ERR_DEVICE && strstr(err.text, cases[i].text), "%s", err.text);
        check_that(t, !sim_handles(s) && !*sim_complaint(s), "%d files, %s", sim_handles(s), sim_complaint(s));
        sim_apex_free(a);
        sim_free(s);
    }
}

static int open_a_file(const crl_apex_system *system, int32_t number)
{
    (void)number;
    const char *path = system->own;
    if (path) return open(path, O_RDWR);
    FILE *f = tmpfile();
    const int fd = f ? dup(fileno(f)) : -1;
    if (f) fclose(f);
    return fd;
}

/* What has its name and is none: no memory of it is touched, which would end the process. */
static void pcie_is_none(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const others[] = { NULL, "/dev/zero", "/dev/null" }; /* NULL: an empty file */
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        crl_apex_system system = *crl_apex_linux();
        crl_apex apex;
        crl_error err = { 0 };
        system.own = (void *)(uintptr_t)others[i];
        system.open = open_a_file;
        system.page_bytes = CRL_APEX_PAGE;
        const crl_status status = crl_apex_open(&apex, &system, 0, CRL_TPU_HIGH, &err);
        check_that(t, status == CRL_ERR_DEVICE && strstr(err.text, "is not the kernel's driver"), "%s", err.text);
    }
}

static crl_status list_one(const crl_bus *bus, crl_place *places, int most, int *n, crl_error *err)
{
    (void)err;
    *n = most > 0 ? 1 : 0;
    if (*n) places[0] = (crl_place){ .pci = true, .number = *(const int32_t *)bus->own };
    return CRL_OK;
}

static crl_status list_none(const crl_bus *bus, crl_place *places, int most, int *n, crl_error *err)
{
    (void)bus, (void)places, (void)most, (void)n;
    return crl_fail(err, CRL_ERR_DEVICE, "it cannot be asked");
}

/* A USB that cannot be asked hides none on PCIe. */
static void bus_that_fails(check *t, unsigned cpu)
{
    (void)cpu;
    int32_t number = 7;
    const crl_bus good = { .own = &number, .list = list_one }, bad = { .list = list_none }, orders[][2] = { { good, bad }, { bad, good }, { bad, bad } };
    for (int i = 0; i < 3; i++) {
        crl_place places[2];
        crl_error err = { 0 };
        int n = -1;
        const crl_status s = crl_engine_devices_look(places, 2, &n, orders[i], 2, &err);
        check_that(t, i < 2 ? !s && n == 1 && places[0].number == 7 : s == CRL_ERR_DEVICE && !n && *err.text, "%d: %d, %d places", i, (int)s, n);
    }
}

/* What of the system is at hand without a device. */
static void pcie_linux(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_apex_system *system = crl_apex_linux();
    const uint64_t start = system->now(system);
    check_that(t, system->open(system, INT32_MAX) == -ENOENT && system->access(system, INT32_MAX) == -ENOENT, "a device that is not there");
    check_that(t, !system->millidegrees(system, INT32_MAX), "its temperature");
    int events[2];
    for (int i = 0; i < 2; i++) events[i] = system->eventfd(system);
    check_that(t, events[0] >= 0 && events[1] >= 0 && !system->wait(system, events, 2, 1), "an event that was not signalled");
    const uint64_t one = 1;
    check_that(t, write(events[1], &one, sizeof one) == sizeof one && system->wait(system, events, 2, 10000) == 2, "the second event");
    check_that(t, !system->wait(system, events, 2, 1), "an event that was taken");
    check_that(t, system->ioctl(system, events[0], CRL_APEX_PERFORMANCE, &(crl_apex_performance){ 0 }) < 0, "a call that it does not know");
    FILE *f = tmpfile(); /* in the place of the device's */
    const bool made = check_that(t, f && !fseek(f, 2 * CRL_APEX_PAGE - 1, SEEK_SET) && fputc(1, f) == 1 && !fflush(f), "no file");
    if (made && system->page_bytes == CRL_APEX_PAGE) {
        uint8_t *memory = system->map(system, fileno(f), CRL_APEX_PAGE, CRL_APEX_PAGE);
        if (check_that(t, memory && memory[CRL_APEX_PAGE - 1] == 1, "the second page")) {
            system->store(system, memory + 8, UINT64_C(0x1122334455667788));
            uint8_t bytes[8];
            check_that(t, system->load(system, memory + 8) == UINT64_C(0x1122334455667788) &&
                              pread(fileno(f), bytes, 8, CRL_APEX_PAGE + 8) == 8 && bytes[0] == 0x88, "what was stored");
            system->unmap(system, memory, CRL_APEX_PAGE);
        }
    }
    if (f) fclose(f);
    for (int i = 0; i < 2; i++) system->close(system, events[i]);
    system->sleep(system, 1);
    check_that(t, system->now(system) > start, "time stands still");
}

/* --- several -------------------------------------------------------------------------------------------------------------- */

typedef struct both {
    bench pcie, usb; /* a chip on each bus; engines of one model, that may use both */
    crl_bus buses[2];
    crl_edgetpu_setup device;
    crl_backend backend;
    const crl_backend *list[3], *cpu[2];
} both;

static bool make_both(check *t, both *b)
{
    b->usb = b->pcie = (bench){ 0 };
    if (!plug_in(t, &b->usb, "split_concat", true, true, false) || !plug_in(t, &b->pcie, "split_concat", true, true, true)) return false;
    b->buses[0] = b->pcie.bus;
    b->buses[1] = b->usb.bus;
    b->device = (crl_edgetpu_setup){ .model = b->usb.compiled, .buses = b->buses, .n_buses = 2,
                                     .options = { .firmware = { firmware, sizeof firmware }, .here = true } };
    b->backend = crl_edgetpu_backend(&b->device);
    b->list[0] = &b->backend;
    b->list[1] = b->cpu[0] = &crl_backend_cpu;
    b->list[2] = b->cpu[1] = NULL;
    bool ok = true;
    bench *const of[] = { &b->pcie, &b->usb };
    for (int i = 0; i < 2; i++) {
        crl_engine_free(of[i]->engine);
        of[i]->engine = NULL;
    }
    for (int i = 0; i < 2; i++) {
        crl_error err = { 0 };
        const crl_engine_setup setup = { .device = b->list, .backends = b->cpu, .twin = b->usb.twin, .clock = { sim_now, b->usb.stick } };
        ok &= check_that(t, !crl_engine_new_on(&of[i]->engine, b->usb.compiled, &(crl_engine_options){ .threads = 1 }, &setup, &err), "%s", err.text);
    }
    return ok;
}

static void put_both_away(check *t, both *b)
{
    crl_engine_free(b->pcie.engine);
    crl_engine_free(b->usb.engine);
    b->pcie.engine = b->usb.engine = NULL;
    check_that(t, !b->usb.stick || !b->pcie.stick || !(sim_handles(b->usb.stick) + sim_handles(b->pcie.stick)), "a chip is still open");
    check_that(t, !b->usb.stick || !*sim_complaint(b->usb.stick), "%s", b->usb.stick ? sim_complaint(b->usb.stick) : "");
    check_that(t, !b->pcie.stick || !*sim_complaint(b->pcie.stick), "%s", b->pcie.stick ? sim_complaint(b->pcie.stick) : "");
    put_away(&b->usb);
    put_away(&b->pcie);
}

/* A frame of each engine; which chip ran how many programs meanwhile. */
static bool run_both(check *t, both *b, int ran[2], const char *when)
{
    const int before[2] = { sim_programs(b->pcie.stick), sim_programs(b->usb.stick) };
    if (!frame(t, &b->pcie, when) || !frame(t, &b->usb, when)) return false;
    ran[0] = sim_programs(b->pcie.stick) - before[0];
    ran[1] = sim_programs(b->usb.stick) - before[1];
    return true;
}

/* Time for both. */
static void let_pass(both *b, unsigned ms)
{
    sim_wait(b->pcie.stick, ms);
    sim_wait(b->usb.stick, ms);
}

/* Engines take one chip each, on whichever bus it is. Of those whose chip is pulled out the CPU computes a frame and the other chip the next
 * ones; and when there is a free one again it is taken, whoever was on which. */
static void frames_are_shared_out(check *t, unsigned cpu)
{
    (void)cpu;
    enum { MOST = 400 };
    for (int pulled = 0; pulled < 2; pulled++) {
        both b;
        int ran[2] = { 0, 0 };
        if (make_both(t, &b) && run_both(t, &b, ran, "at first") && run_both(t, &b, ran, "then")) {
            check_that(t, ran[0] == 1 && ran[1] == 1, "%d programs on PCIe, %d on the USB", ran[0], ran[1]);
            check_that(t, !crl_stick_take_free(b.buses, 2, &b.device.options), "one that is used counts as free");
            sim *const gone = pulled ? b.usb.stick : b.pcie.stick;
            sim_plug(gone, false);
            bool ok = run_both(t, &b, ran, "one is gone");
            for (int i = 0; ok && i < MOST && ran[!pulled] < 2; i++) {
                let_pass(&b, 25);
                ok = run_both(t, &b, ran, "one is gone");
            }
            check_that(t, ran[!pulled] >= 2 && !ran[pulled], "with %d gone: %d and %d programs", pulled, ran[0], ran[1]);
            sim_plug(gone, true);
            for (int i = 0; ok && i < MOST && (ran[0] != 1 || ran[1] != 1); i++) {
                let_pass(&b, 25);
                ok = run_both(t, &b, ran, "it is back");
            }
            check_that(t, ran[0] == 1 && ran[1] == 1, "it is back: %d programs on PCIe, %d on the USB", ran[0], ran[1]);
            for (int i = 0; ok && i < 10 && ran[0] == 1 && ran[1] == 1; i++) {
                let_pass(&b, 3000);
                ok = run_both(t, &b, ran, "later");
            }
            check_that(t, ran[0] == 1 && ran[1] == 1, "later: %d programs on PCIe, %d on the USB", ran[0], ran[1]);
            const crl_engine *stays = pulled ? b.pcie.engine : b.usb.engine;
            check_that(t, !crl_engine_count(stays).faults, "the other engine has %d faults", (int)crl_engine_count(stays).faults);
        }
        put_both_away(t, &b);
    }
}

/* One engine stays on the chip that it has. */
static void one_stays(check *t, unsigned cpu)
{
    (void)cpu;
    both b;
    if (make_both(t, &b)) {
        crl_engine_free(b.usb.engine);
        b.usb.engine = NULL;
        const int before = sim_programs(b.usb.stick);
        for (int i = 0; i < 10 && frame(t, &b.pcie, "one engine"); i++) let_pass(&b, 3000);
        check_that(t, sim_programs(b.usb.stick) == before && sim_programs(b.pcie.stick) == 11, "%d programs on the USB, %d on PCIe",
                   sim_programs(b.usb.stick) - before, sim_programs(b.pcie.stick));
    }
    put_both_away(t, &b);
}

/* Names of devices, where there are some of both kinds. */
static void names(check *t, unsigned cpu)
{
    (void)cpu;
    static const crl_place places[] = { { .pci = true, .number = 0 },
                                        { .pci = true, .number = 2 },
                                        { .usb = { .bus = 1, .depth = 1, .port = { 3 } } },
                                        { .usb = { .bus = 2, .depth = 2, .port = { 1, 4 } } } };
    enum { MEANS_ANY = -1, NONE = -2, WRONG = -3 };
    static const struct {
        const char *name;
        int index;
        crl_device_kind kind;
    } cases[] = { { "", MEANS_ANY, CRL_DEVICE_ANY },    { "usb", MEANS_ANY, CRL_DEVICE_USB },  { "pci", MEANS_ANY, CRL_DEVICE_PCI },
                  { ":0", 0, CRL_DEVICE_ANY },          { ":3", 3, CRL_DEVICE_ANY },           { ":4", NONE, CRL_DEVICE_ANY },
                  { "usb:0", 2, CRL_DEVICE_USB },       { "usb:1", 3, CRL_DEVICE_USB },        { "usb:2", NONE, CRL_DEVICE_USB },
                  { "pci:1", 1, CRL_DEVICE_PCI },       { "pci:2", NONE, CRL_DEVICE_PCI },     { "apex_2", 1, CRL_DEVICE_ANY },
                  { "2-1.4", 3, CRL_DEVICE_ANY },       { "2-1", NONE, CRL_DEVICE_ANY },       { "apex_1", NONE, CRL_DEVICE_ANY },
                  { "tpu", WRONG, CRL_DEVICE_ANY },     { "usb0", WRONG, CRL_DEVICE_USB },     { "usb:", NONE, CRL_DEVICE_USB } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        crl_place place;
        bool any;
        crl_device_kind kind;
        crl_error err = { 0 };
        const crl_status s = crl_engine_device_choose(&place, &any, &kind, cases[i].name, places, 4, &err);
        const crl_status want = cases[i].index == NONE ? CRL_ERR_DEVICE : cases[i].index == WRONG ? CRL_ERR_ARGUMENT : CRL_OK;
        if (!check_that(t, s == want, "\"%s\": %s, %s", cases[i].name, crl_status_name(s), err.text) || s) continue;
        check_that(t, any == (cases[i].index == MEANS_ANY) && kind == cases[i].kind, "\"%s\": any %d, kind %d", cases[i].name, any, (int)kind);
        check_that(t, any || crl_same_place(&place, &places[cases[i].index]), "\"%s\": another place", cases[i].name);
    }
    bool any;
    crl_place place;
    crl_device_kind kind;
    check_that(t, crl_engine_device_choose(&place, &any, &kind, "pci", places + 2, 2, NULL) == CRL_ERR_DEVICE, "PCIe where there is only the USB");
}

int area_stick(int argc, char **argv)
{
    static const check_case cases[] = {
        { "a_classifier", a_classifier, false },
        { "several_inputs_and_outputs", several_inputs_and_outputs, false },
        { "parts_that_stay_on_the_cpu", parts_that_stay_on_the_cpu, false },
        { "a_slow_link", a_slow_link, false },
        { "a_stick_is_shared", a_stick_is_shared, false },
        { "a_newer_package", a_newer_package, false },
        { "the_chip_itself", the_chip_itself, false },
        { "faults", faults, false },
        { "faults_of_opening", faults_of_opening, false },
        { "a_stick_that_is_wrong", a_stick_that_is_wrong, false },
        { "unplugged", unplugged, false },
        { "frames_are_shared_out", frames_are_shared_out, false },
        { "one_stays", one_stays, false },
        { "names", names, false },
        { "pcie_answers", pcie_answers, false },
        { "pcie_parameters", pcie_parameters, false },
        { "pcie_faults", pcie_faults, false },
        { "pcie_faults_of_opening", pcie_faults_of_opening, false },
        { "pcie_wrong", pcie_wrong, false },
        { "pcie_memory_comes_back", pcie_memory_comes_back, false },
        { "pcie_closes_in_order", pcie_closes_in_order, false },
        { "pcie_other_systems", pcie_other_systems, false },
        { "pcie_is_none", pcie_is_none, false },
        { "bus_that_fails", bus_that_fails, false },
        { "pcie_linux", pcie_linux, false },
        { "pcie_says_why_not", pcie_says_why_not, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
