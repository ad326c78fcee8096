/* SPDX-License-Identifier: Apache-2.0 */
/* See layers.h. */
#include "layers.h"

#include <assert.h>
#include <stdlib.h>

#include "compile/twin.h"
#include "graph.h"

enum { INT32 = 2, UINT8 = 3, INT8 = 9 };

typedef struct constants {
    int8_t *weights;
    float *scales;
    int32_t *bias;
} constants;

static int32_t kernel_of(const layer_form *f)
{
    return !f->height ? 1 : f->kernel ? f->kernel : 3;
}

/* Positions that `n` become. */
static int32_t positions_of(const layer_form *f, int32_t n)
{
    const int32_t stride = f->stride ? f->stride : 1;
    return f->valid ? (n - kernel_of(f)) / stride + 1 : (n + stride - 1) / stride;
}

/* How many. */
static size_t weights_of(const layer_form *f)
{
    const size_t kernel = (size_t)kernel_of(f);
    return kernel * kernel * (size_t)f->inputs * (size_t)f->outputs;
}

static constants invent(const layer_form *f)
{
    const size_t n = weights_of(f);
    constants c = { malloc(n), malloc((size_t)f->outputs * sizeof(float)), malloc((size_t)f->outputs * sizeof(int32_t)) };
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
    enum { PADDING, STRIDE_W, STRIDE_H, CONV_ACTIVATION, MULTIPLIER = 3, DEPTHWISE_ACTIVATION, DENSE_ACTIVATION = 0, RELU = 1 };
    const bool bias = f->bias || f->zero_bias;
    crl_tree *op = graph_add_operator(g, 0, (int32_t[]){ in, weights, bias ? weights + 1 : -1 }, 3, out);
    crl_tree *options = crl_tree_new(&g->pile, crl_schema_operators[code_of(f)].options);
    if (f->height) {
        set_option(options, PADDING, f->valid);
        set_option(options, STRIDE_W, f->stride ? f->stride : 1);
        set_option(options, STRIDE_H, f->stride ? f->stride : 1);
    }
    if (f->depthwise) set_option(options, MULTIPLIER, f->outputs);
    if (f->activation) set_option(options, f->depthwise ? DEPTHWISE_ACTIVATION : f->height ? CONV_ACTIVATION : DENSE_ACTIVATION, RELU);
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

uint8_t *layer_model(const layer_form *f, size_t *size)
{
    static const float in_scale = 0.0078125f, out_scale = 0.02f, logistic_scale = 1.0f / 256;
    constants k = invent(f);
    graph g;
    graph_begin(&g);
    const graph_tensor in = activation_of(f, "layer_in", f->inputs, &in_scale, 127);
    graph_tensor out = activation_of(f, "layer_out", f->outputs, &out_scale, 129);
    if (f->height) out.shape[1] = positions_of(f, f->height), out.shape[2] = positions_of(f, f->width);
    graph_tensor a = in, b = out; /* as the layer has them */
    if (f->pool) out.shape[1] /= f->pool, out.shape[2] /= f->pool;
    if (f->each == CRL_OP_LOGISTIC || f->each == CRL_OP_SOFTMAX) out.scale = &logistic_scale, out.zero = 0;
    a.type = b.type = INT8;
    a.name = f->bare ? in.name : "a";
    b.name = f->bare && !f->pool && !f->each ? out.name : "b";
    a.zero -= f->other_sign ? 127 : 128;
    b.zero -= 128;
    graph_add_tensor(&g, &a);
    graph_add_tensor(&g, &b);
    graph_tensor weights = { .name = "weights", .type = INT8, .shape = { f->outputs, f->inputs }, .rank = 2,
                             .n_scales = f->one_scale ? 1 : (uint32_t)f->outputs, .scale = k.scales, .data = k.weights, .bytes = weights_of(f) };
    if (f->height) weights.rank = 4, weights.shape[1] = weights.shape[2] = kernel_of(f), weights.shape[3] = f->inputs;
    if (f->depthwise) weights.shape[0] = 1, weights.shape[3] = f->outputs, weights.axis = 3;
    graph_add_tensor(&g, &weights);
    const bool bias = f->bias || f->zero_bias;
    if (bias)
        graph_add_tensor(&g, &(graph_tensor){ .name = "bias", .type = INT32, .shape = { f->outputs }, .rank = 1, .n_scales = 1, .scale = &in_scale,
                                              .data = k.bias, .bytes = 4 * (size_t)f->outputs });
    int32_t first = bias ? 4 : 3; /* of the host's tensors */
    const int32_t pooled = f->pool ? first++ : 1, last = f->each ? first++ : pooled;
    graph_tensor c = out, d = out;
    c.type = d.type = INT8;
    c.name = "c";
    c.zero = b.zero, c.scale = b.scale;
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
    add_layer(&g, f, 0, 2, 1);
    if (f->pool) add_pool(&g, f, 1, pooled);
    if (f->each) add_each(&g, f, each, pooled, last);
    if (!f->bare) graph_add_operator(&g, 1, &last, 1, first + 1);
    graph_ends(&g, f->bare ? 0 : first, f->bare ? last : first + 1);
    free(k.weights), free(k.scales), free(k.bias);
    return graph_finish(&g, size);
}
