/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling by a template: the compiler's own file comes out but for the token, or a refusal. */
#include <corallite/reweight.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "check.h"
#include "base/fixed.h"
#include "compile/constants.h"
#include "compile/pack.h"
#include "graph.h"
#include "compile/follow.h"
#include "pair.h"
#include "real.h"

/* ---- fractions ---------------------------------------------------------------------------------- */

/* The best fraction, by trying all denominators; of equally good ones the first. */
static void search(uint64_t n, uint64_t d, uint32_t most, uint32_t *p, uint32_t *q)
{
    double best = INFINITY;
    for (uint32_t den = 1; den <= most; den++) {
        const uint64_t whole = n * den / d;
        for (uint64_t num = whole; num <= whole + 1; num++) {
            const uint64_t far = num * d > n * den ? num * d - n * den : n * den - num * d;
            if ((double)far / (double)den < best) best = (double)far / (double)den, *p = (uint32_t)num, *q = den;
        }
    }
}

static void finds_the_best_fraction(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 400); round++) {
        const uint64_t d = (uint64_t)check_edgy(t, 1, 1 << 20), n = (uint64_t)check_range(t, 0, (int32_t)d);
        const uint32_t most = (uint32_t)check_range(t, 1, 300);
        uint32_t p, q, want_p = 0, want_q = 1;
        crl_best_fraction(n, d, most, &p, &q);
        search(n, d, most, &want_p, &want_q);
        const double far = fabs((double)p / q - (double)n / (double)d), want = fabs((double)want_p / want_q - (double)n / (double)d);
        check_that(t, q >= 1 && q <= most && far <= want + 1e-15, "%llu/%llu up to %u: %u/%u, want %u/%u", (unsigned long long)n,
                   (unsigned long long)d, most, p, q, want_p, want_q);
    }
}

/* ---- a template that was made up --------------------------------------------------------------- */

typedef struct trio {
    uint8_t *bytes[3];
    crl_model *model, *twin, *compiled;
} trio;

static bool open_trio(check *t, trio *p, const pair_change *change)
{
    size_t size[3];
    crl_error err = { .text = "" };
    *p = (trio){ .model = NULL };
    p->bytes[0] = pair_model(true, change, &size[0]);
    p->bytes[1] = pair_model(false, change, &size[1]);
    p->bytes[2] = pair_template(&size[2]);
    return check_that(t, !crl_model_open(&p->model, p->bytes[0], size[0], &err) && !crl_model_open(&p->twin, p->bytes[1], size[1], &err) &&
                             !crl_model_open(&p->compiled, p->bytes[2], size[2], &err), "%s", err.text);
}

static void close_trio(trio *p)
{
    crl_model_close(p->model);
    crl_model_close(p->twin);
    crl_model_close(p->compiled);
    for (int i = 0; i < 3; i++) crl_free(p->bytes[i]);
}

/* What the second variant is compiled, as far as a look into the package tells. */
static void is_compiled(check *t, const uint8_t *bytes, size_t size, const crl_reweighted *done)
{
    crl_model *m;
    crl_package *p;
    crl_error err = { .text = "" };
    if (!check_that(t, !crl_model_open(&m, bytes, size, &err), "%s", err.text)) return;
    const crl_tensor_def *out = &m->subgraphs[0].tensors[1];
    check_that(t, out->quant.scale[0] == 0.25f && out->quant.zero_point[0] == 77, "the outer tensor has %g, %d", (double)out->quant.scale[0],
               out->quant.zero_point[0]);
    if (check_that(t, !crl_package_open(&p, m, 0, &err), "%s", err.text)) {
        const crl_package_layer *l = &p->running->outputs[0];
        const uint8_t *w = p->caching->parameters;
        check_that(t, !strcmp(l->name, "opt") && !strcmp(p->running->hints[2].name, "opt") && !strcmp(out->name, "opt"), "names");
        check_that(t, l->scale == 0.25f && l->zero_point == 77, "the layer has %g, %d", (double)l->scale, l->zero_point);
        check_that(t, p->running->token == done->token && p->caching->token == done->token && done->token != 0x1234567890abcdef, "tokens");
        /* Biases, then four weights of each of 16 outputs. */
        check_that(t, w[0] == 100 && w[4] == 99 && w[64] == 1 && w[65] == 8 && w[68] == 57 && w[64 + 16] == 0, "parameters");
        check_that(t, done->instructions == 1 && done->operators == 1 && done->layers == 1 && done->named == 1, "counts");
        crl_package_close(p);
    }
    crl_model_close(m);
}

