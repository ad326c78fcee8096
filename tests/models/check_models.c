/* SPDX-License-Identifier: Apache-2.0 */
/* Whole models against what the oracle computed, bit for bit: on both backends, at several numbers of
 * threads, and at every instruction level that the machine has. With the arithmetic of the Edge TPU, for which there is no
 * oracle, against the reference backend.
 *
 *   CRL_GOLDENS   "testdata" (default): models of the public Coral test set in $CRL_TESTDATA, counted as
 *                 skipped where it is not there; "tree": models of this tree */
#include <corallite/corallite.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "base/cpu.h"
#include "check.h"
#include "check_poses.h"
#include "goldens.h"
#include "inputs.h"
#include "plain.h"
#include "sha256.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SLOW = 1 }; /* a watchdog looks on: one sequence, two configurations */
#else
enum { SLOW = 0 };
#endif

enum { MAX_IO = 64, MAX_CONFIGS = 24, MAX_CASES = 2048 };

typedef struct config {
    char name[48];
    crl_engine_options options;
    bool whole; /* all sequences; else the first one */
} config;

typedef struct model_case {
    const golden_model *model;
    const config *config;
    char name[160];
} model_case;

static const char *root;
static bool is_tree;
static goldens all;

/* What one case works with. */
typedef struct bench {
    crl_model *file;
    crl_model cut; /* the file, or the part of it that is looked at */
    crl_subgraph graph;
    int32_t *cut_outputs;
    crl_engine *engine, *twin; /* twin: the reference, where there is no oracle */
    bool chip;                 /* in the other arithmetic, so there is none */
    void *previous[MAX_IO];    /* outputs of the run before, for those that are fed back */
} bench;

static void close_bench(bench *b)
{
    for (int i = 0; i < MAX_IO; i++) free(b->previous[i]);
    crl_engine_free(b->engine);
    crl_engine_free(b->twin);
    free(b->cut_outputs);
    crl_model_close(b->file);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The model without its operators from n on: outputs are what operator n reads of what others wrote. A
 * crl_model is plain data, so that a copy with another list of operators is a model, too. */
static bool cut_model(bench *b, int n)
{
    b->cut = *b->file;
    if (!n) return true;
    b->graph = b->file->subgraphs[0];
    if (n >= b->graph.n_operators) return false;
    const crl_operator *next = &b->graph.operators[n];
    b->cut_outputs = calloc((size_t)next->n_inputs + 1, sizeof *b->cut_outputs);
    if (!b->cut_outputs) return false;
    b->graph.n_outputs = 0;
    for (int32_t i = 0; i < next->n_inputs; i++)
        if (next->inputs[i] >= 0 && !b->graph.tensors[next->inputs[i]].data)
            b->cut_outputs[b->graph.n_outputs++] = next->inputs[i];
    b->graph.outputs = b->cut_outputs;
    b->graph.n_operators = n;
    b->cut.subgraphs = &b->graph;
    return true;
}

/* false: failed, or there is nothing to check; the check knows. */
static bool open_model(check *t, bench *b, const golden_model *m)
{
    char path[1024], digest[SHA256_HEX];
    crl_error err;
    snprintf(path, sizeof path, "%s/%s", root, m->path);
    if (!is_tree && access(path, R_OK) && errno == ENOENT) {
        check_skip(t, "no file %s", path);
        return false;
    }
    if (!check_that(t, !crl_model_open_file(&b->file, path, &err), "%s", err.text)) return false;
    sha256_hex(b->file->bytes, b->file->size, digest);
    if (strcmp(digest, m->digest)) {
        if (is_tree)
            check_that(t, false, "the file has changed; run tools/oracle/gen_models.py tree");
        else
            check_skip(t, "another release of %s", path);
        return false;
    }
    return check_that(t, cut_model(b, m->cut), "it has no operator %d", m->cut);
}

static bool fill_inputs(check *t, bench *b, crl_engine *e, const golden_model *m, const char *source)
{
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) {
        crl_tensor *in = crl_engine_input(e, i);
        int from = -1;
        for (int k = 0; k < m->n_lines; k++)
            if (!strcmp(m->lines[k].field[0], "feed") && atoi(m->lines[k].field[2]) == i) from = atoi(m->lines[k].field[1]);
        crl_error err;
        crl_status s = CRL_OK;
        if (from >= 0 && from < MAX_IO && b->previous[from])
            memcpy(in->data, b->previous[from], in->bytes);
        else if (from >= 0)
            memset(in->data, 0, in->bytes);
        else
            s = inputs_draw(in, root, base_name(m->path), source, i, &err);
        if (s == CRL_ERR_UNSUPPORTED) check_skip(t, "%s", err.text);
        if (s == CRL_ERR_UNSUPPORTED || !check_that(t, !s, "%s", err.text)) return false;
    }
    return true;
}

