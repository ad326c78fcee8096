/* SPDX-License-Identifier: Apache-2.0 */
/* Operators whose outputs are known before running are run once, and operators that nobody knows are named. */
#include <string.h>

#include <corallite/engine.h>

#include "areas.h"
#include "check.h"
#include "graph/graph.h"

/* x [2,3]; SHAPE(x) -> CAST -> RESHAPE(flat [6], .): the last one's shape is that of x. */
enum { X, FLAT, SHAPE, WANTED, RESULT, N_TENSORS };

static crl_tensor_def tensor(crl_type type, int32_t rank, int32_t d0, int32_t d1)
{
    const crl_shape s = { .rank = rank, .dim = { d0, d1 } };
    return (crl_tensor_def){ .name = "", .type = type, .shape = s, .shape_signature = s };
}

static crl_status build(crl_graph *g, const crl_model *model, crl_error *err)
{
    crl_span span = { .first = true };
    crl_status s = crl_graph_build(g, model, 0, NULL, NULL, NULL, err);
    return s ? s : crl_graph_prepare(g, &span, err);
}

static void shapes_become_constants(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor_def tensors[N_TENSORS] = { tensor(CRL_FLOAT32, 2, 2, 3), tensor(CRL_FLOAT32, 1, 6, 0),
                                                tensor(CRL_INT64, 1, 2, 0), tensor(CRL_INT32, 1, 2, 0),
                                                tensor(CRL_FLOAT32, 2, 2, 3) };
    static const int32_t x[] = { X }, shape[] = { SHAPE }, wanted[] = { WANTED }, both[] = { FLAT, WANTED };
    static const int32_t inputs[] = { X, FLAT }, outputs[] = { RESULT, SHAPE }, result[] = { RESULT };
    static const crl_option new_shape = { .name = "new_shape", .kind = CRL_OPTION_INTS };
    const crl_operator operators[] = {
        { .name = "SHAPE", .code = 77, .inputs = x, .n_inputs = 1, .outputs = shape, .n_outputs = 1 },
        { .name = "CAST", .code = 53, .inputs = shape, .n_inputs = 1, .outputs = wanted, .n_outputs = 1 },
        { .name = "RESHAPE", .code = 22, .inputs = both, .n_inputs = 2, .outputs = result, .n_outputs = 1,
          .options = &new_shape, .n_options = 1 },
    };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = N_TENSORS, .operators = operators,
                                 .n_operators = 3, .inputs = inputs, .n_inputs = 2, .outputs = outputs, .n_outputs = 2 };
    const crl_model model = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    for (int backend = CRL_BACKEND_CPU; backend <= CRL_BACKEND_REFERENCE; backend++) {
        crl_engine *e;
        crl_error err;
        const crl_engine_options options = { .backend = (crl_backend_kind)backend, .threads = 1 };
        if (!check_that(t, !crl_engine_new(&e, &model, &options, &err), "%s", err.text)) return;
        float *flat = crl_engine_input(e, 1)->data;
        for (int i = 0; i < 6; i++) flat[i] = (float)i;
        check_that(t, !crl_engine_run(e, &err), "run failed");
        const crl_tensor *out = crl_engine_output(e, 0), *dims = crl_engine_output(e, 1);
        check_that(t, out->shape.rank == 2 && out->shape.dim[0] == 2 && out->shape.dim[1] == 3, "the shape is lost");
        for (int i = 0; i < 6; i++)
            check_that(t, ((const float *)out->data)[i] == (float)i, "element %d is wrong", i);
        const int64_t *d = dims->data;
        check_that(t, d[0] == 2 && d[1] == 3, "SHAPE gave %lld, %lld", (long long)d[0], (long long)d[1]);
        crl_engine_free(e);
    }
    crl_graph g;
    check_that(t, !build(&g, &model, NULL), "the graph was refused");
    check_that(t, g.nodes[0].folded && g.nodes[1].folded && !g.nodes[2].folded, "SHAPE and CAST have to be folded");
    crl_graph_release(&g);
}

static void faults_of_constants_are_found_early(check *t, unsigned cpu)
{
    (void)cpu;
    static const float data[] = { 1, 2, 3 };
    static const int32_t index[] = { 3 };
    crl_tensor_def tensors[] = { tensor(CRL_FLOAT32, 1, 3, 0), tensor(CRL_INT32, 1, 1, 0), tensor(CRL_FLOAT32, 0, 0, 0) };
    tensors[0].data = data, tensors[0].bytes = sizeof data;
    tensors[1].data = index, tensors[1].bytes = sizeof index;
    static const int32_t inputs[] = { 0, 1 }, outputs[] = { 2 };
    const crl_operator op = { .name = "GATHER_ND", .code = 107, .inputs = inputs, .n_inputs = 2, .outputs = outputs, .n_outputs = 1 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 3, .operators = &op, .n_operators = 1,
                                 .outputs = outputs, .n_outputs = 1 };
    const crl_model model = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_graph g;
    crl_error err = { 0 };
    check_that(t, build(&g, &model, &err) == CRL_ERR_FORMAT, "an index past the end was accepted");
    check_that(t, !strncmp(err.text, "op 0 GATHER_ND: tensor 1", 24), "the text is \"%s\"", err.text);
    crl_graph_release(&g);
}

