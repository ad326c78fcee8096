/* SPDX-License-Identifier: Apache-2.0 */
/* Models of floats in 8 bits: every operator that has a float case, its scales by their definition, and what is refused. */
#include <corallite/quantize.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "base/half.h"
#include "check.h"
#include "edit/edit.h"
#include "ops/codes.h"
#include "packed.h"
#include "quantize/quantize.h"

/* A model of floats, what it gives for some inputs, and the same in 8 bits. */
typedef struct both {
    crl_model *model, *made;
    crl_engine *before, *after;
    crl_quantizer *q;
    uint8_t *bytes;
    size_t size;
    crl_error err;
} both;

static void release(both *b)
{
    crl_engine_free(b->after);
    crl_model_close(b->made);
    crl_quantizer_free(b->q);
    crl_engine_free(b->before);
    crl_model_close(b->model);
    free(b->bytes);
    *b = (both){ 0 };
}

static crl_engine *prepare(const crl_model *m, crl_error *err)
{
    crl_engine *e;
    return crl_engine_new(&e, m, &(crl_engine_options){ .threads = 1, .keep_tensors = true }, err) ? NULL : e;
}

static bool fill(crl_engine *e, const packed_case *c)
{
    if ((uint32_t)crl_engine_input_count(e) != c->n_in) return false;
    for (uint32_t i = 0; i < c->n_in; i++) {
        crl_tensor *t = crl_engine_input(e, (int32_t)i);
        if (t->bytes != c->in[i].bytes) return false;
        if (t->bytes) memcpy(t->data, c->in[i].data, t->bytes);
    }
    return true;
}

/* false: the case cannot be quantised, and b->err says why; or it is none for us, without an error. */
static bool quantise(both *b, const packed_case *c, const crl_quantize_options *o)
{
    b->err = (crl_error){ .text = "" };
    if (crl_model_open(&b->model, c->model.data, c->model.bytes, NULL) || crl_quantizer_new(&b->q, b->model, o, &b->err)) return false;
    b->before = prepare(b->model, NULL);
    if (!b->before || !fill(b->before, c) || crl_engine_run(b->before, NULL)) return false;
    return !crl_quantizer_observe(b->q, b->before, &b->err) && !crl_quantizer_write(b->q, &b->bytes, &b->size, &b->err) &&
           !crl_model_open(&b->made, b->bytes, b->size, &b->err);
}

static bool first_case(const char *file, packed_case *c, uint8_t **raw)
{
    char path[512];
    reader r;
    snprintf(path, sizeof path, SOURCE_ROOT "/tests/ops/data/%s.ops", file);
    *raw = packed_read(path, &r);
    while (*raw && r.left && packed_next(&r, c))
        if (c->model.bytes && strstr(c->name, " float32 ")) return true;
    return false;
}

/* ---- every operator ---- */

/* Gives the model of floats the inputs that the other one has made of them. */
static void snap_inputs(both *b)
{
    const crl_subgraph *g = &b->made->subgraphs[0];
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; k < g->n_inputs; k++) {
            crl_tensor q;
            const crl_operator *op = &g->operators[i];
            if (op->code != CRL_OP_QUANTIZE || op->inputs[0] != g->inputs[k] || crl_engine_tensor(b->after, op->outputs[0], &q, NULL)) continue;
            float *v = crl_engine_input(b->before, k)->data;
            for (size_t n = 0; n < q.bytes; n++) v[n] = q.quant.scale[0] * (float)(((const int8_t *)q.data)[n] - q.quant.zero_point[0]);
        }
}

/* The step of what the quantised operator writes; 0: it writes no numbers of 8 bits. */
static crl_step step_of_output(const both *b)
{
    crl_quantized_operator o;
    for (int32_t i = 0; i < b->model->subgraphs[0].n_operators; i++) {
        if (crl_quantizer_operator(b->q, i, &o, NULL) || !o.is_quantised || o.after < 0) continue;
        const crl_tensor_def *t = &b->made->subgraphs[0].tensors[o.after];
        if (t->type == CRL_INT8) return (crl_step){ t->quant.scale[0], t->quant.zero_point[0] };
    }
    return (crl_step){ 0 };
}

