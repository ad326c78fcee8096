/* SPDX-License-Identifier: Apache-2.0 */
/* Models in the form of Coral's learning engines: made, changed, and what they compute. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"

enum { SIZE = 8, MOST = 9 };

/* Models of the tree, uint8 and int8, cut behind a pooling: vectors [1,1,1,8]. */
static const struct {
    const char *file;
    int32_t pooling;
} models[] = { { "tests/data/tiny_u8.tflite", 4 }, { "tests/data/tiny_s8.tflite", 5 } };
enum { N_MODELS = sizeof models / sizeof *models };

typedef struct subject {
    crl_model *whole;
    crl_extractor *extractor;
    const crl_model *model; /* the extractor's */
} subject;

static bool open_subject(check *t, subject *s, size_t i)
{
    char path[1024];
    crl_error err = { 0 };
    *s = (subject){ 0 };
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, models[i].file);
    if (!check_that(t, !crl_model_open_file(&s->whole, path, &err), "%s", err.text)) return false;
    const crl_subgraph *g = &s->whole->subgraphs[0];
    const char *name = g->tensors[g->operators[models[i].pooling].outputs[0]].name;
    if (!check_that(t, !crl_extractor_new(&s->extractor, s->whole, name, &err), "%s", err.text)) return false;
    s->model = crl_extractor_model(s->extractor);
    return true;
}

static void close_subject(subject *s)
{
    crl_extractor_free(s->extractor);
    crl_model_close(s->whole);
}

/* Rows of length 1. */
static void draw_rows(check *t, float *rows, int32_t classes)
{
    for (int32_t c = 0; c < classes; c++) {
        float *row = rows + (size_t)c * SIZE, sum = 0;
        for (int32_t i = 0; i < SIZE; i++) row[i] = (float)check_range(t, -1000, 1000);
        for (int32_t i = 0; i < SIZE; i++) sum += row[i] * row[i];
        for (int32_t i = 0; i < SIZE; i++) row[i] /= sqrtf(sum);
    }
}

static size_t run(check *t, const crl_model *m, float *out, size_t most)
{
    crl_engine *e;
    crl_error err = { 0 };
    size_t n = 0;
    if (!check_that(t, !crl_engine_new(&e, m, &(crl_engine_options){ .threads = 1 }, &err), "%s", err.text)) return 0;
    uint8_t *in = crl_engine_input(e, 0)->data;
    for (size_t i = 0; i < crl_engine_input(e, 0)->bytes; i++) in[i] = (uint8_t)(i * 37 + i / 11);
    check_that(t, !crl_engine_run(e, &err), "%s", err.text);
    const crl_tensor *o = crl_engine_output(e, 0);
    n = crl_shape_count(&o->shape);
    if (check_that(t, n <= most, "%zu numbers", n)) check_that(t, !crl_tensor_floats(o, out, n, &err), "%s", err.text);
    crl_engine_free(e);
    return n;
}

/* Writes, opens, and compares what it computes with softmax(factor * cosine) of the vector. */
static crl_model *write_and_compare(check *t, const subject *s, const crl_model *m, const float *rows, int32_t classes, float factor,
                                    float means, const char *description, uint8_t **bytes)
{
    float vector[SIZE], got[MOST], logits[MOST];
    double sum = 0;
    size_t n;
    crl_error err = { 0 };
    crl_model *made;
    const crl_last_layer layer = { .classes = classes, .size = SIZE, .weights = rows, .normalise = true };
    if (!check_that(t, !crl_imprinted_write(m, &layer, factor, description, bytes, &n, &err), "%s", err.text)) return NULL;
    if (!check_that(t, !crl_model_open(&made, *bytes, n, &err), "%s", err.text)) return NULL;
    run(t, s->model, vector, SIZE);
    crl_last_layer_run(&layer, vector, logits);
    for (int32_t c = 0; c < classes; c++) sum += exp((double)(means * logits[c]));
    check_that(t, run(t, made, got, MOST) == (size_t)classes, "not %d classes", classes);
    for (int32_t c = 0; c < classes; c++) {
        const double want = exp((double)(means * logits[c])) / sum;
        check_that(t, fabs((double)got[c] - want) < (means > 1 ? 0.06 : 0.02), "class %d: %g, not %g", c, (double)got[c], want);
    }
    if (description) check_that(t, !strcmp(made->description, description), "description \"%s\"", made->description);
    return made;
}

/* Behind a vector, without and with a factor; then with other rows and another number of classes, as often as one likes. */
void check_imprinted(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < N_MODELS; i++) {
        subject s;
        for (int factor = 0; factor < 2 && open_subject(t, &s, i); factor++, close_subject(&s)) {
            float rows[MOST * SIZE];
            uint8_t *bytes[4] = { 0 };
            crl_model *made[4] = { 0 };
            const float f = factor ? 10 : 0, means = factor ? 10 : 1;
            draw_rows(t, rows, MOST);
            made[0] = write_and_compare(t, &s, s.model, rows, 3, f, means, "0 1.5\n", &bytes[0]);
            if (made[0]) made[1] = write_and_compare(t, &s, made[0], rows + SIZE, 7, 0, means, NULL, &bytes[1]);
            if (made[1]) made[2] = write_and_compare(t, &s, made[1], rows, 3, 0, means, "0 1.5\n", &bytes[2]);
            if (made[2]) made[3] = write_and_compare(t, &s, made[0], rows, 3, 0, means, NULL, &bytes[3]);
            check_that(t, !made[3] || (made[3]->size == made[2]->size && !memcmp(bytes[3], bytes[2], made[2]->size)),
                       "there and back is another file");
            check_that(t, !made[1] || !strcmp(made[1]->description, "0 1.5\n"), "the description is lost");
            for (int k = 0; k < 4; k++) {
                crl_model_close(made[k]);
                free(bytes[k]);
            }
        }
    }
}