static void compiles_a_made_model(check *t, unsigned cpu)
{
    (void)cpu;
    trio p;
    uint8_t *bytes = NULL;
    size_t size;
    crl_reweighted done;
    crl_error err = { .text = "" };
    if (open_trio(t, &p, &(pair_change){ .name = "opt" }) &&
        check_that(t, !crl_reweight(p.model, p.compiled, p.twin, &bytes, &size, &done, &err), "%s", err.text)) {
        is_compiled(t, bytes, size, &done);
        uint8_t *again;
        check_that(t, !crl_reweight(p.model, p.compiled, p.twin, &again, &size, NULL, NULL) && !memcmp(bytes, again, size), "once more");
        free(again);
    }
    free(bytes);
    close_trio(&p);
    bytes = NULL;
    if (open_trio(t, &p, &(pair_change){ .same = true }) &&
        check_that(t, !crl_reweight(p.model, p.compiled, p.twin, &bytes, &size, &done, &err), "%s", err.text))
        check_that(t, size == p.compiled->size && !memcmp(bytes, p.compiled->bytes, size) && done.token == 0x1234567890abcdef, "the template");
    free(bytes);
    close_trio(&p);
}

/* A dense layer reads a picture as it lies in tiles, each position filled up to four channels. */
static void packs_dense_layers_on_pictures(check *t, unsigned cpu)
{
    (void)cpu;
    enum { OUTPUTS = 4, POSITIONS = 2, CHANNELS = 3, ZERO = 99 };
    static const float scale = 0.5f;
    uint8_t weights[OUTPUTS * POSITIONS * CHANNELS], packed[64];
    int32_t same[] = { 0, 1, 2 }, reader[] = { 0, 0, -1 };
    bool mapped[] = { true };
    size_t n;
    graph g;
    crl_model *m = NULL;
    crl_layer_view v;
    for (size_t i = 0; i < sizeof weights; i++) weights[i] = (uint8_t)(i + 1);
    graph_begin(&g);
    graph_add_tensor(&g, &(graph_tensor){ .name = "in",
                                          .type = 3,
                                          .shape = { 1, 1, POSITIONS, CHANNELS },
                                          .rank = 4,
                                          .n_scales = 1,
                                          .scale = &scale });
    graph_add_tensor(&g, &(graph_tensor){ .name = "w",
                                          .type = 3,
                                          .shape = { OUTPUTS, POSITIONS * CHANNELS },
                                          .rank = 2,
                                          .n_scales = 1,
                                          .scale = &scale,
                                          .zero = ZERO,
                                          .data = weights,
                                          .bytes = sizeof weights });
    graph_add_tensor(&g, &(graph_tensor){ .name = "out", .type = 3, .shape = { 1, OUTPUTS }, .rank = 2, .n_scales = 1, .scale = &scale });
    graph_add_code(&g, CRL_OP_DENSE);
    graph_add_operator(&g, 0, (int32_t[]){ 0, 1 }, 2, 2);
    graph_ends(&g, 0, 2);
    uint8_t *bytes = graph_finish(&g, &n);
    crl_error err = { .text = "" };
    if (check_that(t, !crl_model_open(&m, bytes, n, &err), "%s", err.text)) {
        const crl_subgraph *s = &m->subgraphs[0];
        const crl_twin w = { .side = { s, s }, .b_of = same, .reader = reader, .mapped = mapped, .wide_op = -1 };
        const crl_pack_choice choice = { .out = 2 };
        check_that(t, crl_layer_of(&v, &w, CRL_SIDE_A, 0) && crl_pack(&v, &w, CRL_SIDE_A, 0, &choice, NULL) == sizeof packed, "its size");
        crl_pack(&v, &w, CRL_SIDE_A, 0, &choice, packed);
        for (int p = 0; p < POSITIONS; p++)
            for (int o = 0; o < OUTPUTS; o++)
                for (int c = 0; c < 4; c++) {
                    const int got = packed[(p * OUTPUTS + o) * 4 + c], want = c < CHANNELS ? weights[(o * POSITIONS + p) * CHANNELS + c] : ZERO;
                    check_that(t, got == want, "position %d, output %d, channel %d: %d, want %d", p, o, c, got, want);
                }
    }
    crl_model_close(m);
    crl_free(bytes);
}

