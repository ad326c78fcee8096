/* SPDX-License-Identifier: Apache-2.0 */
/* A device that fails at every point: no frame is lost, every frame has the right bytes, and the device is returned to.
 *
 * Time is the fake's: a frame takes 33 ms, and nothing here waits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "engine/setup.h"
#include "fake.h"
#include "ops/packed.h"

static const uint64_t MS = 1000000;
enum { FRAME_MS = 33, PATTERNS = 8, MOST_BYTES = 1 << 16 };

/* --- a stage ------------------------------------------------------------------------------------------ */

typedef struct heard {
    int of[8]; /* by kind */
    char last[256];
} heard;

static void hear(void *user, const crl_notice *notice)
{
    heard *h = user;
    if ((size_t)notice->kind < sizeof h->of / sizeof *h->of) h->of[notice->kind]++;
    snprintf(h->last, sizeof h->last, "%s", notice->text);
}

static uint64_t fake_now(void *user)
{
    return ((fake *)user)->now;
}

/* An engine with the fake on it, and what it is to compute of each of some frames. */
typedef struct stage {
    fake device;
    crl_backend table;
    const crl_backend *list[3];
    heard heard;
    crl_model *model;
    crl_engine *engine;
    uint8_t *frame[PATTERNS], *want[PATTERNS];
    size_t in_bytes, out_bytes;
    uint64_t frames; /* run so far */
} stage;

static bool compute_wanted(check *t, stage *s, const crl_shape *shape)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    const crl_engine_options o = { .backend = CRL_BACKEND_REFERENCE, .threads = 1 };
    if (!check_that(t, !crl_engine_new(&e, s->model, &o, &err), "%s", err.text)) return false;
    bool ok = !shape || check_that(t, !crl_engine_resize(e, shape, 1, &err), "%s", err.text);
    crl_tensor *in = crl_engine_input(e, 0);
    const crl_tensor *out = crl_engine_output(e, 0);
    s->in_bytes = in->bytes;
    s->out_bytes = out->bytes;
    for (int k = 0; ok && k < PATTERNS; k++) {
        free(s->frame[k]);
        free(s->want[k]);
        s->frame[k] = malloc(in->bytes);
        s->want[k] = malloc(out->bytes);
        check_fill(t, s->frame[k], in->bytes);
        memcpy(in->data, s->frame[k], in->bytes);
        ok = check_that(t, !crl_engine_run(e, &err), "%s", err.text);
        memcpy(s->want[k], out->data, out->bytes);
    }
    crl_engine_free(e);
    return ok;
}

static crl_status make_engine(stage *s, bool alone, crl_error *err)
{
    s->table = fake_backend(&s->device);
    s->list[0] = &s->table;
    s->list[1] = &crl_backend_cpu;
    const crl_engine_options o = { .threads = 1, .notice = hear, .notice_user = &s->heard };
    const crl_engine_setup setup = { .device = s->list, .alone = alone, .clock = { fake_now, &s->device } };
    return crl_engine_new_on(&s->engine, s->model, &o, &setup, err);
}

/* `broken`: a point that is from the start, FAKE_POINTS: none. */
static bool begin(check *t, stage *s, const char *name, uint32_t choice, fake_point broken)
{
    char path[1024];
    crl_error err = { .text = "" };
    *s = (stage){ .device = { .wants = fake_wants_some, .choice = choice, .takes = 2 * MS } };
    if (broken != FAKE_POINTS) s->device.broken[broken] = true;
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    if (!check_that(t, !crl_model_open_file(&s->model, path, &err), "%s", err.text)) return false;
    return compute_wanted(t, s, NULL) && check_that(t, !make_engine(s, false, &err), "%s", err.text);
}

static void end(check *t, stage *s)
{
    crl_engine_free(s->engine);
    crl_model_close(s->model);
    for (int k = 0; k < PATTERNS; k++) {
        free(s->frame[k]);
        free(s->want[k]);
    }
    check_that(t, s->device.states == 0, "%d states are left open", s->device.states);
}

