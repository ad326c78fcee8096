/* SPDX-License-Identifier: Apache-2.0 */
/* Models of few operators, built as tables and written to files in memory. */
#ifndef TESTS_COMPILE_GRAPH_H
#define TESTS_COMPILE_GRAPH_H

#include "make.h"

typedef struct graph {
    crl_pile pile;
    crl_tree *root, *main;
} graph;

/* Tensors and operators get their numbers in the order in which they are added. */
void graph_begin(graph *g);
crl_tree *graph_add(graph *g, crl_tree *node, int field, int kind);
/* Numbers, texts and bytes are copied. */
void graph_list(graph *g, crl_tree *node, int field, const void *v, uint32_t n, size_t size);

typedef struct graph_tensor {
    const char *name;
    int type; /* of the schema: 2 int32, 3 uint8, 9 int8 */
    int32_t shape[4];
    uint32_t rank, n_scales;
    const float *scale;
    int64_t zero;    /* of all scales */
    int32_t axis;    /* that several scales are for */
    const void *data; /* NULL: none */
    size_t bytes;
} graph_tensor;

void graph_add_tensor(graph *g, const graph_tensor *t);
void graph_add_code(graph *g, int code);
/* An operator of code number `code`, in their order. Returns it. */
crl_tree *graph_add_operator(graph *g, int code, const int32_t *inputs, uint32_t n, int32_t output);
void graph_ends(graph *g, int32_t input, int32_t output);
/* The file. For crl_free(). */
uint8_t *graph_finish(graph *g, size_t *size);

#endif
