/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic that a graph is asked for reaches the operators and every kernel that takes their place: a small network in
 * that of the Edge TPU, by both backends at every level, and its first layer by a loop of its own. */
#include <math.h>
#include <string.h>

#include "areas.h"
#include "check.h"
#include "engine/program.h"

enum { SIDE = 7, PIXELS = SIDE * SIDE, IN_C = 5, OUT_C = 24, CLASSES = 10, FLAT = PIXELS * OUT_C };
enum { X, CONV_W, CONV_B, CONV, DW_W, DW_B, DW, FULLY_W, FULLY_B, FULLY, N_TENSORS };
enum { X_ZERO = 3, CONV_ZERO = -128, OUT_ZERO = -7 };

/* Everything that the model points to. */
typedef struct network {
    int8_t x[PIXELS * IN_C], conv_w[OUT_C * IN_C], dw_w[9 * OUT_C], fully_w[CLASSES * FLAT];
    int32_t conv_b[OUT_C], dw_b[OUT_C], fully_b[CLASSES];
    float conv_scale[OUT_C], dw_scale[OUT_C];
    int32_t zeros[OUT_C];
    crl_tensor_def tensors[N_TENSORS];
    crl_subgraph graph;
    crl_model model;
} network;

static const float x_scale[] = { 0.02f }, conv_out[] = { 0.0235294f }, out_scale[] = { 0.11f }, fully_scale[] = { 0.0071f };
static const int32_t x_zero[] = { X_ZERO }, conv_zero[] = { CONV_ZERO }, out_zero[] = { OUT_ZERO }, no_zero[] = { 0 };

static void fill(check *t, int8_t *v, size_t n, int32_t most)
{
    for (size_t i = 0; i < n; i++) v[i] = (int8_t)check_range(t, -most, most);
}

static crl_tensor_def tensor(crl_type type, crl_shape shape, const void *data, size_t bytes, crl_quant quant)
{
    return (crl_tensor_def){ .name = "", .type = type, .shape = shape, .shape_signature = shape, .data = data, .bytes = bytes,
                             .quant = quant };
}

static void make_tensors(network *n)
{
    const crl_quant one = { .n = 1, .scale = conv_out, .zero_point = conv_zero }, none = { 0 };
    const crl_quant each = { .n = OUT_C, .scale = n->conv_scale, .zero_point = n->zeros };
    const crl_quant depth = { .n = OUT_C, .scale = n->dw_scale, .zero_point = n->zeros, .axis = 3 };
    const crl_shape channels = { 1, { OUT_C } }, picture = { 4, { 1, SIDE, SIDE, OUT_C } };
    crl_tensor_def *t = n->tensors;
    t[X] = tensor(CRL_INT8, (crl_shape){ 4, { 1, SIDE, SIDE, IN_C } }, NULL, 0,
                  (crl_quant){ .n = 1, .scale = x_scale, .zero_point = x_zero });
    t[CONV_W] = tensor(CRL_INT8, (crl_shape){ 4, { OUT_C, 1, 1, IN_C } }, n->conv_w, sizeof n->conv_w, each);
    t[CONV_B] = tensor(CRL_INT32, channels, n->conv_b, sizeof n->conv_b, none);
    t[CONV] = tensor(CRL_INT8, picture, NULL, 0, one);
    t[DW_W] = tensor(CRL_INT8, (crl_shape){ 4, { 1, 3, 3, OUT_C } }, n->dw_w, sizeof n->dw_w, depth);
    t[DW_B] = tensor(CRL_INT32, channels, n->dw_b, sizeof n->dw_b, none);
    t[DW] = tensor(CRL_INT8, picture, NULL, 0, (crl_quant){ .n = 1, .scale = out_scale, .zero_point = out_zero });
    t[FULLY_W] = tensor(CRL_INT8, (crl_shape){ 2, { CLASSES, FLAT } }, n->fully_w, sizeof n->fully_w,
                        (crl_quant){ .n = 1, .scale = fully_scale, .zero_point = no_zero });
    t[FULLY_B] = tensor(CRL_INT32, (crl_shape){ 1, { CLASSES } }, n->fully_b, sizeof n->fully_b, none);
    t[FULLY] = tensor(CRL_INT8, (crl_shape){ 2, { 1, CLASSES } }, NULL, 0,
                      (crl_quant){ .n = 1, .scale = out_scale, .zero_point = out_zero });
}

