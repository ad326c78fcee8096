/* SPDX-License-Identifier: Apache-2.0 */
/* Building a graph from a subgraph of the file, and shape propagation, part by part. */
#include "graph/graph.h"

#include <string.h>

#include "graph/spread.h"
#include "model/flat_read.h"
#include "ops/work.h"

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
    if (n->stateful || n->late || !n->type->invoke) return false;
    for (int32_t i = 0; i < n->n_out; i++)
        if (n->out[i]->flags & CRL_TENSOR_VARIABLE || n->out[i]->bytes > FOLD_BYTES) return false;
    if (n->constant) return true;
    for (int32_t i = 0; i < n->n_in; i++)
        if (n->in[i] && !(n->in[i]->flags & CRL_TENSOR_CONST)) return false;
    return n->n_in > 0;
}

/* No output has an element. This is the one place that asks: a tensor with a dimension of 0 takes no memory whatever its
 * other dimensions are, and no kernel limits its loops over those. */
static bool nothing_to_do(const crl_node *n)
{
    if (n->stateful || n->late) return false;
    for (int32_t i = 0; i < n->n_in; i++)
        if (n->in[i] && n->in[i]->flags & CRL_TENSOR_VARIABLE) return false;
    for (int32_t i = 0; i < n->n_out; i++)
        if (n->out[i]->flags & CRL_TENSOR_VARIABLE || crl_shape_count(&n->out[i]->shape)) return false;
    return n->n_out > 0;
}

static crl_status run_now(crl_node *n, crl_error *err)
{
    crl_pile pile = crl_pile_beside(&n->pile);
    crl_work work = { .scratch = crl_pile_alloc(&pile, n->scratch_bytes) };
    if (!work.scratch) return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes of scratch", n->scratch_bytes);
    crl_status s = n->type->invoke(n, &work, err);
    crl_pile_free(&pile);
    return s;
}

/* Runs an operator once and for all: its outputs become constants, and what reads them may fold in turn. */
static crl_status fold(crl_node *n, crl_error *err)
{
    for (int32_t i = 0; i < n->n_out; i++) {
        crl_status s = crl_node_give(n, i, &n->out[i]->shape, err);
        if (s) return s;
    }
    crl_status s = CRL_OK;
    if (!nothing_to_do(n)) s = crl_host_spend(n->host, crl_node_work(n), err);
    if (!s && !nothing_to_do(n)) s = run_now(n, err);
    for (int32_t i = 0; !s && i < n->n_out; i++) n->out[i]->flags |= CRL_TENSOR_CONST;
    n->folded = !s;
    return s;
}

static bool is_input(const crl_subgraph *def, int32_t tensor)
{
    for (int32_t i = 0; i < def->n_inputs; i++)
        if (def->inputs[i] == tensor) return true;
    return false;
}

/* Reading the file has asked for the values of all operators but custom ones. */
static crl_status check_values(const crl_graph *g, int32_t op, crl_error *err)
{
    const crl_operator *def = &g->def->operators[op];
    if (def->code != CRL_CUSTOM) return CRL_OK;
    for (int32_t k = 0; k < def->n_inputs; k++) {
        const int32_t i = def->inputs[k];
        if (i < 0 || g->writer[i] >= 0 || g->def->tensors[i].data || g->def->tensors[i].is_variable) continue;
        if (!is_input(g->def, i)) return crl_flat_no_value(g->def, op, k, err);
    }
    return CRL_OK;
}

static crl_status build_node(crl_graph *g, int32_t i, crl_error *err)
{
    const crl_operator *def = &g->def->operators[i];
    crl_node *n = &g->nodes[i];
    *n = (crl_node){ .def = def, .index = i, .on_chip = g->on_chip && g->on_chip[i], .n_in = def->n_inputs, .n_out = def->n_outputs,
                     .n_intermediates = def->n_intermediates, .host = g->host, .asked = &g->asked[i],
                     .pile = crl_pile_beside(&g->pile) };
    n->type = crl_op_find(def);
    if (!n->type && g->host && g->host->find) n->type = g->host->find(g->host, def);
    if (!n->type) return crl_op_unknown(def, err);
    crl_status s = check_counts(n->type, def, err);
    if (!s) s = check_values(g, i, err);
    if (s) return s;
    n->in = tensor_list(g, def->inputs, def->n_inputs, err);
    if (!n->in) return CRL_ERR_MEMORY;
    n->out = tensor_list(g, def->outputs, def->n_outputs, err);
    if (!n->out) return CRL_ERR_MEMORY;
    n->intermediates = tensor_list(g, def->intermediates, def->n_intermediates, err);
    if (!n->intermediates) return CRL_ERR_MEMORY;
    n->given = crl_pile_array(&g->pile, (size_t)def->n_outputs, sizeof *n->given);
    if (!n->given) return crl_fail_memory(err, "the graph");
    for (int32_t k = 0; k < def->n_outputs; k++) g->writer[def->outputs[k]] = i;
    return CRL_OK;
}