static void known_custom_operators_need_values(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor_def tensors[] = { tensor(CRL_FLOAT32, 1, 400, 0), tensor(CRL_FLOAT32, 3, 1, 1) };
    static const int32_t in[] = { 0 }, out[] = { 1 };
    const crl_operator op = { .name = "AudioSpectrogram", .code = CRL_CUSTOM, .inputs = in, .n_inputs = 1, .outputs = out,
                              .n_outputs = 1 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 2, .operators = &op, .n_operators = 1,
                                 .outputs = out, .n_outputs = 1 };
    const crl_model model = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_graph g;
    crl_error err = { 0 };
    check_that(t, build(&g, &model, &err) == CRL_ERR_FORMAT, "a tensor that nobody writes was read");
    check_that(t, !strncmp(err.text, "op 0 AudioSpectrogram: input 0: tensor 0 \"\" has no value", 56), "the text is \"%s\"", err.text);
    crl_graph_release(&g);
}

static void unknown_operators_are_named(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *name;
        int32_t code;
        const char *wanted; /* part of the sentence */
    } cases[] = {
        { "edgetpu-custom-op", CRL_CUSTOM, "op 0 edgetpu-custom-op: this model is compiled for the Edge TPU; use the file" },
        { "fake-op-double", CRL_CUSTOM, "op 0 fake-op-double: a custom operator that is not known here" },
        { "FlexErf", CRL_CUSTOM, "op 0 FlexErf: an operator of full TensorFlow" },
        { "ethos-u", CRL_CUSTOM, "op 0 ethos-u: this model is compiled for Arm's Ethos-U by Vela; use the file without _vela" },
        { "DISPATCH_OP", CRL_CUSTOM, "op 0 DISPATCH_OP: this model is compiled for an NPU by LiteRT; use the file that went" },
        { "Convolution2DTransposeBias", CRL_CUSTOM, "op 0 Convolution2DTransposeBias: an operator of MediaPipe, which only its" },
        { "Landmarks2TransformMatrix", CRL_CUSTOM, "op 0 Landmarks2TransformMatrix: an operator of MediaPipe, which only its" },
        { "XC_conv2d_v2", CRL_CUSTOM, "op 0 XC_conv2d_v2: this model is compiled for XMOS chips" },
        { "LSH_PROJECTION", 15, "op 0 LSH_PROJECTION: this operator is not supported (version 2); docs/operators.md lists" },
        { "HASHTABLE_FIND", 137, "op 0 HASHTABLE_FIND: this operator is not supported (version 2); look words up in front" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const crl_operator op = { .name = cases[i].name, .code = cases[i].code, .version = 2 };
        const crl_subgraph graph = { .name = "", .operators = &op, .n_operators = 1 };
        const crl_model model = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
        crl_graph g;
        crl_error err = { 0 };
        check_that(t, build(&g, &model, &err) == CRL_ERR_UNSUPPORTED, "%s was accepted", cases[i].name);
        check_that(t, !strncmp(err.text, cases[i].wanted, strlen(cases[i].wanted)), "the text is \"%s\"", err.text);
        crl_graph_release(&g);
    }
}

/* CAST of 11000 x 11000 floats: a file of a hundred bytes that asks for a GiB, which 32 bits can count. */
static void huge_activations_are_refused(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor_def tensors[] = { tensor(CRL_FLOAT32, 2, 11000, 11000), tensor(CRL_INT32, 2, 11000, 11000) };
    static const int32_t in[] = { 0 }, out[] = { 1 };
    const crl_operator cast = { .name = "CAST", .code = 53, .inputs = in, .n_inputs = 1, .outputs = out, .n_outputs = 1 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 2, .operators = &cast, .n_operators = 1,
                                 .inputs = in, .n_inputs = 1, .outputs = out, .n_outputs = 1 };
    const crl_model model = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_engine *e;
    crl_error err;
    const crl_engine_options options = { .work_limit = UINT64_MAX };
    check_that(t, crl_engine_new(&e, &model, &options, &err) == CRL_ERR_UNSUPPORTED && !e, "a GiB of activations was accepted");
    check_that(t, strstr(err.text, "the inputs and outputs need 92") != NULL, "got \"%s\"", err.text);
}

int area_graph_fold(int argc, char **argv)
{
    static const check_case cases[] = {
        { "shapes_become_constants", shapes_become_constants, false },
        { "faults_of_constants_are_found_early", faults_of_constants_are_found_early, false },
        { "known_custom_operators_need_values", known_custom_operators_need_values, false },
        { "unknown_operators_are_named", unknown_operators_are_named, false },
        { "huge_activations_are_refused", huge_activations_are_refused, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
