/* SPDX-License-Identifier: Apache-2.0 */
/* A subgraph at work: tensors with current shapes and operators that are prepared.
 *
 *   crl_subgraph (file, read-only)  ->  crl_graph  ->  schedule (schedule.h)
 *
 * Building looks up every operator; preparing walks them in order and propagates shapes. An operator whose
 * outputs depend on constants and shapes alone is run right after it is prepared and never again (SHAPE, and
 * what is computed from it): its outputs are constants for those that follow.
 *
 * Parts. Preparing gets as far as shapes are known. It ends before an operator that asks for a value which is yet to
 * be computed, and after one that finds the shapes of its outputs in its invoke:
 *
 *   CONV  RELU  NON_MAX_SUPPRESSION | SLICE(., count)  GATHER  ADD | RESHAPE(., values)  ...
 *   `------- part 0 --------------'   `------ part 1 ----------'   `---- part 2 ----
 *
 * Once a part has run, all that it computed has shapes and values, and the next one can be prepared as if it began a
 * model of its own. Most models have one part. */
#ifndef CRL_GRAPH_GRAPH_H
#define CRL_GRAPH_GRAPH_H

#include "graph/chip.h"

typedef struct crl_graph {
    const crl_model *model;
    const crl_subgraph *def;
    bool *on_chip;       /* [def->n_operators] computes as the Edge TPU does; NULL: none does */
    crl_quant *quant;    /* [def->n_tensors] where on_chip: as the file has it, or taken from an operator that the chip fuses */
    crl_host *host;      /* NULL where the graph stands alone */
    crl_tensor *tensors; /* [def->n_tensors] */
    int32_t *writer;     /* [def->n_tensors] the operator that writes it, -1: none */
    crl_node *nodes;     /* [def->n_operators], in order of execution */
    uint64_t *asked;     /* [def->n_operators] */
    int32_t n_nodes;
    crl_given *variables; /* [def->n_tensors] memory of variable tensors and sparse constants: outlives the parts */
    crl_pile pile;
} crl_graph;

/* Looks up all operators. `shapes`: of the inputs, [def->n_inputs], NULL: as the file has them. `chip`: NULL: all compute as
 * TensorFlow Lite does.
 * Errors: an operator that is not known, or has a number of inputs or outputs that it cannot have; a shape that no
 * tensor can have. The text begins with "op N NAME: " or "input N". On failure the graph is to be released, too. */
crl_status crl_graph_build(crl_graph *graph, const crl_model *model, int32_t subgraph, const crl_shape *shapes,
                           const crl_chip *chip, crl_host *host, crl_error *err);
void crl_graph_release(crl_graph *graph);

/* The operators from..to-1, which are prepared together. The first part has the inputs, too. */
typedef struct crl_span {
    bool first;
    int32_t from, to;
} crl_span;

/* Prepares the part that begins with operator span->from, and sets span->to. All parts before have run. What is
 * written from there on has CRL_TENSOR_DYNAMIC.
 * Errors: what prepare finds, as above. */
crl_status crl_graph_prepare(crl_graph *graph, crl_span *span, crl_error *err);

/* Takes back what preparing made of the operators from `from` on, which are not of the first part. */
void crl_graph_forget(crl_graph *graph, int32_t from);

/* Memory for a variable tensor: it outlives the parts, and the runs. Zeros, where the part that writes it was made anew. */
crl_status crl_graph_allocate_variable(crl_graph *graph, crl_tensor *tensor, crl_error *err);

/* Variable tensors back to zero (int8: to the zero point, as the reference does). */
void crl_graph_reset(crl_graph *graph);

static inline int32_t crl_graph_index(const crl_graph *graph, const crl_tensor *tensor)
{
    return (int32_t)(tensor - graph->tensors);
}

/* Whether the tensor gets its value in this part. */
static inline bool crl_graph_within(const crl_graph *graph, int32_t tensor, crl_span part)
{
    const int32_t writer = graph->writer[tensor];
    return writer < 0 ? part.first : part.from <= writer && writer < part.to;
}

#endif
