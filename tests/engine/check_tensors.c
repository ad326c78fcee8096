/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors by their number, inner ones kept, and inputs that have their shapes from the start. */
#include <corallite/engine.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "check.h"

static const char *const models[] = { "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite", "models/signs_classifier.tflite",
                                      "models/signs_detector.tflite" };
enum { N_MODELS = sizeof models / sizeof models[0] };

static crl_model *open_model(check *t, const char *name)
{
    char path[1024];
    crl_model *m;
    crl_error err = { .text = "" };
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text);
    return m;
}

static crl_engine *start(check *t, const crl_model *m, crl_backend_kind backend, bool keep)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    const crl_engine_options options = { .backend = backend, .threads = 1, .keep_tensors = keep };
    check_that(t, !crl_engine_new(&e, m, &options, &err), "%s", err.text);
    return e;
}

static bool run_noise(check *t, crl_engine *e)
{
    crl_error err = { .text = "" };
    crl_tensor *in = crl_engine_input(e, 0);
    for (size_t i = 0; i < in->bytes; i++) ((uint8_t *)in->data)[i] = (uint8_t)(i * 31 + i / 7);
    return check_that(t, !crl_engine_run(e, &err), "%s", err.text);
}

/* The reference backend computes every tensor; the fast one has to leave the same bytes of each, and in its own place. */
static void inner_tensors_are_kept(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_MODELS; i++) {
        crl_model *m = open_model(t, models[i]);
        if (!m) return;
        crl_engine *fast = start(t, m, CRL_BACKEND_CPU, true), *plain = start(t, m, CRL_BACKEND_REFERENCE, true);
        if (fast && plain && run_noise(t, fast) && run_noise(t, plain)) {
            for (int32_t k = 0; k < m->subgraphs[0].n_tensors; k++) {
                crl_tensor a, b;
                crl_error err = { .text = "" };
                crl_status s = crl_engine_tensor(fast, k, &a, &err);
                if (!s) s = crl_engine_tensor(plain, k, &b, &err);
                if (!check_that(t, !s, "%s", err.text)) continue;
                check_that(t, a.data && b.data && a.bytes == b.bytes, "%s: tensor %d is not there", models[i], k);
                if (a.data && b.data) check_equal(t, b.data, a.data, a.bytes, "%s: tensor %d \"%s\"", models[i], k, a.name);
            }
        }
        crl_engine_free(plain);
        crl_engine_free(fast);
        crl_model_close(m);
    }
}

static void others_have_no_data(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[0]);
    crl_engine *e = m ? start(t, m, CRL_BACKEND_CPU, false) : NULL;
    if (!e || !run_noise(t, e)) return;
    const crl_subgraph *g = m->subgraphs;
    crl_tensor found;
    crl_error err = { .text = "" };
    for (int32_t k = 0; k < g->n_tensors; k++) {
        const bool end = k == g->inputs[0] || k == g->outputs[0];
        check_that(t, !crl_engine_tensor(e, k, &found, &err), "%s", err.text);
        check_that(t, crl_shape_equal(&found.shape, &g->tensors[k].shape) && !strcmp(found.name, g->tensors[k].name), "tensor %d", k);
        check_that(t, (found.data != NULL) == (end || g->tensors[k].data), "tensor %d: data %p", k, found.data);
        if (k == g->inputs[0]) check_that(t, found.data == crl_engine_input(e, 0)->data, "the input is another one");
        if (k == g->outputs[0]) check_that(t, found.data == crl_engine_output(e, 0)->data, "the output is another one");
    }
    for (int32_t k = -1; k <= g->n_tensors; k += g->n_tensors + 1) {
        const crl_status s = crl_engine_tensor(e, k, &found, &err);
        check_that(t, s == CRL_ERR_ARGUMENT && strstr(err.text, "the subgraph has "), "tensor %d: %s", k, err.text);
    }
    crl_engine_free(e);
    crl_model_close(m);
}

/* To be made for shapes is the same as to be resized to them. */
static void shapes_from_the_start(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, models[3]);
    crl_engine *resized = m ? start(t, m, CRL_BACKEND_CPU, false) : NULL, *made = NULL;
    if (!resized) return;
    crl_error err = { .text = "" };
    crl_shape shape = crl_engine_input(resized, 0)->shape;
    shape.dim[1] += 32;
    const crl_engine_options options = { .threads = 1, .input_shapes = &shape };
    crl_status s = crl_engine_resize(resized, &shape, 1, &err);
    const crl_status u = crl_engine_new(&made, m, &options, s ? NULL : &err);
    if (s) check_that(t, u == s, "%s, and made it is %d", err.text, u);
    else if (check_that(t, !u && crl_shape_equal(&crl_engine_input(made, 0)->shape, &shape), "%s", err.text) &&
             run_noise(t, resized) && run_noise(t, made))
        check_equal(t, crl_engine_output(resized, 0)->data, crl_engine_output(made, 0)->data, crl_engine_output(made, 0)->bytes, "outputs");
    crl_engine_free(made);
    shape.rank = CRL_MAX_RANK + 1;
    s = crl_engine_new(&made, m, &options, &err);
    check_that(t, s == CRL_ERR_ARGUMENT && strstr(err.text, "rank 9, 0 to 8 are possible"), "rank 9: %s", err.text);
    crl_engine_free(resized);
    crl_model_close(m);
}

int area_engine_tensors(int argc, char **argv)
{
    static const check_case cases[] = {
        { "inner_tensors_are_kept", inner_tensors_are_kept, false },
        { "others_have_no_data", others_have_no_data, false },
        { "shapes_from_the_start", shapes_from_the_start, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