/* The largest difference of an output in steps, as far as int8 reaches. */
static double off(const crl_tensor *a, const crl_tensor *b, crl_step s)
{
    const float *x = a->data, *y = b->data;
    double most = 0;
    const double low = (double)s.scale * (-128 - s.zero), high = (double)s.scale * (127 - s.zero);
    for (size_t i = 0; s.scale > 0 && i < crl_shape_count(&a->shape); i++)
        most = fmax(most, fabs(fmax(low, fmin(high, (double)x[i])) - (double)y[i]) / (double)s.scale);
    return most;
}

/* For the same inputs: rounding, twice where a table or another fixed-point step is between. Constants are rounded, too, which these
 * small layers feel more than large ones. */
static double allowed(const both *b)
{
    const crl_operator *op = &b->model->subgraphs[0].operators[0];
    for (int32_t k = 0; k < op->n_inputs; k++)
        if (op->inputs[k] >= 0 && b->q->constant[op->inputs[k]] >= 0)
            return b->model->subgraphs[0].tensors[op->inputs[k]].type == CRL_FLOAT32 ? 24 : 60; /* hybrid kernels round activations, too */
    return 1.6;
}

static bool is_quantised(const crl_quantizer *q, int32_t n)
{
    crl_quantized_operator o;
    for (int32_t i = 0; i < n; i++)
        if (!crl_quantizer_operator(q, i, &o, NULL) && o.is_quantised) return true;
    return false;
}

/* Returns whether it was quantised and computed. */
static bool try_operator(check *t, const packed_case *c)
{
    both b = { 0 };
    const bool made = quantise(&b, c, NULL) && b.model->subgraphs[0].n_operators == 1; /* more of them are states and loops */
    bool done = false;
    if (!made && b.err.status) check_that(t, strlen(b.err.text) > 10 && !strchr(b.err.text, '\n'), "%s: %s", c->name, b.err.text);
    if (made) {
        crl_error err = { .text = "" };
        b.after = prepare(b.made, &err);
        if (check_that(t, b.after != NULL, "%s: %s", c->name, err.text) && fill(b.after, c) &&
            check_that(t, !crl_engine_run(b.after, &err), "%s: %s", c->name, err.text)) {
            const crl_subgraph *g = &b.model->subgraphs[0];
            done = is_quantised(b.q, g->n_operators);
            snap_inputs(&b);
            check_that(t, !crl_engine_run(b.before, &err), "%s: %s", c->name, err.text);
            for (int32_t i = 0; i < g->n_outputs; i++) {
                const crl_tensor *x = crl_engine_output(b.before, i), *y = crl_engine_output(b.after, i);
                if (!check_that(t, x->type == y->type && crl_shape_equal(&x->shape, &y->shape), "%s: output %d is another", c->name, i)) continue;
                const double steps = x->type == CRL_FLOAT32 ? off(x, y, step_of_output(&b)) : 0;
                check_that(t, steps <= allowed(&b), "%s: output %d is off by %g steps", c->name, i, steps);
            }
        }
    }
    release(&b);
    return done;
}

static void quantises_operators(check *t, unsigned cpu)
{
    (void)cpu;
    char *path[MAX_FILES];
    int done = 0, operators = 0;
    const size_t n = packed_list(SOURCE_ROOT "/tests/ops/data", path);
    for (size_t i = 0; i < n; i++) {
        reader r;
        packed_case c;
        int here = 0;
        uint8_t *raw = packed_read(path[i], &r);
        while (raw && r.left && packed_next(&r, &c))
            if (c.model.bytes && (strstr(c.name, " float32 ") || strstr(c.name, " float32-int8 "))) here += try_operator(t, &c);
        operators += here > 0;
        done += here;
        free(raw);
        free(path[i]);
    }
    check_that(t, operators >= 50 && done >= 500, "%d models of %d operators were quantised", done, operators);
}

/* ---- scales by their definition ---- */

static int32_t tensor_like(const crl_model *m, const char *name, crl_type type)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_tensors; i++)
        if (!strcmp(m->subgraphs[0].tensors[i].name, name) && m->subgraphs[0].tensors[i].type == type) return i;
    return -1;
}