static void make(check *t, network *n)
{
    fill(t, n->x, sizeof n->x, 127);
    fill(t, n->conv_w, sizeof n->conv_w, 127);
    fill(t, n->dw_w, sizeof n->dw_w, 127);
    fill(t, n->fully_w, sizeof n->fully_w, 20);
    for (int32_t o = 0; o < OUT_C; o++) {
        n->conv_b[o] = check_range(t, -4000, 4000);
        n->dw_b[o] = check_range(t, -4000, 4000);
        n->conv_scale[o] = 0.001f * (float)check_range(t, 5, 40);
        n->dw_scale[o] = 0.001f * (float)check_range(t, 5, 40);
        n->zeros[o] = 0;
    }
    for (int32_t o = 0; o < CLASSES; o++) n->fully_b[o] = check_range(t, -4000, 4000);
    make_tensors(n);
    static const crl_option window[] = { { .name = "padding", .kind = CRL_OPTION_INT }, { .name = "stride_w", .i = 1 },
                                         { .name = "stride_h", .i = 1 }, { .name = "depth_multiplier", .i = 1 },
                                         { .name = "fused_activation_function", .i = CRL_ACT_RELU6 },
                                         { .name = "dilation_w_factor", .i = 1 }, { .name = "dilation_h_factor", .i = 1 } };
    static const crl_option fully[] = { { .name = "fused_activation_function" }, { .name = "weights_format" },
                                        { .name = "keep_num_dims" }, { .name = "asymmetric_quantize_inputs" } };
    static const int32_t from[3][3] = { { X, CONV_W, CONV_B }, { CONV, DW_W, DW_B }, { DW, FULLY_W, FULLY_B } };
    static const int32_t to[3] = { CONV, DW, FULLY }, inputs[] = { X };
    static const crl_operator operators[] = {
        { .name = "CONV_2D", .code = CRL_OP_CONV_2D, .inputs = from[0], .n_inputs = 3, .outputs = &to[0], .n_outputs = 1,
          .options = window, .n_options = 7 },
        { .name = "DEPTHWISE_CONV_2D", .code = CRL_OP_DEPTHWISE_CONV_2D, .inputs = from[1], .n_inputs = 3, .outputs = &to[1],
          .n_outputs = 1, .options = window, .n_options = 7 },
        { .name = "FULLY_CONNECTED", .code = CRL_OP_FULLY_CONNECTED, .inputs = from[2], .n_inputs = 3, .outputs = &to[2],
          .n_outputs = 1, .options = fully, .n_options = 4 },
    };
    n->graph = (crl_subgraph){ .name = "", .tensors = n->tensors, .n_tensors = N_TENSORS, .operators = operators, .n_operators = 3,
                               .inputs = inputs, .n_inputs = 1, .outputs = to, .n_outputs = 3 };
    n->model = (crl_model){ .version = 3, .subgraphs = &n->graph, .n_subgraphs = 1 };
}

/* All three outputs, one after the other. */
enum { ALL = 2 * FLAT + CLASSES };

static bool run_outputs(check *t, const network *n, const crl_backend *backend, const crl_backend_options *options, int32_t n_outputs, int8_t *out)
{
    crl_programs all;
    crl_program *p = NULL;
    crl_error err = { .text = "" };
    crl_status s = crl_programs_init(&all, &n->model, (const crl_backend *const[]){ backend, NULL }, options, NULL, 1 << 26, &err);
    if (!s) s = crl_program_new(&p, &all, 0, NULL, NULL, &err);
    if (!s) memcpy(p->in[0]->data, n->x, sizeof n->x);
    if (!s) s = crl_program_run(p, &all, &err);
    for (int i = 0; !s && i < n_outputs; out += p->out[i++]->bytes) memcpy(out, p->out[i]->data, p->out[i]->bytes);
    crl_program_free(p);
    crl_programs_release(&all, NULL);
    return check_that(t, !s, "%s", err.text);
}

static bool run(check *t, const network *n, const crl_backend *backend, const crl_backend_options *options, int8_t out[ALL])
{
    return run_outputs(t, n, backend, options, 3, out);
}

static bool run_one(check *t, const network *n, const crl_backend *backend, const crl_backend_options *options, int8_t *out)
{
    return run_outputs(t, n, backend, options, 1, out);
}

/* The first layer, as the chip does it. */
static void first_layer(const network *n, int8_t out[FLAT])
{
    for (int32_t p = 0; p < PIXELS; p++)
        for (int32_t o = 0; o < OUT_C; o++) {
            int32_t acc = n->conv_b[o];
            for (int32_t i = 0; i < IN_C; i++) acc += (n->x[p * IN_C + i] - X_ZERO) * n->conv_w[o * IN_C + i];
            const float scale = x_scale[0] * n->conv_scale[o] * (1.0f / conv_out[0]), v = rintf((float)acc * scale);
            out[p * OUT_C + o] = (int8_t)(v < 0 ? CONV_ZERO : v > 255 ? 127 : (int32_t)v + CONV_ZERO);
        }
}

