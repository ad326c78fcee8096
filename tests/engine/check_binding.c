/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs: what running leaves of them, and memory of the caller's. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <corallite/engine.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "ops/packed.h"

static const crl_backend_kind backends[] = { CRL_BACKEND_REFERENCE, CRL_BACKEND_CPU };
enum { N_BACKENDS = sizeof backends / sizeof backends[0] };

static const char *const models[] = { "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite", "models/signs_classifier.tflite",
                                      "models/signs_detector.tflite" };
enum { N_MODELS = sizeof models / sizeof models[0], N_TINY = 2 };

/* --- engines ------------------------------------------------------------------------------------------ */

typedef struct machine {
    crl_model *model;
    crl_engine *engine;
} machine;

static bool start(check *t, machine *m, const char *name, crl_backend_kind backend)
{
    char path[1024];
    crl_error err = { .text = "" };
    *m = (machine){ 0 };
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    crl_status s = crl_model_open_file(&m->model, path, &err);
    if (!s) s = crl_engine_new(&m->engine, m->model, &(crl_engine_options){ .backend = backend, .threads = 1 }, &err);
    if (s) crl_model_close(m->model);
    return check_that(t, !s, "%s: %s", name, err.text);
}

static void stop(machine *m)
{
    crl_engine_free(m->engine);
    crl_model_close(m->model);
}

static void *copy(const crl_tensor *tensor)
{
    void *p = malloc(tensor->bytes + 1);
    if (p) memcpy(p, tensor->data, tensor->bytes);
    return p;
}

/* Model and backend `i` of all of them: the large models on plain kernels take as long as all others, so that a sample does
 * without. */
static bool is_left_out(const check *t, int i)
{
    return check_rounds(t, 8) < 8 && i / N_BACKENDS >= N_TINY && backends[i % N_BACKENDS] == CRL_BACKEND_REFERENCE;
}

/* --- what running leaves ------------------------------------------------------------------------------ */

static void a_frame_can_be_run_again(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS * N_BACKENDS; i++) {
        machine m;
        crl_error err = { .text = "" };
        const char *name = models[i / N_BACKENDS];
        if (is_left_out(t, i) || !start(t, &m, name, backends[i % N_BACKENDS])) continue;
        crl_tensor *in = crl_engine_input(m.engine, 0);
        const crl_tensor *out = crl_engine_output(m.engine, 0);
        check_fill(t, in->data, in->bytes);
        void *frame = copy(in), *first = NULL;
        check_that(t, !crl_engine_run(m.engine, &err), "%s: %s", name, err.text);
        check_equal(t, frame, in->data, in->bytes, "%s: the input after a run", name);
        first = copy(out);
        memset(out->data, 0x5a, out->bytes);
        check_that(t, !crl_engine_run(m.engine, &err), "%s: %s", name, err.text);
        check_equal(t, first, out->data, out->bytes, "%s: the same frame again", name);
        free(frame);
        free(first);
        stop(&m);
    }
}

/* --- memory of the caller's --------------------------------------------------------------------------- */

/* Two frames in turn, each in a buffer of its own, as who fills one while the other runs has them. */
static void frames_in_two_buffers(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS * N_BACKENDS; i++) {
        machine m;
        crl_error err = { .text = "" };
        const char *name = models[i / N_BACKENDS];
        if (is_left_out(t, i) || !start(t, &m, name, backends[i % N_BACKENDS])) continue;
        crl_tensor *in = crl_engine_input(m.engine, 0);
        const crl_tensor *out = crl_engine_output(m.engine, 0);
        void *const own = in->data, *want[2], *frame[2], *result[2];
        for (int k = 0; k < 2; k++) {
            frame[k] = check_guarded(t, in->bytes);
            result[k] = check_guarded(t, out->bytes);
            memcpy(in->data, frame[k], in->bytes);
            check_that(t, !crl_engine_run(m.engine, &err), "%s: %s", name, err.text);
            want[k] = copy(out);
        }
        for (int k = 0; k < 2 + check_rounds(t, 4); k++) {
            crl_status s = crl_engine_bind_input(m.engine, 0, frame[k % 2], in->bytes, &err);
            if (!s) s = crl_engine_bind_output(m.engine, 0, result[k / 2 % 2], out->bytes, &err);
            if (!s) s = crl_engine_run(m.engine, &err);
            check_that(t, !s, "%s: %s", name, err.text);
            check_that(t, in->data == frame[k % 2] && out->data == result[k / 2 % 2], "%s: views are of other memory", name);
            check_equal(t, want[k % 2], result[k / 2 % 2], out->bytes, "%s: frame %d", name, k);
        }
        check_that(t, !crl_engine_bind_input(m.engine, 0, NULL, 0, &err) && in->data == own, "%s: its own memory is back", name);
        check_that(t, !crl_engine_run(m.engine, &err), "%s: %s", name, err.text);
        check_equal(t, want[1], out->data, out->bytes, "%s: what was written there before", name);
        free(want[0]);
        free(want[1]);
        stop(&m);
    }
}

