/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: every allocation failed in turn; none while running; as much as is written down. */
#include <corallite/compile.h>
#include <corallite/corallite.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "check.h"
#include "compile/follow.h"
#include "count_malloc.h"
#include "ops/packed.h"

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

/* The allocation to refuse after this one; a sample leaves some out. */
static long next_of(check *t, long fail_at)
{
    return fail_at + (check_rounds(t, 8) < 8 ? check_range(t, 1, 7) : 1);
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
            for (long fail_at = 0;; fail_at = next_of(t, fail_at)) {
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

/* --- twins ----------------------------------------------------------------------------------------------- */

/* A package of the dense layer with other scales inside. */
static bool make_package(check *t, const char *path, uint8_t **bytes, size_t *size)
{
    crl_model *m = NULL;
    crl_error err = { .text = "" };
    const crl_compile_options options = { .unproved = true };
    crl_status s = crl_model_open_file(&m, path, &err);
    for (int32_t i = 0; !s && i < m->subgraphs[0].n_tensors; i++) {
        const crl_tensor_def *w = &m->subgraphs[0].tensors[i];
        for (int32_t k = 0; w->data && w->type == CRL_INT8 && k < w->quant.n; k++) ((float *)(uintptr_t)w->quant.scale)[k] *= 1.25f;
    }
    if (!s) s = crl_compile(m, &options, bytes, size, NULL, &err);
    crl_model_close(m);
    return check_that(t, !s, "%s", err.text);
}

static crl_status follow_once(const char *path, const uint8_t *package, size_t size, bool *followed, crl_error *err)
{
    crl_model *compiled = NULL, *twin = NULL;
    crl_status s = crl_model_open(&compiled, package, size, err);
    if (!s) s = crl_model_open_file(&twin, path, err);
    if (!s) s = crl_twin_follow(twin, compiled, err);
    *followed = !s && twin->subgraphs[0].operators[1].chip;
    crl_model_close(twin);
    crl_model_close(compiled);
    return s;
}

static void following_fails_cleanly(check *t, unsigned cpu)
{
    (void)cpu;
    char path[1024];
    uint8_t *package = NULL;
    size_t size;
    bool followed = false;
    path_of(path, "fuzz/corpus/compile/dense");
    if (!make_package(t, path, &package, &size)) return;
    const long before = count_malloc_living();
    for (long fail_at = 0; !followed; fail_at = next_of(t, fail_at)) {
        refusal r = { .fail_at = fail_at };
        crl_error err = { .text = "" };
        crl_alloc_hook(allow, &r);
        const crl_status s = follow_once(path, package, size, &followed, &err);
        crl_alloc_hook(NULL, NULL);
        const long living = count_malloc_living();
        if (!check_that(t, living == before, "allocation %ld refused, %ld blocks leaked", fail_at, living - before)) break;
        const bool all = r.seen <= fail_at;
        if (!check_that(t, all ? !s && followed && fail_at > 10 : s == CRL_ERR_MEMORY && *err.text, "allocation %ld of %ld refused: %s \"%s\"", fail_at,
                        (long)r.seen, crl_status_name(s), err.text))
            break;
    }
    free(package);
}

/* --- models whose runs and inputs make parts anew ------------------------------------------------------ */

/* Of tests/ops/data: the first case of the kind, all its runs. */
static const struct {
    const char *file, *kind;
    bool repeats; /* a run that failed can be made again, and gives the same: the model keeps nothing */
} flows[] = {
    { "IF", "float32_where", true },          { "IF", "int8_nested", true },       { "WHILE", "int8_nested", true },
    { "WHILE", "float32_dynamic", true },     { "CALL_ONCE", "float32", false },   { "READ_VARIABLE", "float32_grown", false },
    { "READ_VARIABLE", "int32_loop", false }, { "DYNAMIC", "CONV_2D", true },      { "DYNAMIC", "WHERE", true },
    { "RESIZED", "int8", true },              { "RESIZED", "float32", true },
};

enum { MOST_RUNS = 8 };

typedef struct flow {
    uint8_t *raw;
    packed_case run[MOST_RUNS];
    int n;
} flow;

static bool load_flow(flow *f, const char *file, const char *kind)
{
    char path[1024], name[128];
    snprintf(name, sizeof name, "tests/ops/data/%s.ops", file);
    path_of(path, name);
    snprintf(name, sizeof name, "%s %s 0", file, kind);
    reader r;
    packed_case c;
    f->n = 0;
    f->raw = packed_read(path, &r);
    while (f->raw && r.left && f->n < MOST_RUNS && packed_next(&r, &c))
        if (!strcmp(c.name, name)) f->run[f->n++] = c;
    return f->n > 0;
}

static crl_status run_once(crl_engine *e, const packed_case *c, crl_error *err)
{
    crl_status s = crl_engine_resize(e, c->in_shape, (int32_t)c->n_in, err);
    for (uint32_t i = 0; i < c->n_in && !s; i++) memcpy(crl_engine_input(e, (int32_t)i)->data, c->in[i].data, c->in[i].bytes);
    return s ? s : crl_engine_run(e, err);
}

static bool outputs_are_right(const crl_engine *e, const packed_case *c)
{
    for (uint32_t i = 0; i < c->n_out; i++) {
        const crl_tensor *t = crl_engine_output(e, (int32_t)i);
        if (t->bytes != c->out[i].bytes || (t->bytes && memcmp(t->data, c->out[i].data, t->bytes))) return false;
    }
    return true;
}

/* A refusal ends the scenario, but not the engine: without one, the run is then made again. `*usable` gets whether it was. */
static crl_status flow_scenario(const flow *f, bool repeats, crl_backend_kind backend, bool *usable, crl_error *err)
{
    crl_model *model;
    crl_engine *e = NULL;
    *usable = true;
    crl_status s = crl_model_open(&model, f->run[0].model.data, f->run[0].model.bytes, err);
    if (!s) s = crl_engine_new(&e, model, &(crl_engine_options){ .backend = backend, .threads = 1 }, err);
    for (int i = 0; i < f->n && !s; i++) {
        s = run_once(e, &f->run[i], err);
        if (!s) continue;
        crl_error unread;
        crl_alloc_hook(NULL, NULL);
        *usable = !run_once(e, &f->run[i], &unread) && (!repeats || outputs_are_right(e, &f->run[i]));
    }
    crl_engine_free(e);
    crl_model_close(model);
    return s;
}

/* Every allocation refused in turn; false when something is wrong. */
static bool refuse_each(check *t, const flow *f, const char *name, bool repeats, crl_backend_kind backend)
{
    const char *where = crl_backend_name(backend);
    for (long fail_at = 0;; fail_at = next_of(t, fail_at)) {
        refusal r = { .fail_at = fail_at };
        crl_error err = { .text = "" };
        bool usable;
        const long before = count_malloc_living();
        crl_alloc_hook(allow, &r);
        const crl_status s = flow_scenario(f, repeats, backend, &usable, &err);
        crl_alloc_hook(NULL, NULL);
        const long leaked = count_malloc_living() - before;
        if (!check_that(t, !leaked, "%s %s: allocation %ld refused, %ld blocks leaked", name, where, fail_at, leaked)) return false;
        if (!check_that(t, usable, "%s %s: allocation %ld refused, and the engine is of no use afterwards", name, where, fail_at))
            return false;
        if (r.seen <= fail_at) return check_that(t, !s, "%s %s: %s", name, where, err.text);
        if (!check_that(t, s == CRL_ERR_MEMORY && err.status == s && *err.text,
                        "%s %s: allocation %ld refused, and the answer is %s: \"%s\"", name, where, fail_at, crl_status_name(s),
                        err.text))
            return false;
    }
}

static void fail_each_allocation_of_a_flow(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t k = 0; k < sizeof flows / sizeof flows[0]; k++) {
        flow f;
        char name[64];
        snprintf(name, sizeof name, "%s %s", flows[k].file, flows[k].kind);
        bool ok = check_that(t, load_flow(&f, flows[k].file, flows[k].kind), "%s: no such case", name);
        for (size_t b = 0; ok && b < sizeof backends / sizeof backends[0]; b++)
            ok = refuse_each(t, &f, name, flows[k].repeats, backends[b]);
        free(f.raw);
    }
}

/* Subgraphs whose shapes do not change, and parts whose shapes and values are those of the run before. */
static void flows_allocate_nothing_once_settled(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t k = 0; k < sizeof flows / sizeof flows[0]; k++) {
        for (size_t b = 0; b < sizeof backends / sizeof backends[0]; b++) {
            flow f;
            crl_error err = { .text = "" };
            crl_model *model = NULL;
            crl_engine *e = NULL;
            if (!flows[k].repeats || !load_flow(&f, flows[k].file, flows[k].kind)) break;
            crl_status s = crl_model_open(&model, f.run[0].model.data, f.run[0].model.bytes, &err);
            if (!s) s = crl_engine_new(&e, model, &(crl_engine_options){ .backend = backends[b], .threads = 1 }, &err);
            for (int i = 0; i < f.n && !s; i++) {
                s = run_once(e, &f.run[i], &err);
                if (!strcmp(flows[k].kind, "float32_dynamic")) continue; /* its loop goes through shapes in every run */
                const long before = count_malloc_calls();
                if (!s) s = run_once(e, &f.run[i], &err);
                check_that(t, count_malloc_calls() == before, "%s %s, run %d again: %ld allocations", flows[k].file,
                           flows[k].kind, i, count_malloc_calls() - before);
            }
            check_that(t, !s, "%s %s: %s", flows[k].file, flows[k].kind, err.text);
            crl_engine_free(e);
            crl_model_close(model);
            free(f.raw);
        }
    }
}