static bool run_engine(check *t, bench *b, crl_engine *e, const golden_model *m, const char *source)
{
    crl_error err;
    return fill_inputs(t, b, e, m, source) && check_that(t, !crl_engine_run(e, &err), "%s: %s", source, err.text);
}

static void keep_outputs(bench *b)
{
    for (int32_t i = 0; i < crl_engine_output_count(b->engine) && i < MAX_IO; i++) {
        const crl_tensor *out = crl_engine_output(b->engine, i);
        void *copy = realloc(b->previous[i], out->bytes + 1);
        if (!copy) abort();
        memcpy(copy, out->data, out->bytes);
        b->previous[i] = copy;
    }
}

static bool equals_golden(check *t, bench *b, const char *source, const golden_line *want)
{
    const int32_t i = atoi(want->field[1]);
    const crl_tensor *out = crl_engine_output(b->engine, i);
    if (!check_that(t, out != NULL, "there is no output %d", i)) return false;
    char shape[CRL_SHAPE_TEXT], digest[SHA256_HEX];
    crl_shape_text(&out->shape, shape, sizeof shape);
    if (!check_that(t, !strcmp(crl_type_name(out->type), want->field[2]) && !strcmp(shape, want->field[3]),
                    "%s: output %d \"%s\" is %s %s, not %s %s", source, i, out->name, crl_type_name(out->type), shape,
                    want->field[2], want->field[3]))
        return false;
    if (!strncmp(want->field[4], "bytes:", 6)) {
        size_t n;
        unsigned char *bytes = golden_bytes(want->field[4], &n);
        const bool same = bytes && n == out->bytes && check_equal(t, bytes, out->data, n, "%s: output %d \"%s\"", source, i, out->name);
        free(bytes);
        return check_that(t, same, "%s: output %d \"%s\" of %zu bytes differs", source, i, out->name, out->bytes);
    }
    sha256_hex(out->data, out->bytes, digest);
    return check_that(t, !strcmp(digest, want->field[4]), "%s: output %d \"%s\" %s differs from the oracle's", source, i,
                      out->name, shape);
}

static bool equals_twin(check *t, bench *b, const golden_model *m, const char *source)
{
    if (!run_engine(t, b, b->twin, m, source)) return false;
    for (int32_t i = 0; i < crl_engine_output_count(b->engine); i++) {
        const crl_tensor *want = crl_engine_output(b->twin, i), *got = crl_engine_output(b->engine, i);
        if (!check_equal(t, want->data, got->data, want->bytes, "%s: output %d differs from the reference backend's",
                         source, i))
            return false;
    }
    return true;
}

static bool has_goldens(const golden_model *m)
{
    for (int k = 0; k < m->n_lines; k++)
        if (!strcmp(m->lines[k].field[0], "out")) return true;
    return false;
}