/* The same weights with other scales: the instruction and the records change, and no parameter. */
static void compiles_constants_only(check *t, unsigned cpu)
{
    (void)cpu;
    trio p;
    uint8_t *bytes = NULL;
    size_t size;
    crl_reweighted done;
    crl_error err = { .text = "" };
    if (open_trio(t, &p, &(pair_change){ .same_weights = true }) &&
        check_that(t, !crl_reweight(p.model, p.compiled, p.twin, &bytes, &size, &done, &err), "%s", err.text))
        check_that(t, done.instructions == 1 && !done.parameters && done.token != 0x1234567890abcdef, "%d instructions, %zu bytes", done.instructions,
                   done.parameters);
    free(bytes);
    close_trio(&p);
}

/* Of its own model all is in the package; of the other variant neither weights nor scales are. */
static void verifies_twins(check *t, unsigned cpu)
{
    (void)cpu;
    trio p;
    crl_twin_verified v;
    crl_error err = { .text = "" };
    if (open_trio(t, &p, &(pair_change){ 0 })) {
        check_that(t, !crl_twin_verify(&v, p.compiled, 0, p.twin, &err) && v.layers == 1 && v.layers_equal == 1 && v.constants == 1 &&
                          v.constants_equal == 1 && v.first_layer == -1 && v.first_constant == -1,
                   "its own model: %d of %d layers, %d of %d constants %s", v.layers_equal, v.layers, v.constants_equal, v.constants, err.text);
        check_that(t, !crl_twin_verify(&v, p.compiled, 0, p.model, &err) && v.layers == 1 && v.layers_equal == 0 && v.constants == 1 &&
                          v.constants_equal == 0 && v.first_layer == 0 && v.first_constant == 0,
                   "the other: %d of %d layers, %d of %d constants %s", v.layers_equal, v.layers, v.constants_equal, v.constants, err.text);
        check_that(t, crl_twin_verify(&v, p.compiled, 0, p.compiled, &err) == CRL_ERR_ARGUMENT, "a compiled twin");
        check_that(t, crl_twin_verify(&v, p.twin, 0, p.twin, &err) == CRL_ERR_ARGUMENT, "an operator that is not compiled");
    }
    close_trio(&p);
}

/* A package of the second variant, and the first variant as its twin: it follows where only scales differ. */
static void follow(check *t, const pair_change *change, bool wanted)
{
    trio p;
    uint8_t *bytes = NULL;
    size_t size;
    crl_model *package = NULL;
    crl_twin_verified v;
    crl_error err = { .text = "" };
    if (open_trio(t, &p, change) && check_that(t, !crl_reweight(p.model, p.compiled, p.twin, &bytes, &size, NULL, &err), "%s", err.text) &&
        check_that(t, !crl_model_open(&package, bytes, size, &err), "%s", err.text)) {
        const crl_quant *q = &p.twin->subgraphs[0].tensors[3].quant;
        check_that(t, !crl_twin_follow(p.twin, package, &err), "%s", err.text);
        check_that(t, q->scale[0] == (wanted ? 0.25f : 0.125f) && q->zero_point[0] == (wanted ? 77 : 66), "the output has %g, %d",
                   (double)q->scale[0], q->zero_point[0]);
        check_that(t, !crl_twin_verify(&v, package, 0, p.twin, &err) && (v.constants_equal == v.constants) == wanted, "constants: %d of %d",
                   v.constants_equal, v.constants);
        check_that(t, !crl_twin_follow(p.model, package, &err) && p.model->subgraphs[0].tensors[3].quant.scale[0] == 0.25f, "its own model");
    }
    crl_model_close(package);
    free(bytes);
    close_trio(&p);
}