/* One frame: it has to come, with the right bytes, and to leave its input. */
static bool frame(check *t, stage *s)
{
    crl_error err = { .text = "" };
    const size_t k = s->frames++ % PATTERNS;
    crl_tensor *in = crl_engine_input(s->engine, 0);
    memcpy(in->data, s->frame[k], s->in_bytes);
    const crl_status status = crl_engine_run(s->engine, &err);
    const crl_tensor *out = crl_engine_output(s->engine, 0);
    s->device.now += FRAME_MS * MS;
    return check_that(t, !status, "frame %d: %s", (int)s->frames, err.text) &&
           check_equal(t, s->want[k], out->data, s->out_bytes, "frame %d", (int)s->frames) &&
           check_equal(t, s->frame[k], crl_engine_input(s->engine, 0)->data, s->in_bytes, "the input of frame %d", (int)s->frames);
}

/* So many frames, all of them on the device or on the CPU. */
static bool frames(check *t, stage *s, int n, bool on_device)
{
    const crl_engine_counters before = crl_engine_count(s->engine);
    for (int i = 0; i < n; i++)
        if (!frame(t, s)) return false;
    const crl_engine_counters now = crl_engine_count(s->engine);
    const uint64_t device = now.device_frames - before.device_frames, cpu = now.cpu_frames - before.cpu_frames;
    return check_that(t, device == (uint64_t)(on_device ? n : 0) && cpu == (uint64_t)(on_device ? 0 : n),
                      "%d frames up to %d: %d on the device, %d on the CPU", n, (int)s->frames, (int)device, (int)cpu);
}

/* Frames until the device computes them again. */
static bool until_back(check *t, stage *s, int most)
{
    for (int i = 0; i < most; i++) {
        if (!frame(t, s)) return false;
        if (crl_engine_count(s->engine).on_device) return true;
    }
    return check_that(t, false, "the device is not back after %d frames", most);
}

static bool expect_heard(check *t, const stage *s, int lost, int back)
{
    const int *of = s->heard.of;
    return check_that(t, of[CRL_NOTICE_DEVICE_LOST] == lost && of[CRL_NOTICE_DEVICE_BACK] == back && !of[CRL_NOTICE_DEVICE_UNUSED],
                      "told %d times that it is lost, %d times that it is back; not %d and %d: \"%s\"", of[CRL_NOTICE_DEVICE_LOST],
                      of[CRL_NOTICE_DEVICE_BACK], lost, back, s->heard.last);
}

static const char *const models[] = { "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite" };
static const uint32_t choices[] = { 0xffffffff, 0x55555555, 0xaaaaaaaa, 1, 0xfffffffe };
enum { N_MODELS = sizeof models / sizeof models[0], N_CHOICES = sizeof choices / sizeof choices[0] };

/* --- one fault at each point -------------------------------------------------------------------------- */

static void try_runs(check *t, const char *name, uint32_t choice, fake_point at, bool bound)
{
    stage s;
    crl_error err = { .text = "" };
    static uint8_t in[MOST_BYTES], out[MOST_BYTES];
    bool ok = begin(t, &s, name, choice, FAKE_POINTS);
    if (ok && bound)
        ok = check_that(t, !crl_engine_bind_input(s.engine, 0, in, sizeof in, &err) &&
                               !crl_engine_bind_output(s.engine, 0, out, sizeof out, &err), "%s", err.text);
    ok = ok && frames(t, &s, 5, true) && expect_heard(t, &s, 0, 0);
    s.device.broken[at] = true;
    ok = ok && frames(t, &s, 1, false) && expect_heard(t, &s, 1, 0); /* the frame at which it failed */
    check_that(t, strstr(s.heard.last, "the fake device fails at") && strstr(s.heard.last, "the CPU computes frames until fake is back"),
               "\"%s\"", s.heard.last);
    s.device.broken[at] = false;
    ok = ok && frames(t, &s, 2, false) && until_back(t, &s, 3) && frames(t, &s, 5, true) && expect_heard(t, &s, 1, 1);
    const crl_engine_counters c = ok ? crl_engine_count(s.engine) : (crl_engine_counters){ 0 };
    check_that(t, !ok || (c.faults == 1 && c.returns == 1 && c.fault.status == CRL_ERR_DEVICE && c.device_frames + c.cpu_frames == s.frames),
               "%d faults, %d returns", (int)c.faults, (int)c.returns);
    check_that(t, s.device.calls[FAKE_RECOVER] == 1 && s.device.calls[FAKE_OPEN] == 1, "%d times recovered", s.device.calls[FAKE_RECOVER]);
    end(t, &s);
}

