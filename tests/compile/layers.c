/* SPDX-License-Identifier: Apache-2.0 */
/* See layers.h. */
#include "layers.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compile/twin.h"
#include "graph.h"

enum { INT32 = 2, UINT8 = 3, INT8 = 9, MOST_MORE = 8 };

typedef struct constants {
    int8_t *weights;
    float *scales;
    int32_t *bias;
    float in_scale, out_scale, bias_scale;
    int64_t in_zero, out_zero; /* of unsigned bytes */
} constants;

static int32_t kernel_of(const layer_form *f)
{
    return !f->height ? 1 : f->kernel ? f->kernel : 3;
}

static int32_t kernel_width_of(const layer_form *f)
{
    return f->kernel_width ? f->kernel_width : kernel_of(f);
}

/* Positions that `n` become. */
static int32_t positions_of(const layer_form *f, int32_t n, int32_t kernel)
{
    const int32_t stride = f->stride ? f->stride : 1;
    return f->valid ? (n - kernel) / stride + 1 : (n + stride - 1) / stride;
}

/* How many. */
static size_t weights_of(const layer_form *f)
{
    return (size_t)kernel_of(f) * (size_t)kernel_width_of(f) * (size_t)f->inputs * (size_t)f->outputs;
}

static uint32_t next(uint32_t *x, uint32_t n)
{
    *x = *x * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)n * (*x >> 8) >> 24);
}

static float scale_from(uint32_t *x)
{
    return ldexpf(1.0f + (float)next(x, 1 << 20) / (1 << 20), (int)next(x, 12) - 10);
}

/* The ends of the range as often as what is between. */
static int64_t zero_from(uint32_t *x)
{
    static const int64_t some[] = { 0, 1, 127, 128, 254, 255 };
    return next(x, 2) ? (int64_t)next(x, 256) : some[next(x, 6)];
}

/* Numbers that are in the way of whoever counts on usual ones: zero points at the ends, weights that are all the same, biases beyond what sums
 * reach. Scales are such that outputs are seldom all at an end. */
static void make_unusual(constants *c, const layer_form *f)
{
    uint32_t x = f->seed;
    const size_t n = weights_of(f);
    const uint32_t weights = next(&x, 4), bias = next(&x, 4);
    const float scale = scale_from(&x), terms = sqrtf((float)(n / (size_t)f->outputs));
    const bool spread = next(&x, 2);
    for (size_t i = 0; i < n; i++) c->weights[i] = weights ? (int8_t)next(&x, 256) : i % 5 ? -128 : 127;
    for (int32_t i = 0; i < f->outputs; i++) {
        const float more = spread ? ldexpf(1, (int)next(&x, 9) - 4) : 1.0f + (float)next(&x, 64) / 64;
        c->scales[i] = f->one_scale || f->equal_scales ? scale : scale * more;
        const int32_t b = (int32_t)next(&x, 1 << 20) - (1 << 19);
        c->bias[i] = f->zero_bias ? 0 : bias == 3 ? b * 4000 : bias == 2 ? b : b >> 8;
    }
    c->in_scale = scale_from(&x);
    c->bias_scale = c->in_scale;
    c->out_scale = scale * c->in_scale * terms * ldexpf(1.0f + (float)next(&x, 1000) / 1000, (int)next(&x, 6) + 3);
    c->in_zero = zero_from(&x);
    c->out_zero = zero_from(&x);
}

static constants invent(const layer_form *f)
{
    const size_t n = weights_of(f);
    constants c = { malloc(n), malloc((size_t)f->outputs * sizeof(float)), malloc((size_t)f->outputs * sizeof(int32_t)),
                    0.0078125f, 0.02f, 0.0078125f, 127, 129 };
    uint32_t x = 1;
    assert(c.weights && c.scales && c.bias);
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        c.weights[i] = (int8_t)(x >> 24);
    }
    for (int32_t i = 0; i < f->outputs; i++) {
        c.scales[i] = f->one_scale || f->equal_scales ? 0.001f : 0.001f + 0.00001f * (float)(i % 37);
        c.bias[i] = f->zero_bias ? 0 : 11 * i - 300;
    }
    if (f->seed) make_unusual(&c, f);
    return c;
}

static void set_option(crl_tree *options, int field, int64_t value)
{
    options->value[field] = (crl_tree_value){ .i = value, .present = true };
}

static int32_t code_of(const layer_form *f)
{
    return !f->height ? CRL_OP_DENSE : f->depthwise ? CRL_OP_DEPTHWISE : CRL_OP_CONV;
}

