/* SPDX-License-Identifier: Apache-2.0 */
/* Replays what LiteRT's reference kernels computed for drawn models of one operator: on both backends, at every
 * instruction level of the machine.
 *
 *   replay [--every] [FILE.ops...]      no file: all of tests/ops/data; --every: tell every failure, not only the first five
 *
 * The arithmetic of the Edge TPU has no oracle: there the cpu backend has to give the bytes of the reference backend.
 *
 * Files are written by tools/oracle/gen_ops.py, which explains the format. Outputs are compared byte for byte; floats
 * of files that allow it, by units in the last place. The last line is "N passed, N failed, N skipped", where one
 * file on one backend at one level is one test. */
#include <corallite/corallite.h>

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "areas.h"
#include "ops/chip.h"
#include "packed.h"

enum { MAX_TOLD = 5 }; /* failures told of each file and configuration, where not all are asked for */

/* --- comparing ---------------------------------------------------------------------------------------- */

/* Floats as integers whose difference counts the floats between; -0 is next to 0. */
static int64_t ordered(float f)
{
    int32_t i;
    memcpy(&i, &f, sizeof i);
    return i < 0 ? (int64_t)INT32_MIN - 1 - i : i;
}

static int64_t ordered_f64(double f)
{
    int64_t i;
    memcpy(&i, &f, sizeof i);
    return i < 0 ? INT64_MIN - i : i;
}

static bool close_floats(const uint8_t *got, const uint8_t *want, uint32_t ulp)
{
    float a, b;
    memcpy(&a, got, sizeof a);
    memcpy(&b, want, sizeof b);
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b); /* which NaN it is depends on the machine */
    return llabs(ordered(a) - ordered(b)) <= ulp;
}

static bool close_doubles(const uint8_t *got, const uint8_t *want, uint32_t ulp)
{
    double a, b;
    memcpy(&a, got, sizeof a);
    memcpy(&b, want, sizeof b);
    if (isnan(a) || isnan(b) || (a < 0) != (b < 0)) return isnan(a) && isnan(b);
    return llabs(ordered_f64(a) - ordered_f64(b)) <= ulp;
}

static bool close_enough(const crl_tensor *t, const uint8_t *want, size_t i, uint32_t ulp)
{
    const size_t size = crl_type_bytes(t->type);
    const uint8_t *got = (const uint8_t *)t->data + i * size;
    want += i * size;
    if (!memcmp(got, want, size)) return true;
    switch (t->type) {
    case CRL_FLOAT32: return close_floats(got, want, ulp);
    case CRL_COMPLEX64: return close_floats(got, want, ulp) && close_floats(got + 4, want + 4, ulp);
    case CRL_FLOAT64: return close_doubles(got, want, ulp);
    default: return false;
    }
}

/* What is wrong with a case. */
typedef struct reason {
    char text[400];
} reason;

