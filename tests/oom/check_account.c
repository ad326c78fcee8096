/* SPDX-License-Identifier: Apache-2.0 */
/* The account of an engine's memory: what every operator takes is on it, and nothing is taken that it does not allow. */
#include <corallite/corallite.h>

#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "check.h"
#include "count_malloc.h"
#include "ops/packed.h"

static const crl_backend_kind backends[] = { CRL_BACKEND_REFERENCE, CRL_BACKEND_CPU };
enum { N_BACKENDS = sizeof backends / sizeof backends[0] };

/* --- every operator, with ever more memory ------------------------------------------------------------ */

/* The most that lived at once, as malloc counts it. */
typedef struct peak {
    long before, most;
} peak;

static bool note_peak(void *user, size_t bytes)
{
    (void)bytes;
    peak *p = user;
    const long now = count_malloc_bytes() - p->before;
    if (now > p->most) p->most = now;
    return true;
}

static bool is_refusal(const crl_error *err)
{
    return err->status == CRL_ERR_UNSUPPORTED && strstr(err->text, " MiB") && strstr(err->text, "allowed");
}

/* Prepares and runs on zeros; false: refused for want of memory. What else a model may find wrong is none of our business. */
static bool goes(check *t, const crl_model *m, crl_backend_kind backend, size_t limit, const char *name)
{
    /* A pool of threads, the engine itself, and what malloc rounds up are on no account. */
    const long slack = 32768 + (long)limit / 8;
    crl_engine *e;
    crl_error err = { .text = "" };
    peak p = { .before = count_malloc_bytes() };
    const long blocks = count_malloc_living();
    crl_alloc_hook(note_peak, &p);
    const crl_engine_options options = { .work_limit = UINT64_MAX, .backend = backend, .threads = 1, .memory_bytes = limit };
    crl_status s = crl_engine_new(&e, m, &options, &err);
    if (!s) {
        for (int32_t i = 0; i < crl_engine_input_count(e); i++)
            memset(crl_engine_input(e, i)->data, 0, crl_engine_input(e, i)->bytes);
        s = crl_engine_run(e, &err);
    }
    note_peak(&p, 0);
    crl_alloc_hook(NULL, NULL);
    crl_engine_free(e);
    check_that(t, p.most <= (long)limit + slack, "%s %s: %ld bytes where %zu are allowed", name, crl_backend_name(backend), p.most, limit);
    check_that(t, s != CRL_ERR_MEMORY, "%s %s: \"%s\"", name, crl_backend_name(backend), err.text);
    check_that(t, count_malloc_living() == blocks, "%s %s, %zu bytes allowed: %ld blocks leaked", name, crl_backend_name(backend), limit,
               count_malloc_living() - blocks);
    return !s || !is_refusal(&err);
}

static void try_file(check *t, const char *path)
{
    enum { LEAST = 2048, ENOUGH = 1 << 25 };
    reader r;
    packed_case c;
    uint8_t *raw = packed_read(path, &r);
    crl_model *m;
    /* The first case is enough; kinds differ in types. */
    if (raw && packed_next(&r, &c) && !crl_model_open(&m, c.model.data, c.model.bytes, NULL)) {
        for (int b = 0; b < N_BACKENDS; b++) {
            size_t limit = LEAST;
            while (limit < ENOUGH && !goes(t, m, backends[b], limit, c.name)) limit += limit / 2;
            check_that(t, limit > LEAST && limit < ENOUGH, "%s %s: %zu bytes are enough", c.name, crl_backend_name(backends[b]), limit);
        }
        crl_model_close(m);
    }
    free(raw);
}

static void operators_take_what_is_allowed(check *t, unsigned cpu)
{
    (void)cpu;
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    check_that(t, n > 0, "no cases");
    for (size_t i = 0; i < n; i++) {
        try_file(t, path[i]);
        free(path[i]);
    }
}

/* --- small models that want much ---------------------------------------------------------------------- */

static crl_tensor_def tensor(crl_type type, int32_t rank, const int32_t *dim)
{
    static float scale = 1;
    static int32_t zero;
    crl_tensor_def t = { .name = "", .type = type, .shape = { .rank = rank } };
    for (int32_t i = 0; i < rank; i++) t.shape.dim[i] = dim[i];
    t.shape_signature = t.shape;
    if (type == CRL_INT8 || type == CRL_UINT8) t.quant = (crl_quant){ .n = 1, .scale = &scale, .zero_point = &zero };
    return t;
}

