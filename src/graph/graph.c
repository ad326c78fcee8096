/* SPDX-License-Identifier: Apache-2.0 */
/* Building a graph from a subgraph of the file, and shape propagation. */
#include "graph/graph.h"

static crl_tensor *const *tensor_list(crl_graph *g, const int32_t *index, int32_t n, crl_error *err)
{
    crl_tensor **list = crl_pile_array(&g->pile, (size_t)n, sizeof *list);
    if (!list) {
        crl_fail_memory(err, "the graph");
        return NULL;
    }
    for (int32_t i = 0; i < n; i++) list[i] = index[i] < 0 ? NULL : &g->tensors[index[i]];
    return list;
}

static crl_status check_counts(const crl_op_type *t, const crl_operator *def, crl_error *err)
{
    if (def->n_inputs < t->in_min || (t->in_max >= 0 && def->n_inputs > t->in_max))
        return crl_fail(err, CRL_ERR_FORMAT, "%d inputs, the operator takes %d to %d", def->n_inputs, t->in_min,
                        t->in_max < 0 ? INT32_MAX : t->in_max);
    if (def->n_outputs < t->out_min || (t->out_max >= 0 && def->n_outputs > t->out_max))
        return crl_fail(err, CRL_ERR_FORMAT, "%d outputs, the operator gives %d to %d", def->n_outputs, t->out_min,
                        t->out_max < 0 ? INT32_MAX : t->out_max);
    for (int32_t i = 0; i < t->in_min; i++)
        if (def->inputs[i] < 0) return crl_fail(err, CRL_ERR_FORMAT, "input %d is left out, but needed", i);
    for (int32_t i = 0; i < def->n_outputs; i++)
        if (def->outputs[i] < 0) return crl_fail(err, CRL_ERR_FORMAT, "output %d is left out, but needed", i);
    return CRL_OK;
}

/* More than this is not worth keeping: a few bytes of a file can ask for a FILL of gigabytes. */
enum { FOLD_BYTES = 1 << 28 };

static bool known_now(const crl_node *n)
{
    for (int32_t i = 0; i < n->n_out; i++)
        if (n->out[i]->flags & (CRL_TENSOR_VARIABLE | CRL_TENSOR_DYNAMIC) || n->out[i]->bytes > FOLD_BYTES) return false;
    if (n->constant) return true;
    for (int32_t i = 0; i < n->n_in; i++)
        if (n->in[i] && !(n->in[i]->flags & CRL_TENSOR_CONST)) return false;
    return n->n_in > 0;
}

/* Runs an operator once and for all: its outputs become constants, and what reads them may fold in turn. */
static crl_status fold(crl_node *n, crl_error *err)
{
    for (int32_t i = 0; i < n->n_out; i++) {
        n->out[i]->data = crl_pile_alloc(&n->pile, n->out[i]->bytes);
        if (!n->out[i]->data) return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes", n->out[i]->bytes);
    }
    void *scratch = crl_alloc_aligned(n->scratch_bytes);
    if (!scratch) return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes", n->scratch_bytes);
    crl_work work = { .scratch = scratch };
    crl_status s = n->type->invoke(n, &work, err);
    crl_free(scratch);
    for (int32_t i = 0; !s && i < n->n_out; i++) n->out[i]->flags |= CRL_TENSOR_CONST;
    n->folded = !s;
    return s;
}

static crl_status build_node(crl_graph *g, int32_t i, crl_error *err)
{
    const crl_operator *def = &g->def->operators[i];
    crl_node *n = &g->nodes[i];
    *n = (crl_node){ .def = def, .index = i, .n_in = def->n_inputs, .n_out = def->n_outputs,
                     .n_intermediates = def->n_intermediates };
    n->type = crl_op_find(def);
    if (!n->type) return crl_op_unknown(def, err);
    crl_status s = check_counts(n->type, def, err);
    if (s) return s;
    n->in = tensor_list(g, def->inputs, def->n_inputs, err);
    if (!n->in) return CRL_ERR_MEMORY;
    n->out = tensor_list(g, def->outputs, def->n_outputs, err);
    if (!n->out) return CRL_ERR_MEMORY;
    n->intermediates = tensor_list(g, def->intermediates, def->n_intermediates, err);
    if (!n->intermediates) return CRL_ERR_MEMORY;
    s = n->type->prepare(n, err);
    return s || !known_now(n) ? s : fold(n, err);
}

crl_status crl_graph_build(crl_graph *g, const crl_model *model, int32_t subgraph, crl_error *err)
{
    *g = (crl_graph){ .model = model };
    if (subgraph < 0 || subgraph >= model->n_subgraphs)
        return crl_fail(err, CRL_ERR_ARGUMENT, "subgraph %d: the model has %d", subgraph, model->n_subgraphs);
    g->def = &model->subgraphs[subgraph];
    g->tensors = crl_pile_array(&g->pile, (size_t)g->def->n_tensors, sizeof *g->tensors);
    g->nodes = crl_pile_array(&g->pile, (size_t)g->def->n_operators, sizeof *g->nodes);
    if (!g->tensors || !g->nodes) return crl_fail_memory(err, "the graph");
    for (int32_t i = 0; i < g->def->n_tensors; i++) {
        const crl_tensor_def *d = &g->def->tensors[i];
        crl_tensor *t = &g->tensors[i];
        *t = (crl_tensor){ .name = d->name, .type = d->type, .shape = d->shape, .quant = d->quant };
        t->bytes = crl_type_bytes(d->type) * crl_shape_count(&d->shape);
        if (d->data) {
            /* Constants are never written; the cast lets all tensors have one type. */
            t->data = (void *)(uintptr_t)d->data;
            t->bytes = d->bytes;
            t->flags |= CRL_TENSOR_CONST;
        }
        if (d->is_variable) t->flags |= CRL_TENSOR_VARIABLE;
    }
    for (int32_t i = 0; i < g->def->n_operators; i++) {
        g->n_nodes = i + 1; /* counted before it is built: release looks at its pile */
        crl_status s = build_node(g, i, err);
        if (s) return crl_within(err, s, "op %d %s", i, g->def->operators[i].name);
    }
    return CRL_OK;
}

void crl_graph_release(crl_graph *g)
{
    for (int32_t i = 0; i < g->n_nodes; i++) crl_pile_free(&g->nodes[i].pile);
    crl_pile_free(&g->pile);
    *g = (crl_graph){ 0 };
}
