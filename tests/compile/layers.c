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

/* How many. */
static size_t weights_of(const layer_form *f)
{
    return (f->height ? 9 : 1) * (size_t)f->inputs * (size_t)f->outputs;
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
        c.scales[i] = f->one_scale ? 0.001f : 0.001f + 0.00001f * (float)(i % 37);
        c.bias[i] = f->zero_bias ? 0 : 11 * i - 300;
    }
    return c;
}

static void set_option(crl_tree *options, int field, int64_t value)
{
    options->value[field] = (crl_tree_value){ .i = value, .present = true };
}

static void add_layer(graph *g, const layer_form *f, int32_t in, int32_t weights, int32_t out)
{
    enum { PADDING, STRIDE_W, STRIDE_H, CONV_ACTIVATION, DENSE_ACTIVATION = 0, RELU = 1 };
    const bool bias = f->bias || f->zero_bias;
    crl_tree *op = graph_add_operator(g, 0, (int32_t[]){ in, weights, bias ? weights + 1 : -1 }, 3, out);
    crl_tree *options = crl_tree_new(&g->pile, crl_schema_operators[f->height ? CRL_OP_CONV : CRL_OP_DENSE].options);
    if (f->height) {
        set_option(options, PADDING, f->valid);
        set_option(options, STRIDE_W, f->stride ? f->stride : 1);
        set_option(options, STRIDE_H, f->stride ? f->stride : 1);
    }
    if (f->activation) set_option(options, f->height ? CONV_ACTIVATION : DENSE_ACTIVATION, RELU);
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
    static const float in_scale = 0.0078125f, out_scale = 0.02f;
    constants c = invent(f);
    graph g;
    graph_begin(&g);
    const graph_tensor in = activation_of(f, "layer_in", f->inputs, &in_scale, 127), out = activation_of(f, "layer_out", f->outputs, &out_scale, 129);
    graph_tensor a = in, b = out; /* as the layer has them */
    a.type = b.type = INT8;
    a.name = f->bare ? in.name : "a";
    b.name = f->bare ? out.name : "b";
    a.zero -= f->other_sign ? 127 : 128;
    b.zero -= 128;
    graph_add_tensor(&g, &a);
    graph_add_tensor(&g, &b);
    graph_tensor weights = { .name = "weights", .type = INT8, .shape = { f->outputs, f->inputs }, .rank = 2,
                             .n_scales = f->one_scale ? 1 : (uint32_t)f->outputs, .scale = c.scales, .data = c.weights, .bytes = weights_of(f) };
    if (f->height) weights.rank = 4, weights.shape[1] = weights.shape[2] = 3, weights.shape[3] = f->inputs;
    graph_add_tensor(&g, &weights);
    const bool bias = f->bias || f->zero_bias;
    if (bias)
        graph_add_tensor(&g, &(graph_tensor){ .name = "bias", .type = INT32, .shape = { f->outputs }, .rank = 1, .n_scales = 1, .scale = &in_scale,
                                              .data = c.bias, .bytes = 4 * (size_t)f->outputs });
    const int32_t first = bias ? 4 : 3; /* of the host's tensors */
    if (!f->bare) graph_add_tensor(&g, &in), graph_add_tensor(&g, &out);
    graph_add_code(&g, f->height ? CRL_OP_CONV : CRL_OP_DENSE);
    graph_add_code(&g, CRL_OP_QUANTIZE);
    if (!f->bare) graph_add_operator(&g, 1, &first, 1, 0);
    add_layer(&g, f, 0, 2, 1);
    if (!f->bare) graph_add_operator(&g, 1, (int32_t[]){ 1 }, 1, first + 1);
    graph_ends(&g, f->bare ? 0 : first, f->bare ? 1 : first + 1);
    free(c.weights), free(c.scales), free(c.bias);
    return graph_finish(&g, size);
}