typedef struct filler {
    void *to;
    int value;
    size_t bytes;
} filler;

static void *fill(void *ctx)
{
    const filler *f = ctx;
    memset(f->to, f->value, f->bytes);
    return NULL;
}

/* For thread sanitizers: nothing of a buffer that is not bound is looked at. */
static void the_next_frame_is_filled_meanwhile(check *t, unsigned cpu)
{
    (void)cpu;
    machine m;
    crl_error err = { .text = "" };
    if (!start(t, &m, models[0], CRL_BACKEND_CPU)) return;
    crl_tensor *in = crl_engine_input(m.engine, 0);
    const crl_tensor *out = crl_engine_output(m.engine, 0);
    void *frame[2] = { malloc(in->bytes), malloc(in->bytes) };
    memset(frame[0], 0, in->bytes);
    for (int k = 0; k < 20; k++) {
        pthread_t thread;
        filler f = { frame[(k + 1) % 2], k + 1, in->bytes };
        crl_engine_bind_input(m.engine, 0, frame[k % 2], in->bytes, &err);
        if (!check_that(t, !pthread_create(&thread, NULL, fill, &f), "no thread")) break;
        check_that(t, !crl_engine_run(m.engine, &err), "%s", err.text);
        pthread_join(thread, NULL);
        void *got = copy(out);
        crl_engine_bind_input(m.engine, 0, NULL, 0, &err);
        memset(in->data, k, in->bytes);
        check_that(t, !crl_engine_run(m.engine, &err), "%s", err.text);
        check_equal(t, out->data, got, out->bytes, "frame %d", k);
        free(got);
    }
    free(frame[0]);
    free(frame[1]);
    stop(&m);
}

/* A file in memory that nobody may write to, say. */
static void inputs_may_be_read_only(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS * N_BACKENDS; i++) {
        machine m;
        crl_error err = { .text = "" };
        if (is_left_out(t, i) || !start(t, &m, models[i / N_BACKENDS], backends[i % N_BACKENDS])) continue;
        const size_t bytes = crl_engine_input(m.engine, 0)->bytes;
        void *frame = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (check_that(t, frame != MAP_FAILED, "no memory")) {
            crl_status s = crl_engine_bind_input(m.engine, 0, frame, bytes, &err);
            if (!s) s = crl_engine_run(m.engine, &err);
            check_that(t, !s, "%s: %s", models[i / N_BACKENDS], err.text);
            crl_engine_free(m.engine);
            m.engine = NULL;
            munmap(frame, bytes);
        }
        stop(&m);
    }
}

static bool count_allocations(void *user, size_t bytes)
{
    (void)bytes;
    ++*(int *)user;
    return true;
}

