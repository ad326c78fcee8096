/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of models: what they make is a model, computes what it should, and no failure of memory leaves anything behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/edit.h>
#include <corallite/engine.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "model/flex.h"
#include "model/graft.h"
#include "ops/codes.h"

static crl_model *open_model(check *t, const char *name)
{
    char path[512];
    crl_model *m = NULL;
    crl_error err = { 0 };
    snprintf(path, sizeof path, "%s/%s", SOURCE_ROOT, name);
    check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text);
    return m;
}

/* What a change gave, opened. */
typedef struct changed {
    uint8_t *bytes;
    size_t size;
    crl_model *model;
} changed;

static bool open_changed(check *t, changed *c, crl_status s, const crl_error *err)
{
    crl_error why = { 0 };
    return check_that(t, !s, "%s", err->text) &&
           check_that(t, !crl_model_open(&c->model, c->bytes, c->size, &why), "the result is no model: %s", why.text);
}

static void release(changed *c)
{
    crl_model_close(c->model);
    free(c->bytes);
    *c = (changed){ 0 };
}

static crl_engine *prepare(check *t, const crl_model *m)
{
    crl_engine *e = NULL;
    crl_error err = { 0 };
    check_that(t, !crl_engine_new(&e, m, &(crl_engine_options){ .threads = 1 }, &err), "%s", err.text);
    return e;
}

static bool run(check *t, crl_engine *e)
{
    crl_error err = { 0 };
    return check_that(t, !crl_engine_run(e, &err), "%s", err.text);
}

static int32_t tensor_named(const crl_model *m, const char *name)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_tensors; i++)
        if (!strcmp(m->subgraphs[0].tensors[i].name, name)) return i;
    return -1;
}

static int32_t postprocess_of(const crl_model *m)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_operators; i++)
        if (!strcmp(m->subgraphs[0].operators[i].name, "TFLite_Detection_PostProcess")) return i;
    return -1;
}

/* ---- split and join ---- */

/* Every place of a model where it can be cut at one tensor: the parts one behind the other are the whole, and joined they are, too. */
static void splits_and_joins(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, "tests/data/tiny_u8.tflite");
    crl_engine *whole = m ? prepare(t, m) : NULL;
    int cuts = 0;
    for (int32_t op = 0; whole && op < m->subgraphs[0].n_operators - 1; op++) {
        changed head = { 0 }, tail = { 0 }, joined = { 0 };
        crl_error err = { 0 };
        const int32_t at = m->subgraphs[0].operators[op].outputs[0];
        if (crl_edit_split(m, &at, 1, CRL_EDIT_TAIL, &tail.bytes, &tail.size, &err)) {
            check_that(t, err.status == CRL_ERR_ARGUMENT && strstr(err.text, "cut"), "%s", err.text);
            continue;
        }
        cuts++;
        if (!open_changed(t, &tail, CRL_OK, &err)) break;
        crl_status s = crl_edit_split(m, &at, 1, CRL_EDIT_HEAD, &head.bytes, &head.size, &err);
        bool ok = open_changed(t, &head, s, &err);
        if (ok) {
            s = crl_edit_join(head.model, tail.model, &joined.bytes, &joined.size, &err);
            ok = open_changed(t, &joined, s, &err);
        }
        crl_engine *a = ok ? prepare(t, head.model) : NULL, *b = a ? prepare(t, tail.model) : NULL, *j = b ? prepare(t, joined.model) : NULL;
        if (j) {
            check_fill(t, crl_engine_input(whole, 0)->data, crl_engine_input(whole, 0)->bytes);
            memcpy(crl_engine_input(a, 0)->data, crl_engine_input(whole, 0)->data, crl_engine_input(whole, 0)->bytes);
            memcpy(crl_engine_input(j, 0)->data, crl_engine_input(whole, 0)->data, crl_engine_input(whole, 0)->bytes);
            run(t, whole);
            run(t, j);
            run(t, a);
            memcpy(crl_engine_input(b, 0)->data, crl_engine_output(a, 0)->data, crl_engine_output(a, 0)->bytes);
            run(t, b);
            const crl_tensor *want = crl_engine_output(whole, 0);
            check_equal(t, want->data, crl_engine_output(b, 0)->data, want->bytes, "parts at op %d", op);
            check_equal(t, want->data, crl_engine_output(j, 0)->data, want->bytes, "joined at op %d", op);
            check_that(t,
                       head.model->subgraphs[0].n_operators + tail.model->subgraphs[0].n_operators ==
                           m->subgraphs[0].n_operators,
                       "no operator twice");
        }
        crl_engine_free(a);
        crl_engine_free(b);
        crl_engine_free(j);
        release(&head);
        release(&tail);
        release(&joined);
    }
    check_that(t, cuts >= 4, "%d places to cut", cuts);
    crl_engine_free(whole);
    crl_model_close(m);
}

