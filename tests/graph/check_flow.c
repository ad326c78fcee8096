/* SPDX-License-Identifier: Apache-2.0 */
/* Subgraphs that call one another, shapes known only while running, and resized inputs: limits, refusals, what is kept.
 * That the results are right is proven by tests/ops (IF, WHILE, DYNAMIC, RESIZED and the variables). */
#include <corallite/engine.h>

#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "ops/op.h"

static const crl_backend_kind backends[] = { CRL_BACKEND_REFERENCE, CRL_BACKEND_CPU };
enum { N_BACKENDS = sizeof backends / sizeof backends[0] };

/* --- small models ------------------------------------------------------------------------------------- */

static crl_tensor_def tensor(crl_type type, int32_t rank, int32_t d0, int32_t d1)
{
    const crl_shape s = { .rank = rank, .dim = { d0, d1 } };
    return (crl_tensor_def){ .name = "", .type = type, .shape = s, .shape_signature = s };
}

static crl_tensor_def constant(crl_tensor_def t, const void *data, size_t bytes)
{
    t.data = data;
    t.bytes = bytes;
    return t;
}

static crl_option option(const char *name, int64_t i)
{
    return (crl_option){ .name = name, .kind = CRL_OPTION_INT, .i = i };
}

static const int32_t zero[] = { 0 }, one[] = { 1 }, two[] = { 2 }, three[] = { 3 }, zero_one[] = { 0, 1 };

static bool count_allocations(void *user, size_t bytes)
{
    (void)bytes;
    ++*(int *)user;
    return true;
}

static crl_engine *new_engine(check *t, const crl_model *m, crl_backend_kind backend)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    const crl_engine_options options = { .backend = backend, .threads = 1, .work_limit = UINT64_MAX };
    crl_status s = crl_engine_new(&e, m, &options, &err);
    check_that(t, !s, "%s: %s", crl_backend_name(backend), err.text);
    return e;
}

/* The engine refuses, or its run does, and the sentence has `text`. */
static void expect_refusal(check *t, const crl_model *m, crl_status status, const char *text)
{
    const int only = check_rounds(t, 8) < 8 ? check_range(t, 0, N_BACKENDS - 1) : -1; /* a sample takes one of them */
    for (int b = 0; b < N_BACKENDS; b++) {
        if (only >= 0 && b != only) continue;
        crl_engine *e;
        crl_error err = { .text = "" };
        crl_status s = crl_engine_new(&e, m, &(crl_engine_options){ .backend = backends[b], .threads = 1 }, &err);
        if (!s) {
            for (int32_t i = 0; i < crl_engine_input_count(e); i++)
                memset(crl_engine_input(e, i)->data, 0, crl_engine_input(e, i)->bytes);
            s = crl_engine_run(e, &err);
        }
        crl_engine_free(e);
        check_that(t, s == status && strstr(err.text, text), "%s: %s, \"%s\"; not \"%s\"", crl_backend_name(backends[b]),
                   crl_status_name(s), err.text, text);
    }
}

/* x float [1] -> one operator with `options` -> y float [1]; any number of subgraphs are like that. */
typedef struct caller {
    crl_tensor_def tensors[2];
    crl_option options[2];
    crl_operator ops[2];
    crl_subgraph graph;
} caller;

static void fill_caller(caller *c, const char *name, int32_t code, const char *first, int64_t a, const char *second, int64_t b)
{
    c->tensors[0] = c->tensors[1] = tensor(CRL_FLOAT32, 1, 1, 0);
    c->options[0] = option(first, a);
    c->options[1] = option(second, b);
    c->ops[0] = (crl_operator){ .name = name, .code = code, .inputs = zero, .n_inputs = 1, .outputs = one, .n_outputs = 1,
                                .options = c->options, .n_options = 2 };
    c->graph = (crl_subgraph){ .name = "", .tensors = c->tensors, .n_tensors = 2, .operators = c->ops, .n_operators = 1,
                               .inputs = zero, .n_inputs = 1, .outputs = one, .n_outputs = 1 };
}

/* Gives a constant true, whatever comes in. */
static crl_subgraph always(void)
{
    static const uint8_t yes[] = { 1 };
    static crl_tensor_def tensors[2];
    tensors[0] = tensor(CRL_FLOAT32, 1, 1, 0);
    tensors[1] = constant(tensor(CRL_BOOL, 0, 0, 0), yes, 1);
    return (crl_subgraph){ .name = "", .tensors = tensors, .n_tensors = 2, .inputs = zero, .n_inputs = 1, .outputs = one,
                           .n_outputs = 1 };
}

