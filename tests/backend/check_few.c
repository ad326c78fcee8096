/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED of int8 with a handful of outputs (src/backend/cpu/few.c): the bytes of the definition. */
#include <corallite/engine.h>

#include <string.h>

#include "areas.h"
#include "check.h"
#include "ops/codes.h"

enum { MOST_INS = 700, MOST_OUTS = 5, MOST_ROWS = 2 };

/* A layer; without `bias` there is none. */
typedef struct layer {
    int32_t rows, ins, outs, zero, bias[MOST_OUTS];
    bool has_bias;
    int8_t in[MOST_ROWS * MOST_INS], weights[MOST_OUTS * MOST_INS];
} layer;

static bool run(int8_t *out, const layer *l, crl_backend_kind backend, crl_error *err)
{
    static const int32_t inputs[] = { 0, 1, 2 }, zero[] = { 0 }, three[] = { 3 }, no_zero[MOST_OUTS] = { 0 };
    static const float in_scale = 0.05f, out_scale = 0.5f, w_scale = 0.01f, bias_scale = 0.0005f;
    const crl_shape in_shape = { 2, { l->rows, l->ins } }, w_shape = { 2, { l->outs, l->ins } };
    const crl_shape bias_shape = { 1, { l->outs } }, out_shape = { 2, { l->rows, l->outs } };
    const crl_tensor_def tensors[] = {
        { .name = "in", .type = CRL_INT8, .shape = in_shape, .shape_signature = in_shape, .quant = { &in_scale, &l->zero, 1, 0 } },
        { .name = "w", .type = CRL_INT8, .shape = w_shape, .shape_signature = w_shape, .data = l->weights,
          .bytes = (size_t)(l->outs * l->ins), .quant = { &w_scale, no_zero, 1, 0 } },
        { .name = "bias", .type = CRL_INT32, .shape = bias_shape, .shape_signature = bias_shape, .data = l->bias,
          .bytes = (size_t)l->outs * sizeof *l->bias, .quant = { &bias_scale, no_zero, 1, 0 } },
        { .name = "out", .type = CRL_INT8, .shape = out_shape, .shape_signature = out_shape, .quant = { &out_scale, &l->zero, 1, 0 } },
    };
    const crl_option none[] = { { .name = "fused_activation_function", .kind = CRL_OPTION_INT },
                                { .name = "weights_format", .kind = CRL_OPTION_INT },
                                { .name = "keep_num_dims", .kind = CRL_OPTION_BOOL },
                                { .name = "asymmetric_quantize_inputs", .kind = CRL_OPTION_BOOL } };
    const crl_operator op = { .name = "FULLY_CONNECTED", .code = CRL_OP_FULLY_CONNECTED, .version = 4, .inputs = inputs,
                              .n_inputs = l->has_bias ? 3 : 2, .outputs = three, .n_outputs = 1, .options = none, .n_options = 4 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 4, .operators = &op, .n_operators = 1, .inputs = zero,
                                 .n_inputs = 1, .outputs = three, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_engine *e;
    if (crl_engine_new(&e, &m, &(crl_engine_options){ .threads = 1, .backend = backend }, err)) return false;
    memcpy(crl_engine_input(e, 0)->data, l->in, (size_t)(l->rows * l->ins));
    const bool ok = crl_engine_run(e, err) == CRL_OK;
    if (ok) memcpy(out, crl_engine_output(e, 0)->data, (size_t)(l->rows * l->outs));
    crl_engine_free(e);
    return ok;
}

static void agrees(check *t, unsigned cpu)
{
    (void)cpu;
    static layer l;
    for (int round = 0; round < check_rounds(t, 200); round++) {
        l.rows = check_range(t, 1, MOST_ROWS), l.ins = check_range(t, 1, MOST_INS), l.outs = check_range(t, 1, MOST_OUTS);
        l.zero = check_edgy(t, -128, 127);
        l.has_bias = check_range(t, 0, 3) > 0;
        for (int32_t i = 0; i < l.outs; i++) l.bias[i] = check_range(t, -100000, 100000);
        for (int32_t i = 0; i < l.rows * l.ins; i++) l.in[i] = (int8_t)check_edgy(t, -128, 127);
        for (int32_t i = 0; i < l.outs * l.ins; i++) l.weights[i] = (int8_t)check_range(t, -40, 40);
        int8_t want[MOST_ROWS * MOST_OUTS] = { 0 }, got[MOST_ROWS * MOST_OUTS] = { 0 };
        crl_error err = { .text = "" };
        const bool ok = run(want, &l, CRL_BACKEND_REFERENCE, &err) && run(got, &l, CRL_BACKEND_CPU, &err);
        if (!check_that(t, ok, "%s", err.text)) return;
        if (!check_equal(t, want, got, sizeof want, "%d x %d by %d outputs, zero %d", l.rows, l.ins, l.outs, l.zero)) return;
    }
}

int area_few(int argc, char **argv)
{
    static const check_case cases[] = { { .name = "the bytes of the definition", .run = agrees } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