static void follow(check *t, bench *b, const golden_model *m, bool whole)
{
    const char *source = "";
    int sequences = 0;
    for (int k = 0; k < m->n_lines; k++) {
        const golden_line *l = &m->lines[k];
        if (!strcmp(l->field[0], "reset")) {
            if (sequences++ && !whole) return;
            crl_engine_reset(b->engine);
            if (b->twin) crl_engine_reset(b->twin);
            for (int i = 0; i < MAX_IO; i++) {
                free(b->previous[i]);
                b->previous[i] = NULL;
            }
        } else if (!strcmp(l->field[0], "run")) {
            source = l->field[1];
            if (!run_engine(t, b, b->engine, m, source)) return;
            if (b->twin && !equals_twin(t, b, m, source)) return;
            keep_outputs(b);
        } else if (!strcmp(l->field[0], "out") && !b->chip) {
            if (!equals_golden(t, b, source, l)) return;
        }
    }
}

/* The plan may waste a twentieth. */
static bool arena_is_tight(check *t, const crl_engine *e)
{
    const crl_engine_info info = crl_engine_describe(e);
    return check_that(t, info.live_bytes <= info.arena_bytes && info.arena_bytes <= info.live_bytes / 20 * 21 + 64,
                      "an arena of %zu bytes, where %zu are alive at once", info.arena_bytes, info.live_bytes);
}

static void model_agrees(check *t, unsigned cpu)
{
    (void)cpu;
    const model_case *c = check_data(t);
    bench b = { 0 };
    if (open_model(t, &b, c->model)) {
        crl_error err;
        crl_status s = crl_engine_new(&b.engine, &b.cut, &c->config->options, &err);
        const crl_arithmetic arithmetic = c->config->options.arithmetic;
        b.chip = arithmetic == CRL_ARITHMETIC_EDGETPU;
        if (!s && (b.chip || !has_goldens(c->model)))
            s = crl_engine_new(&b.twin, &b.cut, &(crl_engine_options){ .backend = CRL_BACKEND_REFERENCE, .threads = 1,
                                                                       .arithmetic = arithmetic }, &err);
        if (check_that(t, !s, "%s", err.text) && arena_is_tight(t, b.engine)) {
            const bool plain = c->config->options.backend == CRL_BACKEND_REFERENCE; /* slow: a sample takes one sequence */
            follow(t, &b, c->model, c->config->whole && !(plain && check_rounds(t, 8) < 8));
        }
    }
    close_bench(&b);
}

static void model_is_refused(check *t, unsigned cpu)
{
    (void)cpu;
    const model_case *c = check_data(t);
    bench b = { 0 };
    if (open_model(t, &b, c->model)) {
        crl_error err = { .text = "" };
        crl_status s = crl_engine_new(&b.engine, &b.cut, &c->config->options, &err);
        if (!s) s = crl_engine_run(b.engine, &err);
        check_that(t, s && *err.text, "it should have been refused, with a reason");
    }
    close_bench(&b);
}

/* Whoever adds a model to the tree, or trains one anew, makes its goldens. */
static void every_model_has_goldens(check *t, unsigned cpu)
{
    (void)cpu;
    DIR *dir = opendir(SOURCE_ROOT "/models");
    if (!check_that(t, dir != NULL, "no folder " SOURCE_ROOT "/models")) return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *suffix = strrchr(entry->d_name, '.');
        if (!suffix || strcmp(suffix, ".tflite")) continue;
        bool found = false;
        for (int m = 0; m < all.n_models; m++) found = found || !strcmp(base_name(all.models[m].path), entry->d_name);
        check_that(t, found, "models/%s has no goldens; run tools/oracle/gen_models.py tree", entry->d_name);
    }
    closedir(dir);
}

static void layers_have_kernels(check *t, unsigned cpu)
{
    (void)cpu;
    char path[4096];
    snprintf(path, sizeof path, "%s/models", root);
    check_plain_in(t, path);
}

static void layers_of_cases_have_kernels(check *t, unsigned cpu)
{
    (void)cpu;
    char path[4096];
    snprintf(path, sizeof path, "%s/../cases", root);
    check_plain_in(t, path);
}

/* The first two, which every machine has. */
enum { REFERENCE = 0, CPU = 1 };