/* As the file has it. */
static void reset_tensor(crl_graph *g, int32_t i)
{
    const crl_tensor_def *d = &g->def->tensors[i];
    crl_tensor *t = &g->tensors[i];
    *t = (crl_tensor){ .name = d->name, .type = d->type, .shape = d->shape, .quant = g->quant ? g->quant[i] : d->quant };
    t->bytes = crl_shape_count(&d->shape) * (d->type == CRL_RESOURCE ? sizeof(int32_t) : crl_type_bytes(d->type));
    if (d->data) {
        /* Constants are never written; the cast lets all tensors have one type. */
        t->data = (void *)(uintptr_t)d->data;
        t->bytes = d->bytes;
        t->flags |= CRL_TENSOR_CONST;
    }
    if (d->is_variable) t->flags |= CRL_TENSOR_VARIABLE;
}

/* Constants of 4 bits, two to a byte, the lower half first, become INT8: the same numbers, for whatever takes those. */
static crl_status widen(crl_graph *g, crl_tensor *t, crl_error *err)
{
    if (t->type != CRL_INT4 || !(t->flags & CRL_TENSOR_CONST)) return CRL_OK;
    const size_t n = crl_shape_count(&t->shape);
    const uint8_t *packed = t->data;
    int8_t *wide = crl_pile_array(&g->pile, n, 1);
    if (!wide) return crl_fail_memory(err, "a constant of 4 bits");
    for (size_t i = 0; i < n; i++) {
        const int32_t half = packed[i / 2] >> (i % 2 * 4) & 15;
        wide[i] = (int8_t)(half < 8 ? half : half - 16);
    }
    t->type = CRL_INT8;
    t->data = wide;
    t->bytes = n;
    return CRL_OK;
}

/* Sparse constants become dense. */
static crl_status fill(crl_graph *g, int32_t i, crl_error *err)
{
    const crl_tensor_def *d = &g->def->tensors[i];
    crl_tensor *t = &g->tensors[i];
    if (!d->sparsity || !d->data) return CRL_OK;
    const size_t bytes = crl_shape_count(&d->shape) * crl_type_bytes(d->type);
    crl_status s = crl_given_enlarge(&g->variables[i], bytes, g->host, "the sparse constants", err);
    if (s) return s;
    t->data = memset(g->variables[i].data, 0, bytes);
    t->bytes = bytes;
    crl_spread(t->data, d);
    return CRL_OK;
}

static crl_status set_input(crl_graph *g, int32_t i, const crl_shape *shape, crl_error *err)
{
    crl_tensor *t = &g->tensors[g->def->inputs[i]];
    if (crl_shape_equal(shape, &t->shape)) return CRL_OK;
    /* An output's rules are those of an input: a node that has it for one lends them. */
    crl_tensor *const out[] = { t };
    crl_node rules = { .def = &(crl_operator){ .outputs = &g->def->inputs[i], .n_outputs = 1 }, .out = out, .n_out = 1 };
    crl_status s = crl_node_shape(&rules, 0, shape, err);
    return s ? crl_within(err, CRL_ERR_ARGUMENT, "input %d", i) : CRL_OK;
}

crl_status crl_graph_build(crl_graph *g, const crl_model *model, int32_t subgraph, const crl_shape *shapes,
                           const crl_chip *chip, crl_host *host, crl_error *err)
{
    *g = (crl_graph){ .model = model, .host = host, .pile = { .account = crl_host_account(host) } };
    if (subgraph < 0 || subgraph >= model->n_subgraphs)
        return crl_fail(err, CRL_ERR_ARGUMENT, "subgraph %d: the model has %d", subgraph, model->n_subgraphs);
    const crl_subgraph *def = g->def = &model->subgraphs[subgraph];
    g->tensors = crl_pile_array(&g->pile, (size_t)def->n_tensors, sizeof *g->tensors);
    g->writer = crl_pile_array(&g->pile, (size_t)def->n_tensors, sizeof *g->writer);
    g->nodes = crl_pile_array(&g->pile, (size_t)def->n_operators, sizeof *g->nodes);
    g->asked = crl_pile_array(&g->pile, (size_t)def->n_operators, sizeof *g->asked);
    g->variables = crl_pile_array(&g->pile, (size_t)def->n_tensors, sizeof *g->variables);
    if (!g->tensors || !g->writer || !g->nodes || !g->asked || !g->variables) return crl_fail_memory(err, "the graph");
    /* The compiler looks at the first subgraph, others are called by operators that it does not map. */
    if (chip && subgraph == 0) {
        g->on_chip = crl_pile_array(&g->pile, (size_t)def->n_operators, sizeof *g->on_chip);
        g->quant = crl_pile_array(&g->pile, (size_t)def->n_tensors, sizeof *g->quant);
        if (!g->on_chip || !g->quant) return crl_fail_memory(err, "the graph");
        crl_status s = crl_chip_mark(chip, def, g->on_chip, g->quant, &g->pile, err);
        if (s) return s;
    }
    for (int32_t i = 0; i < def->n_tensors; i++) {
        reset_tensor(g, i);
        g->writer[i] = -1;
        crl_status s = widen(g, &g->tensors[i], err);
        if (!s) s = fill(g, i, err);
        if (s) return s;
    }
    for (int32_t i = 0; i < def->n_operators; i++) {
        g->n_nodes = i + 1; /* counted before it is built: release looks at its pile */
        crl_status s = build_node(g, i, err);
        if (s) return crl_within(err, s, "op %d %s", i, def->operators[i].name);
    }
    for (int32_t i = 0; shapes && i < def->n_inputs; i++) {
        crl_status s = set_input(g, i, &shapes[i], err);
        if (s) return s;
    }
    return CRL_OK;
}