static void a_run_that_fails(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS * N_CHOICES; i++)
        for (fake_point at = FAKE_RUN; at <= FAKE_END; at++)
            for (int bound = 0; bound < 2; bound++) try_runs(t, models[i / N_CHOICES], choices[i % N_CHOICES], at, bound);
}

/* The device is not there, or does not take the model: at first, and when it is opened anew. */
static void making_that_fails(check *t, unsigned cpu)
{
    (void)cpu;
    for (fake_point at = FAKE_OPEN; at <= FAKE_LOWER; at++) {
        stage s;
        bool ok = begin(t, &s, models[0], 0xffffffff, at) && expect_heard(t, &s, 1, 0) && frames(t, &s, 20, false);
        s.device.broken[at] = false;
        ok = ok && until_back(t, &s, 40) && frames(t, &s, 5, true) && expect_heard(t, &s, 1, 1);
        /* And again, once it was there. */
        s.device.broken[at] = s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = true;
        ok = ok && frames(t, &s, 50, false) && expect_heard(t, &s, 2, 1);
        s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = false;
        ok = ok && frames(t, &s, 50, false);
        s.device.broken[at] = false;
        ok = ok && until_back(t, &s, 400) && frames(t, &s, 5, true) && expect_heard(t, &s, 2, 2);
        end(t, &s);
    }
}

static void closing_that_fails(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    bool ok = begin(t, &s, models[0], 0xffffffff, FAKE_CLOSE) && frames(t, &s, 3, true);
    s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = true;
    ok = ok && frames(t, &s, 10, false) && check_that(t, s.device.calls[FAKE_CLOSE] > 0, "it was never closed");
    s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = false;
    ok = ok && until_back(t, &s, 100) && frames(t, &s, 3, true) && expect_heard(t, &s, 1, 1);
    end(t, &s);
}

/* --- time --------------------------------------------------------------------------------------------- */

static void pauses_grow(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    bool ok = begin(t, &s, models[0], 0xffffffff, FAKE_OPEN);
    uint64_t last = s.device.now, pause = 100 * MS;
    for (int i = 0; ok && i < 12; i++) { /* 0.1, 0.2, .. 6.4, 10, 10 s: none before, none more than a frame after */
        const int calls = s.device.calls[FAKE_OPEN];
        uint64_t at = s.device.now;
        while (ok && s.device.calls[FAKE_OPEN] == calls && s.device.now - last < 2 * pause) {
            at = s.device.now;
            ok = frame(t, &s);
        }
        ok = ok && check_that(t, at - last >= pause && at - last <= pause + FRAME_MS * MS, "attempt %d after %d ms, not %d", i,
                              (int)((at - last) / MS), (int)(pause / MS));
        last = at;
        pause = 2 * pause < 10000 * MS ? 2 * pause : 10000 * MS;
    }
    s.device.broken[FAKE_OPEN] = false;
    ok = ok && until_back(t, &s, 400);
    /* Soon after that it is not trusted, and long after it is. */
    s.device.broken[FAKE_RUN] = true;
    ok = ok && frames(t, &s, 1, false);
    s.device.broken[FAKE_RUN] = false;
    ok = ok && frames(t, &s, 250, false) && until_back(t, &s, 100) && frames(t, &s, 400, true);
    s.device.broken[FAKE_RUN] = true;
    ok = ok && frames(t, &s, 1, false);
    s.device.broken[FAKE_RUN] = false;
    ok = ok && until_back(t, &s, 4);
    end(t, &s);
}