/* --- calls -------------------------------------------------------------------------------------------- */

/* The verification of files finds circles, too; here the model never was a file. */
static void circles_are_refused(check *t, unsigned cpu)
{
    (void)cpu;
    static caller main_graph, body;
    fill_caller(&main_graph, "WHILE", 119, "cond_subgraph_index", 1, "body_subgraph_index", 2);
    fill_caller(&body, "WHILE", 119, "cond_subgraph_index", 1, "body_subgraph_index", 2);
    const crl_subgraph graphs[] = { main_graph.graph, always(), body.graph };
    const crl_model m = { .version = 3, .subgraphs = graphs, .n_subgraphs = 3 };
    expect_refusal(t, &m, CRL_ERR_FORMAT, "subgraph 2 calls itself");
}

static void endless_loops_end(check *t, unsigned cpu)
{
    (void)cpu;
    static caller main_graph, body;
    fill_caller(&main_graph, "WHILE", 119, "cond_subgraph_index", 1, "body_subgraph_index", 2);
    fill_caller(&body, "NEG", 59, "", 0, "", 0);
    body.ops[0].n_options = 0;
    const crl_subgraph graphs[] = { main_graph.graph, always(), body.graph };
    const crl_model m = { .version = 3, .subgraphs = graphs, .n_subgraphs = 3 };
    expect_refusal(t, &m, CRL_ERR_UNSUPPORTED, "without coming to an end");
}

/* Not so many rounds, but long ones. */
static void loops_that_work_end(check *t, unsigned cpu)
{
    (void)cpu;
    static caller main_graph, body;
    fill_caller(&main_graph, "WHILE", 119, "cond_subgraph_index", 1, "body_subgraph_index", 2);
    fill_caller(&body, "NEG", 59, "", 0, "", 0);
    body.ops[0].n_options = 0;
    for (int i = 0; i < 2; i++) main_graph.tensors[i] = body.tensors[i] = tensor(CRL_FLOAT32, 2, 1000, 1000);
    const crl_subgraph graphs[] = { main_graph.graph, always(), body.graph };
    const crl_model m = { .version = 3, .subgraphs = graphs, .n_subgraphs = 3 };
    expect_refusal(t, &m, CRL_ERR_TIMEOUT, "op 0 WHILE: subgraph 2: op 0 NEG: the model needs");
}

/* Each subgraph calls the next one twice: 2^40 calls. */
static void forests_of_calls_end(check *t, unsigned cpu)
{
    (void)cpu;
    enum { DEPTH = 40 };
    static caller level[DEPTH];
    static crl_tensor_def tensors[DEPTH][4];
    static const uint8_t yes[] = { 1 };
    static const int32_t first[] = { 3, 0 }, second[] = { 3, 1 };
    crl_subgraph graphs[DEPTH];
    for (int i = 0; i < DEPTH; i++) {
        caller *c = &level[i];
        if (i == DEPTH - 1) {
            fill_caller(c, "NEG", 59, "", 0, "", 0);
            c->ops[0].n_options = 0;
            graphs[i] = c->graph;
            continue;
        }
        fill_caller(c, "IF", 118, "then_subgraph_index", i + 1, "else_subgraph_index", i + 1);
        for (int k = 0; k < 3; k++) tensors[i][k] = tensor(CRL_FLOAT32, 1, 1, 0);
        tensors[i][3] = constant(tensor(CRL_BOOL, 0, 0, 0), yes, 1);
        c->ops[1] = c->ops[0];
        c->ops[0].inputs = first;
        c->ops[1].inputs = second;
        c->ops[0].n_inputs = c->ops[1].n_inputs = 2;
        c->ops[1].outputs = two;
        graphs[i] = (crl_subgraph){ .name = "", .tensors = tensors[i], .n_tensors = 4, .operators = c->ops, .n_operators = 2,
                                    .inputs = zero, .n_inputs = 1, .outputs = two, .n_outputs = 1 };
    }
    const crl_model m = { .version = 3, .subgraphs = graphs, .n_subgraphs = DEPTH };
    expect_refusal(t, &m, CRL_ERR_UNSUPPORTED, "without coming to an end");
}

