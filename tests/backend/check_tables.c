/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that go together: those that are a function of one byte (src/backend/cpu/table.c), which of them become one table,
 * and that tables say what the operators say, for every byte; x * LOGISTIC(x) of floats. */
#include <corallite/engine.h>

#include <math.h>
#include <string.h>

#include "areas.h"
#include "base/cpu.h"
#include "check.h"
#include "kernels/exp_f32.h"
#include "ops/codes.h"

enum { COUNT = 256 + 7, MAX_TENSORS = 32, MAX_OPS = 16 };

/* A model of one 8-bit input, under construction. */
typedef struct sketch {
    crl_tensor_def tensors[MAX_TENSORS];
    float scale[MAX_TENSORS];
    int32_t zero[MAX_TENSORS];
    float number[MAX_TENSORS]; /* constants */
    int8_t byte[MAX_TENSORS];
    int32_t n;
    crl_operator ops[MAX_OPS];
    int32_t in[MAX_OPS][2], out[MAX_OPS];
    crl_option none; /* no fused activation, for whatever operator asks */
    int32_t n_ops;
    int32_t outputs[MAX_TENSORS], n_outputs;
} sketch;

static int32_t add_tensor(sketch *s, crl_type type, float scale, int32_t zero)
{
    const int32_t i = s->n++;
    const crl_shape shape = { .rank = 2, .dim = { 1, COUNT } };
    s->scale[i] = scale;
    s->zero[i] = zero;
    s->tensors[i] = (crl_tensor_def){ .name = "", .type = type, .shape = shape, .shape_signature = shape,
                                      .quant = { .scale = &s->scale[i], .zero_point = &s->zero[i], .n = scale > 0 } };
    return i;
}

static int32_t add_constant(sketch *s, int32_t i, const void *data, size_t bytes)
{
    s->tensors[i].shape = s->tensors[i].shape_signature = (crl_shape){ .rank = 1, .dim = { 1 } };
    s->tensors[i].data = data;
    s->tensors[i].bytes = bytes;
    return i;
}

static int32_t number(sketch *s, float value)
{
    const int32_t i = add_tensor(s, CRL_FLOAT32, 0, 0);
    s->number[i] = value;
    return add_constant(s, i, &s->number[i], sizeof s->number[i]);
}

static int32_t byte(sketch *s, int8_t value, float scale, int32_t zero)
{
    const int32_t i = add_tensor(s, CRL_INT8, scale, zero);
    s->byte[i] = value;
    return add_constant(s, i, &s->byte[i], 1);
}

/* out = op(a, b); b < 0: of a alone. Gives `out`. */
static int32_t apply(sketch *s, int32_t code, const char *name, int32_t a, int32_t b, int32_t out)
{
    const int32_t k = s->n_ops++;
    s->none = (crl_option){ .name = "fused_activation_function", .kind = CRL_OPTION_INT };
    s->in[k][0] = a;
    s->in[k][1] = b;
    s->out[k] = out;
    const bool fuses = code == CRL_OP_ADD || code == CRL_OP_SUB || code == CRL_OP_MUL || code == CRL_OP_DIV;
    s->ops[k] = (crl_operator){ .name = name, .code = code, .version = 1, .inputs = s->in[k], .n_inputs = b < 0 ? 1 : 2,
                                .outputs = &s->out[k], .n_outputs = 1, .options = &s->none, .n_options = fuses };
    return out;
}

static void give(sketch *s, int32_t tensor)
{
    for (int32_t i = 0; i < s->n_outputs; i++)
        if (s->outputs[i] == tensor) return;
    s->outputs[s->n_outputs++] = tensor;
}

static int32_t float_of(sketch *s)
{
    return add_tensor(s, CRL_FLOAT32, 0, 0);
}

/* --- both backends ------------------------------------------------------------------------------------- */