static void what_takes_long_is_asked_for_at_each_frame(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    bool ok = begin(t, &s, models[0], 0xffffffff, FAKE_POINTS) && frames(t, &s, 3, true);
    s.device.broken[FAKE_HALF] = true;
    ok = ok && frames(t, &s, 4, false);
    s.device.broken[FAKE_HALF] = false;
    s.device.pending = 60;
    ok = ok && frames(t, &s, 60, false) && until_back(t, &s, 2) && frames(t, &s, 3, true) && expect_heard(t, &s, 1, 1);
    check_that(t, s.device.calls[FAKE_OPEN] == 1 && s.device.calls[FAKE_RECOVER] == 61, "%d times opened, %d recovered",
               s.device.calls[FAKE_OPEN], s.device.calls[FAKE_RECOVER]);
    /* Not for ever: after half a minute it is closed, and opened anew, which may take as long. */
    s.device.broken[FAKE_RUN] = true;
    ok = ok && frames(t, &s, 1, false);
    s.device.broken[FAKE_RUN] = false;
    s.device.pending = 1000;
    ok = ok && frames(t, &s, 990, false) && until_back(t, &s, 60) && frames(t, &s, 3, true) && expect_heard(t, &s, 2, 2);
    check_that(t, s.device.calls[FAKE_OPEN] == 2, "%d times opened", s.device.calls[FAKE_OPEN]);
    end(t, &s);
}

static void a_slow_device_is_left_alone(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    bool ok = begin(t, &s, models[0], 0xffffffff, FAKE_POINTS) && frames(t, &s, 3, true);
    check_that(t, s.device.patience == 1000 * MS, "the device was told of %d ms", (int)(s.device.patience / MS));
    s.device.takes = 1500 * MS;
    ok = ok && frames(t, &s, 1, true) && expect_heard(t, &s, 1, 0); /* late, and right */
    check_that(t, !strncmp(s.heard.last, "a frame took fake 1500 ms, and at most 1000 are allowed", 55), "\"%s\"", s.heard.last);
    s.device.takes = 5 * MS;
    ok = ok && frames(t, &s, 3, false) && until_back(t, &s, 3) && frames(t, &s, 3, true) && expect_heard(t, &s, 1, 1);
    const crl_engine_counters c = ok ? crl_engine_count(s.engine) : (crl_engine_counters){ 0 };
    check_that(t, !ok || (c.device_ns == (3 * 2 + 1500 + (c.device_frames - 4) * 5) * MS && c.cpu_ns == 0 && c.fault.status == CRL_ERR_TIMEOUT),
               "%d ms on the device", (int)(c.device_ns / MS));
    end(t, &s);
}

/* --- anything, for long ------------------------------------------------------------------------------- */