static void binding_allocates_nothing(check *t, unsigned cpu)
{
    (void)cpu;
    for (int b = 0; b < N_BACKENDS; b++) {
        machine m;
        crl_error err = { .text = "" };
        if (!start(t, &m, "tests/data/tiny_flow.tflite", backends[b])) continue;
        const size_t bytes = crl_engine_input(m.engine, 0)->bytes;
        void *frame[2] = { calloc(1, bytes), calloc(1, bytes) };
        int seen = 0;
        crl_status s = crl_engine_run(m.engine, &err); /* which may make parts */
        crl_alloc_hook(count_allocations, &seen);
        for (int k = 0; k < 4 && !s; k++) {
            s = crl_engine_bind_input(m.engine, 0, frame[k % 2], bytes, &err);
            if (!s) s = crl_engine_run(m.engine, &err);
        }
        crl_alloc_hook(NULL, NULL);
        check_that(t, !s, "%s", err.text);
        check_that(t, seen == 0, "%s: %d allocations", crl_backend_name(backends[b]), seen);
        crl_engine_free(m.engine);
        m.engine = NULL;
        free(frame[0]);
        free(frame[1]);
        stop(&m);
    }
}

/* With --bench: a run, and one for which the input is bound to another buffer. */
static void what_binding_costs(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS; i++) {
        machine m;
        if (!start(t, &m, models[i], CRL_BACKEND_CPU)) continue;
        const size_t bytes = crl_engine_input(m.engine, 0)->bytes;
        void *frame[2] = { calloc(1, bytes), calloc(1, bytes) };
        crl_status s = CRL_OK;
        unsigned k = 0;
        check_name(t, "run");
        check_bench(t, 1, s |= crl_engine_run(m.engine, NULL));
        check_name(t, "bind and run");
        check_bench(t, 1, (s |= crl_engine_bind_input(m.engine, 0, frame[k++ % 2], bytes, NULL), s |= crl_engine_run(m.engine, NULL)));
        check_that(t, !s, "%s: it fails", models[i]);
        crl_engine_free(m.engine);
        m.engine = NULL;
        free(frame[0]);
        free(frame[1]);
        stop(&m);
    }
}

/* --- every operator ----------------------------------------------------------------------------------- */

/* All of a case's inputs and outputs in memory that ends where it ends, and that lies as badly as it may. */
static bool bind_all(check *t, crl_engine *e, const packed_case *c, uint8_t *out[MAX_IO], crl_error *err)
{
    crl_status s = CRL_OK;
    for (uint32_t i = 0; i < c->n_in && !s; i++) {
        void *in = check_guarded(t, c->in[i].bytes);
        if (c->in[i].bytes) memcpy(in, c->in[i].data, c->in[i].bytes);
        s = crl_engine_bind_input(e, (int32_t)i, in, c->in[i].bytes, err);
    }
    for (uint32_t i = 0; i < c->n_out && !s; i++) {
        out[i] = check_guarded(t, c->out[i].bytes);
        s = crl_engine_bind_output(e, (int32_t)i, out[i], c->out[i].bytes, err);
    }
    return check_that(t, !s, "%s: %s", c->name, err->text);
}

/* What is written into the engine's own memory, and what into the caller's, must be the same. */
static void run_both_ways(check *t, crl_engine *e, const packed_case *c)
{
    crl_error err = { .text = "" };
    uint8_t *out[MAX_IO], *want[MAX_IO] = { NULL };
    crl_engine_reset(e);
    if (c->shaped && !check_that(t, !crl_engine_resize(e, c->in_shape, (int32_t)c->n_in, &err), "%s: %s", c->name, err.text)) return;
    for (uint32_t i = 0; i < c->n_in; i++)
        if (c->in[i].bytes) memcpy(crl_engine_input(e, (int32_t)i)->data, c->in[i].data, c->in[i].bytes);
    bool ok = check_that(t, !crl_engine_run(e, &err), "%s: %s", c->name, err.text);
    for (uint32_t i = 0; ok && i < c->n_in; i++) {
        const crl_tensor *in = crl_engine_input(e, (int32_t)i);
        if (!(in->flags & CRL_TENSOR_VARIABLE)) check_equal(t, c->in[i].data, in->data, in->bytes, "%s: input %u after a run", c->name, i);
    }
    for (uint32_t i = 0; ok && i < c->n_out; i++) want[i] = copy(crl_engine_output(e, (int32_t)i));
    for (int round = 0; ok && round < 2; round++) { /* the second time elsewhere */
        crl_engine_reset(e);
        ok = bind_all(t, e, c, out, &err) && check_that(t, !crl_engine_run(e, &err), "%s: %s", c->name, err.text);
        for (uint32_t i = 0; ok && i < c->n_out; i++)
            if (c->out[i].bytes) ok = check_equal(t, want[i], out[i], c->out[i].bytes, "%s: output %u, bound", c->name, i);
    }
    for (uint32_t i = 0; i < c->n_out; i++) free(want[i]);
    for (uint32_t i = 0; i < c->n_in; i++) crl_engine_bind_input(e, (int32_t)i, NULL, 0, NULL);
    for (uint32_t i = 0; i < c->n_out; i++) crl_engine_bind_output(e, (int32_t)i, NULL, 0, NULL);
}