static void splits_refused(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, "models/signs_detector.tflite");
    if (!m) return;
    uint8_t *bytes;
    size_t size;
    crl_error err = { 0 };
    const int32_t input = m->subgraphs[0].inputs[0], none = m->subgraphs[0].n_tensors;
    check_that(t,
               crl_edit_split(m, &input, 1, CRL_EDIT_HEAD, &bytes, &size, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "no operator computes"),
               "%s", err.text);
    check_that(t, crl_edit_split(m, &none, 1, CRL_EDIT_HEAD, &bytes, &size, &err) == CRL_ERR_ARGUMENT && !bytes, "%s", err.text);
    check_that(t, crl_edit_split(m, NULL, 0, CRL_EDIT_HEAD, &bytes, &size, &err) == CRL_ERR_ARGUMENT, "%s", err.text);
    check_that(t, crl_edit_join(m, m, &bytes, &size, &err) == CRL_ERR_ARGUMENT && !bytes, "%s", err.text);
    crl_model_close(m);
}

/* ---- the choice of boxes ---- */

static void postprocess_changes(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, "models/signs_detector.tflite");
    changed c = { 0 };
    crl_error err = { 0 };
    if (!m) return;
    const crl_edit_option options[] = { { "max_detections", 7 },
                                        { "nms_score_threshold", 0.25 },
                                        { "use_regular_nms", 1 },
                                        { "detections_per_class", 9 } };
    crl_status s = crl_edit_postprocess(m, options, 4, &c.bytes, &c.size, &err);
    if (open_changed(t, &c, s, &err)) {
        const crl_operator *was = &m->subgraphs[0].operators[postprocess_of(m)], *is = &c.model->subgraphs[0].operators[postprocess_of(c.model)];
        const crl_flex old = crl_flex_root(was->custom_options, was->custom_bytes), now = crl_flex_root(is->custom_options, is->custom_bytes);
        check_that(t, crl_flex_int(crl_flex_get(now, "max_detections"), 0) == 7, "max_detections");
        check_that(t, crl_flex_float(crl_flex_get(now, "nms_score_threshold"), 0) == 0.25, "nms_score_threshold");
        check_that(t, crl_flex_bool(crl_flex_get(now, "use_regular_nms"), false), "use_regular_nms");
        check_that(t, crl_flex_int(crl_flex_get(now, "detections_per_class"), 0) == 9, "detections_per_class");
        for (size_t i = 0; i < crl_flex_count(old); i++) {
            const char *key = crl_flex_key(old, i);
            bool set = false;
            for (int k = 0; k < 4; k++) set |= !strcmp(options[k].name, key);
            check_that(t, set || crl_flex_float(crl_flex_get(old, key), -1) == crl_flex_float(crl_flex_get(now, key), -2), "%s stays", key);
        }
        crl_engine *e = prepare(t, c.model);
        if (e) check_that(t, run(t, e) && crl_engine_output(e, 0)->shape.dim[1] == 7, "7 detections");
        crl_engine_free(e);
    }
    release(&c);
    const crl_edit_option unknown = { "max_detection", 7 };
    check_that(t,
               crl_edit_postprocess(m, &unknown, 1, &c.bytes, &c.size, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "max_detections"),
               "%s", err.text);
    s = crl_edit_drop_postprocess(m, &c.bytes, &c.size, &err);
    if (open_changed(t, &c, s, &err)) {
        check_that(t, c.model->subgraphs[0].n_outputs == 2 && postprocess_of(c.model) < 0, "boxes and scores");
        uint8_t *bytes;
        size_t size;
        check_that(t, crl_edit_drop_postprocess(c.model, &bytes, &size, &err) == CRL_ERR_ARGUMENT, "there is none any more");
    }
    release(&c);
    crl_model_close(m);
}

