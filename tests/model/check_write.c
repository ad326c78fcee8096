/* SPDX-License-Identifier: Apache-2.0 */
/* What was read and written means the same when it is read again, and gives the same bytes when it is written again. */
#include <corallite/model.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "model/flat_read.h"
#include "model/tree.h"
#include "packed.h"
#include "same.h"
#include "tiny.h"

static tiny tm;

static bool write_model(check *t, const crl_model *m, uint8_t **bytes, size_t *size, const char *name)
{
    crl_pile pile = { 0 };
    crl_tree *root;
    crl_error err = { .text = "" };
    crl_status s = crl_tree_read_model(&root, m, &pile, &err);
    if (!s) s = crl_tree_write(root, "TFL3", m, bytes, size, &err);
    crl_pile_free(&pile);
    return check_that(t, !s, "%s: %s", name, err.text);
}

/* Constants lie where LiteRT wants them: on a boundary of 16 bytes of the file. */
static void has_data_on_boundaries(check *t, const crl_model *m, const char *name)
{
    for (int32_t g = 0; g < m->n_subgraphs; g++)
        for (int32_t i = 0; i < m->subgraphs[g].n_tensors; i++) {
            const crl_tensor_def *d = &m->subgraphs[g].tensors[i];
            if (d->bytes) check_that(t, ((const uint8_t *)d->data - m->bytes) % 16 == 0, "%s: data of \"%s\"", name, d->name);
        }
}

/* Reads and writes twice. */
static void goes_round(check *t, const void *bytes, size_t size, const char *name)
{
    crl_model *first, *second = NULL;
    crl_error err = { .text = "" };
    uint8_t *once = NULL, *twice = NULL;
    size_t n = 0, n_twice = 0;
    if (!check_that(t, !crl_model_open(&first, bytes, size, &err), "%s: %s", name, err.text)) return;
    if (write_model(t, first, &once, &n, name) &&
        check_that(t, !crl_model_open(&second, once, n, &err), "%s, written: %s", name, err.text)) {
        const char *part = differing_part(first, second);
        check_that(t, !part, "%s: %s differs", name, part);
        has_data_on_boundaries(t, second, name);
        if (write_model(t, second, &twice, &n_twice, name))
            check_that(t, n == n_twice && !memcmp(once, twice, n), "%s: written again, it has other bytes", name);
    }
    crl_model_close(first);
    crl_model_close(second);
    crl_free(once);
    crl_free(twice);
}

static void goes_round_tiny(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    goes_round(t, tm.b.bytes, tm.b.n, "tiny");
    /* Data outside come inside. */
    build_absent(&tm.b, tm.buffer[1], BUF_DATA);
    build_i64(&tm.b, tm.buffer[1], BUF_OFFSET, (int64_t)tm.b.n);
    build_i64(&tm.b, tm.buffer[1], BUF_SIZE, 6);
    build_raw(&tm.b, "abcdef", 6);
    build_i64(&tm.b, tm.op[2], OP_LARGE_OFFSET, (int64_t)tm.b.n);
    build_i64(&tm.b, tm.op[2], OP_LARGE_SIZE, 3);
    build_raw(&tm.b, "\x0d\x04\x01", 3);
    goes_round(t, tm.b.bytes, tm.b.n, "tiny with data outside");
}

/* Every operator that has packed cases: the first of each kind. */
static void goes_round_operators(check *t, unsigned cpu)
{
    (void)cpu;
    char *path[MAX_FILES];
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    check_that(t, n > 100, "%zu files of cases", n);
    for (size_t i = 0; i < n; i++) {
        reader r;
        packed_case c;
        char kind[80] = "";
        uint8_t *raw = packed_read(path[i], &r);
        while (raw && r.left && packed_next(&r, &c)) {
            char *number = strrchr(c.name, ' ');
            if (!number || !c.model.bytes) continue;
            *number = 0;
            if (strcmp(kind, c.name)) goes_round(t, c.model.data, c.model.bytes, c.name);
            memcpy(kind, c.name, sizeof kind);
        }
        free(raw);
        free(path[i]);
    }
}

