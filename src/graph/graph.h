/* SPDX-License-Identifier: Apache-2.0 */
/* A subgraph at work: tensors with current shapes and operators that are prepared.
 *
 *   crl_subgraph (file, read-only)  ->  crl_graph  ->  schedule (schedule.h)
 *
 * Building looks up every operator; preparing walks them in order and propagates shapes. An operator whose
 * outputs depend on constants and shapes alone is run right after it is prepared and never again (SHAPE, and
 * what is computed from it): its outputs are constants for those that follow. */
#ifndef CRL_GRAPH_GRAPH_H
#define CRL_GRAPH_GRAPH_H

#include "ops/op.h"

typedef struct crl_graph {
    const crl_model *model;
    const crl_subgraph *def;
    crl_tensor *tensors; /* [def->n_tensors] */
    crl_node *nodes;     /* [def->n_operators], in order of execution */
    int32_t n_nodes;
    crl_pile pile;
} crl_graph;

/* Errors: an operator that is not known, or has a number of inputs or outputs that it cannot have; what
 * prepare finds. The text begins with "op N NAME: ". On failure the graph is to be released, too. */
crl_status crl_graph_build(crl_graph *graph, const crl_model *model, int32_t subgraph, crl_error *err);
void crl_graph_release(crl_graph *graph);

static inline int32_t crl_graph_index(const crl_graph *graph, const crl_tensor *tensor)
{
    return (int32_t)(tensor - graph->tensors);
}

#endif