/* Largest |weight| of a channel is 127; a bias of more than 30 bits makes the unit larger. */
static void has_scales_of_weights(check *t, const both *b, const packed_case *c, int32_t axis)
{
    const crl_operator *op = &b->model->subgraphs[0].operators[0], *now = NULL;
    for (int32_t i = 0; i < b->made->subgraphs[0].n_operators; i++)
        if (b->made->subgraphs[0].operators[i].code == op->code) now = &b->made->subgraphs[0].operators[i];
    if (!check_that(t, now != NULL, "%s: the operator is gone", c->name)) return;
    const bool turned = op->code == CRL_OP_TRANSPOSE_CONV;
    const crl_tensor_def *w = &b->model->subgraphs[0].tensors[op->inputs[1]], *q = &b->made->subgraphs[0].tensors[now->inputs[1]];
    const crl_tensor_def *x = &b->made->subgraphs[0].tensors[now->inputs[turned ? 2 : 0]];
    const crl_shape *s = &w->shape;
    check_that(t, q->type == CRL_INT8 && q->quant.n == s->dim[axis] && (q->quant.n == 1 || q->quant.axis == axis), "%s: weights", c->name);
    const int32_t bias = op->n_inputs > (turned ? 3 : 2) ? op->inputs[turned ? 3 : 2] : -1;
    const crl_tensor_def *sum = bias >= 0 ? &b->made->subgraphs[0].tensors[now->inputs[turned ? 3 : 2]] : NULL;
    size_t inner = 1;
    for (int32_t k = axis + 1; k < s->rank; k++) inner *= (size_t)s->dim[k];
    for (int32_t k = 0; k < s->dim[axis]; k++) {
        double most = 0;
        for (size_t i = 0; i < crl_shape_count(s); i++)
            if ((int32_t)(i / inner % (size_t)s->dim[axis]) == k) most = fmax(most, fabs((double)((const float *)w->data)[i]));
        const double scale = (double)q->quant.scale[k], unit = scale * (double)x->quant.scale[0];
        check_that(t, q->quant.zero_point[k] == 0 && (most == 0 || scale >= most / 127 * (1 - 1e-6)),
                   "%s: channel %d has %g for %g", c->name, k, scale, most);
        for (size_t i = 0; i < crl_shape_count(s); i++)
            if ((int32_t)(i / inner % (size_t)s->dim[axis]) == k)
                check_that(t,
                           fabs((double)((const float *)w->data)[i] - scale * ((const int8_t *)q->data)[i]) <=
                               scale * 0.5001,
                           "%s: weight %zu", c->name, i);
        if (!sum) continue;
        const double real = (double)((const float *)b->model->subgraphs[0].tensors[bias].data)[k];
        check_that(t, sum->type == CRL_INT32 && fabs((double)sum->quant.scale[k] / unit - 1) < 1e-6, "%s: the bias has another unit", c->name);
        check_that(t, fabs(real - unit * ((const int32_t *)sum->data)[k]) <= unit * 0.5001 + fabs(real) * 1e-6, "%s: bias %d", c->name, k);
        check_that(t, most == 0 || fabs(real) > unit * 0x1p29 || scale <= most / 127 * (1 + 1e-6),
                   "%s: channel %d has %g for %g", c->name, k, scale, most);
    }
}

/* Numbers of a packed case, which may lie at any address. */
static float number(const block *t, size_t i)
{
    float v;
    memcpy(&v, t->data + i * sizeof v, sizeof v);
    return v;
}

static void put_number(const block *t, size_t i, float v)
{
    memcpy((uint8_t *)(uintptr_t)t->data + i * sizeof v, &v, sizeof v);
}