static crl_engine *new_engine(check *t, const crl_model *m, crl_backend_kind backend, const char *cpu)
{
    crl_engine *e;
    crl_error err = { .text = "" };
    check_that(t, !crl_engine_new(&e, m, &(crl_engine_options){ .backend = backend, .threads = 1, .cpu = cpu }, &err), "%s",
               err.text);
    return e;
}

/* Of any size, infinite ones among them, but no NaN, which may be another one. */
static float floats[COUNT];

/* Every byte, or these floats, through both. Gives the steps of the fast one. */
static int32_t compare(check *t, sketch *s, const char *what)
{
    static const int32_t input[] = { 0 };
    const crl_subgraph graph = { .name = "", .tensors = s->tensors, .n_tensors = s->n, .operators = s->ops, .n_operators = s->n_ops,
                                 .inputs = input, .n_inputs = 1, .outputs = s->outputs, .n_outputs = s->n_outputs };
    const crl_model m = { .version = 3, .subgraphs = &graph, .n_subgraphs = 1 };
    crl_engine *e[2] = { new_engine(t, &m, CRL_BACKEND_REFERENCE, NULL), new_engine(t, &m, CRL_BACKEND_CPU, NULL) };
    int32_t steps = 0;
    crl_status status[2] = { 0 };
    for (int b = 0; b < 2 && !check_failed(t); b++) {
        crl_tensor *in = crl_engine_input(e[b], 0);
        if (in->type == CRL_FLOAT32)
            memcpy(in->data, floats, sizeof floats);
        else
            for (int i = 0; i < COUNT; i++) ((uint8_t *)in->data)[i] = (uint8_t)i;
        status[b] = crl_engine_run(e[b], &(crl_error){ .text = "" });
    }
    if (!check_failed(t) && check_that(t, status[0] == status[1], "%s: %d, the definition %d", what, status[1], status[0]) && !status[0])
        for (int32_t i = 0; i < s->n_outputs; i++)
            check_equal(t, crl_engine_output(e[0], i)->data, crl_engine_output(e[1], i)->data, crl_engine_output(e[0], i)->bytes,
                        "%s: tensor %d", what, s->outputs[i]);
    if (!check_failed(t)) crl_engine_profile_rows(e[1], &steps);
    crl_engine_free(e[0]);
    crl_engine_free(e[1]);
    return steps;
}

/* --- functions that networks have ---------------------------------------------------------------------- */

static void one_table(check *t, sketch *s, const char *what)
{
    const int32_t steps = compare(t, s, what);
    check_that(t, steps == 1, "%s: %d steps, not one table", what, steps);
}

static void begin(sketch *s, crl_type type)
{
    s->n = s->n_ops = s->n_outputs = 0;
    add_tensor(s, type, 0.05f, type == CRL_INT8 ? -3 : 125);
}

static void silu_is_a_table(check *t, unsigned cpu)
{
    (void)cpu;
    static sketch s;
    for (int type = 0; type < 2; type++) {
        const crl_type of = type ? CRL_UINT8 : CRL_INT8;
        begin(&s, of);
        const int32_t gate = apply(&s, CRL_OP_LOGISTIC, "LOGISTIC", 0, -1, add_tensor(&s, of, 1.0f / 256, type ? 0 : -128));
        give(&s, apply(&s, CRL_OP_MUL, "MUL", 0, gate, add_tensor(&s, of, 0.04f, type ? 7 : -121)));
        one_table(t, &s, "x * LOGISTIC(x)");
    }
}

