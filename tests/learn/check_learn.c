/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a model and putting a layer behind it, with the classifier of the tree and with models of other types. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"
#include "learn/learn.h"

/* Models whose last layer reads a vector: int8 of rank 4, uint8, float. */
static const char *const models[] = { "models/signs_classifier.tflite", "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite" };
enum { N_MODELS = sizeof models / sizeof *models };

static crl_model *open_model(check *t, const char *name)
{
    char path[1024];
    crl_model *m;
    crl_error err;
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text);
    return m;
}

static crl_extractor *cut(check *t, const crl_model *m, const char *tensor)
{
    crl_extractor *e;
    crl_error err = { 0 };
    check_that(t, !crl_extractor_new(&e, m, tensor, &err), "%s", err.text);
    return e;
}

/* The first output of the model on noise from a seed, in real numbers; returns how many. */
static size_t run(check *t, const crl_model *m, uint64_t seed, float *out, size_t most)
{
    crl_engine *e;
    crl_error err = { 0 };
    size_t n = 0;
    if (!check_that(t, !crl_engine_new(&e, m, &(crl_engine_options){ .threads = 1 }, &err), "%s", err.text)) return 0;
    uint8_t *in = crl_engine_input(e, 0)->data;
    for (size_t i = 0; i < crl_engine_input(e, 0)->bytes; i++) in[i] = (uint8_t)((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
    check_that(t, !crl_engine_run(e, &err), "%s", err.text);
    const crl_tensor *o = crl_engine_output(e, 0);
    n = crl_shape_count(&o->shape);
    if (check_that(t, n <= most, "%zu numbers", n)) check_that(t, !crl_tensor_floats(o, out, n, &err), "%s", err.text);
    crl_engine_free(e);
    return n;
}

/* What is left gives the vector, and the layer that was cut off makes of it what the whole model makes. */
void check_cut(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]);
    crl_extractor *e = m ? cut(t, m, NULL) : NULL;
    float vector[512], whole[64], logits[64];
    int32_t classes;
    if (!e) return;
    const float *rows = crl_extractor_rows(e, &classes);
    check_that(t, crl_extractor_size(e) == 192 && classes == 13 && rows, "%d numbers, %d classes", crl_extractor_size(e), classes);
    const crl_model *left = crl_extractor_model(e);
    check_that(t, left->subgraphs[0].n_outputs == 1 && left->subgraphs[0].n_operators < m->subgraphs[0].n_operators, "nothing was cut");
    check_that(t, left->n_signatures == 0 && left->subgraphs[0].n_tensors < m->subgraphs[0].n_tensors && left->size < m->size, "rests are left");
    for (uint64_t seed = 0; seed < 5; seed++) {
        run(t, left, seed, vector, 512);
        run(t, m, seed, whole, 64);
        const crl_last_layer layer = { .classes = classes, .size = 192, .weights = rows };
        crl_last_layer_run(&layer, vector, logits);
        int32_t best = 0, told = 0;
        for (int32_t c = 1; c < classes; c++) {
            if (logits[c] > logits[best]) best = c;
            if (whole[c] > whole[told]) told = c;
        }
        check_that(t, logits[told] > logits[best] - 1.5f, "noise %d: class %d, and %d by the rows", (int)seed, told, best); /* without the bias */
    }
    crl_extractor_free(e);
    crl_model_close(m);
}

/* Weights drawn by chance, as in a trained layer: the file's probabilities are those of real numbers, to what 8 bits allow. */
static void graft(check *t, const crl_model *m, bool normalise, bool bias)
{
    enum { CLASSES = 5 };
    crl_extractor *e = cut(t, m, NULL);
    if (!e) return;
    const int32_t size = crl_extractor_size(e);
    float *weights = calloc(CLASSES * (size_t)size, sizeof *weights), vector[2048], got[64], logits[CLASSES], biases[CLASSES];
    for (int32_t i = 0; i < CLASSES * size; i++) weights[i] = (float)check_range(t, -1000, 1000) / 1000 * (normalise ? 8 : 1) / sqrtf((float)size);
    for (int32_t c = 0; c < CLASSES; c++) biases[c] = (float)check_range(t, -100, 100) / 100;
    crl_last_layer layer = { .classes = CLASSES, .size = size, .weights = weights, .bias = bias ? biases : NULL, .normalise = normalise };
    run(t, crl_extractor_model(e), 1, vector, 2048);
    crl_last_layer_run(&layer, vector, logits);
    layer.low = layer.high = 0;
    for (int32_t c = 0; c < CLASSES; c++) {
        layer.low = fminf(layer.low, logits[c] - 1);
        layer.high = fmaxf(layer.high, logits[c] + 1);
    }
    uint8_t *bytes, *again;
    size_t n, n_again;
    crl_error err = { 0 };
    crl_model *made;
    if (check_that(t, !crl_extractor_write(e, &layer, NULL, &bytes, &n, &err), "%s", err.text) &&
        check_that(t, !crl_model_open(&made, bytes, n, &err), "%s", err.text)) {
        double sum = 0;
        check_that(t, run(t, made, 1, got, 64) == CLASSES, "not %d classes", CLASSES);
        for (int32_t c = 0; c < CLASSES; c++) sum += exp((double)logits[c]);
        for (int32_t c = 0; c < CLASSES; c++) {
            const double want = exp((double)logits[c]) / sum;
            check_that(t, fabs((double)got[c] - want) < 0.04, "class %d: %g, not %g", c, (double)got[c], want);
        }
        check_that(t,
                   !crl_extractor_write(e, &layer, NULL, &again, &n_again, &err) && n == n_again &&
                       !memcmp(bytes, again, n),
                   "other bytes the second time");
        free(again);
        crl_model_close(made);
    }
    free(bytes);
    free(weights);
    crl_extractor_free(e);
}

