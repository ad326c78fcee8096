/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV of floats with weights of 8 bits (src/backend/cpu/scatter.c): the bytes of the definition, on several pictures, and
 * of inputs that are no numbers. */
#include <corallite/engine.h>

#include <math.h>
#include <string.h>

#include "areas.h"
#include "check.h"
#include "ops/codes.h"

enum { PICTURES = 2, IN = 3, INS = 5, OUTS = 4, FILTER = 3, OUT = 6, N_IN = PICTURES * IN * IN * INS, N_OUT = PICTURES * OUT * OUT * OUTS };

static float in[N_IN];
static int8_t weights[OUTS * FILTER * FILTER * INS];

static bool run(float *out, crl_backend_kind backend, crl_error *err)
{
    static const int32_t inputs[] = { 0, 1, 2 }, two[] = { 2 }, three[] = { 3 }, size[] = { PICTURES, OUT, OUT, OUTS };
    static const float scale[OUTS] = { 0.01f, 0.02f, 0.03f, 0.04f };
    static const int32_t zeros[OUTS];
    const crl_shape in_shape = { 4, { PICTURES, IN, IN, INS } }, w_shape = { 4, { OUTS, FILTER, FILTER, INS } };
    const crl_shape out_shape = { 4, { PICTURES, OUT, OUT, OUTS } }, four = { 1, { 4 } };
    const crl_tensor_def tensors[] = {
        { .name = "shape", .type = CRL_INT32, .shape = four, .shape_signature = four, .data = size, .bytes = sizeof size },
        { .name = "w", .type = CRL_INT8, .shape = w_shape, .shape_signature = w_shape, .data = weights, .bytes = sizeof weights,
          .quant = { scale, zeros, OUTS, 0 } },
        { .name = "in", .type = CRL_FLOAT32, .shape = in_shape, .shape_signature = in_shape },
        { .name = "out", .type = CRL_FLOAT32, .shape = out_shape, .shape_signature = out_shape },
    };
    const crl_option options[] = { { .name = "padding", .kind = CRL_OPTION_INT, .i = 0 }, { .name = "stride_w", .kind = CRL_OPTION_INT, .i = 2 },
                                   { .name = "stride_h", .kind = CRL_OPTION_INT, .i = 2 },
                                   { .name = "fused_activation_function", .kind = CRL_OPTION_INT },
                                   { .name = "quantized_bias_type", .kind = CRL_OPTION_INT } };
    const crl_operator op = { .name = "TRANSPOSE_CONV", .code = CRL_OP_TRANSPOSE_CONV, .version = 3, .inputs = inputs, .n_inputs = 3,
                              .outputs = three, .n_outputs = 1, .options = options, .n_options = sizeof options / sizeof options[0] };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 4, .operators = &op, .n_operators = 1, .inputs = two,
                                 .n_inputs = 1, .outputs = three, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_engine *e;
    if (crl_engine_new(&e, &m, &(crl_engine_options){ .threads = 1, .backend = backend }, err)) return false;
    memcpy(crl_engine_input(e, 0)->data, in, sizeof in);
    const bool ok = crl_engine_run(e, err) == CRL_OK;
    if (ok) memcpy(out, crl_engine_output(e, 0)->data, N_OUT * sizeof *out);
    crl_engine_free(e);
    return ok;
}

static void agrees(check *t, unsigned cpu)
{
    (void)cpu;
    static const float odd[] = { INFINITY, -INFINITY, NAN, 3e38f };
    for (int round = 0; round < check_rounds(t, 100); round++) {
        for (int i = 0; i < N_IN; i++) in[i] = check_range(t, 0, 1) ? 0 : ldexpf((float)check_range(t, -1000, 1000), -9);
        if (check_range(t, 0, 1)) in[check_range(t, 0, N_IN - 1)] = odd[check_range(t, 0, 3)];
        for (size_t i = 0; i < sizeof weights; i++) weights[i] = (int8_t)check_range(t, -127, 127);
        float want[N_OUT] = { 0 }, got[N_OUT] = { 0 };
        crl_error err = { .text = "" };
        const bool ok = run(want, CRL_BACKEND_REFERENCE, &err) && run(got, CRL_BACKEND_CPU, &err);
        if (!check_that(t, ok, "%s", err.text)) return;
        /* Of what is no number, compilers choose the bits. */
        for (int i = 0; i < N_OUT; i++)
            if (isnan(want[i]) && isnan(got[i])) got[i] = want[i];
        if (!check_equal(t, want, got, sizeof want, "round %d", round)) return;
    }
}

int area_transposed(int argc, char **argv)
{
    static const check_case cases[] = { { .name = "the bytes of the definition", .run = agrees } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