/* Returns how many models the folder has. */
static int goes_round_folder(check *t, const char *folder)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, NULL, alphasort);
    int models = 0;
    for (int i = 0; i < n; i++) {
        char path[1024];
        crl_model *m;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (strstr(path, ".tflite") && !crl_model_open_file(&m, path, NULL)) {
            models++;
            goes_round(t, m->bytes, m->size, entries[i]->d_name);
            crl_model_close(m);
        }
        free(entries[i]);
    }
    if (n >= 0) free(entries);
    return models;
}

static void goes_round_models(check *t, unsigned cpu)
{
    (void)cpu;
    check_that(t, goes_round_folder(t, SOURCE_ROOT "/models") >= 2, "the tree's models are missing");
    check_that(t, goes_round_folder(t, SOURCE_ROOT "/tests/data") >= 4, "the tests' models are missing");
}

static void goes_round_testdata(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[1024];
    const char *testdata = getenv("CRL_TESTDATA");
    snprintf(folder, sizeof folder, "%s/models", testdata && *testdata ? testdata : SOURCE_ROOT "/../shared/testdata");
    if (!goes_round_folder(t, folder)) check_skip(t, "no models in %s", folder);
}

/* Metadata, with texts in vectors, and a model that nobody has read. */
static void writes_what_is_made(check *t, unsigned cpu)
{
    (void)cpu;
    crl_pile pile = { 0 };
    crl_tree *root = crl_tree_new(&pile, CRL_TABLE_TENSOR_GROUP), *stats = crl_tree_new(&pile, CRL_TABLE_PROCESS_UNIT);
    crl_tree *norm = crl_tree_new(&pile, CRL_TABLE_NORMALIZATION_OPTIONS);
    static const crl_tree_text names[] = { { "left", 4 }, { "", 0 }, { "right", 5 } };
    static const float mean[] = { 127.5f, -0.0f };
    *crl_tree_at(root, CRL_FIELD_TENSOR_GROUP_TENSOR_NAMES) = (crl_tree_value){ .texts = names, .n = 3, .present = true };
    *crl_tree_at(norm, CRL_FIELD_NORMALIZATION_OPTIONS_MEAN) = (crl_tree_value){ .list = mean, .n = 2, .present = true };
    *crl_tree_at(stats, CRL_FIELD_PROCESS_UNIT_OPTIONS) = (crl_tree_value){ .table = norm, .present = true };
    uint8_t *bytes, *unit;
    size_t size, unit_size, n;
    crl_error err = { .text = "" };
    check_that(t, !crl_tree_write(root, "M001", NULL, &bytes, &size, &err), "%s", err.text);
    check_that(t, !crl_tree_write(stats, "M001", NULL, &unit, &unit_size, &err), "%s", err.text);
    crl_flat f = crl_flat_init(bytes, size, &err), g = crl_flat_init(unit, unit_size, &err);
    const crl_flat_table group = crl_flat_root(&f, CRL_TABLE_TENSOR_GROUP, "M001");
    const crl_flat_vector list = crl_flat_list(&group, CRL_FIELD_TENSOR_GROUP_TENSOR_NAMES);
    check_that(t, list.n == 3 && !strcmp(crl_flat_item_text(&list, 2, &n), "right") && n == 5, "texts: %s", err.text);
    const crl_flat_table u = crl_flat_root(&g, CRL_TABLE_PROCESS_UNIT, "M001");
    const crl_flat_table o = crl_flat_child(&u, CRL_FIELD_PROCESS_UNIT_OPTIONS);
    check_that(t, crl_flat_union(&u, CRL_FIELD_PROCESS_UNIT_OPTIONS) == CRL_TABLE_NORMALIZATION_OPTIONS, "the union's type");
    const crl_flat_vector means = crl_flat_list(&o, CRL_FIELD_NORMALIZATION_OPTIONS_MEAN);
    check_that(t, means.n == 2 && crl_load_f32(unit + means.at) == 127.5f, "means: %s", err.text);
    crl_free(bytes);
    crl_free(unit);
    crl_pile_free(&pile);
}