void check_graft(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS; i++) {
        crl_model *m = open_model(t, models[i]);
        for (int k = 0; m && k < 4; k++) graft(t, m, k & 1, k & 2);
        crl_model_close(m);
    }
}

void check_graft_labels(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]), *made = NULL;
    crl_extractor *e = m ? cut(t, m, NULL) : NULL;
    if (!e) return;
    static const char *const labels[] = { "cat", "dog, or wolf", "\xc3\xa9t\xc3\xa9" };
    float weights[3 * 192] = { 1 };
    const crl_last_layer layer = { .classes = 3, .size = 192, .weights = weights };
    uint8_t *bytes;
    size_t n;
    crl_error err;
    const char *name;
    char *text;
    size_t size;
    check_that(t, !crl_extractor_write(e, &layer, &(crl_classifier_info){ .labels = labels, .name = "n", .description = "d" }, &bytes, &n, &err) &&
                      !crl_model_open(&made, bytes, n, &err), "%s", err.text);
    if (made && check_that(t, !crl_model_label_file(made, -1, &name, &text, &size, &err) && text, "%s", err.text)) {
        check_that(t, !strcmp(text, "cat\ndog, or wolf\n\xc3\xa9t\xc3\xa9\n"), "labels: %s", text);
        free(text);
    }
    const float *mean, *std, *mean_before, *std_before;
    int32_t n_norm, n_before;
    const bool before = crl_model_input_norm(m, 0, &mean_before, &std_before, &n_before);
    const bool after = made && crl_model_input_norm(made, 0, &mean, &std, &n_norm);
    check_that(t,
               before == after &&
                   (!after || (n_norm == n_before && mean[0] == mean_before[0] && std[0] == std_before[0])),
               "another normalisation");
    crl_model_close(made);
    free(bytes);
    crl_extractor_free(e);
    crl_model_close(m);
}

/* How pixels become numbers, and which score means something, is said by what is written, and the former also by what is cut out of
 * that. */
void check_graft_notes(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]), *made = NULL;
    crl_extractor *e = m ? cut(t, m, NULL) : NULL, *again = NULL;
    if (!e) return;
    float weights[3 * 192] = { 1 }, least = 0;
    const crl_last_layer layer = { .classes = 3, .size = 192, .weights = weights };
    uint8_t *bytes;
    size_t n;
    crl_error err;
    const float *mean = NULL, *std = NULL;
    int32_t n_norm = 0;
    e->n_norm = 3;
    for (int c = 0; c < 3; c++) e->mean[c] = 100 + (float)c, e->std[c] = 50 + (float)c;
    check_that(t, !crl_extractor_write(e, &layer, &(crl_classifier_info){ .threshold = 0.625f }, &bytes, &n, &err) &&
                      !crl_model_open(&made, bytes, n, &err), "%s", err.text);
    if (made) again = cut(t, made, NULL);
    if (again) {
        check_that(t, crl_model_input_norm(made, 0, &mean, &std, &n_norm) && n_norm == 3 && mean[2] == 102 && std[1] == 51, "not written");
        check_that(t, crl_model_score_threshold(made, 0, &least) && least == 0.625f, "a threshold of %g", (double)least);
        const crl_model *left = crl_extractor_model(again);
        check_that(t, crl_model_input_norm(left, 0, &mean, &std, &n_norm) && n_norm == 3 && mean[2] == 102 && std[1] == 51, "lost by cutting");
        check_that(t, !crl_model_score_threshold(left, 0, &least), "a threshold of a vector");
    }
    crl_extractor_free(again);
    crl_model_close(made);
    free(bytes);
    const crl_status s = crl_extractor_write(e, &layer, &(crl_classifier_info){ .threshold = 1.5f }, &bytes, &n, &err);
    check_that(t, s == CRL_ERR_ARGUMENT && strstr(err.text, "threshold 1.5"), "%s", err.text);
    crl_extractor_free(e);
    crl_model_close(m);
}

