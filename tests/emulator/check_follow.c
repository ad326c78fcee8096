/* SPDX-License-Identifier: Apache-2.0 */
/* A model beside a package that was made with other scales: all scales, zero points and biases inside of it are others. The model that follows
 * computes what the package does, which the emulator tells. */
#include <corallite/compile.h>
#include <corallite/engine.h>
#include <corallite/reweight.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "base/alloc.h"
#include "base/file.h"
#include "check.h"
#include "compile/edit.h"
#include "compile/follow.h"
#include "compile/forms.h"
#include "compile/twin.h"
#include "emulated.h"
#include "model/chip.h"
#include "package/isa.h"

/* ---- the same weights with other scales ---------------------------------------------------------------------- */

typedef struct altered {
    check *t;
    crl_subgraph *graph;
    crl_pile pile;
    bool inside; /* ends stay as they are */
} altered;

static bool has_8_bits(const crl_tensor_def *t)
{
    return t->type == CRL_UINT8 || t->type == CRL_INT8;
}

static crl_tensor_def *tensor(const altered *a, int32_t t)
{
    return (crl_tensor_def *)(uintptr_t)&a->graph->tensors[t];
}

static float about(altered *a, float x)
{
    return x * (float)check_range(a->t, 80000, 125000) / 100000.0f;
}

static bool is_end(const altered *a, int32_t t)
{
    for (int32_t i = 0; i < a->graph->n_inputs; i++)
        if (a->graph->inputs[i] == t) return true;
    for (int32_t i = 0; i < a->graph->n_outputs; i++)
        if (a->graph->outputs[i] == t) return true;
    return false;
}

static void set(altered *a, int32_t t, float scale, int32_t zero)
{
    float *s = crl_pile_alloc(&a->pile, sizeof *s);
    int32_t *z = crl_pile_alloc(&a->pile, sizeof *z);
    if (!s || !z) abort();
    *s = scale;
    *z = zero;
    tensor(a, t)->quant.scale = s;
    tensor(a, t)->quant.zero_point = z;
}

/* Zero points at an end of the range are those of activations; the templates' borders are filled with them. */
static void alter_activation(altered *a, int32_t t)
{
    const int32_t zero = tensor(a, t)->quant.zero_point[0], stored = zero + (tensor(a, t)->type == CRL_INT8 ? 128 : 0);
    set(a, t, about(a, tensor(a, t)->quant.scale[0]), stored > 4 && stored < 251 ? zero + check_range(a->t, -4, 4) : zero);
}

static void alter_weights(altered *a, int32_t t)
{
    crl_quant *q = &tensor(a, t)->quant;
    float *s = crl_pile_array(&a->pile, (size_t)q->n, sizeof *s);
    if (!s) abort();
    for (int32_t i = 0; i < q->n; i++) s[i] = about(a, q->scale[i]);
    q->scale = s;
}

static void alter_bias(altered *a, const crl_operator *op)
{
    crl_tensor_def *t = tensor(a, op->inputs[2]);
    const int32_t *from = t->data;
    int32_t *to = crl_pile_array(&a->pile, t->bytes / sizeof *to, sizeof *to);
    bool zeros = true;
    for (size_t i = 0; to && i < t->bytes / sizeof *to; i++) {
        to[i] = from[i] + check_range(a->t, -500, 500);
        zeros = zeros && !from[i];
    }
    if (to && !zeros) t->data = to;
    float *scale = crl_pile_array(&a->pile, (size_t)t->quant.n + 1, sizeof *scale);
    if (!scale) abort();
    const crl_quant *in = &tensor(a, op->inputs[0])->quant, *w = &tensor(a, op->inputs[1])->quant;
    for (int32_t i = 0; i < t->quant.n; i++) scale[i] = in->scale[0] * w->scale[w->n > 1 ? i : 0];
    t->quant.scale = scale;
}

/* What only moves stays equal at both sides; a softmax gives what it always does. */
static void alter(altered *a, crl_model *m)
{
    a->graph = (crl_subgraph *)(uintptr_t)&m->subgraphs[0];
    for (int32_t i = 0; i < a->graph->n_inputs && !a->inside; i++) alter_activation(a, a->graph->inputs[i]);
    for (int32_t i = 0; i < a->graph->n_operators; i++) {
        const crl_operator *op = &a->graph->operators[i];
        const crl_tensor_def *in = tensor(a, op->inputs[0]), *out = tensor(a, op->outputs[0]);
        const bool moves = op->code == CRL_OP_RESHAPE || op->code == CRL_OP_MAX_POOL || op->code == CRL_OP_QUANTIZE;
        if (!has_8_bits(out) || op->code == CRL_OP_SOFTMAX || op->code == CRL_OP_LOGISTIC) continue;
        if (crl_has_weights(op)) alter_weights(a, op->inputs[1]);
        if (crl_has_weights(op) && op->n_inputs > 2 && op->inputs[2] >= 0) alter_bias(a, op);
        if (moves && !(a->inside && is_end(a, op->outputs[0])))
            set(a, op->outputs[0], in->quant.scale[0],
                in->quant.zero_point[0] + (out->type == in->type ? 0 : out->type == CRL_UINT8 ? 128 : -128));
        else if (!moves && !a->inside)
            alter_activation(a, op->outputs[0]);
    }
}