static bool keeps_state(const char *name)
{
    static const char *const those[] = { "CALL_ONCE", "READ_VARIABLE", "ASSIGN_VARIABLE", "VAR_HANDLE", "RANDOM", "MULTINOMIAL", "RNG" };
    for (size_t i = 0; i < sizeof those / sizeof those[0]; i++)
        if (strstr(name, those[i])) return true;
    return false;
}

static void try_file(check *t, const char *path)
{
    reader r;
    packed_case c;
    uint8_t *raw = packed_read(path, &r);
    machine m = { 0 };
    while (raw && packed_next(&r, &c) && !check_failed(t)) {
        if (c.model.bytes) {
            crl_error err = { .text = "" };
            stop(&m);
            m = (machine){ 0 };
            const crl_engine_options o = { .backend = CRL_BACKEND_CPU, .threads = 1, .work_limit = UINT64_MAX };
            crl_status s = crl_model_open(&m.model, c.model.data, c.model.bytes, &err);
            if (!s) s = crl_engine_new(&m.engine, m.model, &o, &err);
            check_that(t, !s, "%s: %s", c.name, err.text);
        }
        if (m.engine && !keeps_state(c.name)) run_both_ways(t, m.engine, &c);
        check_release(t);
    }
    stop(&m);
    free(raw);
}

static void every_operator_in_memory_of_the_callers(check *t, unsigned cpu)
{
    (void)cpu;
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    check_that(t, n > 0, "no cases");
    const int step = n ? (int)n / check_rounds(t, (int)n) : 1, some = check_range(t, 0, step - 1);
    for (int i = 0; i < (int)n; i++) {
        if (i % step == some) try_file(t, path[i]);
        free(path[i]);
    }
}

/* --- refusals ----------------------------------------------------------------------------------------- */

static void expect(check *t, crl_status got, crl_status want, const crl_error *err, const char *text)
{
    check_that(t, got == want && strstr(err->text, text), "%s: \"%s\", not \"%s\"", crl_status_name(got), err->text, text);
}

static const int32_t zero[] = { 0 }, one[] = { 1 };

/* float [1,8] -> NEG or WHERE -> `out` */
static crl_model one_operator(const char *name, int32_t code, const crl_tensor_def tensors[2], crl_operator *op, crl_subgraph *graph,
                              const int32_t *outputs, int32_t n_outputs)
{
    *op = (crl_operator){ .name = name, .code = code, .inputs = zero, .n_inputs = 1, .outputs = one, .n_outputs = 1 };
    *graph = (crl_subgraph){ .name = "", .tensors = tensors, .n_tensors = 2, .operators = op, .n_operators = 1, .inputs = zero,
                             .n_inputs = 1, .outputs = outputs, .n_outputs = n_outputs };
    return (crl_model){ .version = 3, .subgraphs = graph, .n_subgraphs = 1 };
}

static crl_tensor_def tensor(crl_type type, int32_t rank, int32_t d0, int32_t d1)
{
    const crl_shape s = { .rank = rank, .dim = { d0, d1 } };
    return (crl_tensor_def){ .name = "x", .type = type, .shape = s, .shape_signature = s };
}