static void calls_have_to_fit(check *t, unsigned cpu)
{
    (void)cpu;
    static caller main_graph, body;
    fill_caller(&main_graph, "WHILE", 119, "cond_subgraph_index", 1, "body_subgraph_index", 2);
    fill_caller(&body, "NEG", 59, "", 0, "", 0);
    body.ops[0].n_options = 0;
    crl_subgraph graphs[] = { main_graph.graph, always(), body.graph };
    const crl_model m = { .version = 3, .subgraphs = graphs, .n_subgraphs = 3 };
    body.tensors[0].type = CRL_INT8;
    expect_refusal(t, &m, CRL_ERR_FORMAT, "op 0 WHILE: input 0 of subgraph 2 is INT8, it is called with FLOAT32");
    body.tensors[0].type = CRL_FLOAT32;
    graphs[2].n_inputs = 0;
    expect_refusal(t, &m, CRL_ERR_FORMAT, "subgraph 2 takes 0 inputs, it is called with 1");
    graphs[2].n_inputs = 1;
    main_graph.options[1].i = 7;
    expect_refusal(t, &m, CRL_ERR_FORMAT, "subgraph 7: the model has 3");
    main_graph.options[1].i = 2;
    graphs[1] = body.graph;
    expect_refusal(t, &m, CRL_ERR_FORMAT, "subgraph 1 is the condition of WHILE: it has to give one BOOL");
}

/* Both branches list their one tensor twice as input: the last argument is what they get. The first one may be larger. */
static void arguments_to_one_tensor_take_the_last(check *t, unsigned cpu)
{
    (void)cpu;
    static const uint8_t yes[] = { 1 };
    static const int32_t twice[] = { 0, 0 }, inputs[] = { 1, 2 }, all[] = { 0, 1, 2 };
    static const int32_t sizes[][2] = { { 5000, 1 }, { 1, 5000 }, { 7, 7 } };
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        crl_tensor_def tensors[] = { constant(tensor(CRL_BOOL, 0, 0, 0), yes, 1), tensor(CRL_FLOAT32, 1, sizes[k][0], 0),
                                     tensor(CRL_FLOAT32, 1, sizes[k][1], 0), tensor(CRL_FLOAT32, 1, 1, 0) };
        const crl_option options[] = { option("then_subgraph_index", 1), option("else_subgraph_index", 1) };
        const crl_operator op = { .name = "IF", .code = 118, .inputs = all, .n_inputs = 3, .outputs = three, .n_outputs = 1,
                                  .options = options, .n_options = 2 };
        caller branch;
        fill_caller(&branch, "NEG", 59, "", 0, "", 0);
        branch.ops[0].n_options = 0;
        branch.graph.inputs = twice;
        branch.graph.n_inputs = 2;
        const crl_subgraph graphs[] = { { .name = "", .tensors = tensors, .n_tensors = 4, .operators = &op, .n_operators = 1,
                                          .inputs = inputs, .n_inputs = 2, .outputs = three, .n_outputs = 1 },
                                        branch.graph };
        const crl_model m = { .version = 3, .subgraphs = graphs, .n_subgraphs = 2 };
        for (int b = 0; b < N_BACKENDS; b++) {
            crl_engine *e = new_engine(t, &m, backends[b]);
            if (!e) return;
            for (int run = 0; run < 2; run++) {
                for (int i = 0; i < 2; i++)
                    for (int32_t j = 0; j < sizes[k][i]; j++) ((float *)crl_engine_input(e, i)->data)[j] = (float)(run - i - j);
                int allocations = 0;
                crl_error err = { .text = "" };
                crl_alloc_hook(count_allocations, &allocations);
                check_that(t, !crl_engine_run(e, &err), "%s", err.text);
                crl_alloc_hook(NULL, NULL);
                check_that(t, !allocations, "sizes %zu, run %d: %d allocations", k, run, allocations);
                const crl_tensor *y = crl_engine_output(e, 0);
                check_that(t, y->bytes == 4 * (size_t)sizes[k][1], "sizes %zu: %zu bytes come out", k, y->bytes);
                for (int32_t j = 0; j < sizes[k][1]; j++)
                    if (!check_that(t, ((const float *)y->data)[j] == (float)(1 + j - run), "sizes %zu: element %d is wrong", k, j)) break;
            }
            crl_engine_free(e);
        }
    }
}