static void whatever_happens(check *t, unsigned cpu)
{
    (void)cpu;
    const uint64_t rounds = check_rounds(t, 8) < 8 ? 400 : 1600; /* of fewer, hardly any might be faults */
    for (int i = 0; i < N_MODELS * N_CHOICES; i++) {
        stage s;
        bool ok = begin(t, &s, models[i / N_CHOICES], choices[i % N_CHOICES], FAKE_POINTS);
        for (uint64_t n = 0; ok && n < rounds; n++) {
            if (!check_range(t, 0, 9)) s.device.broken[check_range(t, 0, FAKE_POINTS - 1)] ^= true;
            if (!check_range(t, 0, 19)) memset(s.device.broken, 0, sizeof s.device.broken);
            if (!check_range(t, 0, 99)) s.device.pending = check_range(t, 0, 30);
            s.device.status = (crl_status)check_range(t, CRL_OK, CRL_ERR_CANCELLED);
            s.device.takes = check_range(t, 0, 99) ? MS : 3000 * MS;
            s.device.now += (uint64_t)check_range(t, 0, 2000) * MS;
            ok = frame(t, &s);
        }
        memset(s.device.broken, 0, sizeof s.device.broken);
        s.device.pending = 0;
        s.device.takes = MS;
        ok = ok && until_back(t, &s, 1000) && frames(t, &s, 5, true);
        const crl_engine_counters c = ok ? crl_engine_count(s.engine) : (crl_engine_counters){ 0 };
        check_that(t,
                   !ok || (c.device_frames + c.cpu_frames == s.frames && c.faults >= rounds / 100 &&
                           c.returns >= rounds / 400 && c.device_frames >= rounds / 50),
                   "%d frames on the device, %d on the CPU, %d faults, %d returns", (int)c.device_frames,
                   (int)c.cpu_frames, (int)c.faults, (int)c.returns);
        end(t, &s);
    }
}

static bool refuse(void *user, size_t bytes)
{
    (void)bytes;
    ++*(int *)user;
    return false;
}

static void frames_need_no_memory(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    int asked = 0;
    bool ok = begin(t, &s, models[0], 0xffffffff, FAKE_POINTS) && frames(t, &s, 3, true);
    crl_alloc_hook(refuse, &asked);
    s.device.broken[FAKE_RUN] = true;
    ok = ok && frames(t, &s, 2, false) && check_that(t, !asked, "a fault asked %d times for memory", asked);
    s.device.broken[FAKE_RECOVER] = true;
    ok = ok && frames(t, &s, 200, false) && check_that(t, asked > 0, "it was never opened anew"); /* for which there is no memory */
    s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = false;
    ok = ok && frames(t, &s, 200, false);
    crl_alloc_hook(NULL, NULL);
    ok = ok && until_back(t, &s, 400) && expect_heard(t, &s, 1, 1);
    end(t, &s);
}

/* Refuses allocation number `at`. */
typedef struct refusal {
    int seen, at;
} refusal;

static bool refuse_one(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return r->seen++ != r->at;
}

/* While the engine is made, that is an error, or a fault, where the backend asked; while the device is opened anew, a fault. */
static void each_allocation_refused(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    bool ok = begin(t, &s, models[0], 0x55555555, FAKE_POINTS);
    refusal r = { 0 };
    for (int at = 0; ok && r.seen >= at; at++) {
        crl_error err = { .text = "" };
        crl_engine_free(s.engine);
        s.engine = NULL;
        r = (refusal){ .at = at };
        crl_alloc_hook(refuse_one, &r);
        const crl_status status = make_engine(&s, false, &err);
        crl_alloc_hook(NULL, NULL);
        ok = check_that(t, status ? status == CRL_ERR_MEMORY && r.seen > at && !s.device.states && !s.engine : s.engine && frame(t, &s),
                        "allocation %d refused: \"%s\"", at, err.text);
    }
    r = (refusal){ 0 };
    for (int at = 0; ok && r.seen >= at; at++) {
        s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = true;
        for (int i = 0; ok && s.device.states && i < 20; i++) ok = frame(t, &s);
        s.device.broken[FAKE_RUN] = s.device.broken[FAKE_RECOVER] = false;
        r = (refusal){ .at = at };
        crl_alloc_hook(refuse_one, &r);
        ok = ok && until_back(t, &s, 1000) && frames(t, &s, 1, true);
        crl_alloc_hook(NULL, NULL);
    }
    end(t, &s);
}

/* --- other shapes ------------------------------------------------------------------------------------- */

static bool resize(check *t, stage *s, int32_t batch)
{
    crl_error err = { .text = "" };
    crl_shape shape = crl_engine_input(s->engine, 0)->shape;
    shape.dim[0] = batch;
    return check_that(t, !crl_engine_resize(s->engine, &shape, 1, &err), "%s", err.text) && compute_wanted(t, s, &shape);
}