/* min and max of the tensor, 0 included, are -128 and 127, and 0 is a number. */
static void has_scale_of_range(check *t, const both *b, const packed_case *c)
{
    const crl_subgraph *g = &b->model->subgraphs[0];
    const int32_t i = g->inputs[0];
    char name[256];
    snprintf(name, sizeof name, "%s_int8", g->tensors[i].name);
    const int32_t k = tensor_like(b->made, name, CRL_INT8);
    if (!check_that(t, k >= 0, "%s: no input in 8 bits", c->name)) return;
    const crl_quant *q = &b->made->subgraphs[0].tensors[k].quant;
    float least = 0, most = 0; /* not fmin and fmax of doubles, of which gcc 12 makes no vectors for arm64, but an internal error */
    for (size_t n = 0; n < c->in[0].bytes / sizeof(float); n++) {
        const float v = number(&c->in[0], n);
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    const double low = (double)least, high = (double)most;
    check_that(t, fabs((double)q->scale[0] * 255 / (high - low) - 1) < 1e-6, "%s: scale %g for %g to %g", c->name, (double)q->scale[0], low, high);
    check_that(t, fabs((q->zero_point[0] + 128) * (double)q->scale[0] + low) <= (double)q->scale[0] * 0.5001,
               "%s: zero point %d", c->name, q->zero_point[0]);
}

static void scales_are_defined(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *file;
        int32_t axis;
    } ops[] = { { "CONV_2D", 0 }, { "DEPTHWISE_CONV_2D", 3 }, { "FULLY_CONNECTED", 0 }, { "TRANSPOSE_CONV", 0 } };
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
        char path[512];
        reader r;
        packed_case c;
        int done = 0;
        snprintf(path, sizeof path, SOURCE_ROOT "/tests/ops/data/%s.ops", ops[k].file);
        uint8_t *raw = packed_read(path, &r);
        while (raw && r.left && packed_next(&r, &c)) {
            both b = { 0 };
            if (c.model.bytes && strstr(c.name, " float32 ") && quantise(&b, &c, NULL)) {
                done++;
                has_scales_of_weights(t, &b, &c, ops[k].axis);
                has_scale_of_range(t, &b, &c);
            }
            release(&b);
        }
        check_that(t, done >= 3, "%s: %d cases", ops[k].file, done);
        free(raw);
    }
}

/* ---- weights of 16 bits ---- */

/* The model with its weights in 16 bits behind a DEQUANTIZE, as converters write it; NULL after a failure. For free(). */
static uint8_t *halved(const crl_model *m, int32_t w, size_t *size)
{
    crl_editing e;
    uint8_t *bytes = NULL;
    crl_status s = crl_edit_begin(&e, m, NULL);
    const crl_tensor_def *def = &m->subgraphs[0].tensors[w];
    const size_t n = crl_shape_count(&def->shape);
    uint16_t *half = s ? NULL : crl_graft_take(&e.g, n, sizeof *half);
    for (size_t i = 0; half && i < n; i++) half[i] = crl_half_from_float(((const float *)def->data)[i]);
    if (half) {
        const int32_t narrow = crl_graft_add_tensor(
            &e.g, &(crl_graft_tensor){
                      .name = "half", .type = CRL_FLOAT16, .shape = def->shape, .data = half, .bytes = 2 * n });
        crl_tree_at(crl_edit_tensor(&e, w), CRL_FIELD_TENSOR_BUFFER)->i = 0;
        crl_graft_add_operator(&e.g, CRL_OP_DEQUANTIZE, 3, &narrow, 1, w);
        crl_tree_value *ops = crl_tree_at(e.g.graph, CRL_FIELD_SUB_GRAPH_OPERATORS); /* the new one comes first */
        crl_tree *last = ops->tables[ops->n - 1];
        memmove(ops->tables + 1, ops->tables, (ops->n - 1) * sizeof *ops->tables);
        ops->tables[0] = last;
    }
    return crl_edit_end(&e, s, &bytes, size, NULL) ? NULL : bytes;
}

/* Numbers that 16 bits hold are quantised as from 32, and nothing of 16 bits is left. */
static void takes_halves(check *t, unsigned cpu)
{
    (void)cpu;
    packed_case c;
    uint8_t *raw;
    both whole = { 0 }, half = { 0 };
    size_t size;
    if (!check_that(t, first_case("CONV_2D", &c, &raw), "no case")) return;
    crl_model *m;
    if (!check_that(t, !crl_model_open(&m, c.model.data, c.model.bytes, NULL), "the case")) return;
    const int32_t w = m->subgraphs[0].operators[0].inputs[1];
    float *weights = (void *)(uintptr_t)m->subgraphs[0].tensors[w].data;
    for (size_t i = 0; i < crl_shape_count(&m->subgraphs[0].tensors[w].shape); i++) weights[i] = crl_half_to_float(crl_half_from_float(weights[i]));
    uint8_t *bytes = halved(m, w, &size);
    const bool made = check_that(t, bytes && quantise(&whole, &c, NULL), "%s", whole.err.text);
    c.model = (block){ bytes, size };
    if (made && check_that(t, quantise(&half, &c, NULL), "%s", half.err.text)) {
        for (int32_t i = 0; i < half.made->subgraphs[0].n_tensors; i++)
            check_that(t, half.made->subgraphs[0].tensors[i].type != CRL_FLOAT16, "tensor %d has 16 bits", i);
        check_that(t, half.made->subgraphs[0].n_operators == whole.made->subgraphs[0].n_operators, "another number of operators");
        whole.after = prepare(whole.made, NULL);
        half.after = prepare(half.made, NULL);
        if (check_that(t, whole.after && half.after, "they cannot be run") && fill(whole.after, &c) && fill(half.after, &c) &&
            !crl_engine_run(whole.after, NULL) && !crl_engine_run(half.after, NULL))
            check_equal(t, crl_engine_output(whole.after, 0)->data, crl_engine_output(half.after, 0)->data,
                        crl_engine_output(whole.after, 0)->bytes, "halves");
    }
    release(&whole);
    release(&half);
    crl_model_close(m);
    free(bytes);
    free(raw);
}