static void add_layer(graph *g, const layer_form *f, int32_t in, int32_t weights, int32_t out)
{
    enum { PADDING, STRIDE_W, STRIDE_H, CONV_ACTIVATION, MULTIPLIER = 3, DEPTHWISE_ACTIVATION, DENSE_ACTIVATION = 0 };
    const bool bias = f->bias || f->zero_bias;
    crl_tree *op = graph_add_operator(g, 0, (int32_t[]){ in, weights, bias ? weights + 1 : -1 }, 3, out);
    crl_tree *options = crl_tree_new(&g->pile, crl_schema_operators[code_of(f)].options);
    if (f->height) {
        set_option(options, PADDING, f->valid);
        set_option(options, STRIDE_W, f->stride ? f->stride : 1);
        set_option(options, STRIDE_H, f->stride ? f->stride : 1);
    }
    if (f->depthwise) set_option(options, MULTIPLIER, f->outputs);
    if (f->activation) set_option(options, f->depthwise ? DEPTHWISE_ACTIVATION : f->height ? CONV_ACTIVATION : DENSE_ACTIVATION, f->activation);
    *crl_tree_at(op, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS) = (crl_tree_value){ .table = options, .present = true };
}

static int32_t pool_code(const layer_form *f)
{
    return f->greatest ? CRL_OP_MAX_POOL : CRL_OP_AVERAGE_POOL;
}

static void add_pool(graph *g, const layer_form *f, int32_t in, int32_t out)
{
    enum { PADDING, STRIDE_W, STRIDE_H, WIDTH, HEIGHT, VALID = 1, POOL = 2 };
    crl_tree *op = graph_add_operator(g, POOL, &in, 1, out), *options = crl_tree_new(&g->pile, crl_schema_operators[pool_code(f)].options);
    set_option(options, PADDING, VALID);
    for (int field = STRIDE_W; field <= HEIGHT; field++) set_option(options, field, f->pool);
    *crl_tree_at(op, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS) = (crl_tree_value){ .table = options, .present = true };
}

static void add_each(graph *g, const layer_form *f, int code, int32_t in, int32_t out)
{
    crl_tree *op = graph_add_operator(g, code, &in, 1, out);
    if (f->each != CRL_OP_SOFTMAX) return;
    crl_tree *options = crl_tree_new(&g->pile, crl_schema_operators[CRL_OP_SOFTMAX].options);
    options->value[0] = (crl_tree_value){ .f = 1, .present = true }; /* beta */
    *crl_tree_at(op, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS) = (crl_tree_value){ .table = options, .present = true };
}

/* A tensor of `n` channels, of a picture or of one row. */
static graph_tensor activation_of(const layer_form *f, const char *name, int32_t n, const float *scale, int64_t zero)
{
    graph_tensor t = { .name = name, .type = UINT8, .shape = { 1, n }, .rank = 2, .n_scales = 1, .scale = scale, .zero = zero };
    if (f->height) t.rank = 4, t.shape[1] = f->height, t.shape[2] = f->width, t.shape[3] = n;
    return t;
}

static void forget(constants *k)
{
    free(k->weights), free(k->scales), free(k->bias);
}

static void add_constants(graph *g, const layer_form *f, const constants *k, const char *name, const char *bias_name)
{
    graph_tensor weights = { .name = name, .type = INT8, .shape = { f->outputs, f->inputs }, .rank = 2,
                             .n_scales = f->one_scale ? 1 : (uint32_t)f->outputs, .scale = k->scales, .data = k->weights, .bytes = weights_of(f) };
    if (f->height) weights.rank = 4, weights.shape[1] = kernel_of(f), weights.shape[2] = kernel_width_of(f), weights.shape[3] = f->inputs;
    if (f->depthwise) weights.shape[0] = 1, weights.shape[3] = f->outputs, weights.axis = 3;
    graph_add_tensor(g, &weights);
    if (f->bias || f->zero_bias)
        graph_add_tensor(g, &(graph_tensor){ .name = bias_name, .type = INT32, .shape = { f->outputs }, .rank = 1, .n_scales = 1,
                                             .scale = &k->bias_scale, .data = k->bias, .bytes = 4 * (size_t)f->outputs });
}

/* Number i of the convolutions behind the layer. */
static layer_form behind(const layer_form *f, int32_t i)
{
    layer_form m = *f;
    m.inputs = i ? f->more_outputs : f->outputs, m.outputs = f->more_outputs;
    m.kernel = f->more_kernel, m.kernel_width = 0, m.stride = 1;
    if (m.seed) m.seed += (uint32_t)i + 1;
    return m;
}