static int make_configs(config *list)
{
    int n = 0;
    list[n++] = (config){ "reference", { .backend = CRL_BACKEND_REFERENCE, .threads = 1 }, !SLOW };
    list[n++] = (config){ "cpu, 2 threads", { .backend = CRL_BACKEND_CPU, .threads = 2 }, !SLOW };
    if (SLOW) return n;
    list[n++] = (config){ "cpu, 1 thread", { .backend = CRL_BACKEND_CPU, .threads = 1 }, false };
    list[n++] = (config){ "cpu, 3 threads", { .backend = CRL_BACKEND_CPU, .threads = 3 }, false };
    static const char *const levels[] = { "ref", "avx2", "avxvnni", "avx512vnni", "amx", "neon", "neondot", "i8mm" };
    const unsigned have = crl_cpu_detect();
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        unsigned cpu;
        if (crl_cpu_cap(&cpu, have, levels[i], NULL) || !strcmp(levels[i], crl_cpu_name(have))) continue;
        list[n] = (config){ .options = { .backend = CRL_BACKEND_CPU, .threads = 2, .cpu = levels[i] } };
        snprintf(list[n].name, sizeof list[n].name, "cpu %s, 2 threads", levels[i]);
        n++;
    }
    static const char *const chip[] = { NULL, "avx2", "neon" };
    for (size_t i = 0; i < sizeof chip / sizeof chip[0]; i++) {
        unsigned cpu;
        if (chip[i] && (crl_cpu_cap(&cpu, have, chip[i], NULL) || !strcmp(chip[i], crl_cpu_name(have)))) continue;
        list[n] = (config){ .options = { .backend = CRL_BACKEND_CPU, .threads = 2, .cpu = chip[i], .arithmetic = CRL_ARITHMETIC_EDGETPU } };
        snprintf(list[n].name, sizeof list[n].name, "edgetpu%s%s", chip[i] ? ", " : "", chip[i] ? chip[i] : "");
        n++;
    }
    return n;
}

int area_models(int argc, char **argv)
{
    static config configs[MAX_CONFIGS];
    static model_case data[MAX_CASES];
    static check_case cases[MAX_CASES];
    const char *which = getenv("CRL_GOLDENS"), *testdata = getenv("CRL_TESTDATA");
    is_tree = which && !strcmp(which, "tree");
    root = is_tree ? SOURCE_ROOT : testdata && *testdata ? testdata : SOURCE_ROOT "/../shared/testdata";
    if (!goldens_read(&all, is_tree ? SOURCE_ROOT "/tests/models/tree.tsv" : SOURCE_ROOT "/tests/models/testdata.tsv")) {
        fprintf(stderr, "no golden file in " SOURCE_ROOT "/tests/models\n");
        return 1;
    }
    const int n_configs = make_configs(configs);
    size_t n = 0;
    check_poses_in(root);
    cases[n++] = is_tree ? (check_case){ "every_model_has_goldens", every_model_has_goldens, false, NULL }
                         : (check_case){ "poses", check_model_poses, false, NULL };
    cases[n++] = (check_case){ "layers have kernels", layers_have_kernels, false, NULL };
    if (!is_tree) cases[n++] = (check_case){ "layers of cases have kernels", layers_of_cases_have_kernels, false, NULL };
    for (int m = 0; m < all.n_models; m++) {
        const golden_model *g = &all.models[m];
        for (int i = 0; i < n_configs && n < MAX_CASES; i++) {
            if (g->refused && i > CPU) continue;
            if (!g->refused && !has_goldens(g) && i != CPU) continue;
            model_case *c = &data[n];
            *c = (model_case){ g, &configs[i], "" };
            const char *name = base_name(g->path);
            const size_t stem = strlen(name) - strlen(".tflite");
            snprintf(c->name, sizeof c->name, "%.*s%s: %.47s", (int)(stem < 100 ? stem : 100), name, g->cut ? ", cut" : "", configs[i].name);
            cases[n++] = (check_case){ c->name, g->refused ? model_is_refused : model_agrees, false, c };
        }
    }
    const int status = check_main(argc, argv, cases, n);
    goldens_free(&all);
    return status;
}
