/* SPDX-License-Identifier: Apache-2.0 */
/* See graph.h. */
#include "graph.h"

#include <assert.h>
#include <string.h>

crl_tree *graph_add(graph *g, crl_tree *node, int field, int kind)
{
    enum { ROOM = 40 };
    crl_tree_value *v = crl_tree_at(node, field);
    if (!v->present) *v = (crl_tree_value){ .tables = crl_pile_array(&g->pile, ROOM, sizeof(crl_tree *)), .present = true };
    assert(v->tables && v->n < ROOM);
    return v->tables[v->n++] = crl_tree_new(&g->pile, kind);
}

static const void *keep(graph *g, const void *bytes, size_t n)
{
    void *copy = crl_pile_alloc(&g->pile, n);
    assert(copy);
    return memcpy(copy, bytes, n);
}

void graph_list(graph *g, crl_tree *node, int field, const void *v, uint32_t n, size_t size)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .list = keep(g, v, n * size), .n = n, .present = true };
}

void graph_add_tensor(graph *g, const graph_tensor *from)
{
    crl_tree *t = graph_add(g, g->main, CRL_FIELD_SUB_GRAPH_TENSORS, CRL_TABLE_TENSOR),
             *q = crl_tree_new(&g->pile, CRL_TABLE_QUANTIZATION_PARAMETERS);
    const uint32_t buffers = crl_tree_at(g->root, CRL_FIELD_MODEL_BUFFERS)->n;
    int64_t *zero = crl_pile_array(&g->pile, from->n_scales, sizeof *zero);
    assert(zero);
    for (uint32_t i = 0; i < from->n_scales; i++) zero[i] = from->zero;
    graph_list(g, t, CRL_FIELD_TENSOR_NAME, from->name, (uint32_t)strlen(from->name), 1);
    graph_list(g, t, CRL_FIELD_TENSOR_SHAPE, from->shape, from->rank, 4);
    made_number(t, CRL_FIELD_TENSOR_TYPE, from->type);
    made_number(t, CRL_FIELD_TENSOR_BUFFER, from->data ? buffers : 0);
    graph_list(g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, from->scale, from->n_scales, 4);
    graph_list(g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, zero, from->n_scales, 8);
    if (from->axis) made_number(q, CRL_FIELD_QUANTIZATION_PARAMETERS_QUANTIZED_DIMENSION, from->axis);
    *crl_tree_at(t, CRL_FIELD_TENSOR_QUANTIZATION) = (crl_tree_value){ .table = q, .present = true };
    if (!from->data) return;
    graph_list(g, graph_add(g, g->root, CRL_FIELD_MODEL_BUFFERS, CRL_TABLE_BUFFER), CRL_FIELD_BUFFER_DATA, from->data, (uint32_t)from->bytes, 1);
}

void graph_add_code(graph *g, int code)
{
    crl_tree *t = graph_add(g, g->root, CRL_FIELD_MODEL_OPERATOR_CODES, CRL_TABLE_OPERATOR_CODE);
    made_number(t, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, code);
}

crl_tree *graph_add_operator(graph *g, int code, const int32_t *inputs, uint32_t n, int32_t output)
{
    crl_tree *op = graph_add(g, g->main, CRL_FIELD_SUB_GRAPH_OPERATORS, CRL_TABLE_OPERATOR);
    made_number(op, CRL_FIELD_OPERATOR_OPCODE_INDEX, code);
    graph_list(g, op, CRL_FIELD_OPERATOR_INPUTS, inputs, n, 4);
    graph_list(g, op, CRL_FIELD_OPERATOR_OUTPUTS, &output, 1, 4);
    return op;
}

void graph_begin(graph *g)
{
    *g = (graph){ .root = NULL };
    g->root = crl_tree_new(&g->pile, CRL_TABLE_MODEL);
    made_number(g->root, CRL_FIELD_MODEL_VERSION, 3);
    g->main = graph_add(g, g->root, CRL_FIELD_MODEL_SUBGRAPHS, CRL_TABLE_SUB_GRAPH);
    graph_add(g, g->root, CRL_FIELD_MODEL_BUFFERS, CRL_TABLE_BUFFER);
}

uint8_t *graph_finish(graph *g, size_t *size)
{
    uint8_t *bytes;
    const crl_status s = crl_tree_write(g->root, "TFL3", NULL, &bytes, size, NULL);
    assert(!s);
    (void)s;
    crl_pile_free(&g->pile);
    return bytes;
}

void graph_ends(graph *g, int32_t input, int32_t output)
{
    graph_list(g, g->main, CRL_FIELD_SUB_GRAPH_INPUTS, &input, 1, 4);
    graph_list(g, g->main, CRL_FIELD_SUB_GRAPH_OUTPUTS, &output, 1, 4);
}