static void inputs_are_resized(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    bool ok = begin(t, &s, "tests/data/tiny_open.tflite", 0xffffffff, FAKE_POINTS) && frames(t, &s, 2, true);
    ok = ok && resize(t, &s, 3) && frames(t, &s, 2, true) && expect_heard(t, &s, 0, 0);
    s.device.broken[FAKE_LOWER] = true; /* while it is resized */
    ok = ok && resize(t, &s, 2) && frames(t, &s, 2, false) && expect_heard(t, &s, 1, 0);
    ok = ok && resize(t, &s, 5) && frames(t, &s, 2, false);
    s.device.broken[FAKE_LOWER] = false;
    ok = ok && until_back(t, &s, 20) && frames(t, &s, 2, true) && expect_heard(t, &s, 1, 1);
    s.device.broken[FAKE_RUN] = s.device.broken[FAKE_LOWER] = true; /* and while it is away */
    ok = ok && frames(t, &s, 1, false) && resize(t, &s, 4) && frames(t, &s, 1, false) && expect_heard(t, &s, 2, 1);
    s.device.broken[FAKE_RUN] = s.device.broken[FAKE_LOWER] = false;
    ok = ok && until_back(t, &s, 20) && frames(t, &s, 2, true) && expect_heard(t, &s, 2, 2);
    crl_error err = { .text = "" };
    const crl_shape none = { .rank = 1, .dim = { 7 } };
    ok = ok && check_that(t, crl_engine_resize(s.engine, &none, 1, &err), "a shape of rank 1 was taken") && frames(t, &s, 2, true);
    end(t, &s);
}

/* --- small models ------------------------------------------------------------------------------------- */

static const int32_t zero[] = { 0 }, one[] = { 1 };

/* One operator, from tensor 0 to tensor 1. */
typedef struct small {
    crl_tensor_def tensors[2];
    crl_operator op;
    crl_subgraph graph;
    crl_model model;
} small;

static void fill_small(small *m, const char *name, int32_t code, const crl_option *option, crl_type type, crl_type out)
{
    m->tensors[0] = (crl_tensor_def){ .name = "x", .type = type, .shape = { .rank = 2, .dim = { 1, 8 } } };
    m->tensors[1] = (crl_tensor_def){ .name = "y", .type = out, .shape = { .rank = 2, .dim = { 1, 8 } } };
    m->op = (crl_operator){ .name = name, .code = code, .inputs = zero, .n_inputs = 1, .outputs = one, .n_outputs = 1, .options = option,
                            .n_options = option ? 1 : 0 };
    m->graph = (crl_subgraph){ .name = "", .tensors = m->tensors, .n_tensors = 2, .operators = &m->op, .n_operators = 1, .inputs = zero,
                               .n_inputs = 1, .outputs = one, .n_outputs = 1 };
    m->model = (crl_model){ .version = 3, .subgraphs = &m->graph, .n_subgraphs = 1 };
}

