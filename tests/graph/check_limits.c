/* SPDX-License-Identifier: Apache-2.0 */
/* What a few bytes of a file can ask for ends: loops over nothing, shapes beyond counting, tensors beyond memory. */
#include <corallite/engine.h>

#include <string.h>

#include "areas.h"
#include "check.h"
#include "ops/codes.h"
#include "ops/op.h"

static const crl_backend_kind backends[] = { CRL_BACKEND_REFERENCE, CRL_BACKEND_CPU };
enum { N_BACKENDS = sizeof backends / sizeof backends[0], MOST_TENSORS = 7 };

static const int32_t zero[] = { 0 };

/* Tensors 0 to n - 2 go into one operator, the last one comes out. Inputs of the model are those without data. */
typedef struct single {
    crl_tensor_def tensors[MOST_TENSORS];
    int32_t index[MOST_TENSORS], inputs[MOST_TENSORS];
    crl_option options[6];
    crl_operator op;
    crl_subgraph graph;
    crl_model model;
} single;

static crl_tensor_def tensor(crl_type type, crl_shape shape)
{
    return (crl_tensor_def){ .name = "", .type = type, .shape = shape, .shape_signature = shape };
}

static crl_tensor_def ints(const int32_t *values, int32_t n)
{
    crl_tensor_def t = tensor(CRL_INT32, (crl_shape){ 1, { n } });
    t.data = values;
    t.bytes = (size_t)n * sizeof *values;
    return t;
}

static void make(single *s, const char *name, int32_t code, const crl_tensor_def *tensors, int32_t n)
{
    int32_t n_inputs = 0;
    memcpy(s->tensors, tensors, (size_t)n * sizeof *tensors);
    for (int32_t i = 0; i < n; i++) s->index[i] = i;
    for (int32_t i = 0; i < n - 1; i++)
        if (!tensors[i].data) s->inputs[n_inputs++] = i;
    s->op = (crl_operator){ .name = name, .code = code, .inputs = s->index, .n_inputs = n - 1, .outputs = &s->index[n - 1],
                            .n_outputs = 1, .options = s->options };
    s->graph = (crl_subgraph){ .name = "", .tensors = s->tensors, .n_tensors = n, .operators = &s->op, .n_operators = 1,
                               .inputs = s->inputs, .n_inputs = n_inputs, .outputs = &s->index[n - 1], .n_outputs = 1 };
    s->model = (crl_model){ .version = 3, .subgraphs = &s->graph, .n_subgraphs = 1 };
}

static void give_option(single *s, const char *name, crl_option_kind kind, int64_t i)
{
    s->options[s->op.n_options++] = (crl_option){ .name = name, .kind = kind, .i = i };
}

static crl_engine *new_engine(check *t, const crl_model *m, crl_backend_kind backend)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    const crl_status s = crl_engine_new(&e, m, &(crl_engine_options){ .backend = backend, .threads = 1 }, &err);
    check_that(t, !s, "%s: %s", crl_backend_name(backend), err.text);
    return e;
}

/* Both backends make an engine of it, run, and give an output without elements: at once. */
static void expect_nothing(check *t, const single *s, const crl_shape *resized)
{
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e = new_engine(t, &s->model, backends[b]);
        crl_error err = { .text = "" };
        if (!e) continue;
        if (resized) check_that(t, !crl_engine_resize(e, resized, s->graph.n_inputs, &err), "%s: %s", s->op.name, err.text);
        check_that(t, !crl_engine_run(e, &err), "%s: %s", s->op.name, err.text);
        check_that(t, !crl_engine_output(e, 0)->bytes && crl_engine_output(e, 0)->data, "%s gives something", s->op.name);
        crl_engine_free(e);
    }
}

/* --- nothing ------------------------------------------------------------------------------------------ */

static const crl_shape nothing = { 4, { 1 << 20, 1 << 20, 1 << 15, 0 } }; /* 2^55 times nothing */

/* Where 32 bits count the bytes, such shapes are refused for their size already. */
static bool wide(check *t)
{
    if (SIZE_MAX > UINT32_MAX) return true;
    check_skip(t, "its shapes need sizes of 64 bits");
    return false;
}