/* A subgraph may have two inputs that are one tensor, the main one, too: what is written last is what is read, and the
 * shape given last is the shape. */
static void inputs_of_one_tensor_are_one(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t twice[] = { 0, 0 };
    caller c;
    fill_caller(&c, "NEG", 59, "", 0, "", 0);
    c.ops[0].n_options = 0;
    c.graph.inputs = twice;
    c.graph.n_inputs = 2;
    const crl_model m = { .version = 3, .subgraphs = &c.graph, .n_subgraphs = 1 };
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e = new_engine(t, &m, backends[b]);
        if (!e) return;
        const crl_shape shapes[] = { { .rank = 1, .dim = { 5000 } }, { .rank = 1, .dim = { 3 } } };
        crl_error err = { .text = "" };
        check_that(t, !crl_engine_resize(e, shapes, 2, &err), "%s", err.text);
        check_that(t, crl_engine_input(e, 0)->bytes == 12 && crl_engine_input(e, 1)->data == crl_engine_input(e, 0)->data,
                   "input 0 has %zu bytes", crl_engine_input(e, 0)->bytes);
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++) ((float *)crl_engine_input(e, i)->data)[j] = (float)(10 * i + j);
        check_that(t, !crl_engine_run(e, &err), "%s", err.text);
        const crl_tensor *y = crl_engine_output(e, 0);
        check_that(t, y->bytes == 12 && ((const float *)y->data)[2] == -12, "%zu bytes come out", y->bytes);
        crl_engine_free(e);
    }
}

/* --- variables ---------------------------------------------------------------------------------------- */

/* h = VAR_HANDLE "v"; with `assign`, v = x; y = v. */
typedef struct keeper {
    crl_tensor_def tensors[3];
    crl_option names[2];
    crl_operator ops[3];
    crl_subgraph graph;
    crl_model model;
} keeper;

static void fill_keeper(keeper *k, int32_t elements, int32_t declared)
{
    k->tensors[0] = tensor(CRL_FLOAT32, 1, elements, 0);
    k->tensors[1] = tensor(CRL_RESOURCE, 0, 0, 0);
    k->tensors[2] = tensor(CRL_FLOAT32, declared ? 1 : 0, declared, 0);
    k->names[0] = (crl_option){ .name = "container", .kind = CRL_OPTION_TEXT, .text = "" };
    k->names[1] = (crl_option){ .name = "shared_name", .kind = CRL_OPTION_TEXT, .text = "v" };
    static const int32_t handle_value[] = { 1, 0 };
    k->ops[0] = (crl_operator){ .name = "VAR_HANDLE", .code = 142, .outputs = one, .n_outputs = 1, .options = k->names,
                                .n_options = 2 };
    k->ops[1] = (crl_operator){ .name = "ASSIGN_VARIABLE", .code = 144, .inputs = handle_value, .n_inputs = 2 };
    k->ops[2] = (crl_operator){ .name = "READ_VARIABLE", .code = 143, .inputs = one, .n_inputs = 1, .outputs = two,
                                .n_outputs = 1 };
    k->graph = (crl_subgraph){ .name = "", .tensors = k->tensors, .n_tensors = 3, .operators = k->ops, .n_operators = 3,
                               .inputs = zero, .n_inputs = 1, .outputs = two, .n_outputs = 1 };
    k->model = (crl_model){ .version = 3, .subgraphs = &k->graph, .n_subgraphs = 1 };
}

static void variables_need_a_value(check *t, unsigned cpu)
{
    (void)cpu;
    static keeper k;
    fill_keeper(&k, 3, 0);
    k.ops[1] = k.ops[2];
    k.graph.n_operators = 2;
    expect_refusal(t, &k.model, CRL_ERR_FORMAT, "op 1 READ_VARIABLE: variable \"v\" is read, but nothing was assigned");
    fill_keeper(&k, 3, 5);
    expect_refusal(t, &k.model, CRL_ERR_FORMAT, "its shape is [5], but the variable holds [3] only");
}