/* ---- following ------------------------------------------------------------------------------------------------ */

/* A package by the altered model, and the model as its file has it, which follows. */
static void follow(check *t, const crl_model *template, const char *file, bool inside, int rounds)
{
    altered a = { .t = t, .inside = inside };
    crl_model *model = NULL, *plain = NULL, *twin = NULL, *compiled = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    crl_twin_verified v;
    crl_error err = { .text = "" };
    bool ok = check_that(t, !crl_model_open_file(&model, file, &err) && !crl_model_open_file(&plain, file, &err) &&
                                !crl_model_open_file(&twin, file, &err), "%s", err.text);
    /* Chance may give operators the same constants that differed, or others to those that a template cannot tell apart. */
    for (int tries = 0; ok && !bytes; tries++) {
        alter(&a, model);
        if (crl_reweight(model, template, plain, &bytes, &size, NULL, &err) && tries == 9) ok = check_that(t, false, "%s: %s", file, err.text);
    }
    ok = ok && check_that(t, !crl_model_open(&compiled, bytes, size, &err), "%s", err.text);
    if (ok) {
        check_that(t, !crl_twin_verify(&v, compiled, crl_find_compiled(compiled, 0), plain, &err) &&
                          (v.constants_equal < v.constants || v.layers_equal < v.layers), "%s: nothing was altered", file);
        check_that(t, !crl_twin_follow(twin, compiled, &err), "%s", err.text);
        check_that(t, !crl_twin_verify(&v, compiled, crl_find_compiled(compiled, 0), twin, &err) && v.constants_equal == v.constants &&
                          v.layers_equal == v.layers, "%s: weights of %d of %d, constants of %d of %d: %s", file, v.layers_equal, v.layers,
                   v.constants_equal, v.constants, err.text);
        if (v.constants_equal == v.constants) emulated_models_equal(t, compiled, twin, rounds, file);
    }
    crl_model_close(compiled);
    crl_model_close(twin);
    crl_model_close(plain);
    crl_model_close(model);
    free(bytes);
    crl_pile_free(&a.pile);
}

/* A dense layer of the tree, compiled by rule: its ends stay, so that only what is inside tells. */
static void follows_what_is_inside(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *plain = NULL, *template = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    crl_error err = { .text = "" };
    const crl_compile_options options = { .unproved = true };
    if (check_that(t, !crl_model_open_file(&plain, SOURCE_ROOT "/fuzz/corpus/compile/dense", &err), "%s", err.text) &&
        check_that(t, !crl_compile(plain, &options, &bytes, &size, NULL, &err) && !crl_model_open(&template, bytes, size, &err), "%s", err.text))
        for (int i = 0; i < check_rounds(t, 5); i++) follow(t, template, SOURCE_ROOT "/fuzz/corpus/compile/dense", i % 2, 2);
    crl_model_close(template);
    crl_model_close(plain);
    free(bytes);
}

/* Bits of a package are turned over: it is followed or not, and what follows can be run. */
static void survives_changes(check *t, unsigned cpu)
{
    (void)cpu;
    altered a = { .t = t, .inside = true };
    crl_model *plain = NULL, *model = NULL, *template = NULL;
    uint8_t *bytes[2] = { NULL };
    size_t size;
    crl_error err = { .text = "" };
    const crl_compile_options options = { .unproved = true };
    const char *file = SOURCE_ROOT "/fuzz/corpus/compile/dense";
    bool ok = check_that(t, !crl_model_open_file(&plain, file, &err) && !crl_model_open_file(&model, file, &err), "%s", err.text);
    ok = ok && check_that(t,
                          !crl_compile(plain, &options, &bytes[0], &size, NULL, &err) &&
                              !crl_model_open(&template, bytes[0], size, &err),
                          "%s", err.text);
    if (ok) alter(&a, model);
    ok = ok && check_that(t, !crl_reweight(model, template, plain, &bytes[1], &size, NULL, &err), "%s", err.text);
    for (int i = 0; ok && i < check_rounds(t, 300); i++) {
        crl_model *broken, *twin;
        crl_engine *e;
        uint8_t *copy = check_guarded(t, size);
        memcpy(copy, bytes[1], size);
        for (int32_t n = check_range(t, 1, 3); n > 0; n--) copy[check_range(t, 0, (int32_t)size - 1)] ^= (uint8_t)(1 << check_range(t, 0, 7));
        if (crl_model_open(&broken, copy, size, NULL)) continue;
        if (!crl_model_open_file(&twin, file, NULL)) {
            check_that(t, !crl_twin_follow(twin, broken, &err), "%s", err.text);
            const crl_engine_options chip = { .arithmetic = CRL_ARITHMETIC_EDGETPU, .threads = 1 };
            if (check_that(t, !crl_engine_new(&e, twin, &chip, &err), "%s", err.text)) {
                check_that(t, !crl_engine_run(e, &err), "%s", err.text);
                crl_engine_free(e);
            }
            crl_model_close(twin);
        }
        crl_model_close(broken);
    }
    crl_model_close(template);
    crl_model_close(model);
    crl_model_close(plain);
    free(bytes[0]);
    free(bytes[1]);
    crl_pile_free(&a.pile);
}