/* ---- classes ---- */

/* A tensor inside a model, computed for random inputs; [bytes], for free(). */
static uint8_t *inside(check *t, const crl_model *m, const char *name, const uint8_t *input, size_t *bytes)
{
    changed head = { 0 };
    crl_error err = { 0 };
    const int32_t at = tensor_named(m, name);
    uint8_t *copy = NULL;
    const crl_status s = crl_edit_split(m, &at, 1, CRL_EDIT_HEAD, &head.bytes, &head.size, &err);
    crl_engine *e = open_changed(t, &head, s, &err) ? prepare(t, head.model) : NULL;
    if (e) {
        memcpy(crl_engine_input(e, 0)->data, input, crl_engine_input(e, 0)->bytes);
        if (run(t, e)) {
            *bytes = crl_engine_output(e, 0)->bytes;
            copy = malloc(*bytes);
            if (copy) memcpy(copy, crl_engine_output(e, 0)->data, *bytes);
        }
    }
    crl_engine_free(e);
    release(&head);
    return copy;
}

static void keeps_classes(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const names[] = { "models/signs_classifier.tflite", "models/signs_detector.tflite",
                                         "tests/data/tiny_u8.tflite", "tests/data/tiny_s8.tflite" };
    static const int32_t kept[] = { 3, 0, 2 };
    for (size_t f = 0; f < sizeof names / sizeof *names; f++) {
        crl_model *m = open_model(t, names[f]);
        changed c = { 0 };
        const char *scores = NULL;
        crl_error err = { 0 };
        if (!m) continue;
        const crl_status s = crl_edit_keep_classes(m, kept, 3, &scores, &c.bytes, &c.size, &err);
        if (open_changed(t, &c, s, &err)) {
            static uint8_t input[1 << 20];
            size_t n = 0, k = 0;
            check_fill(t, input, sizeof input);
            uint8_t *all = inside(t, m, scores, input, &n), *some = inside(t, c.model, scores, input, &k);
            const crl_tensor_def *def = &m->subgraphs[0].tensors[tensor_named(m, scores)];
            const size_t one = crl_type_bytes(def->type), of = (size_t)def->shape.dim[def->shape.rank - 1], rows = n / of / one;
            const size_t background = postprocess_of(m) >= 0 && k == rows * 4 * one, width = 3 + background;
            check_that(t, k == rows * width * one, "%s: %zu bytes of scores", names[f], k);
            for (size_t r = 0; all && some && r < rows && k == rows * width * one; r++)
                for (size_t i = 0; i < 3; i++)
                    check_equal(t, all + (r * of + (size_t)kept[i] + background) * one,
                                some + (r * width + i + background) * one, one, "%s: row %zu, class %d", names[f], r,
                                kept[i]);
            free(all);
            free(some);
            crl_engine *e = prepare(t, c.model);
            if (e) run(t, e);
            crl_engine_free(e);
        }
        release(&c);
        const int32_t twice[] = { 1, 1 }, far[] = { 99999 };
        check_that(t,
                   crl_edit_keep_classes(m, twice, 2, &scores, &c.bytes, &c.size, &err) == CRL_ERR_ARGUMENT &&
                       strstr(err.text, "twice"),
                   "%s", err.text);
        check_that(t, crl_edit_keep_classes(m, far, 1, &scores, &c.bytes, &c.size, &err) == CRL_ERR_ARGUMENT && !c.bytes, "%s", err.text);
        crl_model_close(m);
    }
}

/* ---- ends ---- */

