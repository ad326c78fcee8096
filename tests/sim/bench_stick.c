/* SPDX-License-Identifier: Apache-2.0 */
/* bench_stick [MODEL_edgetpu.tflite [RUNS]]: what the driver costs the host, on a stick in software in this process.
 *
 * Counted is the processor's time in a run less what the stick in software takes, whose calls are timed one by one; and where what goes out
 * comes from: parameters go out of the model's own memory, in the first run and in no other. Exit status 1 where that is not so. Without a model
 * it is MobileNet v1 0.25 of the public Coral test set, a run of which may take 150 us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/edgetpu/edgetpu.h"
#include "base/error.h"
#include "engine/setup.h"
#include "sim.h"

enum { MOST_US = 150, RUNS = 200, WARM_UP = 5, SKIPPED = 77, PATH = 1024 };

static const uint8_t firmware[10783];

/* The stick's table with a clock around it. */
static crl_usb timed;
static const crl_usb *stick;
static uint64_t inside; /* ns of this thread in the stick */
static const crl_model *model;
static size_t from_model, from_elsewhere; /* bytes that went out */

static uint64_t processor_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static crl_usb_result submit(void *handle, crl_usb_transfer *t)
{
    const uint64_t start = processor_ns();
    const uint8_t *data = t->data;
    if (!(t->endpoint & 0x80)) *(data >= model->bytes && data < model->bytes + model->size ? &from_model : &from_elsewhere) += t->bytes;
    const crl_usb_result result = stick->submit(handle, t);
    inside += processor_ns() - start;
    return result;
}

static void events(void *handle, unsigned limit_ms)
{
    const uint64_t start = processor_ns();
    stick->events(handle, limit_ms);
    inside += processor_ns() - start;
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static crl_status measure(crl_engine *engine, int runs, int most_us, crl_error *err)
{
    uint64_t *ns = calloc((size_t)runs, sizeof *ns);
    crl_status s = ns ? crl_engine_run(engine, err) : CRL_ERR_MEMORY;
    const size_t cached = from_model, first = from_elsewhere;
    for (int i = 0; !s && i < WARM_UP; i++) s = crl_engine_run(engine, err);
    for (int i = 0; !s && i < runs; i++) {
        const uint64_t before = inside, start = processor_ns();
        s = crl_engine_run(engine, err);
        ns[i] = processor_ns() - start - (inside - before);
    }
    if (!s) {
        qsort(ns, (size_t)runs, sizeof *ns, by_size);
        const double median = (double)ns[runs / 2] / 1e3;
        printf("processor's time in the driver, of a run: median %.1f us, least %.1f us, of %d runs\n", median, (double)ns[0] / 1e3, runs);
        printf("first run: %zu bytes out of the model's own memory (parameters), %zu others\n", cached, first);
        printf("each run after it: %zu bytes of parameters, %zu others\n", (from_model - cached) / (size_t)(runs + WARM_UP),
               (from_elsewhere - first) / (size_t)(runs + WARM_UP));
        if (!cached || from_model != cached) s = crl_fail(err, CRL_ERR_STATE, "parameters are to go out once, from where they are");
        if (most_us && median > most_us) s = crl_fail(err, CRL_ERR_STATE, "a run may take %d us", most_us);
    }
    free(ns);
    return s;
}

static crl_status run(const crl_model *compiled, const crl_model *twin, int runs, int most_us, crl_error *err)
{
    sim *s = sim_new();
    sim_add(s, compiled, twin, CRL_ARITHMETIC_TFLITE);
    stick = sim_usb(s);
    timed = *stick;
    timed.submit = submit;
    timed.events = events;
    model = compiled;
    crl_engine *engine;
    const crl_bus bus = crl_usb_bus(&timed);
    const crl_edgetpu_setup device = { .model = compiled, .buses = &bus, .n_buses = 1,
                                       .options = { .firmware = { firmware, sizeof firmware }, .here = true } };
    const crl_backend backend = crl_edgetpu_backend(&device);
    const crl_backend *const list[] = { &backend, &crl_backend_cpu, NULL }, *const cpu[] = { &crl_backend_cpu, NULL };
    const crl_engine_setup setup = { .device = list, .backends = cpu, .alone = true, .clock = { sim_now, s } };
    crl_status status = crl_engine_new_on(&engine, compiled, &(crl_engine_options){ .threads = 1 }, &setup, err);
    if (!status) status = measure(engine, runs, most_us, err);
    if (*sim_complaint(s)) printf("the stick: %s\n", sim_complaint(s));
    crl_engine_free(engine);
    sim_free(s);
    return status;
}

int main(int argc, char **argv)
{
    crl_model *compiled = NULL, *twin = NULL;
    crl_error err = { .text = "bench_stick [MODEL_edgetpu.tflite [RUNS]]" };
    char path[PATH];
    const char *data = getenv("CRL_TESTDATA");
    const int runs = argc > 2 ? atoi(argv[2]) : RUNS;
    snprintf(path, sizeof path, "%s/models/mobilenet_v1_0.25_128_quant_edgetpu.tflite", data ? data : SOURCE_ROOT "/../shared/testdata");
    if (argc < 2 && access(path, R_OK)) {
        printf("skip overhead: %s of the public Coral test set is not there\n0 passed, 0 failed, 1 skipped\n", path);
        return SKIPPED;
    }
    const char *name = argc > 1 ? argv[1] : path;
    crl_status s = runs > 0 ? crl_model_open_file(&compiled, name, &err) : CRL_ERR_ARGUMENT;
    if (!s) s = crl_model_open_twin(&twin, NULL, compiled, name, NULL, &err);
    if (!s) s = run(compiled, twin, runs, argc > 1 ? 0 : MOST_US, &err);
    if (s) fprintf(stderr, "%s\n", err.text);
    crl_model_close(twin);
    crl_model_close(compiled);
    printf("%d passed, %d failed\n", !s, s != CRL_OK);
    return s != CRL_OK;
}