static void follows_other_scales(check *t, unsigned cpu)
{
    (void)cpu;
    follow(t, &(pair_change){ .same_layer = true }, true);
    follow(t, &(pair_change){ 0 }, false); /* other weights: another model */
}

static void refuses_other_forms(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        pair_change change;
        const char *says;
    } cases[] = {
        { { .operators = 2 }, "the model has 2 operators, the template's 1" },
        { { .outputs = 5 }, "a change is known only of a last layer whose softmax" },
        { { .no_bias = true }, "its bias is all zeros in one model only" },
        { { .zero_point_0 = true }, "\"zero_point\" would go from 66 to 0" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        trio p;
        uint8_t *bytes = NULL;
        size_t size;
        crl_error err = { .text = "" };
        if (open_trio(t, &p, &cases[i].change)) {
            const crl_status s = crl_reweight(p.model, p.compiled, p.twin, &bytes, &size, NULL, &err);
            check_that(t, s && !bytes && strstr(err.text, cases[i].says), "wanted \"%s\", got %d \"%s\"", cases[i].says, s, err.text);
        }
        close_trio(&p);
    }
    trio p;
    uint8_t *bytes;
    size_t size;
    crl_error err = { .text = "" };
    if (open_trio(t, &p, &(pair_change){ 0 })) {
        check_that(t, crl_reweight(p.model, p.twin, p.twin, &bytes, &size, NULL, &err) == CRL_ERR_ARGUMENT,
                   "a template that is not compiled: %s", err.text);
        check_that(t, crl_reweight(p.compiled, p.compiled, p.twin, &bytes, &size, NULL, &err) && strstr(err.text, "the model is compiled already"),
                   "a compiled model: %s", err.text);
        check_that(t, crl_reweight(p.model, p.compiled, p.model, &bytes, &size, NULL, &err) && strstr(err.text, "made of its own model"),
                   "another model's template: %s", err.text);
    }
    close_trio(&p);
}

/* A template with one bit changed gives the same refusals and nothing worse; and where it is accepted, the template's own model still
 * gives the template. */
static void survives_changes(check *t, unsigned cpu)
{
    (void)cpu;
    trio p;
    if (!open_trio(t, &p, &(pair_change){ 0 })) return;
    const size_t n = p.compiled->size;
    for (size_t i = 0; i < n; i += (size_t)check_range(t, 1, 5)) {
        uint8_t *copy = check_guarded(t, n), *bytes = NULL;
        crl_model *broken;
        size_t size;
        memcpy(copy, p.bytes[2], n);
        copy[i] ^= (uint8_t)(1 << check_range(t, 0, 7));
        if (!crl_model_open(&broken, copy, n, NULL)) {
            if (!crl_reweight(p.model, broken, p.twin, &bytes, &size, NULL, NULL)) check_that(t, size == n, "byte %zu: another size", i);
            free(bytes);
            bytes = NULL;
            crl_twin_verified v;
            if (!crl_twin_verify(&v, broken, 0, p.twin, NULL)) check_that(t, v.layers_equal <= v.layers, "byte %zu: counts", i);
            if (!crl_reweight(p.twin, broken, p.twin, &bytes, &size, NULL, NULL))
                check_that(t, size == n && !memcmp(bytes, copy, n), "byte %zu: its own model gives something else", i);
            free(bytes);
            crl_model_close(broken);
        }
        check_release(t);
    }
    close_trio(&p);
}