/* What the device runs is made for a batch of 1, its twin is not. */
static void shapes_that_only_the_cpu_takes(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t shape[] = { 1, 8 };
    static const crl_option fixed[] = { { .name = "new_shape", .kind = CRL_OPTION_INTS, .v = shape, .n = 2 } };
    small device, twin;
    fill_small(&device, "RESHAPE", 22, fixed, CRL_FLOAT32, CRL_FLOAT32);
    fill_small(&twin, "ABS", 101, NULL, CRL_FLOAT32, CRL_FLOAT32); /* the same for numbers above 0 */
    stage s = { .device = { .takes = MS } };
    crl_error err = { .text = "" };
    s.table = fake_backend(&s.device);
    const crl_backend *const list[] = { &s.table, &crl_backend_cpu, NULL };
    const crl_engine_setup setup = { .device = list, .twin = &twin.model, .clock = { fake_now, &s.device } };
    const crl_engine_options o = { .threads = 1, .notice = hear, .notice_user = &s.heard };
    if (!check_that(t, !crl_engine_new_on(&s.engine, &device.model, &o, &setup, &err), "%s", err.text)) return;
    for (int round = 0; round < 6; round++) {
        const bool fits = round % 2 == 0;
        const crl_shape wanted = { .rank = 2, .dim = { fits ? 1 : 3, 8 } };
        crl_status status = crl_engine_resize(s.engine, &wanted, 1, &err);
        for (int k = 0; !status && k < 400; k++) { /* some seconds */
            float *in = crl_engine_input(s.engine, 0)->data;
            in[7] = (float)k;
            status = crl_engine_run(s.engine, &err);
            s.device.now += FRAME_MS * MS;
            check_that(t, !status && ((const float *)crl_engine_output(s.engine, 0)->data)[7] == (float)k, "%s", err.text);
        }
        check_that(t, !status && crl_engine_count(s.engine).on_device == fits, "round %d: %s", round, err.text);
    }
    check_that(t, s.heard.of[CRL_NOTICE_DEVICE_UNUSED] == 3 && !s.heard.of[CRL_NOTICE_DEVICE_LOST] && crl_engine_count(s.engine).faults == 0,
               "\"%s\"", s.heard.last);
    crl_engine_free(s.engine);
    check_that(t, s.device.states == 0, "%d states are left open", s.device.states);
}

/* An output that does not fit what was bound to it is the caller's mistake, whoever computes. */
static void mistakes_are_no_faults(check *t, unsigned cpu)
{
    (void)cpu;
    small m;
    fill_small(&m, "WHERE", 109, NULL, CRL_BOOL, CRL_INT64);
    stage s = { .device = { .takes = MS } };
    crl_error err = { .text = "" };
    s.model = &m.model;
    int64_t place[4];
    if (!check_that(t, !make_engine(&s, false, &err), "%s", err.text)) return;
    uint8_t *in = crl_engine_input(s.engine, 0)->data;
    in[2] = in[5] = 1;
    crl_status status = crl_engine_bind_output(s.engine, 0, place, sizeof place, &err);
    check_that(t, !status && !crl_engine_run(s.engine, &err) && place[3] == 5, "%s", err.text);
    in[6] = 1;
    check_that(t, crl_engine_run(s.engine, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "memory of 32 is bound to it"), "%s", err.text);
    in[6] = 0;
    check_that(t, !crl_engine_run(s.engine, &err), "%s", err.text);
    const crl_engine_counters c = crl_engine_count(s.engine);
    check_that(t, c.on_device && c.faults == 0 && c.device_frames == 2 && c.cpu_frames == 0, "%d faults", (int)c.faults);
    crl_engine_free(s.engine);
}

/* --- what is not for two programs --------------------------------------------------------------------- */

static void models_with_state_stay_on_the_cpu(check *t, unsigned cpu)
{
    (void)cpu;
    reader r;
    packed_case c;
    stage s = { .device = { .takes = MS } };
    crl_error err = { .text = "" };
    uint8_t *raw = packed_read(SOURCE_ROOT "/tests/ops/data/UNIDIRECTIONAL_SEQUENCE_LSTM.ops", &r);
    if (check_that(t, raw && packed_next(&r, &c) && !crl_model_open(&s.model, c.model.data, c.model.bytes, &err), "%s", err.text) &&
        check_that(t, !make_engine(&s, false, &err), "%s", err.text)) {
        for (uint32_t i = 0; i < c.n_in; i++) memcpy(crl_engine_input(s.engine, (int32_t)i)->data, c.in[i].data, c.in[i].bytes);
        check_that(t, !crl_engine_run(s.engine, &err), "%s", err.text);
        check_that(t, crl_engine_count(s.engine).cpu_frames == 1 && !s.device.calls[FAKE_OPEN] && s.heard.of[CRL_NOTICE_DEVICE_UNUSED] == 1 &&
                          strstr(s.heard.last, "the model keeps values from run to run"), "\"%s\"", s.heard.last);
    }
    end(t, &s);
    free(raw);
}