static void follows_real_packages(check *t, unsigned cpu)
{
    (void)cpu;
    /* Operators with equal constants cannot be told apart by a template, so that they stay equal. */
    static const struct { const char *name; bool inside; } models[] = {
        { "../edgetpu/pairs/dense_512", true }, { "models/posenet_mobilenet_v1_075_353_481_16_quant_decoder", true },
        { "models/mobilenet_v1_1.0_224_quant_embedding_extractor", false }, { "../edgetpu/pairs/mobilenet_v2_1.0_224_inat_bird_quant", false },
    };
    const char *data = getenv("CRL_TESTDATA");
    int seen = 0;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        char compiled[2048], file[2048];
        crl_model *template;
        crl_error err;
        snprintf(compiled, sizeof compiled, "%s/%s_edgetpu.tflite", data ? data : "../shared/testdata", models[i].name);
        snprintf(file, sizeof file, "%s/%s.tflite", data ? data : "../shared/testdata", models[i].name);
        if (access(compiled, R_OK) || access(file, R_OK)) continue;
        seen++;
        check_name(t, models[i].name);
        if (!check_that(t, !crl_model_open_file(&template, compiled, &err), "%s", err.text)) continue;
        follow(t, template, file, models[i].inside, 1);
        crl_model_close(template);
    }
    if (!seen) check_skip(t, "no compiled models in $CRL_TESTDATA");
}

/* Another multiplier of the average in the package; false: there is none. */
static bool set_average(check *t, crl_model *compiled, float before, float now)
{
    crl_package *package = NULL;
    crl_disassembly *program = NULL;
    crl_error err = { .text = "" };
    bool done = false;
    const bool open = !crl_package_open(&package, compiled, crl_find_compiled(compiled, 0), &err) &&
                      !crl_disassemble(&program, package->running, &err);
    for (int32_t i = 0; check_that(t, open, "%s", err.text) && i < program->n; i++) {
        const crl_instruction *in = &program->instructions[i];
        uint8_t *at = (uint8_t *)(uintptr_t)(program->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD);
        if (in->opcode != CRL_ISA_TENSOR) continue;
        crl_constants c = crl_edit_read(at);
        if (memcmp(&c.multiplier, &before, sizeof before)) continue;
        memcpy(&c.multiplier, &now, sizeof now);
        crl_edit_write(at, &c);
        done = true;
    }
    crl_disassembly_free(program);
    crl_package_close(package);
    return done;
}

static const crl_operator *average_of(const crl_model *m)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_operators; i++)
        if (m->subgraphs[0].operators[i].code == CRL_OP_AVERAGE_POOL) return &m->subgraphs[0].operators[i];
    return NULL;
}