static void runs_allocate_nothing(check *t, const char *name, const crl_engine_options *options)
{
    char path[1024];
    path_of(path, name);
    crl_error err;
    crl_model *model;
    crl_engine *e = NULL;
    if (!check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text)) return;
    crl_status s = crl_engine_new(&e, model, options, &err);
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
        check_that(t, r.seen == 0 && calls == 0, "%s, %s %s, %d threads: %ld allocations by the library, %ld in all", name,
                   crl_backend_name(options->backend), options->cpu, options->threads, (long)r.seen, calls);
    }
    crl_engine_free(e);
    crl_model_close(model);
}

/* At every level of the machine; plain kernels are slow, and tiny models show them all the same. */
static void running_allocates_nothing(check *t, unsigned cpu)
{
    static const char *const names[] = { "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite",
                                         "models/signs_classifier.tflite", "models/signs_detector.tflite" };
    const size_t n = sizeof names / sizeof names[0];
    for (size_t m = 0; m < (cpu || check_rounds(t, 8) == 8 ? n : n - 1); m++)
        for (int threads = 1; threads <= (cpu || m < 2 ? 2 : 1); threads++) {
            crl_engine_options o = { .backend = CRL_BACKEND_CPU, .threads = threads, .cpu = crl_cpu_name(cpu) };
            runs_allocate_nothing(t, names[m], &o);
            o.backend = CRL_BACKEND_REFERENCE;
            if (!cpu && m < 2) runs_allocate_nothing(t, names[m], &o);
        }
}