/* What is as the schema presets it is left out; a float's -0 is not 0. */
static void leaves_out_presets(check *t, unsigned cpu)
{
    (void)cpu;
    crl_pile pile = { 0 };
    crl_tree *root = crl_tree_new(&pile, CRL_TABLE_OPERATOR_CODE), *score = crl_tree_new(&pile, CRL_TABLE_SCORE_CALIBRATION_OPTIONS);
    *crl_tree_at(root, CRL_FIELD_OPERATOR_CODE_VERSION) = (crl_tree_value){ .i = 1, .present = true };
    *crl_tree_at(root, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE) = (crl_tree_value){ .i = -1, .present = true };
    *crl_tree_at(score, CRL_FIELD_SCORE_CALIBRATION_OPTIONS_DEFAULT_SCORE) = (crl_tree_value){ .f = -0.0f, .present = true };
    uint8_t *a = NULL, *b = NULL;
    size_t n_a = 0, n_b = 0;
    check_that(t, !crl_tree_write(root, "TFL3", NULL, &a, &n_a, NULL) && !crl_tree_write(score, "M001", NULL, &b, &n_b, NULL),
               "no bytes");
    crl_flat f = crl_flat_init(a, n_a, NULL), g = crl_flat_init(b, n_b, NULL);
    const crl_flat_table code = crl_flat_root(&f, CRL_TABLE_OPERATOR_CODE, "TFL3");
    check_that(t,
               !crl_flat_has(&code, CRL_FIELD_OPERATOR_CODE_VERSION) &&
                   crl_flat_i32(&code, CRL_FIELD_OPERATOR_CODE_VERSION) == 1 &&
                   crl_flat_i32(&code, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE) == -1,
               "numbers");
    const crl_flat_table s = crl_flat_root(&g, CRL_TABLE_SCORE_CALIBRATION_OPTIONS, "M001");
    check_that(t, crl_flat_has(&s, CRL_FIELD_SCORE_CALIBRATION_OPTIONS_DEFAULT_SCORE), "-0 was left out");
    crl_free(a);
    crl_free(b);
    crl_pile_free(&pile);
}

/* A part that the reader of models never looks at. */
static void names_what_is_broken(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    build_i32(&tm.b, tm.quant[X], Q_MIN, INT32_MAX);
    crl_model *m;
    crl_tree *root;
    crl_pile pile = { 0 };
    crl_error err = { .text = "" };
    if (!check_that(t, !crl_model_open(&m, tm.b.bytes, tm.b.n, &err), "%s", err.text)) return;
    const crl_status s = crl_tree_read_model(&root, m, &pile, &err);
    check_that(t, s == CRL_ERR_FORMAT && !root && strstr(err.text, "\"min\" begins at byte"), "status %d, \"%s\"", s, err.text);
    crl_pile_free(&pile);
    crl_model_close(m);
}

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    int *left = user;
    return (*left)-- > 0;
}

static void survives_no_memory(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    crl_model *m;
    if (!check_that(t, !crl_model_open(&m, tm.b.bytes, tm.b.n, NULL), "not opened")) return;
    crl_status s = CRL_ERR_MEMORY;
    for (int allowed = 0; allowed < 100 && s; allowed++) {
        int left = allowed;
        crl_pile pile = { 0 };
        crl_tree *root;
        uint8_t *bytes = NULL;
        size_t size;
        crl_error err = { .text = "" };
        crl_alloc_hook(allow, &left);
        s = crl_tree_read_model(&root, m, &pile, &err);
        if (!s) s = crl_tree_write(root, "TFL3", m, &bytes, &size, &err);
        crl_alloc_hook(NULL, NULL);
        check_that(t, s ? s == CRL_ERR_MEMORY && !bytes && strstr(err.text, "no memory") : allowed > 1, "status %d, \"%s\"", s,
                   err.text);
        crl_free(bytes);
        crl_pile_free(&pile);
    }
    check_that(t, !s, "never written");
    crl_model_close(m);
}

int area_model_write(int argc, char **argv)
{
    static const check_case cases[] = {
        { "goes_round_tiny", goes_round_tiny, false },
        { "goes_round_operators", goes_round_operators, false },
        { "goes_round_models", goes_round_models, false },
        { "goes_round_testdata", goes_round_testdata, false },
        { "writes_what_is_made", writes_what_is_made, false },
        { "leaves_out_presets", leaves_out_presets, false },
        { "names_what_is_broken", names_what_is_broken, false },
        { "survives_no_memory", survives_no_memory, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