/* ---- ranges ---- */

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The sum of squares that a range costs, number by number. */
static double cost(const float *v, size_t n, double low, double high)
{
    const double step = (high - low) / 255;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)v[i], off = x < low ? low - x : x > high ? x - high : 0;
        sum += off * off + step * step / 12;
    }
    return sum;
}

static void ranges_are_defined(check *t, unsigned cpu)
{
    (void)cpu;
    enum { N = 20000, HALF = N / 2 };
    static float v[N], sorted[N];
    for (int i = 0; i < N; i++) {
        double x = 0;
        for (int k = 0; k < 12; k++) x += check_range(t, -1000, 1000) / 1000.0;
        v[i] = (float)(x * (i % 500 ? 1 : 8)); /* a bell with some numbers far outside */
    }
    crl_histogram one = { 0 }, other = { 0 };
    size_t bad;
    check_that(t, crl_histogram_add(&one, v, N, true, &bad), "finite numbers");
    check_that(t, crl_histogram_add(&other, v + HALF, HALF, true, &bad) && crl_histogram_add(&other, v, HALF, true, &bad), "finite numbers");
    memcpy(sorted, v, sizeof v);
    qsort(sorted, N, sizeof *sorted, by_value);
    const double width = ldexp(1, one.exponent);
    float low, high, again[2];
    crl_histogram_range(&one, CRL_CALIBRATION_MIN_MAX, 0, &low, &high);
    check_that(t, low == sorted[0] && high == sorted[N - 1], "%g to %g for %g to %g", (double)low, (double)high,
               (double)sorted[0], (double)sorted[N - 1]);
    crl_histogram_range(&one, CRL_CALIBRATION_PERCENTILE, 99.5, &low, &high);
    check_that(t, fabs((double)low - (double)sorted[N / 200]) <= 2 * width && fabs((double)high - (double)sorted[N - 1 - N / 200]) <= 2 * width,
               "%g to %g for %g to %g", (double)low, (double)high, (double)sorted[N / 200], (double)sorted[N - 1 - N / 200]);
    for (int how = 0; how < 3; how++) {
        crl_histogram_range(&one, (crl_calibration)how, 99.5, &low, &high);
        crl_histogram_range(&other, (crl_calibration)how, 99.5, &again[0], &again[1]);
        check_that(t, low == again[0] && high == again[1], "calibration %d depends on the order", how);
    }
    crl_histogram_range(&one, CRL_CALIBRATION_MSE, 0, &low, &high);
    const double found = cost(v, N, (double)low, (double)high), whole = cost(v, N, (double)sorted[0], (double)sorted[N - 1]);
    check_that(t, found < whole, "%g instead of %g", found, whole);
    for (double part = 0.05; part < 1; part += 0.05) {
        const double here = cost(v, N, (double)sorted[0] * part, (double)sorted[N - 1] * part);
        check_that(t, found <= here * 1.02, "%g, and %g at %g of the whole", found, here, part);
    }
    crl_histogram_release(&one);
    crl_histogram_release(&other);
}