void check_learn_refused(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]);
    crl_extractor *e;
    crl_error err;
    if (!m) return;
    check_that(t,
               crl_extractor_new(&e, m, "no such tensor", &err) == CRL_ERR_ARGUMENT && !e &&
                   strstr(err.text, "the last layer reads \""),
               "%s", err.text);
    const char *picture = m->subgraphs[0].tensors[m->subgraphs[0].operators[3].outputs[0]].name;
    check_that(t, crl_extractor_new(&e, m, picture, &err) == CRL_ERR_UNSUPPORTED && !e && strstr(err.text, "no vector"), "%s", err.text);
    e = cut(t, m, NULL);
    float weights[2 * 192] = { 1 };
    static const char *const broken[] = { "a", "b\nc" };
    const crl_last_layer good = { .classes = 2, .size = 192, .weights = weights };
    const struct {
        crl_last_layer layer;
        const char *const *labels;
        const char *says;
    } bad[] = {
        { { .classes = 2, .size = 191, .weights = weights }, NULL, "191 numbers" },
        { { .classes = 0, .size = 192, .weights = weights }, NULL, "0 classes" },
        { { .classes = 2, .size = 192, .weights = weights, .bias = (const float[]){ 0, NAN } }, NULL, "bias 1" },
        { { .classes = 2, .size = 192, .weights = weights, .low = 1, .high = 0.5f }, NULL, "logits from" },
        { { .classes = 2, .size = 192, .weights = weights, .reserved = { 1 } }, NULL, "crl_last_layer" },
        { good, broken, "line break" },
    };
    for (size_t i = 0; e && i < sizeof bad / sizeof *bad; i++) {
        uint8_t *bytes;
        size_t n;
        const crl_status s = crl_extractor_write(e, &bad[i].layer, &(crl_classifier_info){ .labels = bad[i].labels }, &bytes, &n, &err);
        check_that(t, s == CRL_ERR_ARGUMENT && !bytes && !n && strstr(err.text, bad[i].says), "%zu: %s", i, err.text);
    }
    crl_extractor_free(e);
    crl_extractor_free(NULL);
    crl_model_close(m);
}

/* Weights that are no rows of the vector's length, as a convolution in groups has them, make no last layer: nothing is read past
 * their end. */
void check_learn_groups(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]);
    int32_t classes = 0;
    for (int32_t i = m ? m->subgraphs[0].n_operators : 0; i-- > 0;) {
        const crl_operator *op = &m->subgraphs[0].operators[i];
        if (op->n_inputs < 2 || op->inputs[1] < 0) continue;
        crl_tensor_def *w = (crl_tensor_def *)(uintptr_t)&m->subgraphs[0].tensors[op->inputs[1]];
        if (w->shape.rank != 4 || w->shape.dim[0] != 13) continue;
        w->shape.dim[3] /= 2;
        w->bytes /= 2;
        break;
    }
    crl_extractor *e = m ? cut(t, m, NULL) : NULL;
    check_that(t, e && !crl_extractor_rows(e, &classes) && !classes, "%d classes", classes);
    crl_extractor_free(e);
    crl_model_close(m);
}

/* ---- without memory ---- */

typedef struct refusal {
    long seen, fail_at;
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return r->seen++ != r->fail_at;
}

static crl_status all_of_it(const crl_model *m, crl_error *err)
{
    static const char *const labels[] = { "a", "b" };
    float weights[2 * 192] = { 1 }, bias[2], vectors[4 * 192] = { 1 };
    const int32_t classes_of[] = { 0, 1, 0, 1 };
    crl_extractor *e;
    uint8_t *bytes = NULL;
    size_t n;
    crl_status s = crl_softmax_train(vectors, classes_of, NULL, 4, 192, 2, &(crl_softmax_options){ .epochs = 1 }, weights, bias, err);
    if (!s) s = crl_extractor_new(&e, m, NULL, err);
    if (s) return s;
    const crl_last_layer layer = { .classes = 2, .size = 192, .weights = weights, .bias = bias, .normalise = true };
    s = crl_extractor_write(e, &layer, &(crl_classifier_info){ .labels = labels }, &bytes, &n, err);
    free(bytes);
    crl_extractor_free(e);
    return s;
}

void check_learn_memory(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]);
    crl_status s = CRL_ERR_MEMORY;
    for (long at = 0; m && s; at++) {
        refusal r = { .fail_at = at };
        crl_error err = { 0 };
        crl_alloc_hook(allow, &r);
        s = all_of_it(m, &err);
        crl_alloc_hook(NULL, NULL);
        if (!check_that(t, (!s && r.seen <= at) || (s == CRL_ERR_MEMORY && *err.text), "allocation %ld: %s", at, err.text)) break;
        if (!check_that(t, at < 100000, "no end")) break;
    }
    crl_model_close(m);
}