static bool wrong(reason *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(reason *why, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    return false;
}

static const char *element_text(const crl_tensor *t, const uint8_t *data, size_t i, char *buf, size_t size)
{
    uint8_t e[16] = { 0 };
    memcpy(e, data + i * crl_type_bytes(t->type), crl_type_bytes(t->type));
    union { int8_t s8; int16_t s16; int32_t s32; int64_t s64; float f32[2]; double f64; } u;
    memcpy(&u, e, sizeof u);
    switch (t->type) {
    case CRL_INT8: snprintf(buf, size, "%d", u.s8); break;
    case CRL_INT16: snprintf(buf, size, "%d", u.s16); break;
    case CRL_INT32: snprintf(buf, size, "%d", u.s32); break;
    case CRL_INT64: snprintf(buf, size, "%lld", (long long)u.s64); break;
    case CRL_FLOAT32: snprintf(buf, size, "%.9g", (double)u.f32[0]); break;
    case CRL_FLOAT64: snprintf(buf, size, "%.17g", u.f64); break;
    case CRL_COMPLEX64: snprintf(buf, size, "%.9g %+.9gi", (double)u.f32[0], (double)u.f32[1]); break;
    default: snprintf(buf, size, "%u", e[0]); break;
    }
    return buf;
}

static bool check_output(const crl_engine *e, const packed_case *c, uint32_t i, reason *why)
{
    char got[CRL_SHAPE_TEXT], want[CRL_SHAPE_TEXT];
    const crl_tensor *t = crl_engine_output(e, (int32_t)i);
    if (!crl_shape_equal(&t->shape, &c->shape[i]) || t->bytes != c->out[i].bytes)
        return wrong(why, "output %u has shape %s and %zu bytes, not %s and %zu", i,
                     crl_shape_text(&t->shape, got, sizeof got), t->bytes,
                     crl_shape_text(&c->shape[i], want, sizeof want), c->out[i].bytes);
    const size_t n = crl_shape_count(&t->shape);
    for (size_t k = 0; k < n; k++)
        if (!close_enough(t, c->out[i].data, k, c->ulp))
            return wrong(why, "output %u, element %zu of %zu: %s instead of %s", i, k, n,
                         element_text(t, t->data, k, got, sizeof got),
                         element_text(t, c->out[i].data, k, want, sizeof want));
    return true;
}

/* --- running ------------------------------------------------------------------------------------------ */

/* A model and its engine; cases without a model of their own go on with it. */
typedef struct machine {
    uint8_t *bytes;
    crl_model *model;
    crl_engine *engine;
    crl_engine *twin; /* with the arithmetic of the Edge TPU: the reference backend */
} machine;

static void stop(machine *m)
{
    crl_engine_free(m->engine);
    crl_engine_free(m->twin);
    crl_model_close(m->model);
    free(m->bytes);
    *m = (machine){ 0 };
}

static bool start_engines(machine *m, const crl_engine_options *options, reason *why)
{
    crl_error err;
    crl_engine_options twin = *options;
    twin.backend = CRL_BACKEND_REFERENCE;
    const bool chip = options->arithmetic == CRL_ARITHMETIC_EDGETPU;
    if (crl_engine_new(&m->engine, m->model, options, &err)) return wrong(why, "%s", err.text);
    if (chip && crl_engine_new(&m->twin, m->model, &twin, &err)) return wrong(why, "%s", err.text);
    return true;
}

static bool start(machine *m, const packed_case *c, const crl_engine_options *options, reason *why)
{
    crl_error err;
    stop(m);
    /* A copy of its own: so that sanitizers see what is read past its end. */
    m->bytes = malloc(c->model.bytes);
    if (!m->bytes) return wrong(why, "no memory");
    memcpy(m->bytes, c->model.data, c->model.bytes);
    if (crl_model_open(&m->model, m->bytes, c->model.bytes, &err)) return wrong(why, "%s", err.text);
    /* On the chip is what could be there, whatever the compiler thinks of it. */
    bool *all = malloc((size_t)m->model->subgraphs->n_operators + 1);
    if (!all) return wrong(why, "no memory");
    memset(all, true, (size_t)m->model->subgraphs->n_operators);
    crl_engine_options own = *options;
    own.on_chip = all;
    own.n_on_chip = (size_t)m->model->subgraphs->n_operators;
    const bool ready = start_engines(m, &own, why);
    free(all);
    if (!ready) return false;
    if ((uint32_t)crl_engine_input_count(m->engine) != c->n_in || (uint32_t)crl_engine_output_count(m->engine) != c->n_out)
        return wrong(why, "%d inputs and %d outputs", crl_engine_input_count(m->engine), crl_engine_output_count(m->engine));
    return true;
}

/* Bytes of two engines. */
static bool check_twin(const crl_engine *e, const crl_engine *twin, int32_t i, reason *why)
{
    const crl_tensor *got = crl_engine_output(e, i), *want = crl_engine_output(twin, i);
    if (!crl_shape_equal(&got->shape, &want->shape)) return wrong(why, "output %d has another shape than by the reference backend", i);
    const size_t size = crl_type_bytes(got->type), n = size ? got->bytes / size : 0;
    for (size_t k = 0; k < n; k++) {
        char a[64], b[64];
        if (!memcmp((const uint8_t *)got->data + k * size, (const uint8_t *)want->data + k * size, size)) continue;
        return wrong(why, "output %d, element %zu of %zu: %s, by the reference backend %s", i, k, n,
                     element_text(got, got->data, k, a, sizeof a), element_text(want, want->data, k, b, sizeof b));
    }
    return true;
}

static bool run_engine(crl_engine *e, crl_engine *twin, const packed_case *c, reason *why)
{
    crl_error err;
    if (twin && c->shaped && crl_engine_resize(twin, c->in_shape, (int32_t)c->n_in, &err)) return wrong(why, "%s", err.text);
    if (c->shaped && crl_engine_resize(e, c->in_shape, (int32_t)c->n_in, &err)) return wrong(why, "%s", err.text);
    for (uint32_t i = 0; i < c->n_in; i++) {
        crl_tensor *t = crl_engine_input(e, (int32_t)i);
        if (t->bytes != c->in[i].bytes)
            return wrong(why, "input %u has %zu bytes, not %zu", i, t->bytes, c->in[i].bytes);
        if (t->bytes) memcpy(t->data, c->in[i].data, t->bytes);
        if (t->bytes && twin) memcpy(crl_engine_input(twin, (int32_t)i)->data, c->in[i].data, t->bytes);
    }
    if (crl_engine_run(e, &err) || (twin && crl_engine_run(twin, &err))) return wrong(why, "%s", err.text);
    for (uint32_t i = 0; i < c->n_out; i++)
        if (twin ? !check_twin(e, twin, (int32_t)i, why) : !check_output(e, c, i, why)) return false;
    return true;
}

static bool run_case(machine *m, const packed_case *c, const crl_engine_options *options, reason *why)
{
    if (c->model.bytes && !start(m, c, options, why)) {
        stop(m);
        return false;
    }
    if (!m->engine) return wrong(why, "the run before this one has failed");
    if (c->shaped) return run_engine(m->engine, m->twin, c, why);
    /* Twice: what the first run leaves behind must not matter. */
    for (int round = 0; round < 2; round++) {
        crl_engine_reset(m->engine);
        if (m->twin) crl_engine_reset(m->twin);
        if (!run_engine(m->engine, m->twin, c, why)) return false;
    }
    return true;
}

/* Whether the chip has an arithmetic for one of these operators. */
static bool has_chip(const crl_subgraph *g)
{
    for (int32_t i = 0; i < g->n_operators; i++)
        if (crl_chip_has(g->operators[i].code)) return true;
    return false;
}

/* Whether this machine has the level that the options name, and the first model what their arithmetic is about. */
static bool has_level(reader r, const crl_engine_options *options)
{
    packed_case c;
    crl_model *model;
    crl_engine *engine;
    const bool chip = options->arithmetic == CRL_ARITHMETIC_EDGETPU;
    if ((!options->cpu && !chip) || !packed_next(&r, &c)) return true;
    if (crl_model_open(&model, c.model.data, c.model.bytes, NULL)) return !chip;
    if (chip && !has_chip(model->subgraphs)) {
        crl_model_close(model);
        return false;
    }
    const crl_status s = crl_engine_new(&engine, model, options, NULL);
    crl_engine_free(engine);
    crl_model_close(model);
    return s != CRL_ERR_ARGUMENT;
}

/* All cases of an unpacked file; false when one fails. */
static bool run_cases(const char *path, reader r, const crl_engine_options *options, int told)
{
    machine m = { 0 };
    packed_case c = { .name = "" };
    char where[64];
    snprintf(where, sizeof where, "%s%s%s%s", crl_backend_name(options->backend), options->cpu ? " " : "",
             options->cpu ? options->cpu : "", options->arithmetic == CRL_ARITHMETIC_EDGETPU ? ", edgetpu" : "");
    int cases = 0, bad = 0;
    while (r.left && bad < told && packed_next(&r, &c)) {
        reason why;
        cases++;
        if (run_case(&m, &c, options, &why)) continue;
        printf("FAIL %s, %s: %s\n", c.name, where, why.text);
        bad++;
    }
    stop(&m);
    if (bad) return false;
    if (r.left || r.broken || !cases) {
        printf("FAIL %s: broken after %d cases\n", path, cases);
        return false;
    }
    printf("ok   %.*s: %d cases, %s\n", (int)strcspn(c.name, " "), c.name, cases, where);
    return true;
}

/* With CHECK_SAMPLE the reference, the machine's own level and that with the other arithmetic stay, and one of the
 * lower ones that every file draws anew. */
static size_t sample_levels(const crl_engine_options **list, size_t n)
{
    enum { ALWAYS = 3 };
    static uint32_t drawn;
    if (!getenv("CHECK_SAMPLE") || n <= ALWAYS + 1) return n;
    if (!drawn) drawn = (uint32_t)time(NULL);
    drawn = drawn * 1664525u + 1013904223u;
    list[ALWAYS] = list[ALWAYS + (drawn >> 16) % (n - ALWAYS)];
    return ALWAYS + 1;
}

/* One file in every configuration of this machine. */
static void run_file(const char *path, int told, int *passed, int *failed)
{
    static const crl_engine_options configs[] = {
        { .backend = CRL_BACKEND_REFERENCE, .threads = 1 },
        { .backend = CRL_BACKEND_CPU, .threads = 2 },
        { .backend = CRL_BACKEND_CPU, .threads = 2, .arithmetic = CRL_ARITHMETIC_EDGETPU },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "ref" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "avx2" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "avxvnni" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "avx512vnni" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "neon" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "neondot" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .cpu = "i8mm" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .arithmetic = CRL_ARITHMETIC_EDGETPU, .cpu = "ref" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .arithmetic = CRL_ARITHMETIC_EDGETPU, .cpu = "avx2" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .arithmetic = CRL_ARITHMETIC_EDGETPU, .cpu = "avx512vnni" },
        { .backend = CRL_BACKEND_CPU, .threads = 1, .arithmetic = CRL_ARITHMETIC_EDGETPU, .cpu = "neon" },
    };
    reader r;
    uint8_t *raw = packed_read(path, &r);
    const crl_engine_options *list[sizeof configs / sizeof configs[0]];
    size_t n = 0;
    if (!raw) ++*failed;
    for (size_t k = 0; raw && k < sizeof configs / sizeof configs[0]; k++)
        if (has_level(r, &configs[k])) list[n++] = &configs[k];
    n = sample_levels(list, n);
    for (size_t k = 0; k < n; k++) {
        const bool ok = run_cases(path, r, list[k], told);
        *passed += ok;
        *failed += !ok;
    }
    free(raw);
}

static void run_folder(const char *folder, int told, int *passed, int *failed)
{
    char *path[MAX_FILES];
    const size_t n = packed_list(folder, path);
    if (!n) {
        printf("FAIL %s: no packed cases\n", folder);
        ++*failed;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        run_file(path[i], told, passed, failed);
        free(path[i]);
    }
}

int area_ops(int argc, char **argv)
{
    int passed = 0, failed = 0;
    const bool every = argc > 1 && !strcmp(argv[1], "--every");
    const int told = every ? INT_MAX : MAX_TOLD, first = 1 + every;
    if (argc == first) run_folder(SOURCE_ROOT "/tests/ops/data", told, &passed, &failed);
    for (int f = first; f < argc; f++) run_file(argv[f], told, &passed, &failed);
    printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