/* The order is READ, ASSIGN here: what comes out is what went in the run before, resets and resizing or not. */
static void variables_outlive_resets(check *t, unsigned cpu)
{
    (void)cpu;
    static keeper k;
    for (int b = 0; b < N_BACKENDS; b++) {
        fill_keeper(&k, 3, 0);
        crl_engine *e = new_engine(t, &k.model, backends[b]);
        if (!e) return;
        check_that(t, crl_engine_output(e, 0)->flags & CRL_TENSOR_DYNAMIC && !crl_engine_output(e, 0)->data,
                   "the output has data before there was a run");
        for (int round = 0; round < 3; round++) {
            const crl_shape shape = { .rank = 1, .dim = { 3 + round } };
            crl_error err = { .text = "" };
            check_that(t, !crl_engine_resize(e, &shape, 1, &err), "%s", err.text);
            float *x = crl_engine_input(e, 0)->data;
            for (int i = 0; i < 3 + round; i++) x[i] = (float)(i + round);
            crl_engine_reset(e);
            check_that(t, !crl_engine_run(e, &err), "%s", err.text);
            const crl_tensor *y = crl_engine_output(e, 0);
            check_that(t, y->shape.rank == 1 && y->shape.dim[0] == 3 + round && y->bytes == 4u * (3 + (unsigned)round),
                       "round %d: %zu bytes came out", round, y->bytes);
            for (int i = 0; y->data && i < 3 + round; i++)
                check_that(t, ((float *)y->data)[i] == (float)(i + round), "round %d: element %d is wrong", round, i);
        }
        crl_engine_free(e);
    }
}

/* --- shapes known only while running ------------------------------------------------------------------ */

/* FILL(dims, value) -> NEG into a variable -> NEG: the part that writes it is prepared by every run. All its preparations
 * together would be more than an engine may have. */
static void variables_of_later_parts_have_one_place(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tensor_def tensors[] = { tensor(CRL_INT32, 1, 2, 0), tensor(CRL_FLOAT32, 0, 0, 0), tensor(CRL_FLOAT32, 2, 1, 1),
                                 tensor(CRL_FLOAT32, 2, 1, 1), tensor(CRL_FLOAT32, 2, 1, 1) };
    tensors[3].is_variable = true;
    static const int32_t four[] = { 4 };
    const crl_operator ops[] = {
        { .name = "FILL", .code = 94, .inputs = zero_one, .n_inputs = 2, .outputs = two, .n_outputs = 1 },
        { .name = "NEG", .code = 59, .inputs = two, .n_inputs = 1, .outputs = three, .n_outputs = 1 },
        { .name = "NEG", .code = 59, .inputs = three, .n_inputs = 1, .outputs = four, .n_outputs = 1 },
    };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 5, .operators = ops, .n_operators = 3,
                                 .inputs = zero_one, .n_inputs = 2, .outputs = four, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    const crl_engine_options options = { .backend = CRL_BACKEND_REFERENCE, .threads = 1, .memory_bytes = 16 << 20 };
    crl_engine *e;
    check_that(t, !crl_engine_new(&e, &m, &options, NULL), "no engine");
    for (int32_t run = 0; e && run < 100; run++) {
        const int32_t dims[] = { 1000 + run, 70 };
        const float value = (float)run;
        crl_error err = { .text = "" };
        memcpy(crl_engine_input(e, 0)->data, dims, sizeof dims);
        memcpy(crl_engine_input(e, 1)->data, &value, sizeof value);
        if (!check_that(t, !crl_engine_run(e, &err), "run %d: %s", run, err.text)) break;
        const crl_tensor *z = crl_engine_output(e, 0);
        check_that(t, z->shape.dim[0] == dims[0] && ((const float *)z->data)[z->bytes / 4 - 1] == value, "run %d is wrong", run);
    }
    crl_engine_free(e);
}