static void batches(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, "tests/data/tiny_s8.tflite");
    crl_engine *one = m ? prepare(t, m) : NULL;
    for (int32_t n = 1; one && n <= 5; n += 2) {
        changed c = { 0 };
        crl_error err = { 0 };
        const crl_status s = crl_edit_batch(m, n, &c.bytes, &c.size, &err);
        crl_engine *e = open_changed(t, &c, s, &err) ? prepare(t, c.model) : NULL;
        if (e && check_that(t, crl_engine_input(e, 0)->bytes == (size_t)n * crl_engine_input(one, 0)->bytes, "an input for %d", n)) {
            check_fill(t, crl_engine_input(e, 0)->data, crl_engine_input(e, 0)->bytes);
            run(t, e);
            const size_t in = crl_engine_input(one, 0)->bytes, out = crl_engine_output(one, 0)->bytes;
            for (int32_t k = 0; k < n; k++) {
                memcpy(crl_engine_input(one, 0)->data, (uint8_t *)crl_engine_input(e, 0)->data + (size_t)k * in, in);
                run(t, one);
                check_equal(t, crl_engine_output(one, 0)->data,
                            (const uint8_t *)crl_engine_output(e, 0)->data + (size_t)k * out, out, "frame %d of %d", k,
                            n);
            }
        }
        crl_engine_free(e);
        release(&c);
    }
    uint8_t *bytes;
    size_t size;
    crl_error err = { 0 };
    if (m) check_that(t, crl_edit_batch(m, 0, &bytes, &size, &err) == CRL_ERR_ARGUMENT && !bytes, "a batch of none");
    crl_engine_free(one);
    crl_model_close(m);
}

/* An input as it is cast or quantised, a layer of 8 bits, and floats out of that. */
static void make_ends(check *t, changed *c, crl_pile *pile, bool cast)
{
    static int32_t ends[2];
    crl_graft g = { .pile = pile };
    crl_error err = { 0 };
    g.root = crl_graft_table(&g, CRL_TABLE_MODEL);
    g.graph = crl_graft_table(&g, CRL_TABLE_SUB_GRAPH);
    crl_graft_number(&g, g.root, CRL_FIELD_MODEL_VERSION, 3);
    crl_graft_add(&g, g.root, CRL_FIELD_MODEL_SUBGRAPHS, g.graph);
    crl_graft_add(&g, g.root, CRL_FIELD_MODEL_BUFFERS, crl_graft_table(&g, CRL_TABLE_BUFFER));
    const crl_shape shape = { 2, { 1, 64 } };
    const float scale = cast ? 1 : 0.25f;
    int32_t at = ends[0] = crl_graft_add_tensor(&g, &(crl_graft_tensor){ .name = "in", .type = cast ? CRL_UINT8 : CRL_FLOAT32, .shape = shape });
    if (cast) {
        const int32_t real = crl_graft_add_tensor(&g, &(crl_graft_tensor){ .name = "real", .shape = shape });
        crl_graft_add_operator(&g, CRL_OP_CAST, 1, &at, 1, real);
        at = real;
    }
    const int32_t codes[] = { CRL_OP_QUANTIZE, CRL_OP_RELU, CRL_OP_DEQUANTIZE };
    for (int i = 0; i < 3; i++) {
        const crl_graft_tensor next = { .name = "t",
                                        .type = i < 2 ? CRL_INT8 : CRL_FLOAT32,
                                        .shape = shape,
                                        .scale = i < 2 ? scale : 0,
                                        .zero = i < 2 ? -128 : 0 };
        const int32_t to = crl_graft_add_tensor(&g, &next);
        crl_graft_add_operator(&g, codes[i], 1, &at, 1, to);
        at = to;
    }
    ends[1] = at;
    crl_graft_list(&g, g.graph, CRL_FIELD_SUB_GRAPH_INPUTS, &ends[0], 1);
    crl_graft_list(&g, g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, &ends[1], 1);
    open_changed(t, c, crl_tree_write(g.root, "TFL3", NULL, &c->bytes, &c->size, &err), &err);
}