/* --- frames ---------------------------------------------------------------------------------------- */

static const char names[] = "0 person\n1 \xd0\xba\xd0\xbe\xd1\x88\xd0\xba\xd0\xb0\n2 sign\n"; /* the second by pango, where there is one */
enum { FRAME_WIDTH = 142, FRAME_HEIGHT = 102 };

/* What is made once for a stream. */
typedef struct stream {
    crl_frame_format format;
    crl_converter *converter;
    crl_painter *painter;
    crl_labels *labels;
    crl_image picture, mask;
    crl_tensor input;
} stream;

/* A frame to the input, and to a picture that results are drawn into. */
static crl_status one_frame(stream *s, const crl_frame *frame, crl_error *err)
{
    const crl_detection d[3] = { { 0, 0.91f, { 20, 30, 70, 90 } }, { 1, 0.72f, { 80, 40, 130, 80 } }, { 7, 0.5f, { 90, 10, 120, 30 } } };
    crl_pose pose = { .score = 0.9f };
    for (int i = 0; i < CRL_KEYPOINTS; i++) pose.keypoints[i] = (crl_keypoint){ 40.0f + 7.0f * (float)i, 50.0f + 9.0f * (float)i, 0.8f };
    crl_status status = crl_converter_run(s->converter, frame, &s->input, err);
    if (!status) status = crl_frame_to_image(&s->picture, &s->format, frame, err);
    if (status || !s->painter) return status;
    status = crl_painter_segmentation(s->painter, &s->picture, &s->mask, s->labels, err);
    if (!status) status = crl_painter_detections(s->painter, &s->picture, d, 3, s->labels, err);
    return status ? status : crl_draw_poses(&s->picture, &pose, 1, 0.5f, err);
}