static void loops_over_nothing_end(check *t, unsigned cpu)
{
    (void)cpu;
    if (!wide(t)) return;
    single s = { 0 };
    make(&s, "GATHER_ND", 107, (crl_tensor_def[]){ tensor(CRL_FLOAT32, (crl_shape){ 1, { 0 } }), tensor(CRL_INT32, nothing),
                                                   tensor(CRL_FLOAT32, nothing) }, 3);
    expect_nothing(t, &s, NULL);
    s = (single){ 0 };
    make(&s, "BATCH_MATMUL", 126, (crl_tensor_def[]){ tensor(CRL_FLOAT32, nothing), tensor(CRL_FLOAT32, (crl_shape){ 2, { 0, 0 } }),
                                                      tensor(CRL_FLOAT32, nothing) }, 3);
    give_option(&s, "adj_x", CRL_OPTION_BOOL, 0);
    give_option(&s, "adj_y", CRL_OPTION_BOOL, 0);
    expect_nothing(t, &s, NULL);
    s = (single){ 0 };
    make(&s, "CUMSUM", 128, (crl_tensor_def[]){ tensor(CRL_FLOAT32, nothing), ints(zero, 1), tensor(CRL_FLOAT32, nothing) }, 3);
    give_option(&s, "exclusive", CRL_OPTION_BOOL, 0);
    give_option(&s, "reverse", CRL_OPTION_BOOL, 0);
    s.tensors[1].shape.rank = 0;
    expect_nothing(t, &s, NULL);
}

static void loops_over_nothing_end_when_resized(check *t, unsigned cpu)
{
    (void)cpu;
    if (!wide(t)) return;
    const crl_shape four = { 4, { 1, 1, 1, 1 } }, both[] = { nothing, nothing };
    single s = { 0 };
    make(&s, "L2_NORMALIZATION", 11, (crl_tensor_def[]){ tensor(CRL_FLOAT32, four), tensor(CRL_FLOAT32, four) }, 2);
    give_option(&s, "fused_activation_function", CRL_OPTION_INT, 0);
    expect_nothing(t, &s, both);
    s = (single){ 0 };
    make(&s, "CONCATENATION", 2, (crl_tensor_def[]){ tensor(CRL_FLOAT32, four), tensor(CRL_FLOAT32, four),
                                                     tensor(CRL_FLOAT32, four) }, 3);
    give_option(&s, "axis", CRL_OPTION_INT, 3);
    give_option(&s, "fused_activation_function", CRL_OPTION_INT, 0);
    expect_nothing(t, &s, both);
}

/* Inputs without elements, an output that has some: the operator is asked. */
static void nothing_in_is_still_computed(check *t, unsigned cpu)
{
    (void)cpu;
    single s = { 0 };
    make(&s, "BATCH_MATMUL", 126, (crl_tensor_def[]){ tensor(CRL_FLOAT32, (crl_shape){ 2, { 2, 0 } }),
                                                      tensor(CRL_FLOAT32, (crl_shape){ 2, { 0, 3 } }),
                                                      tensor(CRL_FLOAT32, (crl_shape){ 2, { 2, 3 } }) }, 3);
    give_option(&s, "adj_x", CRL_OPTION_BOOL, 0);
    give_option(&s, "adj_y", CRL_OPTION_BOOL, 0);
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e = new_engine(t, &s.model, backends[b]);
        if (!e) continue;
        check_that(t, !crl_engine_run(e, NULL), "%s: no run", crl_backend_name(backends[b]));
        const float *y = crl_engine_output(e, 0)->data;
        for (int i = 0; i < 6; i++) check_that(t, y[i] == 0, "element %d is %g", i, (double)y[i]);
        crl_engine_free(e);
    }
}

/* --- shapes --------------------------------------------------------------------------------------------- */

/* A zero does not excuse the other dimensions: steps and extents are their products. */
static void shapes_beyond_counting_are_refused(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_shape beyond = { 4, { 0, INT32_MAX, INT32_MAX, INT32_MAX } }, four = { 4, { 1, 1, 1, 1 } };
    single s = { 0 };
    make(&s, "NEG", 59, (crl_tensor_def[]){ tensor(CRL_FLOAT32, four), tensor(CRL_FLOAT32, four) }, 2);
    crl_engine *e = new_engine(t, &s.model, CRL_BACKEND_CPU);
    crl_error err = { .text = "" };
    if (!e) return;
    check_that(t, crl_engine_resize(e, &beyond, 1, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "more bytes than memory"),
               "\"%s\"", err.text);
    crl_engine_free(e);
    static const int32_t dims[] = { 0, INT32_MAX, INT32_MAX, INT32_MAX };
    static const float value = 1;
    make(&s, "FILL", 94, (crl_tensor_def[]){ ints(dims, 4), tensor(CRL_FLOAT32, (crl_shape){ .rank = 0 }), tensor(CRL_FLOAT32, four) }, 3);
    s.tensors[1].data = &value;
    s.tensors[1].bytes = sizeof value;
    s.graph.n_inputs = 0;
    check_that(t, crl_engine_new(&e, &s.model, NULL, &err) == CRL_ERR_FORMAT && strstr(err.text, "op 0 FILL") &&
                      strstr(err.text, "more bytes than memory"), "\"%s\"", err.text);
}