static void hard_swish_is_a_table(check *t, unsigned cpu)
{
    (void)cpu;
    static sketch s;
    begin(&s, CRL_INT8);
    const int32_t up = apply(&s, CRL_OP_ADD, "ADD", 0, byte(&s, 127, 3.0f / 127, 0), add_tensor(&s, CRL_INT8, 0.06f, -20));
    const int32_t cut = apply(&s, CRL_OP_RELU6, "RELU6", up, -1, add_tensor(&s, CRL_INT8, 6.0f / 255, -128));
    const int32_t sixth = apply(&s, CRL_OP_MUL, "MUL", cut, byte(&s, 127, 1.0f / 762, 0), add_tensor(&s, CRL_INT8, 1.0f / 255, -128));
    give(&s, apply(&s, CRL_OP_MUL, "MUL", sixth, 0, add_tensor(&s, CRL_INT8, 0.04f, -100)));
    one_table(t, &s, "x * RELU6(x + 3) / 6");
}

/* x * tanh(log(1 + exp(x))), in floats between bytes. */
static void mish_is_a_table(check *t, unsigned cpu)
{
    (void)cpu;
    static sketch s;
    begin(&s, CRL_UINT8);
    const int32_t x = apply(&s, CRL_OP_DEQUANTIZE, "DEQUANTIZE", 0, -1, float_of(&s));
    const int32_t e = apply(&s, CRL_OP_EXP, "EXP", x, -1, float_of(&s));
    const int32_t one = apply(&s, CRL_OP_ADD, "ADD", e, number(&s, 1), float_of(&s));
    const int32_t log = apply(&s, CRL_OP_LOG, "LOG", one, -1, float_of(&s));
    const int32_t tanh = apply(&s, CRL_OP_TANH, "TANH", log, -1, float_of(&s));
    const int32_t y = apply(&s, CRL_OP_MUL, "MUL", x, tanh, float_of(&s));
    give(&s, apply(&s, CRL_OP_QUANTIZE, "QUANTIZE", y, -1, add_tensor(&s, CRL_UINT8, 0.03f, 20)));
    one_table(t, &s, "Mish");
}

/* What others read as well has to be there. */
static void inner_values_are_kept(check *t, unsigned cpu)
{
    (void)cpu;
    static sketch s;
    begin(&s, CRL_UINT8);
    const int32_t gate = apply(&s, CRL_OP_LOGISTIC, "LOGISTIC", 0, -1, add_tensor(&s, CRL_UINT8, 1.0f / 256, 0));
    give(&s, apply(&s, CRL_OP_MUL, "MUL", 0, gate, add_tensor(&s, CRL_UINT8, 0.04f, 7)));
    give(&s, gate);
    const int32_t steps = compare(t, &s, "x * LOGISTIC(x) whose gate is an output");
    check_that(t, steps == 2, "%d steps, not 2", steps);
}

/* A square root of negative values is an error when it meets one, and not before. */
static void refusals_are_left_to_the_operator(check *t, unsigned cpu)
{
    (void)cpu;
    static sketch s;
    begin(&s, CRL_INT8);
    const int32_t up = apply(&s, CRL_OP_RELU, "RELU", 0, -1, add_tensor(&s, CRL_INT8, 0.05f, -3));
    give(&s, apply(&s, CRL_OP_RSQRT, "RSQRT", up, -1, add_tensor(&s, CRL_INT8, 0.1f, -128)));
    compare(t, &s, "RSQRT(RELU(x))");
}

static void swish_of_floats_is_one_step(check *t, unsigned cpu)
{
    crl_exp_f32_kernels k;
    check_that(t, !crl_cpu_choose(&cpu, NULL, NULL), "$CRL_CPU");
    crl_exp_f32_kernels_init(&k, cpu);
    static sketch s;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < COUNT; i++) floats[i] = ldexpf((float)check_range(t, -(1 << 24), 1 << 24), check_range(t, -30, round % 2 ? -19 : 110));
        s.n = s.n_ops = s.n_outputs = 0;
        const int32_t x = float_of(&s), gate = apply(&s, CRL_OP_LOGISTIC, "LOGISTIC", x, -1, float_of(&s)), y = float_of(&s);
        const bool first = check_range(t, 0, 1), inner = check_range(t, 0, 3) == 0;
        give(&s, apply(&s, CRL_OP_MUL, "MUL", first ? x : gate, first ? gate : x, y));
        s.none.i = check_range(t, 0, 3); /* an activation */
        if (inner) give(&s, gate);
        const int32_t steps = compare(t, &s, "x * LOGISTIC(x) of floats");
        if (!check_that(t, steps == (inner || !k.name ? 2 : 1), "%d steps", steps)) return;
    }
}