static void frames_allocate_nothing(check *t, unsigned cpu)
{
    static uint8_t bytes[FRAME_WIDTH * FRAME_HEIGHT * 4], room[4 * 64 * 64 * 3];
    setenv("CRL_CPU", crl_cpu_name(cpu), 1);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7);
    for (int pixels = 0; pixels <= CRL_PIXELS_UYVY; pixels++)
        for (int filter = 0; filter <= CRL_RESAMPLE_LANCZOS; filter++) {
            static const crl_type types[] = { CRL_UINT8, CRL_INT8, CRL_FLOAT32 };
            const crl_input_options options = { .resample = (crl_resample)filter, .keep_aspect_ratio = pixels % 2 };
            stream s = { .format = { .width = FRAME_WIDTH, .height = FRAME_HEIGHT, .pixels = (crl_pixels)pixels },
                         .mask = { 2, 2, 1, 2, (uint8_t[]){ 0, 1, 2, 1 } },
                         .input = { .name = "input", .type = types[(pixels + filter) % 3], .data = room, .bytes = sizeof room,
                                    .shape = { 4, { 1, 64, 64, filter == 3 ? 1 : 3 } } } };
            crl_frame frame;
            crl_error err = { .text = "" };
            crl_status status = crl_frame_wrap(&frame, &s.format, bytes, sizeof bytes, 0, &err);
            if (!status) status = crl_converter_new(&s.converter, &s.format, NULL, &s.input, &options, &err);
            if (!status && pixels == filter) status = crl_painter_new(&s.painter, &err); /* drawing has no levels */
            if (!status) status = crl_labels_parse(&s.labels, names, sizeof names - 1, &err);
            if (!status) status = crl_image_init(&s.picture, FRAME_WIDTH, FRAME_HEIGHT, 3, &err);
            if (!status) status = one_frame(&s, &frame, &err);
            long calls = 1;
            for (int i = 0; i < 20 && calls && !status; i++) { /* pango has a thread that reads fonts, and may not have ended yet */
                const long before = count_malloc_calls();
                status = one_frame(&s, &frame, &err);
                calls = count_malloc_calls() - before;
            }
            check_that(t, !calls, "%s, %s: %ld allocations for each frame", crl_pixels_name(s.format.pixels),
                       crl_resample_name(options.resample), calls);
            check_that(t, !status, "%s", err.text);
            crl_image_fini(&s.picture);
            crl_labels_free(s.labels);
            crl_painter_free(s.painter);
            crl_converter_free(s.converter);
        }
    unsetenv("CRL_CPU");
}

/* A line of arena.tsv. A different number may well be right: then the file changes, and someone reads it. */
static void check_arena(check *t, const char *name, crl_backend_kind backend, size_t want, size_t io)
{
    char path[1024];
    path_of(path, name);
    crl_error err;
    crl_model *model;
    crl_engine *e = NULL;
    if (!check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text)) return;
    crl_status s = crl_engine_new(&e, model, &(crl_engine_options){ .backend = backend, .threads = 1, .cpu = "ref" }, &err);
    if (check_that(t, !s, "%s", err.text)) {
        const crl_engine_info info = crl_engine_describe(e);
        check_that(t, info.arena_bytes == want && info.io_bytes == io,
                   "%s %s: the arena has %zu bytes, inputs and outputs %zu; %zu and %zu are written down in tests/oom/arena.tsv",
                   name, crl_backend_name(backend), info.arena_bytes, info.io_bytes, want, io);
    }
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
        size_t bytes, io;
        if (*line == '#' || sscanf(line, "%511s %31s %zu %zu", name, backend, &bytes, &io) != 4) continue;
        check_arena(t, name, strcmp(backend, "reference") ? CRL_BACKEND_CPU : CRL_BACKEND_REFERENCE, bytes, io);
        lines++;
    }
    fclose(f);
    check_that(t, lines > 0, "%s has no lines", path);
}

int area_oom(int argc, char **argv)
{
    static const check_case cases[] = {
        { "fail_each_allocation", fail_each_allocation, false },
        { "following_fails_cleanly", following_fails_cleanly, false },
        { "fail_each_allocation_of_a_flow", fail_each_allocation_of_a_flow, false },
        { "flows_allocate_nothing_once_settled", flows_allocate_nothing_once_settled, false },
        { "running_allocates_nothing", running_allocates_nothing, true },
        { "frames_allocate_nothing", frames_allocate_nothing, true },
        { "arena_is_as_written_down", arena_is_as_written_down, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