static void what_cannot_be_bound_is_refused(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor_def tensors[2] = { tensor(CRL_FLOAT32, 2, 1, 8), tensor(CRL_FLOAT32, 2, 1, 8) };
    crl_operator op;
    crl_subgraph graph;
    const crl_model m = one_operator("NEG", 59, tensors, &op, &graph, one, 1);
    crl_engine *e;
    crl_error err = { .text = "" };
    static float memory[17];
    if (!check_that(t, !crl_engine_new(&e, &m, &(crl_engine_options){ .threads = 1 }, &err), "%s", err.text)) return;
    const size_t bytes = 8 * sizeof *memory;
    void *own = crl_engine_input(e, 0)->data;
    expect(t, crl_engine_bind_input(e, 1, memory, bytes, &err), CRL_ERR_ARGUMENT, &err, "input 1: the model has 1");
    expect(t, crl_engine_bind_output(e, -1, memory, bytes, &err), CRL_ERR_ARGUMENT, &err, "output -1: the model has 1");
    expect(t, crl_engine_bind_input(e, 0, memory, bytes - 1, &err), CRL_ERR_ARGUMENT, &err, "input 0: 31 bytes are too few");
    expect(t, crl_engine_bind_output(e, 0, (char *)memory + 2, bytes, &err), CRL_ERR_ARGUMENT, &err, "multiples of 4");
    check_that(t, crl_engine_input(e, 0)->data == own, "a refusal changed the input");
    check_that(t, !crl_engine_bind_input(e, 0, memory, bytes, &err) && !crl_engine_bind_output(e, 0, memory + 7, bytes, &err), "%s", err.text);
    expect(t, crl_engine_run(e, &err), CRL_ERR_ARGUMENT, &err, "output 0 is bound to memory that input 0 is bound to, too");
    crl_status s = crl_engine_bind_output(e, 0, memory + 8, bytes, &err);
    memory[3] = 4;
    check_that(t, !s && !crl_engine_run(e, &err) && memory[11] == -4, "%s", err.text);
    /* Other shapes, other memory. */
    s = crl_engine_resize(e, &(crl_shape){ .rank = 2, .dim = { 2, 8 } }, 1, &err);
    check_that(t, !s && crl_engine_input(e, 0)->data != memory && crl_engine_output(e, 0)->data != memory + 8, "%s", err.text);
    crl_engine_free(e);
}

static void late_outputs_are_copied(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor_def tensors[2] = { tensor(CRL_BOOL, 1, 8, 0), tensor(CRL_INT64, 2, 1, 1) };
    crl_operator op;
    crl_subgraph graph;
    const crl_model m = one_operator("WHERE", 109, tensors, &op, &graph, one, 1);
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e;
        crl_error err = { .text = "" };
        if (!check_that(t, !crl_engine_new(&e, &m, &(crl_engine_options){ .backend = backends[b], .threads = 1 }, &err), "%s", err.text)) return;
        int64_t places[2] = { -1, -1 };
        uint8_t *in = crl_engine_input(e, 0)->data;
        in[2] = in[5] = 1;
        crl_status s = crl_engine_bind_output(e, 0, places, sizeof places, &err);
        if (!s) s = crl_engine_run(e, &err);
        check_that(t, !s && places[0] == 2 && places[1] == 5 && crl_engine_output(e, 0)->data == places, "%s", err.text);
        in[7] = 1;
        expect(t, crl_engine_run(e, &err), CRL_ERR_ARGUMENT, &err, "output 0 has 24 bytes by now, and memory of 16 is bound to it");
        crl_engine_free(e);
    }
}