/* --- any --------------------------------------------------------------------------------------------- */

static const struct {
    int32_t code;
    const char *name;
} of_one[] = { { CRL_OP_RELU, "RELU" }, { CRL_OP_RELU6, "RELU6" }, { CRL_OP_LOGISTIC, "LOGISTIC" }, { CRL_OP_TANH, "TANH" },
               { CRL_OP_QUANTIZE, "QUANTIZE" }, { CRL_OP_NEG, "NEG" }, { CRL_OP_ABS, "ABS" } },
  of_two[] = { { CRL_OP_ADD, "ADD" }, { CRL_OP_SUB, "SUB" }, { CRL_OP_MUL, "MUL" }, { CRL_OP_SQUARED_DIFFERENCE, "SQUARED_DIFFERENCE" } };

static bool squashes(int32_t code)
{
    return code == CRL_OP_LOGISTIC || code == CRL_OP_TANH;
}

static int32_t add_any(check *t, sketch *s, const int32_t *made, int32_t n)
{
    const int32_t a = made[check_range(t, 0, n - 1)];
    const int32_t out = add_tensor(s, CRL_INT8, 0.01f * (float)check_range(t, 1, 12), check_range(t, -128, 127));
    if (check_range(t, 0, 2)) {
        const int32_t b = check_range(t, 0, 3) ? made[check_range(t, 0, n - 1)]
                                               : byte(s, (int8_t)check_range(t, -128, 127), 0.03f, check_range(t, -9, 9));
        const int k = check_range(t, 0, 3);
        return apply(s, of_two[k].code, of_two[k].name, a, b, out);
    }
    const int k = check_range(t, 0, 6);
    if (squashes(of_one[k].code)) {
        s->scale[out] = of_one[k].code == CRL_OP_TANH ? 1.0f / 128 : 1.0f / 256;
        s->zero[out] = of_one[k].code == CRL_OP_TANH ? 0 : -128;
    }
    if (of_one[k].code == CRL_OP_NEG || of_one[k].code == CRL_OP_ABS) {
        s->scale[out] = s->scale[a];
        s->zero[out] = s->zero[a];
    }
    return apply(s, of_one[k].code, of_one[k].name, a, -1, out);
}

static void any_graph_gives_the_same(check *t, unsigned cpu)
{
    (void)cpu;
    static sketch s;
    for (int round = 0; round < 400 && !check_failed(t); round++) {
        begin(&s, CRL_INT8);
        int32_t made[MAX_OPS + 1] = { 0 }, n = 1;
        for (int k = check_range(t, 1, 9); k > 0; k--, n++) made[n] = add_any(t, &s, made, n);
        give(&s, made[n - 1]);
        for (int32_t i = 1; i < n; i++)
            if (!check_range(t, 0, 5)) give(&s, made[i]);
        compare(t, &s, "a graph by chance");
    }
}

int area_backend(int argc, char **argv)
{
    static const check_case cases[] = {
        { .name = "x * LOGISTIC(x) is a table", .run = silu_is_a_table },
        { .name = "hard-swish from parts is a table", .run = hard_swish_is_a_table },
        { .name = "Mish in floats is a table", .run = mish_is_a_table },
        { .name = "what others read is made, too", .run = inner_values_are_kept },
        { .name = "refusals are left to the operator", .run = refusals_are_left_to_the_operator },
        { .name = "x * LOGISTIC(x) of floats is a step", .run = swish_of_floats_is_one_step },
        { .name = "any graph of one byte", .run = any_graph_gives_the_same },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