/* What a layer makes of `x`, in signed bytes. */
static graph_tensor made_of(const layer_form *f, const graph_tensor *x, const constants *k)
{
    graph_tensor t = *x;
    t.shape[t.rank - 1] = f->outputs;
    if (f->height) t.shape[1] = positions_of(f, x->shape[1], kernel_of(f)), t.shape[2] = positions_of(f, x->shape[2], kernel_width_of(f));
    t.scale = &k->out_scale, t.zero = k->out_zero - 128;
    return t;
}

uint8_t *layer_model(const layer_form *f, size_t *size)
{
    static const float logistic_scale = 1.0f / 256;
    constants k = invent(f);
    if (f->alone && f->pool) k.out_scale = k.in_scale, k.out_zero = k.in_zero;
    graph g;
    graph_begin(&g);
    const graph_tensor in = activation_of(f, "layer_in", f->inputs, &k.in_scale, k.in_zero);
    graph_tensor b = made_of(f, &in, &k), more[MOST_MORE]; /* as the layers have them */
    constants of_more[MOST_MORE];
    assert(f->more <= MOST_MORE);
    b.type = INT8;
    for (int32_t i = 0; i < f->more; i++) {
        const layer_form m = behind(f, i);
        of_more[i] = invent(&m);
        if (f->seed) of_more[i].out_scale *= (i ? of_more[i - 1].out_scale : k.out_scale) / of_more[i].in_scale;
        more[i] = made_of(&m, i ? &more[i - 1] : &b, &of_more[i]);
    }
    const graph_tensor end = f->more ? more[f->more - 1] : b;
    graph_tensor a = in, out = end;
    out.name = "layer_out", out.type = UINT8, out.zero += 128;
    if (f->pool) out.shape[1] /= f->pool, out.shape[2] /= f->pool;
    if (f->each == CRL_OP_LOGISTIC || f->each == CRL_OP_SOFTMAX) out.scale = &logistic_scale, out.zero = 0;
    a.type = INT8;
    a.name = f->bare ? in.name : "a";
    const char *name = f->bare && !f->pool && !f->each ? out.name : "b"; /* of what the layers make */
    b.name = f->more ? "first" : name;
    a.zero -= f->other_sign ? 127 : 128;
    graph_add_tensor(&g, &a);
    graph_add_tensor(&g, &b);
    add_constants(&g, f, &k, "weights", "bias");
    const int32_t step = f->bias || f->zero_bias ? 3 : 2; /* tensors of a layer */
    for (int32_t i = 0; i < f->more; i++) {
        const layer_form m = behind(f, i);
        char names[3][24];
        static const char *const of[] = { "more", "weights", "bias" };
        for (int n = 0; n < 3; n++) snprintf(names[n], sizeof names[n], "%s%d", of[n], i);
        more[i].name = i + 1 < f->more ? names[0] : name;
        graph_add_tensor(&g, &more[i]);
        add_constants(&g, &m, &of_more[i], names[1], names[2]);
        forget(&of_more[i]);
    }
    int32_t first = 1 + step * (f->more + 1); /* of the host's tensors */
    const int32_t of_layers = 1 + step * f->more, pooled = f->pool ? first++ : of_layers, last = f->each ? first++ : pooled;
    graph_tensor c = out, d = out;
    c.type = d.type = INT8;
    c.name = "c";
    c.zero = end.zero, c.scale = end.scale;
    d.name = f->bare ? out.name : "d";
    d.zero -= 128;
    if (f->bare && f->pool && !f->each) c.name = out.name;
    if (f->pool) graph_add_tensor(&g, &c);
    if (f->each) graph_add_tensor(&g, &d);
    if (!f->bare) graph_add_tensor(&g, &in), graph_add_tensor(&g, &out);
    graph_add_code(&g, code_of(f));
    graph_add_code(&g, CRL_OP_QUANTIZE);
    const int32_t each = f->pool ? 3 : 2; /* number of its code */
    if (f->pool) graph_add_code(&g, pool_code(f));
    if (f->each) graph_add_code(&g, f->each);
    if (!f->bare) graph_add_operator(&g, 1, &first, 1, 0);
    if (!f->alone) add_layer(&g, f, 0, 2, 1);
    for (int32_t i = 0; i < f->more; i++) {
        const layer_form m = behind(f, i);
        add_layer(&g, &m, 1 + step * i, 2 + step * (i + 1), 1 + step * (i + 1));
    }
    if (f->pool) add_pool(&g, f, f->alone ? 0 : of_layers, pooled);
    if (f->each) add_each(&g, f, each, f->alone && !f->pool ? 0 : pooled, last);
    if (!f->bare) graph_add_operator(&g, 1, &last, 1, first + 1);
    graph_ends(&g, f->bare ? 0 : first, f->bare ? last : first + 1);
    forget(&k);
    return graph_finish(&g, size);
}