/* FILL(dims [2], value): y is as large as an input says. z = NEG(y). */
static void shapes_follow_values(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tensor_def tensors[] = { tensor(CRL_INT32, 1, 2, 0), tensor(CRL_FLOAT32, 0, 0, 0), tensor(CRL_FLOAT32, 2, 1, 1),
                                 tensor(CRL_FLOAT32, 2, 1, 1) };
    const crl_operator ops[] = {
        { .name = "FILL", .code = 94, .inputs = zero_one, .n_inputs = 2, .outputs = two, .n_outputs = 1 },
        { .name = "NEG", .code = 59, .inputs = two, .n_inputs = 1, .outputs = three, .n_outputs = 1 },
    };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 4, .operators = ops, .n_operators = 2,
                                 .inputs = zero_one, .n_inputs = 2, .outputs = three, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    static const struct {
        int32_t h, w;
        crl_status status;
        bool prepares; /* the shape is not that of the run before */
        const char *text;
    } runs[] = {
        { 2, 3, CRL_OK, true, "" },
        { 2, 3, CRL_OK, false, "" },
        { 11000, 11000, CRL_ERR_UNSUPPORTED, true, "the activations need 92" },
        { -1, 3, CRL_ERR_FORMAT, true, "op 0 FILL: tensor 0 \"\": dimension 0 would be -1" },
        { INT32_MAX, INT32_MAX, CRL_ERR_FORMAT, true, "" },
        { 0, 5, CRL_OK, true, "" },
        { 5, 2, CRL_OK, true, "" },
        { 5, 2, CRL_OK, false, "" },
    };
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e = new_engine(t, &m, backends[b]);
        for (size_t r = 0; e && r < sizeof runs / sizeof runs[0]; r++) {
            crl_error err = { .text = "" };
            const int32_t dims[] = { runs[r].h, runs[r].w };
            const float value = (float)r;
            memcpy(crl_engine_input(e, 0)->data, dims, sizeof dims);
            memcpy(crl_engine_input(e, 1)->data, &value, sizeof value);
            int allocations = 0;
            crl_alloc_hook(count_allocations, &allocations);
            const crl_status s = crl_engine_run(e, &err);
            crl_alloc_hook(NULL, NULL);
            check_that(t, s == runs[r].status && strstr(err.text, runs[r].text), "run %zu: %s, \"%s\"", r, crl_status_name(s), err.text);
            check_that(t, s || (allocations > 0) == runs[r].prepares, "run %zu made %d allocations", r, allocations);
            const crl_tensor *y = crl_engine_output(e, 0);
            if (s) continue;
            check_that(t, y->shape.dim[0] == dims[0] && y->shape.dim[1] == dims[1], "run %zu: another shape", r);
            check_that(t, y->flags & CRL_TENSOR_DYNAMIC && y->data, "run %zu: the output has no data", r);
            for (int32_t i = 0; i < dims[0] * dims[1]; i++)
                check_that(t, ((const float *)y->data)[i] == -value, "run %zu: element %d is wrong", r, i);
        }
        crl_engine_free(e);
    }
}

/* --- resized inputs ----------------------------------------------------------------------------------- */

static crl_status resize(crl_engine *e, int32_t h, int32_t w, crl_error *err)
{
    const crl_shape shapes[] = { { .rank = 2, .dim = { h, w } }, { .rank = 2, .dim = { h, w } } };
    err->text[0] = 0;
    return crl_engine_resize(e, shapes, 2, err);
}

static void add_is_right(check *t, crl_engine *e, int32_t n, const char *when)
{
    crl_error err = { .text = "" };
    float *x = crl_engine_input(e, 0)->data, *y = crl_engine_input(e, 1)->data;
    for (int32_t i = 0; i < n; i++) x[i] = (float)i, y[i] = (float)(10 * i);
    check_that(t, !crl_engine_run(e, &err), "%s: %s", when, err.text);
    const crl_tensor *z = crl_engine_output(e, 0);
    check_that(t, z->bytes == 4 * (size_t)n, "%s: %zu bytes come out", when, z->bytes);
    for (int32_t i = 0; i < n; i++) check_that(t, ((float *)z->data)[i] == (float)(11 * i), "%s: element %d", when, i);
}