static crl_tensor_def numbers(int32_t n, const int32_t *v)
{
    crl_tensor_def t = tensor(CRL_INT32, 1, &n);
    t.data = v;
    t.bytes = 4 * (size_t)n;
    return t;
}

/* Counts what is asked for, and gives no more than a gibibyte. */
static bool add_up(void *user, size_t bytes)
{
    size_t *sum = user;
    *sum += bytes;
    return *sum < (size_t)1 << 30;
}

/* An operator of one or two inputs, and what may stand before it, whose memory would be several times its tensors'. */
static void expect_refusal(check *t, const char *name, int32_t code, const char *option, crl_tensor_def in, crl_tensor_def second,
                           const crl_tensor_def *out, int32_t n_out)
{
    static const int32_t zero[] = { 0 }, both[] = { 0, 1 }, outs[] = { 2, 3 };
    const size_t limit = (size_t)64 << 20;
    const crl_option options[] = { { .name = option ? option : "", .kind = CRL_OPTION_BOOL },
                                   { .name = "half_pixel_centers", .kind = CRL_OPTION_BOOL } };
    const crl_operator op = { .name = name, .code = code, .inputs = both, .n_inputs = 2, .outputs = outs, .n_outputs = n_out,
                              .options = options, .n_options = 2 };
    crl_tensor_def tensors[4] = { in, second, out[0], n_out > 1 ? out[1] : out[0] };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 2 + n_out, .operators = &op, .n_operators = 1,
                                 .inputs = zero, .n_inputs = 1, .outputs = outs, .n_outputs = n_out };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    bool refused = false;
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e;
        crl_error err = { .text = "" };
        size_t sum = 0;
        crl_alloc_hook(add_up, &sum);
        const crl_engine_options o = { .work_limit = UINT64_MAX, .backend = backends[b], .threads = 1, .memory_bytes = limit };
        const crl_status s = crl_engine_new(&e, &m, &o, &err);
        crl_alloc_hook(NULL, NULL);
        crl_engine_free(e);
        check_that(t, !s || is_refusal(&err), "%s %s: \"%s\"", name, crl_backend_name(backends[b]), err.text);
        check_that(t, sum < limit + (1u << 20), "%s %s: %zu MiB were asked for", name, crl_backend_name(backends[b]), sum >> 20);
        refused |= s;
    }
    /* The plain kernels, all that a processor without vectors has, may do without. */
    check_that(t, refused || !crl_cpu_detect(), "%s goes with 64 MiB", name);
}

static void nothing_comes_from_nowhere(check *t, unsigned cpu)
{
    (void)cpu;
    enum { MUCH = 1 << 24 };
    static const int32_t size[] = { 1, MUCH }, one_axis[] = { 0 }, pads[] = { 0, MUCH - 1 };
    const crl_tensor_def pixel = tensor(CRL_UINT8, 4, (const int32_t[]){ 1, 1, 1, 1 });
    const crl_tensor_def line = tensor(CRL_UINT8, 4, (const int32_t[]){ 1, 1, MUCH, 1 });
    const crl_tensor_def row = tensor(CRL_INT8, 2, (const int32_t[]){ 1, MUCH }), long_row = tensor(CRL_INT8, 1, (const int32_t[]){ MUCH });
    crl_tensor_def pairs = numbers(2, pads);
    pairs.shape = (crl_shape){ .rank = 2, .dim = { 1, 2 } };
    expect_refusal(t, "RESIZE_BILINEAR", 23, "align_corners", pixel, numbers(2, size), &line, 1);
    expect_refusal(t, "RESIZE_NEAREST_NEIGHBOR", 97, "align_corners", pixel, numbers(2, size), &line, 1);
    expect_refusal(t, "SUM", 74, "keep_dims", row, numbers(1, one_axis), &long_row, 1);
    expect_refusal(t, "MIRROR_PAD", 100, "mode", long_row, pairs, &long_row, 1);
}

int area_account(int argc, char **argv)
{
    static const check_case cases[] = {
        { "operators_take_what_is_allowed", operators_take_what_is_allowed, false },
        { "nothing_comes_from_nowhere", nothing_comes_from_nowhere, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