/* Steps hold 0, whatever the range. */
static void steps_hold_zero(check *t, unsigned cpu)
{
    (void)cpu;
    static const double ranges[][2] = { { 0, 0 },   { -1, 1 },       { 0, 6 },     { -6, 0 },     { 2, 5 },
                                        { -5, -2 }, { -3e38, 3e38 }, { 0, 1e-38 }, { -1e-9, 1e9 } };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const crl_step s = crl_step_of(ranges[i][0], ranges[i][1]);
        const double low = (double)s.scale * (-128 - s.zero), high = (double)s.scale * (127 - s.zero), slack = (double)s.scale * 0.5001;
        check_that(t, s.scale > 0 && isfinite(s.scale) && s.zero >= -128 && s.zero <= 127, "range %zu: %g, %d", i, (double)s.scale, s.zero);
        check_that(t, low <= fmin(0, ranges[i][0]) + slack && high >= fmax(0, ranges[i][1]) - slack, "range %zu: %g to %g", i, low, high);
    }
}

/* ---- what cannot be ---- */

static void options_refused(check *t, const crl_model *m)
{
    static const bool keep[100];
    static const struct {
        crl_quantize_options o;
        const char *says;
    } bad[] = {
        { { .calibration = (crl_calibration)3 }, "calibration 3" },
        { { .percentile = 50 }, "percentile 50" },
        { { .percentile = 101 }, "percentile 101" },
        { { .percentile = NAN }, "percentile nan" },
        { { .input_type = CRL_INT16 }, "inputs of INT16" },
        { { .output_type = CRL_INT32 }, "outputs of INT32" },
        { { .keep_float = keep, .n_keep_float = 99 }, "99 operators" },
        { { .reserved = { 1 } }, "reserved" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        crl_quantizer *q;
        crl_error err = { .text = "" };
        check_that(t, crl_quantizer_new(&q, m, &bad[i].o, &err) == CRL_ERR_ARGUMENT && !q && strstr(err.text, bad[i].says), "%zu: %s", i, err.text);
    }
}

static void refuses(check *t, unsigned cpu)
{
    (void)cpu;
    packed_case c;
    uint8_t *raw, *bytes;
    size_t size;
    both b = { 0 };
    crl_error err = { .text = "" };
    if (!check_that(t, first_case("CONV_2D", &c, &raw), "no case")) return;
    if (check_that(t, !crl_model_open(&b.model, c.model.data, c.model.bytes, &err), "%s", err.text)) {
        options_refused(t, b.model);
        check_that(t, !crl_quantizer_new(&b.q, b.model, NULL, &err), "%s", err.text);
        check_that(t, crl_quantizer_write(b.q, &bytes, &size, &err) == CRL_ERR_STATE && !bytes, "%s", err.text);
        b.before = prepare(b.model, &err);
        ((float *)crl_engine_input(b.before, 0)->data)[0] = NAN;
        crl_engine_run(b.before, NULL);
        check_that(t, crl_quantizer_observe(b.q, b.before, &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "finite"), "%s", err.text);
        check_that(t, crl_quantizer_set_range(b.q, 1, 0, 1, &err) == CRL_ERR_ARGUMENT, "%s", err.text);
        check_that(t, crl_quantizer_set_range(b.q, b.model->subgraphs[0].inputs[0], 1, 1, &err) == CRL_ERR_ARGUMENT, "%s", err.text);
        crl_quantized_operator o;
        check_that(t, crl_quantizer_operator(b.q, 1000, &o, &err) == CRL_ERR_ARGUMENT, "%s", err.text);
    }
    release(&b);
    free(raw);
    if (!crl_model_open_file(&b.model, SOURCE_ROOT "/models/signs_classifier.tflite", &err))
        check_that(t, crl_quantizer_new(&b.q, b.model, NULL, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "already"), "%s", err.text);
    release(&b);
}

/* A model that has seen nothing but zeros computes all the same. */
static void takes_zeros(check *t, unsigned cpu)
{
    (void)cpu;
    packed_case c;
    uint8_t *raw;
    both b = { 0 };
    if (!check_that(t, first_case("RELU", &c, &raw), "no case")) return;
    for (uint32_t i = 0; i < c.n_in; i++) memset((void *)(uintptr_t)c.in[i].data, 0, c.in[i].bytes);
    crl_error err = { .text = "" };
    if (check_that(t, quantise(&b, &c, NULL), "%s: %s", c.name, b.err.text) &&
        check_that(t, (b.after = prepare(b.made, &err)) != NULL, "%s", err.text) && fill(b.after, &c))
        check_that(t, !crl_engine_run(b.after, &err) && *(float *)crl_engine_output(b.after, 0)->data == 0, "%s", err.text);
    release(&b);
    free(raw);
}

/* Channels of nothing, of next to nothing, of very much, and with a bias that no number of 32 bits holds: their scales are such that products
 * with the input's are numbers. */
static void scales_of_weights_are_numbers(check *t, unsigned cpu)
{
    (void)cpu;
    static const float inputs[] = { 1e-15f, 1e-3f, 1e20f }, outputs[] = { 1e-20f, 1, 1e20f };
    const float weights[] = { 0, 1e-38f, 3e38f, 0 }, bias[] = { 0, 0, 0, 3e38f };
    for (int i = 0; i < 3; i++)
        for (int o = 0; o < 3; o++) {
            float scale[4];
            crl_quantize_weight_scales(scale, weights, bias, (crl_channels){ 1, 4, 1 }, inputs[i], outputs[o]);
            for (int k = 0; k < 4; k++)
                check_that(t, scale[k] >= FLT_MIN && isfinite(scale[k] * inputs[i]), "%g of %g to %g",
                           (double)scale[k], (double)inputs[i], (double)outputs[o]);
        }
}

/* A difference of numbers that are nearly the same: far finer than what they are made of, for which the reference has no room: it ends the
 * process (QuantizeMultiplierSmallerThanOneExp). */
static void takes_small_differences(check *t, unsigned cpu)
{
    (void)cpu;
    reader r;
    packed_case c;
    int done = 0;
    uint8_t *raw = packed_read(SOURCE_ROOT "/tests/ops/data/SUB.ops", &r);
    while (raw && r.left && packed_next(&r, &c)) {
        if (!c.model.bytes || !strstr(c.name, " float32 ") || c.n_in != 2 || c.in[0].bytes != c.in[1].bytes) continue;
        both b = { 0 };
        crl_error err = { .text = "" };
        for (size_t i = 0; i < c.in[0].bytes / sizeof(float); i++) put_number(&c.in[1], i, nextafterf(number(&c.in[0], i), INFINITY));
        if (check_that(t, quantise(&b, &c, NULL), "%s: %s", c.name, b.err.text) &&
            check_that(t, (b.after = prepare(b.made, &err)) != NULL, "%s: %s", c.name, err.text)) {
            const crl_step in = b.q->step[b.model->subgraphs[0].inputs[0]], out = step_of_output(&b);
            check_that(t, 2 * in.scale < 0x1p20f * out.scale, "%s: %g of %g", c.name, (double)out.scale, (double)in.scale);
            done++;
        }
        release(&b);
    }
    check_that(t, done > 0, "no case");
    free(raw);
}

/* What the reference asks of scales, beyond what ranges say: the process ends (QuantizeMultiplierGreaterThanOne, ..SmallerThanOneExp), or
 * an integer overflows, where it is not so. Inputs are very small, or large, for the others. */
static void check_scales_fit(check *t, const packed_case *c, float factor, double least_input, double least_output)
{
    both b = { 0 };
    crl_error err = { .text = "" };
    for (uint32_t k = 0; k < c->n_in; k++)
        for (size_t i = 0; i < c->in[k].bytes / sizeof(float); i++) put_number(&c->in[k], i, number(&c->in[k], i) * factor);
    if (check_that(t, quantise(&b, c, NULL), "%s: %s", c->name, b.err.text) &&
        check_that(t, (b.after = prepare(b.made, &err)) != NULL, "%s: %s", c->name, err.text)) {
        const crl_operator *op = &b.model->subgraphs[0].operators[0];
        const crl_option *beta = crl_operator_option(op, "beta");
        const double in = (double)crl_quantize_step(b.q, op->inputs[0]).scale * (beta ? (double)beta->f : 1), out = (double)step_of_output(&b).scale;
        crl_quantized_operator o;
        if (factor > 1)
            check_that(t,
                       !crl_quantizer_operator(b.q, 0, &o, NULL) && !o.is_quantised && o.why && strstr(o.why, "scale"),
                       "%s: it compares what it cannot", c->name);
        else
            check_that(t, in >= least_input && out >= least_output, "%s: scales of %g and %g", c->name, in, out);
        check_that(t, fill(b.after, c) && !crl_engine_run(b.after, &err), "%s: %s", c->name, err.text);
    }
    release(&b);
}

static void scales_fit_the_reference(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *file;
        float factor;
        double least_input, least_output;
    } ops[] = { { "SOFTMAX", 1e-12f, 0x1p-26, 0 },     { "LOG_SOFTMAX", 1e-12f, 0x1p-26, 0 }, { "RELU6", 1e-12f, 0, 6 * 0x1p-31 },
                { "RELU_N1_TO_1", 1e-12f, 0, 0x1p-31 }, { "LESS", 1e6f, 0, 0 },                { "EQUAL", 1e6f, 0, 0 } };
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++) {
        packed_case c;
        uint8_t *raw;
        if (check_that(t, first_case(ops[k].file, &c, &raw), "no case of %s", ops[k].file))
            check_scales_fit(t, &c, ops[k].factor, ops[k].least_input, ops[k].least_output);
        free(raw);
    }
}