/* z = x + y: any shape will do, as long as it is the same. */
static void refused_shapes_change_nothing(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor_def tensors[] = { tensor(CRL_FLOAT32, 2, 2, 3), tensor(CRL_FLOAT32, 2, 2, 3), tensor(CRL_FLOAT32, 2, 2, 3) };
    const crl_option none = option("fused_activation_function", 0);
    const crl_operator add = { .name = "ADD", .inputs = zero_one, .n_inputs = 2, .outputs = two, .n_outputs = 1,
                               .options = &none, .n_options = 1 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 3, .operators = &add, .n_operators = 1,
                                 .inputs = zero_one, .n_inputs = 2, .outputs = two, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    for (int b = 0; b < N_BACKENDS; b++) {
        crl_engine *e = new_engine(t, &m, backends[b]);
        if (!e) return;
        crl_tensor *view = crl_engine_input(e, 0);
        crl_error err = { .text = "" };
        add_is_right(t, e, 6, "as the file has it");
        check_that(t, !resize(e, 3, 7, &err), "%s", err.text);
        check_that(t, view->shape.dim[1] == 7 && view->bytes == 84, "the view shows other shapes");
        add_is_right(t, e, 21, "resized");
        const crl_shape apart[] = { { .rank = 2, .dim = { 3, 7 } }, { .rank = 2, .dim = { 2, 7 } } };
        check_that(t, crl_engine_resize(e, apart, 2, &err) == CRL_ERR_FORMAT && strstr(err.text, "op 0 ADD"), "\"%s\"", err.text);
        add_is_right(t, e, 21, "after shapes that do not go together");
        check_that(t, crl_engine_resize(e, apart, 1, &err) == CRL_ERR_ARGUMENT, "\"%s\"", err.text);
        check_that(t, resize(e, -1, 7, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "input 0"), "\"%s\"", err.text);
        check_that(t, resize(e, INT32_MAX, INT32_MAX, &err) == CRL_ERR_ARGUMENT, "\"%s\"", err.text);
        check_that(t, resize(e, 11000, 11000, &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "MiB"), "\"%s\"", err.text);
        const crl_shape deep[] = { { .rank = 9 }, { .rank = -1 } };
        check_that(t, crl_engine_resize(e, deep, 2, &err) == CRL_ERR_ARGUMENT, "\"%s\"", err.text);
        add_is_right(t, e, 21, "after shapes that are none");
        check_that(t, !resize(e, 0, 7, &err), "%s", err.text);
        add_is_right(t, e, 0, "empty");
        check_that(t, !resize(e, 2, 3, &err), "%s", err.text);
        add_is_right(t, e, 6, "as in the beginning");
        crl_engine_free(e);
    }
}

static void account_has_a_limit(check *t, unsigned cpu)
{
    (void)cpu;
    const size_t mib = 1 << 20;
    crl_host host = { .account = { .most = 768 * mib } };
    crl_account *a = &host.account;
    crl_error err = { .text = "" };
    check_that(t, !crl_host_hold(&host, 700 * mib, "x", &err), "%s", err.text);
    check_that(t, crl_host_hold(&host, 100 * mib, "these", &err) == CRL_ERR_UNSUPPORTED && a->held == 700 * mib &&
                      !strcmp(err.text, "these need 800 MiB, at most 768 are allowed: give the model smaller inputs"),
               "\"%s\"", err.text);
    check_that(t, crl_host_hold(&host, SIZE_MAX, "x", &err) == CRL_ERR_UNSUPPORTED, "SIZE_MAX bytes are allowed");
    /* While inputs are resized, what is about to go does not count, but all together has its limit, too. */
    a->spare = a->held;
    check_that(t, !crl_host_hold(&host, 260 * mib, "x", &err), "%s", err.text);
    check_that(t, crl_host_hold(&host, mib, "x", &err) == CRL_ERR_UNSUPPORTED, "old and new take 961 MiB");
    crl_host_drop(&host, 260 * mib);
    a->spare = 0;
    check_that(t, a->held == 700 * mib, "%zu bytes are held", a->held);
    check_that(t, !crl_host_hold(NULL, 900 * mib, "x", NULL), "without a host there is no account");
}

int area_graph_flow(int argc, char **argv)
{
    static const check_case cases[] = {
        { "circles_are_refused", circles_are_refused, false },
        { "endless_loops_end", endless_loops_end, false },
        { "loops_that_work_end", loops_that_work_end, false },
        { "forests_of_calls_end", forests_of_calls_end, false },
        { "calls_have_to_fit", calls_have_to_fit, false },
        { "arguments_to_one_tensor_take_the_last", arguments_to_one_tensor_take_the_last, false },
        { "inputs_of_one_tensor_are_one", inputs_of_one_tensor_are_one, false },
        { "variables_need_a_value", variables_need_a_value, false },
        { "variables_outlive_resets", variables_outlive_resets, false },
        { "variables_of_later_parts_have_one_place", variables_of_later_parts_have_one_place, false },
        { "shapes_follow_values", shapes_follow_values, false },
        { "refused_shapes_change_nothing", refused_shapes_change_nothing, false },
        { "account_has_a_limit", account_has_a_limit, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