static void give_masks(single *s, int64_t shrink)
{
    static const char *const masks[] = { "begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask" };
    for (int i = 0; i < 4; i++) give_option(s, masks[i], CRL_OPTION_INT, 0);
    give_option(s, "shrink_axis_mask", CRL_OPTION_INT, shrink);
    give_option(s, "offset", CRL_OPTION_BOOL, 0);
}

/* Of an axis with one element the stride is never taken. */
static void strides_may_be_anything(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t begin[] = { 0, 0, 0 }, end[] = { 0, 1, 1 }, stride[] = { INT32_MAX, INT32_MAX, INT32_MAX };
    const crl_shape shape = { 3, { 0, 1 << 29, 1 << 28 } };
    single s = { 0 };
    make(&s, "STRIDED_SLICE", 45, (crl_tensor_def[]){ tensor(CRL_INT8, shape), ints(begin, 3), ints(end, 3), ints(stride, 3),
                                                      tensor(CRL_INT8, shape) }, 5);
    give_masks(&s, 0);
    expect_nothing(t, &s, NULL);
}

/* An element that is not there is an error only where something is taken. */
static void nothing_is_taken_from_anywhere(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t begin[] = { 8, 2 }, ends[][2] = { { 9, 2 }, { 9, 3 } }, stride[] = { 1, 1 };
    for (int32_t n = 0; n < 2; n++) {
        single s = { 0 };
        make(&s, "STRIDED_SLICE", 45, (crl_tensor_def[]){ tensor(CRL_INT16, (crl_shape){ 2, { 1, 4 } }), ints(begin, 2), ints(ends[n], 2),
                                                          ints(stride, 2), tensor(CRL_INT16, (crl_shape){ 1, { n } }) }, 5);
        give_masks(&s, 1);
        crl_engine *e = NULL;
        crl_error err = { .text = "" };
        if (n == 0)
            expect_nothing(t, &s, NULL);
        else
            check_that(t,
                       crl_engine_new(&e, &s.model, NULL, &err) == CRL_ERR_FORMAT &&
                           strstr(err.text, "entry 0 takes element 8 of 1"),
                       "\"%s\"", err.text);
        crl_engine_free(e);
    }
}

/* What could not be counted in 31 bits is refused before anything counts it. */
static void tensors_beyond_memory_are_named(check *t, unsigned cpu)
{
    (void)cpu;
    if (!wide(t)) return;
    const crl_shape vast = { 4, { 1, 1 << 16, 1 << 16, 1 } };
    single s = { 0 };
    make(&s, "NEG", 59, (crl_tensor_def[]){ tensor(CRL_FLOAT32, vast), tensor(CRL_FLOAT32, vast) }, 2);
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e;
        crl_error err = { .text = "" };
        const crl_status status = crl_engine_new(&e, &s.model, &(crl_engine_options){ .backend = backends[b] }, &err);
        check_that(t, status == CRL_ERR_UNSUPPORTED && strstr(err.text, "op 0 NEG: tensor 0 \"\": it needs 16384 MiB"), "\"%s\"",
                   err.text);
    }
}

/* --- work ------------------------------------------------------------------------------------------------ */

static crl_status prepare_within(const crl_model *m, crl_backend_kind backend, uint64_t limit, crl_error *err)
{
    crl_engine *e;
    err->text[0] = 0;
    const crl_status s = crl_engine_new(&e, m, &(crl_engine_options){ .backend = backend, .threads = 1, .work_limit = limit }, err);
    crl_engine_free(e);
    return s;
}

static void work_has_a_limit(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_shape million = { 2, { 1000, 1000 } };
    single s = { 0 };
    make(&s, "NEG", 59, (crl_tensor_def[]){ tensor(CRL_FLOAT32, million), tensor(CRL_FLOAT32, million) }, 2);
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_error err;
        check_that(t, prepare_within(&s.model, backends[b], 1000000, &err) == CRL_ERR_TIMEOUT &&
                          strstr(err.text, "op 0 NEG") && strstr(err.text, "raise the limit (work_limit"), "\"%s\"", err.text);
        check_that(t, !prepare_within(&s.model, backends[b], 0, &err), "%s", err.text);
        check_that(t, !prepare_within(&s.model, backends[b], UINT64_MAX, &err), "%s", err.text);
    }
}

