/* SPDX-License-Identifier: Apache-2.0 */
/* A subgraph between reading the file and running, in the terms of TensorFlow Lite: what interpreters and signature runners are. */
#ifndef COMPAT_GRAPH_H
#define COMPAT_GRAPH_H

#include <corallite/corallite.h>

#include "tensorflowlite_c.h"

/* Who is told of errors. */
typedef struct compat_listener {
    TfLiteReporter *reporter; /* NULL: stderr */
    void *user_data;
} compat_listener;

/* What runs, and what stands in for its device (crl_engine_choose_model). */
typedef struct compat_models {
    crl_model *model, *twin;
} compat_models;

typedef struct compat_graph {
    const crl_model *model, *twin;
    int32_t subgraph;
    int threads;
    compat_listener listener;
    crl_engine *engine;
    bool ready;
    crl_shape *shapes;     /* [inputs] to be allocated */
    TfLiteTensor *tensors; /* [tensors] of the subgraph */
} compat_graph;

void compat_say(const compat_listener *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A crl_notice_fn; `user` is the compat_listener. Of devices and twins. */
void compat_hear(void *user, const crl_notice *notice);

/* The models outlive the graph. false: there is no memory, or no such subgraph. To be released in either case. */
bool compat_graph_init(compat_graph *graph, const compat_models *models, int32_t subgraph, int threads, const compat_listener *listener);
void compat_graph_release(compat_graph *graph);

TfLiteStatus compat_graph_resize(compat_graph *graph, int32_t input, const int *dims, int32_t n);
TfLiteStatus compat_graph_allocate(compat_graph *graph);
TfLiteStatus compat_graph_invoke(compat_graph *graph);

static inline const crl_subgraph *compat_def(const compat_graph *graph)
{
    return &graph->model->subgraphs[graph->subgraph];
}

#endif