/* flags -> WHERE, which ends a part; x -> SQUEEZE, a view in the next one of what may have moved -> NEG -> y */
static void views_in_later_parts_follow(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t in[] = { 0, 1 }, out[] = { 2, 4 }, at[] = { 0, 1, 2, 3, 4 };
    static const crl_option none[] = { { .name = "squeeze_dims", .kind = CRL_OPTION_INTS } };
    const crl_tensor_def tensors[5] = { tensor(CRL_BOOL, 1, 8, 0), tensor(CRL_FLOAT32, 2, 1, 8), tensor(CRL_INT64, 2, 1, 1),
                                        tensor(CRL_FLOAT32, 1, 8, 0), tensor(CRL_FLOAT32, 1, 8, 0) };
    const crl_operator ops[3] = {
        { .name = "WHERE", .code = 109, .inputs = &at[0], .n_inputs = 1, .outputs = &at[2], .n_outputs = 1 },
        { .name = "SQUEEZE", .code = 43, .inputs = &at[1], .n_inputs = 1, .outputs = &at[3], .n_outputs = 1, .options = none, .n_options = 1 },
        { .name = "NEG", .code = 59, .inputs = &at[3], .n_inputs = 1, .outputs = &at[4], .n_outputs = 1 },
    };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 5, .operators = ops, .n_operators = 3, .inputs = in,
                                 .n_inputs = 2, .outputs = out, .n_outputs = 2 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e;
        crl_error err = { .text = "" };
        if (!check_that(t, !crl_engine_new(&e, &m, &(crl_engine_options){ .backend = backends[b], .threads = 1 }, &err), "%s", err.text)) return;
        float frame[3][8];
        for (int k = 0; k < 6; k++) {
            frame[k % 3][5] = (float)k;
            crl_status s = crl_engine_bind_input(e, 1, frame[k % 3], sizeof frame[0], &err);
            if (!s) s = crl_engine_run(e, &err);
            const float got = s ? 0 : ((const float *)crl_engine_output(e, 1)->data)[5];
            check_that(t, !s && got == (float)-k, "%s: %g, frame %d %s", crl_backend_name(backends[b]), (double)got, k, err.text);
        }
        crl_engine_free(e);
    }
}

/* Tensor 0 goes in and comes out, and its negative comes out twice. */
static void outputs_that_are_something_else(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t outputs[] = { 1, 0, 1 };
    const crl_tensor_def tensors[2] = { tensor(CRL_FLOAT32, 2, 1, 8), tensor(CRL_FLOAT32, 2, 1, 8) };
    crl_operator op;
    crl_subgraph graph;
    const crl_model m = one_operator("NEG", 59, tensors, &op, &graph, outputs, 3);
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e;
        crl_error err = { .text = "" };
        if (!check_that(t, !crl_engine_new(&e, &m, &(crl_engine_options){ .backend = backends[b], .threads = 1 }, &err), "%s", err.text)) return;
        float memory[3][8] = { { 0 } };
        ((float *)crl_engine_input(e, 0)->data)[1] = 3;
        for (int bound = 0; bound < 4; bound++) { /* one after the other */
            crl_status s = bound ? crl_engine_bind_output(e, bound - 1, memory[bound - 1], sizeof memory[0], &err) : CRL_OK;
            if (!s) s = crl_engine_run(e, &err);
            check_that(t, !s, "%s", err.text);
            for (int i = 0; i < 3; i++) {
                const float *out = crl_engine_output(e, i)->data;
                check_that(t, out[1] == (i == 1 ? 3 : -3) && (i >= bound || out == memory[i]), "%d bound: output %d is %g", bound, i, (double)out[1]);
            }
        }
        crl_engine_free(e);
    }
}

int area_engine_binding(int argc, char **argv)
{
    static const check_case cases[] = {
        { "a_frame_can_be_run_again", a_frame_can_be_run_again, false },
        { "frames_in_two_buffers", frames_in_two_buffers, false },
        { "the_next_frame_is_filled_meanwhile", the_next_frame_is_filled_meanwhile, false },
        { "inputs_may_be_read_only", inputs_may_be_read_only, false },
        { "binding_allocates_nothing", binding_allocates_nothing, false },
        { "what_binding_costs", what_binding_costs, false },
        { "every_operator_in_memory_of_the_callers", every_operator_in_memory_of_the_callers, false },
        { "what_cannot_be_bound_is_refused", what_cannot_be_bound_is_refused, false },
        { "late_outputs_are_copied", late_outputs_are_copied, false },
        { "views_in_later_parts_follow", views_in_later_parts_follow, false },
        { "outputs_that_are_something_else", outputs_that_are_something_else, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