/* HARD_SWISH of what is just above -3, and far below: nearly nothing of large numbers. */
static void takes_small_swishes(check *t, unsigned cpu)
{
    (void)cpu;
    packed_case c;
    uint8_t *raw;
    both b = { 0 };
    crl_error err = { .text = "" };
    if (!check_that(t, first_case("HARD_SWISH", &c, &raw), "no case")) return;
    for (size_t i = 0; i < c.in[0].bytes / sizeof(float); i++) put_number(&c.in[0], i, i ? -2.999f : -200);
    if (check_that(t, quantise(&b, &c, NULL), "%s: %s", c.name, b.err.text) &&
        check_that(t, (b.after = prepare(b.made, &err)) != NULL, "%s: %s", c.name, err.text))
        check_that(t, fill(b.after, &c) && !crl_engine_run(b.after, &err), "%s: %s", c.name, err.text);
    release(&b);
    free(raw);
}

typedef struct refusal {
    long asked, fail_at;
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return r->asked++ != r->fail_at;
}

/* Every allocation in its turn: what is written in the end is what is written with all of them. */
static void memory_fails_for(check *t, const char *file)
{
    packed_case c;
    uint8_t *raw;
    crl_status s = CRL_ERR_MEMORY;
    const crl_quantize_options o = { .calibration = CRL_CALIBRATION_MSE, .input_type = CRL_UINT8 };
    both b = { 0 };
    if (!check_that(t, first_case(file, &c, &raw) && quantise(&b, &c, &o), "%s: %s", file, b.err.text)) return;
    for (long fail_at = 0; s == CRL_ERR_MEMORY && fail_at < 2000; fail_at++) {
        refusal r = { 0, fail_at };
        crl_error err = { .text = "" };
        crl_quantizer *q;
        uint8_t *bytes = NULL;
        size_t size = 0;
        crl_alloc_hook(allow, &r);
        s = crl_quantizer_new(&q, b.model, &o, &err);
        if (!s) s = crl_quantizer_observe(q, b.before, &err);
        if (!s) s = crl_quantizer_write(q, &bytes, &size, &err);
        crl_quantizer_free(q);
        crl_alloc_hook(NULL, NULL);
        check_that(t, !s == (bytes != NULL) && (!s || (s == CRL_ERR_MEMORY && *err.text)), "%s: allocation %ld: %s", file, fail_at, err.text);
        check_that(t, s || (size == b.size && !memcmp(bytes, b.bytes, size)), "%s: other bytes", file);
        free(bytes);
    }
    check_that(t, !s, "%s: works with memory", file);
    release(&b);
    free(raw);
}

static void memory_fails(check *t, unsigned cpu)
{
    (void)cpu;
    memory_fails_for(t, "CONV_2D");
    memory_fails_for(t, "ADD");
    memory_fails_for(t, "PADV2");
}

static const check_case cases[] = {
    { "quantises_operators", quantises_operators, false },
    { "scales_are_defined", scales_are_defined, false },
    { "takes_halves", takes_halves, false },
    { "ranges_are_defined", ranges_are_defined, false },
    { "steps_hold_zero", steps_hold_zero, false },
    { "refuses", refuses, false },
    { "scales_of_weights_are_numbers", scales_of_weights_are_numbers, false },
    { "takes_zeros", takes_zeros, false },
    { "takes_small_differences", takes_small_differences, false },
    { "scales_fit_the_reference", scales_fit_the_reference, false },
    { "takes_small_swishes", takes_small_swishes, false },
    { "memory_fails", memory_fails, false },
};

int area_quantize(int argc, char **argv)
{
    return check_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