/* ---- real ones ---------------------------------------------------------------------------------- */

static const char suffix[] = "_edgetpu.tflite";

static bool open_named(check *t, crl_model **m, const char *folder, const char *name, const char *end)
{
    char path[2048];
    crl_error err = { .text = "" };
    snprintf(path, sizeof path, "%.1023s/%.900s%s", folder, name, end);
    return check_that(t, !crl_model_open_file(m, path, &err), "%s", err.text);
}

/* Equal but for the tokens, of which there are two. */
static void equal_but_tokens(check *t, const uint8_t *want, size_t n, const uint8_t *got, size_t size, uint64_t token, const char *what)
{
    int places = 0;
    if (!check_that(t, n == size, "%s: %zu bytes, want %zu", what, size, n)) return;
    for (size_t i = 0; i < n; i++) {
        if (want[i] == got[i]) continue;
        bool is_token = false;
        for (size_t k = i >= 7 ? i - 7 : 0; k <= i && k + 8 <= n && !is_token; k++) {
            uint64_t there = 0;
            for (int b = 7; b >= 0; b--) there = there << 8 | got[k + (size_t)b];
            is_token = there == token;
            if (is_token) i = k + 7;
        }
        if (!check_that(t, is_token, "%s: byte %zu is %02x, want %02x", what, i, got[i], want[i])) return;
        places++;
    }
    check_that(t, places == 2, "%s: %d tokens", what, places);
}

static void one_from_another(check *t, const char *folder, const char *name, const char *by)
{
    crl_model *model = NULL, *compiled = NULL, *twin = NULL, *truth = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    char what[256];
    crl_reweighted done;
    crl_error err = { .text = "" };
    snprintf(what, sizeof what, "%s from %s", name, by);
    if (open_named(t, &model, folder, name, ".tflite") && open_named(t, &truth, folder, name, suffix) &&
        open_named(t, &compiled, folder, by, suffix) && open_named(t, &twin, folder, by, ".tflite") &&
        check_that(t, !crl_reweight(model, compiled, twin, &bytes, &size, &done, &err), "%s: %s", what, err.text))
        equal_but_tokens(t, truth->bytes, truth->size, bytes, size, done.token, what);
    free(bytes);
    crl_model_close(model);
    crl_model_close(compiled);
    crl_model_close(twin);
    crl_model_close(truth);
}

static void gives_the_compilers_files(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const groups[][4] = {
        { "mobilenet_v2_1.0_224_inat_bird_quant", "mobilenet_v2_1.0_224_inat_insect_quant", NULL },
        { "color_blue_64x64", "color_cyan_64x64", "color_red_64x64", NULL },
    };
    char folder[1024];
    if (!real_pairs(folder, sizeof folder)) {
        check_skip(t, "no pairs in %s", folder);
        return;
    }
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
        for (int i = 0; groups[g][i]; i++)
            for (int k = 0; groups[g][k]; k++)
                if (i != k) one_from_another(t, folder, groups[g][i], groups[g][k]);
}