static void edgetpu(check *t, unsigned cpu)
{
    static network n;
    static int8_t want[ALL], got[ALL], tflite[ALL], first[FLAT];
    make(t, &n);
    crl_backend_options options = { .cpu = cpu, .threads = 1 };
    if (!run(t, &n, &crl_backend_reference, &options, tflite)) return;
    options.chip = &(const crl_chip){ .mapped = NULL };
    if (!run(t, &n, &crl_backend_reference, &options, want) || !run(t, &n, &crl_backend_cpu, &options, got)) return;
    first_layer(&n, first);
    if (!check_equal(t, first, want, FLAT, "the first layer")) return;
    if (!check_equal(t, want, got, ALL, "the layers, on cpu")) return;
    check_that(t, memcmp(want, tflite, ALL) != 0, "the same bytes in both arithmetics");
}

/* A QUANTIZE behind a convolution is part of it: the sums are scaled to its output at once. With a list in which it is left to the
 * host, they are rounded twice. */
static void fused(check *t, unsigned cpu)
{
    static network n;
    static int8_t by_chip[ALL], apart[ALL];
    make(t, &n);
    static const int32_t quantize_from[] = { CONV }, outputs[] = { DW };
    static const float coarse[] = { 0.0311f };
    static const int32_t zero[] = { -100 };
    crl_operator two[2] = { n.graph.operators[0], { .name = "QUANTIZE", .code = CRL_OP_QUANTIZE, .inputs = quantize_from, .n_inputs = 1,
                                                    .outputs = outputs, .n_outputs = 1 } };
    n.tensors[DW].quant.scale = coarse;
    n.tensors[DW].quant.zero_point = zero;
    n.graph.operators = two;
    n.graph.n_operators = 2;
    n.graph.outputs = outputs;
    n.graph.n_outputs = 1;
    for (int i = 0; i < 4; i++) {
        const bool left[] = { true, false };
        const crl_chip chip = { .mapped = i & 1 ? left : NULL };
        const crl_backend_options options = { .cpu = cpu, .threads = 1, .chip = &chip };
        const crl_backend *backend = i & 2 ? &crl_backend_cpu : &crl_backend_reference;
        int8_t *out = i & 1 ? apart : by_chip, again[ALL];
        if (!run_one(t, &n, backend, &options, i & 2 ? again : out) || (i & 2 && !check_equal(t, out, again, FLAT, "on cpu, list %d", i & 1))) return;
    }
    int differ = 0;
    for (int32_t p = 0; p < PIXELS; p++)
        for (int32_t o = 0; o < OUT_C; o++) {
            int32_t acc = n.conv_b[o];
            for (int32_t i = 0; i < IN_C; i++) acc += (n.x[p * IN_C + i] - X_ZERO) * n.conv_w[o * IN_C + i];
            const float scale = x_scale[0] * n.conv_scale[o] * (1.0f / coarse[0]), high = fminf(255, 6 * (1.0f / coarse[0]));
            const float v = rintf(fminf(fmaxf((float)acc * scale, 0), high)) + (float)zero[0];
            const int8_t want = (int8_t)(v > 127 ? 127 : v);
            if (!check_that(t, by_chip[p * OUT_C + o] == want, "pixel %d channel %d: %d, not %d", p, o, by_chip[p * OUT_C + o], want)) return;
            differ += apart[p * OUT_C + o] != want;
        }
    check_that(t, differ > 0, "rounded twice it is the same");
}

static void asked_for(check *t, unsigned cpu)
{
    (void)cpu;
    static network n;
    make(t, &n);
    static const bool none[4] = { false }, all[3] = { true, true, true };
    static const struct {
        crl_engine_options options;
        const char *says; /* NULL: nothing is wrong */
    } cases[] = {
        { { .arithmetic = CRL_ARITHMETIC_EDGETPU }, NULL },
        { { .arithmetic = CRL_ARITHMETIC_EDGETPU, .on_chip = all, .n_on_chip = 3 }, NULL },
        { { .arithmetic = CRL_ARITHMETIC_TFLITE, .on_chip = none, .n_on_chip = 9 }, NULL }, /* not looked at */
        { { .arithmetic = CRL_ARITHMETIC_EDGETPU, .on_chip = none, .n_on_chip = 4 },
          "on_chip has 4 entries: the model's subgraph 0 has 3 operators" },
        { { .arithmetic = (crl_arithmetic)7 },
          "arithmetic 7: CRL_ARITHMETIC_AUTO (0), _EDGETPU (1) and _TFLITE (2) are accepted" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        crl_engine *e = NULL;
        crl_error err = { .text = "" };
        const crl_status s = crl_engine_new(&e, &n.model, &cases[i].options, &err);
        if (cases[i].says)
            check_that(t, s == CRL_ERR_ARGUMENT && !e && !strcmp(err.text, cases[i].says), "case %zu: %d \"%s\"", i, s, err.text);
        else
            check_that(t, !s, "case %zu: %s", i, err.text);
        crl_engine_free(e);
    }
}

int area_graph_arithmetic(int argc, char **argv)
{
    static const check_case cases[] = { { "edgetpu", edgetpu, true, NULL }, { "fused", fused, true, NULL },
                                        { "asked_for", asked_for, false, NULL } };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
