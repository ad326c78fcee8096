/* SPDX-License-Identifier: Apache-2.0 */
/* crl_engine_options.float_mode: fast sums are those of fused multiply-adds, at every level that has them; exact ones do not
 * change. */
#include <corallite/engine.h>

#include <math.h>
#include <string.h>

#include "areas.h"
#include "base/cpu.h"
#include "check.h"
#include "kernels/gemm_f32.h"
#include "ops/codes.h"

enum { INS = 200, OUTS = 37 };

static float in[INS], weights[OUTS][INS];

/* Runs a FULLY_CONNECTED layer; false where the engine is refused. */
static bool run(float out[OUTS], const crl_engine_options *options, crl_error *err)
{
    static const int32_t inputs[] = { 0, 1 }, zero[] = { 0 }, two[] = { 2 };
    const crl_shape in_shape = { 2, { 1, INS } }, w_shape = { 2, { OUTS, INS } }, out_shape = { 2, { 1, OUTS } };
    const crl_tensor_def tensors[] = {
        { .name = "in", .type = CRL_FLOAT32, .shape = in_shape, .shape_signature = in_shape },
        { .name = "w", .type = CRL_FLOAT32, .shape = w_shape, .shape_signature = w_shape, .data = weights, .bytes = sizeof weights },
        { .name = "out", .type = CRL_FLOAT32, .shape = out_shape, .shape_signature = out_shape },
    };
    const crl_option none[] = { { .name = "fused_activation_function", .kind = CRL_OPTION_INT },
                                { .name = "weights_format", .kind = CRL_OPTION_INT },
                                { .name = "keep_num_dims", .kind = CRL_OPTION_BOOL },
                                { .name = "asymmetric_quantize_inputs", .kind = CRL_OPTION_BOOL } };
    const crl_operator op = { .name = "FULLY_CONNECTED", .code = CRL_OP_FULLY_CONNECTED, .version = 1, .inputs = inputs, .n_inputs = 2,
                              .outputs = two, .n_outputs = 1, .options = none, .n_options = 4 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 3, .operators = &op, .n_operators = 1, .inputs = zero,
                                 .n_inputs = 1, .outputs = two, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_engine *e;
    if (crl_engine_new(&e, &m, options, err)) return false;
    memcpy(crl_engine_input(e, 0)->data, in, sizeof in);
    const bool ok = crl_engine_run(e, err) == CRL_OK;
    if (ok) memcpy(out, crl_engine_output(e, 0)->data, OUTS * sizeof *out);
    crl_engine_free(e);
    return ok;
}

static bool has_kernels(void)
{
    unsigned cpu = 0;
    crl_pile pile = { 0 };
    const float one = 1;
    crl_gemm_f32 *g;
    const crl_gemm_f32_spec spec = { .window = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 }, .filter = &one, .max = 1, .pile = &pile };
    const bool has = !crl_cpu_choose(&cpu, NULL, NULL) && !crl_gemm_f32_new(&g, &spec, cpu, NULL);
    crl_pile_free(&pile);
    return has;
}

static void fast_is_fused(check *t, unsigned cpu)
{
    (void)cpu;
    float exact[OUTS], fast[OUTS], plain[OUTS], want[OUTS] = { 0 };
    for (int i = 0; i < INS; i++) in[i] = ldexpf((float)check_range(t, -(1 << 24), 1 << 24), -24);
    for (int o = 0; o < OUTS; o++)
        for (int i = 0; i < INS; i++) {
            weights[o][i] = ldexpf((float)check_range(t, -(1 << 24), 1 << 24), -24);
            want[o] = fmaf(in[i], weights[o][i], want[o]);
        }
    crl_error err = { .text = "" };
    const bool ok = run(exact, &(crl_engine_options){ .threads = 1 }, &err) &&
                    run(plain, &(crl_engine_options){ .threads = 1, .backend = CRL_BACKEND_REFERENCE }, &err) &&
                    run(fast, &(crl_engine_options){ .threads = 1, .float_mode = CRL_FLOAT_FAST }, &err);
    if (!check_that(t, ok, "%s", err.text)) return;
    check_equal(t, plain, exact, sizeof exact, "exact");
    check_equal(t, has_kernels() ? want : plain, fast, sizeof fast, "fast");
}

static void others_are_refused(check *t, unsigned cpu)
{
    (void)cpu;
    float out[OUTS];
    crl_error err = { .text = "" };
    const bool ok = run(out, &(crl_engine_options){ .threads = 1, .float_mode = (crl_float_mode)2 }, &err);
    check_that(t, !ok && err.status == CRL_ERR_ARGUMENT && strstr(err.text, "float_mode 2"), "%s", err.text);
}

int area_float_mode(int argc, char **argv)
{
    static const check_case cases[] = { { .name = "fast is fused", .run = fast_is_fused },
                                        { .name = "other modes are refused", .run = others_are_refused } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
