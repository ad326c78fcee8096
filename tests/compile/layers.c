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

static constants invent(const layer_form *f)
{
    const size_t n = (size_t)f->inputs * (size_t)f->outputs;
    constants c = { malloc(n), malloc((size_t)f->outputs * sizeof(float)), malloc((size_t)f->outputs * sizeof(int32_t)) };
    uint32_t x = 1;
    assert(c.weights && c.scales && c.bias);
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        c.weights[i] = (int8_t)(x >> 24);
    }
    for (int32_t i = 0; i < f->outputs; i++) {
        c.scales[i] = f->one_scale ? 0.001f : 0.001f + 0.00001f * (float)(i % 37);
        c.bias[i] = 11 * i - 300;
    }
    return c;
}

static void add_layer(graph *g, const layer_form *f, int32_t in, int32_t weights, int32_t out)
{
    enum { ACTIVATION = 0, RELU = 1 }; /* of FullyConnectedOptions */
    crl_tree *op = graph_add_operator(g, 0, (int32_t[]){ in, weights, f->bias ? weights + 1 : -1 }, 3, out);
    crl_tree *options = crl_tree_new(&g->pile, crl_schema_operators[CRL_OP_DENSE].options);
    if (f->activation) options->value[ACTIVATION] = (crl_tree_value){ .i = RELU, .present = true };
    *crl_tree_at(op, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS) = (crl_tree_value){ .table = options, .present = true };
}

uint8_t *layer_model(const layer_form *f, size_t *size)
{
    static const float in_scale = 0.0078125f, out_scale = 0.02f;
    constants c = invent(f);
    graph g;
    graph_begin(&g);
    const graph_tensor in = { .name = "layer_in", .type = UINT8, .shape = { 1, f->inputs }, .rank = 2, .n_scales = 1, .scale = &in_scale, .zero = 127 };
    const graph_tensor out = { .name = "layer_out", .type = UINT8, .shape = { 1, f->outputs }, .rank = 2, .n_scales = 1, .scale = &out_scale, .zero = 129 };
    graph_tensor a = in, b = out; /* as the layer has them */
    a.type = b.type = INT8;
    a.name = f->bare ? in.name : "a";
    b.name = f->bare ? out.name : "b";
    a.zero -= f->other_sign ? 127 : 128;
    b.zero -= 128;
    graph_add_tensor(&g, &a);
    graph_add_tensor(&g, &b);
    graph_add_tensor(&g, &(graph_tensor){ .name = "weights", .type = INT8, .shape = { f->outputs, f->inputs }, .rank = 2,
                                          .n_scales = f->one_scale ? 1 : (uint32_t)f->outputs, .scale = c.scales, .data = c.weights,
                                          .bytes = (size_t)f->inputs * (size_t)f->outputs });
    if (f->bias)
        graph_add_tensor(&g, &(graph_tensor){ .name = "bias", .type = INT32, .shape = { f->outputs }, .rank = 1, .n_scales = 1, .scale = &in_scale,
                                              .data = c.bias, .bytes = 4 * (size_t)f->outputs });
    const int32_t first = f->bias ? 4 : 3; /* of the host's tensors */
    if (!f->bare) graph_add_tensor(&g, &in), graph_add_tensor(&g, &out);
    graph_add_code(&g, CRL_OP_DENSE);
    graph_add_code(&g, CRL_OP_QUANTIZE);
    if (!f->bare) graph_add_operator(&g, 1, &first, 1, 0);
    add_layer(&g, f, 0, 2, 1);
    if (!f->bare) graph_add_operator(&g, 1, (int32_t[]){ 1 }, 1, first + 1);
    graph_ends(&g, f->bare ? 0 : first, f->bare ? 1 : first + 1);
    free(c.weights), free(c.scales), free(c.bias);
    return graph_finish(&g, size);
}