static void folds_ends(check *t, unsigned cpu)
{
    (void)cpu;
    for (int cast = 0; cast < 2; cast++) {
        crl_pile pile = { 0 };
        changed m = { 0 }, c = { 0 };
        crl_error err = { 0 };
        int32_t changes = 0;
        make_ends(t, &m, &pile, cast);
        const crl_status s = m.model ? crl_edit_8bit_io(m.model, &changes, &c.bytes, &c.size, &err) : CRL_ERR_ARGUMENT;
        crl_engine *was = open_changed(t, &c, s, &err) ? prepare(t, m.model) : NULL, *is = was ? prepare(t, c.model) : NULL;
        if (is) {
            crl_tensor *a = crl_engine_input(was, 0), *b = crl_engine_input(is, 0);
            check_that(t,
                       changes == 2 && b->type == (cast ? CRL_UINT8 : CRL_INT8) &&
                           crl_engine_output(is, 0)->type == CRL_INT8,
                       "%d changes", changes);
            check_that(t, c.model->subgraphs[0].n_operators == m.model->subgraphs[0].n_operators - 2, "two operators are gone");
            check_fill(t, b->data, b->bytes);
            if (cast) memcpy(a->data, b->data, b->bytes);
            for (size_t i = 0; i < b->bytes && !cast; i++)
                ((float *)a->data)[i] = b->quant.scale[0] * (float)(((int8_t *)b->data)[i] - b->quant.zero_point[0]);
            run(t, was);
            run(t, is);
            const crl_tensor *x = crl_engine_output(was, 0), *y = crl_engine_output(is, 0);
            for (size_t i = 0; i < y->bytes; i++)
                check_that(t,
                           ((const float *)x->data)[i] ==
                               y->quant.scale[0] * (float)(((const int8_t *)y->data)[i] - y->quant.zero_point[0]),
                           "number %zu", i);
            uint8_t *bytes;
            size_t size;
            check_that(t, crl_edit_8bit_io(c.model, &changes, &bytes, &size, &err) == CRL_ERR_ARGUMENT && !bytes, "nothing is left to fold");
        }
        crl_engine_free(was);
        crl_engine_free(is);
        release(&c);
        release(&m);
        crl_pile_free(&pile);
    }
}

/* ---- memory ---- */

typedef struct refusal {
    long seen, fail_at;
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return r->seen++ != r->fail_at;
}

static crl_status change(int kind, const crl_model *m, changed *c, crl_error *err)
{
    static const int32_t kept[] = { 2, 1 };
    static const crl_edit_option option = { "max_detections", 3 };
    const char *scores;
    int32_t changes;
    const crl_operator *last = &m->subgraphs[0].operators[postprocess_of(m)];
    switch (kind) {
    case 0: return crl_edit_batch(m, 2, &c->bytes, &c->size, err);
    case 1: return crl_edit_drop_postprocess(m, &c->bytes, &c->size, err);
    case 2: return crl_edit_postprocess(m, &option, 1, &c->bytes, &c->size, err);
    case 3: return crl_edit_keep_classes(m, kept, 2, &scores, &c->bytes, &c->size, err);
    case 4: return crl_edit_split(m, last->inputs, 2, CRL_EDIT_TAIL, &c->bytes, &c->size, err);
    default: return crl_edit_8bit_io(m, &changes, &c->bytes, &c->size, err);
    }
}

static void memory_fails(check *t, unsigned cpu)
{
    (void)cpu;
    crl_model *m = open_model(t, "models/signs_detector.tflite");
    for (int kind = 0; m && kind < 5; kind++) {
        changed c = { 0 };
        crl_status s = CRL_ERR_MEMORY;
        for (long fail_at = 0; s == CRL_ERR_MEMORY && fail_at < 20000; fail_at += check_rounds(t, 8) < 8 ? check_range(t, 1, 40) : 1) {
            refusal r = { 0, fail_at };
            crl_error err = { 0 };
            crl_alloc_hook(allow, &r);
            s = change(kind, m, &c, &err);
            crl_alloc_hook(NULL, NULL);
            if (s) check_that(t, s == CRL_ERR_MEMORY && !c.bytes, "change %d, allocation %ld: %s", kind, fail_at, err.text);
            free(c.bytes);
            c.bytes = NULL;
        }
        check_that(t, !s, "change %d works with memory", kind);
    }
    crl_model_close(m);
}

int area_edit(int argc, char **argv)
{
    static const check_case cases[] = {
        { "splits_and_joins", splits_and_joins, false }, { "splits_refused", splits_refused, false },
        { "postprocess_changes", postprocess_changes, false }, { "keeps_classes", keeps_classes, false },
        { "batches", batches, false }, { "folds_ends", folds_ends, false },
        { "memory_fails", memory_fails, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