/* An element that is looked for costs more than one that is passed on. */
static void searches_are_dear(check *t, unsigned cpu)
{
    (void)cpu;
    static const float bounds[] = { 1, 2, 3 };
    const crl_shape thousand = { 1, { 1000 } }, shares = { 2, { 1, 500 } }, drawn = { 2, { 1, 500 } };
    static const int32_t n[] = { 500 };
    crl_tensor_def draws = ints(n, 1);
    draws.shape = draws.shape_signature = (crl_shape){ 0 };
    single bucketize = { 0 }, multinomial = { 0 };
    make(&bucketize, "BUCKETIZE", CRL_OP_BUCKETIZE, (crl_tensor_def[]){ tensor(CRL_FLOAT32, thousand), tensor(CRL_INT32, thousand) }, 2);
    bucketize.options[bucketize.op.n_options++] = (crl_option){ .name = "boundaries", .kind = CRL_OPTION_FLOATS, .fv = bounds, .n = 3 };
    make(&multinomial, "MULTINOMIAL", CRL_OP_MULTINOMIAL,
         (crl_tensor_def[]){ tensor(CRL_FLOAT32, shares), draws, tensor(CRL_INT64, drawn) }, 3);
    give_option(&multinomial, "seed", CRL_OPTION_INT, 1);
    give_option(&multinomial, "seed2", CRL_OPTION_INT, 1);
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_error err;
        check_that(t, prepare_within(&bucketize.model, backends[b], 80000, &err) == CRL_ERR_TIMEOUT, "\"%s\"", err.text);
        check_that(t, !prepare_within(&bucketize.model, backends[b], 160000, &err), "%s", err.text);
        check_that(t, prepare_within(&multinomial.model, backends[b], 30000, &err) == CRL_ERR_TIMEOUT, "\"%s\"", err.text);
        check_that(t, !prepare_within(&multinomial.model, backends[b], 80000, &err), "%s", err.text);
    }
}

/* What is computed while preparing is paid, too. */
static void folding_has_a_limit(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t dims[] = { 1000, 1000 };
    static const float value = 1;
    single s = { 0 };
    make(&s, "FILL", 94, (crl_tensor_def[]){ ints(dims, 2), tensor(CRL_FLOAT32, (crl_shape){ .rank = 0 }),
                                             tensor(CRL_FLOAT32, (crl_shape){ .rank = 0 }) }, 3);
    s.tensors[1].data = &value;
    s.tensors[1].bytes = sizeof value;
    s.graph.n_inputs = 0;
    crl_error err;
    check_that(t, prepare_within(&s.model, CRL_BACKEND_CPU, 1000000, &err) == CRL_ERR_TIMEOUT && strstr(err.text, "op 0 FILL"),
               "\"%s\"", err.text);
    check_that(t, !prepare_within(&s.model, CRL_BACKEND_CPU, 0, &err), "%s", err.text);
}

/* A million boxes, each against all that were chosen: hours, were it not refused. */
static void small_files_cannot_ask_for_hours(check *t, unsigned cpu)
{
    (void)cpu;
    enum { N = 1000000 };
    static const int32_t most[] = { N };
    static const float half[] = { 0.5f };
    const crl_shape scalar = { .rank = 0 }, list = { 1, { N } };
    single s = { 0 };
    make(&s, "NON_MAX_SUPPRESSION_V4", 120, (crl_tensor_def[]){ tensor(CRL_FLOAT32, (crl_shape){ 2, { N, 4 } }), tensor(CRL_FLOAT32, list),
                                                               ints(most, 1), tensor(CRL_FLOAT32, scalar), tensor(CRL_FLOAT32, scalar),
                                                               tensor(CRL_INT32, list), tensor(CRL_INT32, scalar) }, 7);
    s.tensors[2].shape.rank = 0;
    for (int i = 3; i < 5; i++) {
        s.tensors[i].data = half;
        s.tensors[i].bytes = sizeof half;
    }
    s.op.n_inputs = 5;
    s.graph.n_inputs = 2;
    s.op.outputs = s.graph.outputs = &s.index[5];
    s.op.n_outputs = s.graph.n_outputs = 2;
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_error err;
        check_that(t, prepare_within(&s.model, backends[b], 0, &err) == CRL_ERR_TIMEOUT && strstr(err.text, "op 0 NON_MAX"),
                   "\"%s\"", err.text);
    }
}

int area_graph_limits(int argc, char **argv)
{
    static const check_case cases[] = {
        { "loops_over_nothing_end", loops_over_nothing_end, false },
        { "loops_over_nothing_end_when_resized", loops_over_nothing_end_when_resized, false },
        { "nothing_in_is_still_computed", nothing_in_is_still_computed, false },
        { "shapes_beyond_counting_are_refused", shapes_beyond_counting_are_refused, false },
        { "strides_may_be_anything", strides_may_be_anything, false },
        { "nothing_is_taken_from_anywhere", nothing_is_taken_from_anywhere, false },
        { "tensors_beyond_memory_are_named", tensors_beyond_memory_are_named, false },
        { "work_has_a_limit", work_has_a_limit, false },
        { "searches_are_dear", searches_are_dear, false },
        { "folding_has_a_limit", folding_has_a_limit, false },
        { "small_files_cannot_ask_for_hours", small_files_cannot_ask_for_hours, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