/* The form, its scales and names, which other programs read. */
void check_imprinted_form(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const names[] = { "Imprinting/L2Norm/Output", "Imprinting/FC/Weights", "Imprinting/FC/Bias", "Imprinting/FC/Output",
                                         "Imprinting/Reshape/Output", "Imprinting/Softmax/Output" };
    static const float scales[] = { 1 / 128.0f, 1 / 128.0f, 1 / 16384.0f, 1 / 128.0f, 1 / 128.0f, 1 / 256.0f };
    static const int32_t zeros[] = { 128, 128, 0, 128, 128, 0 };
    subject s;
    float rows[2 * SIZE];
    uint8_t *bytes = NULL;
    draw_rows(t, rows, 2);
    if (!open_subject(t, &s, 0)) return;
    crl_model *made = write_and_compare(t, &s, s.model, rows, 2, 0, 1, NULL, &bytes);
    for (size_t k = 0; made && k < sizeof names / sizeof *names; k++) {
        const crl_subgraph *g = &made->subgraphs[0];
        const crl_tensor_def *found = NULL;
        for (int32_t i = 0; i < g->n_tensors; i++)
            if (!strcmp(g->tensors[i].name, names[k])) found = &g->tensors[i];
        if (check_that(t, found, "no %s", names[k]))
            check_that(t,
                       found->quant.n == 1 && found->quant.scale[0] == scales[k] &&
                           found->quant.zero_point[0] == zeros[k],
                       "%s: scale %g, zero %d", names[k], (double)found->quant.scale[0], found->quant.zero_point[0]);
    }
    crl_model_close(made);
    free(bytes);
    close_subject(&s);
}

void check_imprinted_refused(check *t, unsigned cpu)
{
    (void)cpu;
    subject s;
    float rows[2 * SIZE] = { 1 }, nan[SIZE] = { NAN };
    if (!open_subject(t, &s, 0)) return;
    uint8_t *good = NULL;
    crl_model *made = write_and_compare(t, &s, s.model, (const float[SIZE]){ 1 }, 1, 0, 1, NULL, &good);
    const struct {
        const crl_model *model;
        crl_last_layer layer;
        float factor;
        crl_status status;
        const char *says;
    } bad[] = {
        { s.model, { .classes = 0, .size = SIZE, .weights = rows }, 0, CRL_ERR_ARGUMENT, "0 classes" },
        { s.model, { .classes = 2, .size = 7, .weights = rows }, 0, CRL_ERR_ARGUMENT, "7 numbers" },
        { s.model, { .classes = 1, .size = SIZE, .weights = nan }, 0, CRL_ERR_ARGUMENT, "weight 0" },
        { s.model, { .classes = 2, .size = SIZE, .weights = rows }, -1, CRL_ERR_ARGUMENT, "factor -1" },
        { s.model, { .classes = 2, .size = SIZE, .weights = rows, .reserved = { 1 } }, 0, CRL_ERR_ARGUMENT, "crl_last_layer" },
        { made, { .classes = 2, .size = 7, .weights = rows }, 0, CRL_ERR_ARGUMENT, "the vector has 8" },
        { made, { .classes = 1, .size = SIZE, .weights = nan }, 0, CRL_ERR_ARGUMENT, "weight 0" },
        { s.whole, { .classes = 2, .size = SIZE, .weights = rows }, 0, CRL_ERR_UNSUPPORTED, "[1,5]" },
    };
    for (size_t i = 0; made && i < sizeof bad / sizeof *bad; i++) {
        uint8_t *bytes;
        size_t n;
        crl_error err = { 0 };
        const crl_status status = crl_imprinted_write(bad[i].model, &bad[i].layer, bad[i].factor, NULL, &bytes, &n, &err);
        check_that(t, status == bad[i].status && !bytes && !n && strstr(err.text, bad[i].says), "%zu: %s", i, err.text);
    }
    crl_model_close(made);
    free(good);
    close_subject(&s);
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

static crl_status twice(const crl_model *m, crl_error *err)
{
    const float rows[2 * SIZE] = { 1 };
    crl_last_layer layer = { .classes = 1, .size = SIZE, .weights = rows };
    uint8_t *bytes, *again = NULL;
    size_t n;
    crl_model *made;
    crl_status s = crl_imprinted_write(m, &layer, 4, "0 1\n", &bytes, &n, err);
    if (s) return s;
    s = crl_model_open(&made, bytes, n, err);
    layer.classes = 2;
    if (!s) s = crl_imprinted_write(made, &layer, 0, NULL, &again, &n, err);
    crl_model_close(made);
    free(bytes);
    free(again);
    return s;
}

void check_imprinted_memory(check *t, unsigned cpu)
{
    (void)cpu;
    subject s;
    crl_status status = CRL_ERR_MEMORY;
    if (!open_subject(t, &s, 0)) return;
    for (long at = 0; status; at++) {
        refusal r = { .fail_at = at };
        crl_error err = { 0 };
        crl_alloc_hook(allow, &r);
        status = twice(s.model, &err);
        crl_alloc_hook(NULL, NULL);
        if (!check_that(t, (!status && r.seen <= at) || (status == CRL_ERR_MEMORY && *err.text), "allocation %ld: %s", at, err.text)) break;
        if (!check_that(t, at < 100000, "no end")) break;
    }
    close_subject(&s);
}