/* Of 49 places the two ways to make a multiplier give two floats. */
static void follows_how_an_average_is_made(check *t, unsigned cpu)
{
    (void)cpu;
    const char *data = getenv("CRL_TESTDATA"), *name = "mobilenet_v1_1.0_224_quant_embedding_extractor";
    char path[2][2048];
    uint8_t *bytes = NULL;
    size_t size;
    crl_model *compiled = NULL, *twin = NULL;
    crl_error err = { .text = "" };
    for (int i = 0; i < 2; i++)
        snprintf(path[i], sizeof path[i], "%s/models/%s%s.tflite", data ? data : "../shared/testdata", name, i ? "" : "_edgetpu");
    if (access(path[0], R_OK)) {
        check_skip(t, "no compiled models in $CRL_TESTDATA");
        return;
    }
    const float n = 49, scale = 0.02370999939739704f;
    const bool open = !crl_file_read(&bytes, &size, path[0], (size_t)1 << 26, &err) && !crl_model_open(&compiled, bytes, size, &err) &&
                      !crl_model_open_file(&twin, path[1], &err);
    const crl_operator *op = open ? average_of(twin) : NULL;
    if (check_that(t, op, "%s", err.text)) {
        const crl_tensor_def *in = &twin->subgraphs[0].tensors[op->inputs[0]], *out = &twin->subgraphs[0].tensors[op->outputs[0]];
        const int32_t chip = crl_find_compiled(compiled, 0);
        check_that(t, !crl_twin_take_forms(twin, compiled, chip, &err) && !op->chip, "the usual average has a form of its own: %s", err.text);
        const float before = in->quant.scale[0] * (1 / n) * (1 / out->quant.scale[0]), back = 1 / scale;
        const float usual = scale * (1 / n) * back, old = scale * back / n;
        *(float *)(uintptr_t)in->quant.scale = *(float *)(uintptr_t)out->quant.scale = scale;
        check_that(t, usual != old && set_average(t, compiled, before, old), "no average");
        if (check_that(t, !crl_twin_take_forms(twin, compiled, chip, &err) && op->chip, "the average is the usual one: %s", err.text))
            check_that(t, op->chip->multiplier == old, "multiplier %a, not %a",
                       (double)op->chip->multiplier, (double)old);
    }
    crl_model_close(twin);
    crl_model_close(compiled);
    crl_free(bytes);
}

typedef struct told {
    char text[256];
} told;

static void tell(void *user, const crl_notice *n)
{
    if (n->kind == CRL_NOTICE_TWIN) snprintf(((told *)user)->text, sizeof ((told *)user)->text, "%s", n->text);
}

/* Chooses the twin in place of the package, and tells what is said of it. */
static void choose(check *t, const char *compiled, const char *wanted)
{
    crl_model *m = NULL, *twin = NULL;
    crl_error err = { .text = "" };
    told said = { "" };
    const crl_engine_options options = { .backend = CRL_BACKEND_CPU, .notice = tell, .notice_user = &said };
    const bool ok = !crl_model_open_file(&m, compiled, &err) && !crl_engine_choose_model(&m, &twin, compiled, NULL, &options, &err);
    const size_t n = strlen(said.text), end = strlen(wanted);
    if (check_that(t, ok, "%s", err.text)) check_that(t, n > end && !strcmp(said.text + n - end, wanted), "said: %s", said.text);
    crl_model_close(twin);
    crl_model_close(m);
}

/* The file beside the package is another one's of the same shapes and scales: it runs, and that is said. */
static void says_that_weights_are_others(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[] = "/tmp/crl_follow_XXXXXX", path[2][64];
    crl_model *plain = NULL;
    uint8_t *file = NULL, *package = NULL;
    size_t bytes, size;
    crl_error err = { .text = "" };
    const crl_compile_options options = { .unproved = true };
    if (!check_that(t, mkdtemp(folder), "no folder")) return;
    for (int i = 0; i < 2; i++) snprintf(path[i], sizeof path[i], "%s/dense%s.tflite", folder, i ? "_edgetpu" : "");
    bool ok = !crl_file_read(&file, &bytes, SOURCE_ROOT "/fuzz/corpus/compile/dense", (size_t)1 << 26, &err) &&
              !crl_model_open(&plain, file, bytes, &err) && !crl_compile(plain, &options, &package, &size, NULL, &err) &&
              !crl_file_replace(path[1], package, size, &err) && !crl_file_replace(path[0], file, bytes, &err);
    if (check_that(t, ok, "%s", err.text)) choose(t, path[1], "dense.tflite runs on the processor instead");
    for (int32_t i = 0; ok && i < plain->subgraphs[0].n_tensors; i++) {
        const crl_tensor_def *w = &plain->subgraphs[0].tensors[i];
        for (size_t k = 0; w->type == CRL_INT8 && w->data && k < w->bytes; k++) ((uint8_t *)(uintptr_t)w->data)[k] ^= 1;
    }
    if (ok && check_that(t, !crl_file_replace(path[0], file, bytes, &err), "%s", err.text))
        choose(t, path[1], "runs on the processor instead, but has other weights in 1 of 1 layers");
    for (int i = 0; i < 2; i++) unlink(path[i]);
    rmdir(folder);
    crl_model_close(plain);
    free(package);
    crl_free(file);
}

int area_follow(int argc, char **argv)
{
    static const check_case cases[] = {
        { "follows_what_is_inside", follows_what_is_inside, false },
        { "survives_changes", survives_changes, false },
        { "follows_real_packages", follows_real_packages, false },
        { "says_that_weights_are_others", says_that_weights_are_others, false },
        { "follows_how_an_average_is_made", follows_how_an_average_is_made, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