static void forget_node(crl_node *n)
{
    crl_pile_free(&n->pile);
    crl_node_give_back(n);
    n->params = NULL;
    n->scratch_bytes = 0;
    n->macs = n->more_work = 0;
    n->constant = n->stateful = n->late = n->folded = false;
    *n->asked = 0;
}

void crl_graph_forget(crl_graph *g, int32_t from)
{
    for (int32_t i = from; i < g->n_nodes; i++) {
        crl_node *n = &g->nodes[i];
        forget_node(n);
        for (int32_t k = 0; k < n->n_out; k++) {
            reset_tensor(g, n->def->outputs[k]);
            n->out[k]->flags |= CRL_TENSOR_DYNAMIC;
        }
    }
}

/* Its shape and value come later. */
static void leave_open(crl_tensor *t)
{
    t->flags |= CRL_TENSOR_DYNAMIC;
    t->data = NULL;
    t->bytes = 0;
}

/* Said here, by the name of the tensor, and not only when memory is asked for: what lowers and plans may count the
 * elements of what remains in 31 bits. */
static crl_status check_size(const crl_node *n, const crl_tensor *t, crl_error *err)
{
    if (!n->host || (t->flags & CRL_TENSOR_CONST)) return CRL_OK;
    const size_t most = n->host->account.most < INT32_MAX ? n->host->account.most : INT32_MAX;
    if (t->bytes <= most) return CRL_OK;
    return crl_node_bad(n, CRL_ERR_UNSUPPORTED, t, err, "it needs %zu MiB, at most %zu are allowed: give the model smaller inputs",
                        t->bytes >> 20, most >> 20);
}

static crl_status prepare_node(crl_node *n, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < n->n_in; i++)
        if (n->in[i]) s = check_size(n, n->in[i], err);
    if (!s) s = n->type->prepare(n, err);
    for (int32_t i = 0; !s && i < n->n_out; i++) s = check_size(n, n->out[i], err);
    if (!s) s = crl_host_spend(n->host, crl_node_work_prepare(n), err);
    if (s) return s;
    for (int32_t i = 0; n->late && i < n->n_out; i++) leave_open(n->out[i]);
    return known_now(n) || nothing_to_do(n) ? fold(n, err) : CRL_OK;
}

/* Whether prepare failed for a value that is yet to be computed. */
static bool asks_too_early(const crl_node *n)
{
    for (int32_t i = 0; i < n->n_in && i < 64; i++)
        if ((*n->asked >> i & 1) && !n->in[i]->data) return true;
    return false;
}

crl_status crl_graph_prepare(crl_graph *g, crl_span *span, crl_error *err)
{
    bool open = false;
    int32_t i = span->from;
    for (; i < g->n_nodes && !open; i++) {
        crl_node *n = &g->nodes[i];
        crl_status s = prepare_node(n, err);
        if (s && (span->first || i > span->from) && asks_too_early(n)) {
            forget_node(n);
            break;
        }
        if (s) return crl_within(err, s, "op %d %s", i, n->def->name);
        open = n->late;
    }
    span->to = i;
    for (; i < g->n_nodes; i++)
        for (int32_t k = 0; k < g->nodes[i].n_out; k++) leave_open(g->nodes[i].out[k]);
    return CRL_OK;
}

static void zero_variable(const crl_tensor *t)
{
    const int zero = t->type == CRL_INT8 && t->quant.n > 0 ? t->quant.zero_point[0] : 0;
    memset(t->data, zero, t->bytes);
}

crl_status crl_graph_allocate_variable(crl_graph *g, crl_tensor *t, crl_error *err)
{
    if (t->data) return CRL_OK;
    crl_given *room = &g->variables[crl_graph_index(g, t)];
    if (!room->data || t->bytes > room->bytes) {
        crl_status s = crl_given_enlarge(room, t->bytes, g->host, "the variables", err);
        if (s) return s;
    }
    t->data = room->data;
    zero_variable(t);
    return CRL_OK;
}

void crl_graph_reset(crl_graph *g)
{
    for (int32_t i = 0; i < g->def->n_tensors; i++)
        if ((g->tensors[i].flags & CRL_TENSOR_VARIABLE) && g->tensors[i].data) zero_variable(&g->tensors[i]);
}

void crl_graph_release(crl_graph *g)
{
    for (int32_t i = 0; i < g->n_nodes; i++) {
        crl_pile_free(&g->nodes[i].pile);
        crl_node_give_back(&g->nodes[i]);
    }
    for (int32_t i = 0; g->variables && i < g->def->n_tensors; i++) crl_given_release(&g->variables[i], g->host);
    crl_pile_free(&g->pile);
    *g = (crl_graph){ 0 };
}