/* Operators of a chain are computed in their order, and none is left out that has weights. */
static void explains_a_program(check *t, unsigned cpu)
{
    (void)cpu;
    static const char name[] = "mobilenet_v2_1.0_224_inat_bird_quant";
    char folder[1024];
    crl_model *compiled = NULL, *twin = NULL;
    crl_package *p = NULL;
    crl_disassembly *d = NULL;
    crl_error err = { .text = "" };
    if (!real_pairs(folder, sizeof folder)) {
        check_skip(t, "no pairs in %s", folder);
        return;
    }
    if (open_named(t, &compiled, folder, name, suffix) && open_named(t, &twin, folder, name, ".tflite") &&
        check_that(t, !crl_package_open(&p, compiled, 0, &err) && !crl_disassemble(&d, p->running, &err), "%s", err.text)) {
        int32_t *ops = calloc((size_t)d->n, sizeof *ops), last = -1, seen = 0;
        check_that(t, !crl_explain_program(compiled, twin, d, ops, &err), "%s", err.text);
        for (int32_t i = 0; i < d->n; i++) {
            if (ops[i] < 0 || ops[i] == last) continue;
            check_that(t, ops[i] > last, "instruction %d is of op %d, after op %d", i, ops[i], last);
            const int32_t code = twin->subgraphs[0].operators[ops[i]].code;
            seen += code == 3 || code == 4 || code == 9;
            last = ops[i];
        }
        check_that(t, seen == 53, "%d layers of 53", seen);
        check_that(t, crl_explain_program(twin, twin, d, ops, &err) == CRL_ERR_ARGUMENT, "a model that is not compiled");
        free(ops);
    }
    crl_disassembly_free(d);
    crl_package_close(p);
    crl_model_close(compiled);
    crl_model_close(twin);
}

/* What is known not to come back, and why. */
static const char *exception(const char *name)
{
    return strstr(name, "lstm") ? "is sparse, or a variable" : NULL;
}

/* Each compiled model from itself. Returns whether its model is beside it. */
static bool itself(check *t, const char *folder, const char *file)
{
    char name[256], path[2048];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(suffix)), file);
    char *together = strstr(name, "_cocompiled_with");
    snprintf(path, sizeof path, "%.1023s/%.*s.tflite", folder, (int)(together ? together - name : (long)strlen(name)), name);
    FILE *there = fopen(path, "rb");
    if (!there) return false;
    fclose(there);
    crl_model *twin = NULL, *compiled = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    crl_error err = { .text = "" };
    if (check_that(t, !crl_model_open_file(&twin, path, &err), "%s", err.text) && open_named(t, &compiled, folder, name, suffix)) {
        const crl_status s = crl_reweight(twin, compiled, twin, &bytes, &size, NULL, &err);
        if (exception(name))
            check_that(t, s && strstr(err.text, exception(name)), "%s: %s", name, err.text);
        else if (check_that(t, !s, "%s: %s", name, err.text))
            check_that(t, size == compiled->size && !memcmp(bytes, compiled->bytes, size), "%s: another file", name);
    }
    free(bytes);
    crl_model_close(twin);
    crl_model_close(compiled);
    return true;
}

static void gives_templates_back(check *t, unsigned cpu)
{
    (void)cpu;
    const char *testdata = getenv("CRL_TESTDATA");
    char folders[2][1024];
    int seen = 0;
    snprintf(folders[0], sizeof folders[0], "%s/models", testdata ? testdata : "../shared/testdata");
    real_pairs(folders[1], sizeof folders[1]);
    for (int f = 0; f < 2; f++) {
        struct dirent **entries;
        const int n = scandir(folders[f], &entries, NULL, alphasort);
        for (int i = 0; i < n; i++) {
            if (strstr(entries[i]->d_name, suffix)) seen += itself(t, folders[f], entries[i]->d_name);
            free(entries[i]);
        }
        if (n >= 0) free(entries);
    }
    if (!seen) check_skip(t, "no compiled models in %s", folders[0]);
}

int area_reweight(int argc, char **argv)
{
    static const check_case cases[] = {
        { "finds_the_best_fraction", finds_the_best_fraction, false },
        { "compiles_a_made_model", compiles_a_made_model, false },
        { "packs_dense_layers_on_pictures", packs_dense_layers_on_pictures, false },
        { "compiles_constants_only", compiles_constants_only, false },
        { "refuses_other_forms", refuses_other_forms, false },
        { "verifies_twins", verifies_twins, false, NULL },
        { "follows_other_scales", follows_other_scales, false },
        { "survives_changes", survives_changes, false },
        { "gives_the_compilers_files", gives_the_compilers_files, false },
        { "explains_a_program", explains_a_program, false },
        { "gives_templates_back", gives_templates_back, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
