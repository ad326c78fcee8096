/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR of floats with channels enough for vectors (src/backend/cpu/resize.c): the bytes of the definition, on several
 * pictures and threads. */
#include <corallite/engine.h>

#include <math.h>
#include <string.h>

#include "areas.h"
#include "check.h"
#include "ops/codes.h"

enum { PICTURES = 2, IN_H = 5, IN_W = 7, OUT_H = 20, OUT_W = 26, MOST = 40, MOST_OUT = PICTURES * OUT_H * OUT_W * MOST };

static float in[PICTURES * IN_H * IN_W * MOST];

static bool run(float *out, int32_t channels, bool corners, int threads, crl_backend_kind backend, crl_error *err)
{
    static const int32_t inputs[] = { 0, 1 }, zero[] = { 0 }, two[] = { 2 }, size[] = { OUT_H, OUT_W };
    const crl_shape in_shape = { 4, { PICTURES, IN_H, IN_W, channels } }, out_shape = { 4, { PICTURES, OUT_H, OUT_W, channels } };
    const crl_shape pair = { 1, { 2 } };
    const crl_tensor_def tensors[] = {
        { .name = "in", .type = CRL_FLOAT32, .shape = in_shape, .shape_signature = in_shape },
        { .name = "size", .type = CRL_INT32, .shape = pair, .shape_signature = pair, .data = size, .bytes = sizeof size },
        { .name = "out", .type = CRL_FLOAT32, .shape = out_shape, .shape_signature = out_shape },
    };
    const crl_option options[] = { { .name = "align_corners", .kind = CRL_OPTION_BOOL, .i = corners },
                                   { .name = "half_pixel_centers", .kind = CRL_OPTION_BOOL, .i = !corners } };
    const crl_operator op = { .name = "RESIZE_BILINEAR", .code = CRL_OP_RESIZE_BILINEAR, .version = 3, .inputs = inputs, .n_inputs = 2,
                              .outputs = two, .n_outputs = 1, .options = options, .n_options = 2 };
    const crl_subgraph graph = { .name = "", .tensors = tensors, .n_tensors = 3, .operators = &op, .n_operators = 1, .inputs = zero,
                                 .n_inputs = 1, .outputs = two, .n_outputs = 1 };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_engine *e;
    if (crl_engine_new(&e, &m, &(crl_engine_options){ .threads = threads, .backend = backend }, err)) return false;
    memcpy(crl_engine_input(e, 0)->data, in, (size_t)(PICTURES * IN_H * IN_W * channels) * sizeof *in);
    const bool ok = crl_engine_run(e, err) == CRL_OK;
    if (ok) memcpy(out, crl_engine_output(e, 0)->data, (size_t)(PICTURES * OUT_H * OUT_W * channels) * sizeof *out);
    crl_engine_free(e);
    return ok;
}

static void agrees(check *t, unsigned cpu)
{
    (void)cpu;
    static float want[MOST_OUT], got[MOST_OUT];
    for (int round = 0; round < check_rounds(t, 20); round++) {
        const int32_t channels = check_range(t, 1, MOST);
        const bool corners = check_range(t, 0, 1);
        for (size_t i = 0; i < sizeof in / sizeof *in; i++) in[i] = ldexpf((float)check_range(t, -(1 << 20), 1 << 20), -16);
        crl_error err = { .text = "" };
        const int threads = check_range(t, 1, 3);
        const bool ok = run(want, channels, corners, 1, CRL_BACKEND_REFERENCE, &err) &&
                        run(got, channels, corners, threads, CRL_BACKEND_CPU, &err);
        if (!check_that(t, ok, "%s", err.text)) return;
        if (!check_equal(t, want, got, (size_t)(PICTURES * OUT_H * OUT_W * channels) * sizeof *got, "%d channels, %d threads", channels, threads))
            return;
    }
}

int area_resized(int argc, char **argv)
{
    static const check_case cases[] = { { .name = "the bytes of the definition", .run = agrees } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