static void a_twin_has_to_fit(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    crl_model *twin = NULL;
    crl_error err = { .text = "" };
    if (begin(t, &s, models[0], 0xffffffff, FAKE_POINTS) &&
        check_that(t, !crl_model_open_file(&twin, SOURCE_ROOT "/models/signs_classifier.tflite", &err), "%s", err.text)) {
        crl_engine *e;
        const crl_engine_setup setup = { .device = s.list, .twin = twin, .clock = { fake_now, &s.device } };
        const crl_status status = crl_engine_new_on(&e, s.model, NULL, &setup, &err);
        check_that(t, status == CRL_ERR_ARGUMENT && !e && strstr(err.text, "in the model that is to stand in for it"), "%s", err.text);
    }
    crl_model_close(twin);
    end(t, &s);
}

/* --- nothing stands in -------------------------------------------------------------------------------- */

static void a_device_alone(check *t, unsigned cpu)
{
    (void)cpu;
    stage s;
    crl_error err = { .text = "" };
    bool ok = begin(t, &s, models[0], 0xffffffff, FAKE_POINTS);
    crl_engine_free(s.engine);
    s.engine = NULL;
    s.device.broken[FAKE_OPEN] = true;
    check_that(t, make_engine(&s, true, &err) == CRL_ERR_DEVICE && !s.engine && strstr(err.text, "fails at open"), "%s", err.text);
    s.device.broken[FAKE_OPEN] = false;
    ok = ok && check_that(t, !make_engine(&s, true, &err), "%s", err.text) && frames(t, &s, 3, true);
    s.device.broken[FAKE_HALF] = s.device.broken[FAKE_RECOVER] = true;
    for (int i = 0; ok && i < 20; i++) {
        memcpy(crl_engine_input(s.engine, 0)->data, s.frame[0], s.in_bytes);
        ok = check_that(t, crl_engine_run(s.engine, &err) == CRL_ERR_DEVICE && strstr(err.text, "the fake device fails at"), "%s", err.text);
        s.device.now += FRAME_MS * MS;
    }
    check_that(t, !ok || (s.heard.of[CRL_NOTICE_DEVICE_LOST] == 1 && strstr(s.heard.last, "frames fail until fake is back")), "\"%s\"",
               s.heard.last);
    s.device.broken[FAKE_HALF] = s.device.broken[FAKE_RECOVER] = false;
    s.device.now += 10000 * MS;
    ok = ok && frames(t, &s, 5, true) && expect_heard(t, &s, 1, 1);
    end(t, &s);
}

int area_engine_supervisor(int argc, char **argv)
{
    static const check_case cases[] = {
        { "a_run_that_fails", a_run_that_fails, false },
        { "making_that_fails", making_that_fails, false },
        { "closing_that_fails", closing_that_fails, false },
        { "pauses_grow", pauses_grow, false },
        { "what_takes_long_is_asked_for_at_each_frame", what_takes_long_is_asked_for_at_each_frame, false },
        { "a_slow_device_is_left_alone", a_slow_device_is_left_alone, false },
        { "whatever_happens", whatever_happens, false },
        { "frames_need_no_memory", frames_need_no_memory, false },
        { "each_allocation_refused", each_allocation_refused, false },
        { "inputs_are_resized", inputs_are_resized, false },
        { "shapes_that_only_the_cpu_takes", shapes_that_only_the_cpu_takes, false },
        { "mistakes_are_no_faults", mistakes_are_no_faults, false },
        { "models_with_state_stay_on_the_cpu", models_with_state_stay_on_the_cpu, false },
        { "a_twin_has_to_fit", a_twin_has_to_fit, false },
        { "a_device_alone", a_device_alone, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
