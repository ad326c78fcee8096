/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a model in two, and putting one behind another. */
#include <string.h>

#include "edit/edit.h"

/* ---- split ------------------------------------------------------------------------------------------ */

/* Marks the operators that the tensors marked in `wanted` depend on, not going past those in `stop`, and the tensors that they read. */
static void mark(const crl_subgraph *g, bool *wanted, const bool *stop, bool *ops)
{
    for (int32_t i = g->n_operators; i-- > 0;) {
        const crl_operator *op = &g->operators[i];
        bool used = false;
        for (int32_t k = 0; k < op->n_outputs; k++) used |= wanted[op->outputs[k]] && !(stop && stop[op->outputs[k]]);
        ops[i] = used;
        for (int32_t k = 0; used && k < op->n_inputs; k++)
            if (op->inputs[k] >= 0) wanted[op->inputs[k]] = true;
    }
}

typedef struct parts {
    bool *at;            /* tensors of the cut */
    bool *head, *tail;   /* operators */
    bool *before, *need; /* tensors that the head has something to do with, and the tail */
    int32_t *writer;     /* the operator that writes a tensor, -1: none */
} parts;

static crl_status take_parts(crl_editing *e, const int32_t *tensors, int32_t n, parts *p, crl_error *err)
{
    const crl_subgraph *g = e->def;
    p->at = crl_graft_take(&e->g, (size_t)g->n_tensors, 1);
    p->before = crl_graft_take(&e->g, (size_t)g->n_tensors, 1);
    p->need = crl_graft_take(&e->g, (size_t)g->n_tensors, 1);
    p->head = crl_graft_take(&e->g, (size_t)g->n_operators, 1);
    p->tail = crl_graft_take(&e->g, (size_t)g->n_operators, 1);
    p->writer = crl_graft_take(&e->g, (size_t)g->n_tensors, sizeof *p->writer);
    if (e->g.failed) return crl_fail_memory(err, "a model");
    for (int32_t t = 0; t < g->n_tensors; t++) p->writer[t] = -1;
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; k < g->operators[i].n_outputs; k++) p->writer[g->operators[i].outputs[k]] = i;
    if (n < 1) return crl_fail(err, CRL_ERR_ARGUMENT, "no tensor to cut at");
    for (int32_t i = 0; i < n; i++) {
        if (tensors[i] < 0 || tensors[i] >= g->n_tensors)
            return crl_fail(err, CRL_ERR_ARGUMENT, "tensor %d; there are 0 to %d", tensors[i], g->n_tensors - 1);
        if (p->writer[tensors[i]] < 0)
            return crl_fail(err, CRL_ERR_ARGUMENT, "no operator computes tensor %d \"%s\": nothing is in front of it",
                            tensors[i], g->tensors[tensors[i]].name);
        p->at[tensors[i]] = p->before[tensors[i]] = true;
    }
    mark(g, p->before, NULL, p->head);
    return CRL_OK;
}

/* What the tail reads that operators of the head write, the tensors of the cut apart: without it the cut is none. */
static crl_status check_cut(const crl_subgraph *g, const parts *p, crl_error *err)
{
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; p->tail[i] && !p->head[i] && k < g->operators[i].n_inputs; k++) {
            const int32_t t = g->operators[i].inputs[k];
            const int32_t writer = t < 0 || p->at[t] ? -1 : p->writer[t];
            if (writer >= 0 && p->head[writer])
                return crl_fail(err, CRL_ERR_ARGUMENT, "op %d %s also reads tensor %d \"%s\", which is computed before the cut: cut there, too", i,
                                g->operators[i].name, t, g->tensors[t].name);
        }
    for (int32_t i = 0; i < g->n_operators; i++)
        if (p->tail[i] && p->head[i])
            return crl_fail(err, CRL_ERR_ARGUMENT,
                            "op %d %s is before the cut and behind it: cut at one of these tensors only", i,
                            g->operators[i].name);
    return CRL_OK;
}

/* Outputs that are ready before the cut. */
static bool is_early(const parts *p, int32_t t)
{
    const int32_t writer = p->writer[t];
    return writer >= 0 && p->head[writer] && !p->at[t];
}

static int32_t add_once(int32_t *list, int32_t n, int32_t t)
{
    for (int32_t i = 0; i < n; i++)
        if (list[i] == t) return n;
    list[n] = t;
    return n + 1;
}

static void set_ends(crl_editing *e, const parts *p, const int32_t *tensors, int32_t n, crl_edit_part part)
{
    const crl_subgraph *g = e->def;
    int32_t *in = crl_graft_take(&e->g, (size_t)(n + g->n_inputs), sizeof *in), *out = crl_graft_take(&e->g, (size_t)(n + g->n_outputs), sizeof *out);
    int32_t n_in = 0, n_out = 0;
    if (e->g.failed) return;
    const bool *needed = part == CRL_EDIT_HEAD ? p->before : p->need;
    for (int32_t k = 0; k < n; k++) {
        if (part == CRL_EDIT_HEAD) n_out = add_once(out, n_out, tensors[k]);
        if (part == CRL_EDIT_TAIL && p->need[tensors[k]]) n_in = add_once(in, n_in, tensors[k]);
    }
    for (int32_t k = 0; k < g->n_inputs; k++)
        if (needed[g->inputs[k]]) n_in = add_once(in, n_in, g->inputs[k]);
    for (int32_t k = 0; k < g->n_outputs; k++)
        if (is_early(p, g->outputs[k]) == (part == CRL_EDIT_HEAD)) n_out = add_once(out, n_out, g->outputs[k]);
    crl_graft_list(&e->g, e->g.graph, CRL_FIELD_SUB_GRAPH_INPUTS, in, (size_t)n_in);
    crl_graft_list(&e->g, e->g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, out, (size_t)n_out);
}

static crl_status split(crl_editing *e, const int32_t *tensors, int32_t n, crl_edit_part part, crl_error *err)
{
    parts p;
    const crl_subgraph *g = e->def;
    crl_status s = take_parts(e, tensors, n, &p, err);
    if (s) return s;
    for (int32_t k = 0; k < g->n_outputs; k++) p.need[g->outputs[k]] = !is_early(&p, g->outputs[k]);
    mark(g, p.need, p.at, p.tail);
    s = part == CRL_EDIT_TAIL ? check_cut(g, &p, err) : CRL_OK;
    if (s) return s;
    bool any = false;
    for (int32_t i = 0; i < g->n_operators; i++) any |= p.tail[i];
    if (!any) return crl_fail(err, CRL_ERR_ARGUMENT, "nothing is behind tensor %d \"%s\"", tensors[0], g->tensors[tensors[0]].name);
    for (int32_t i = 0; i < g->n_operators; i++) e->gone[i] = part == CRL_EDIT_HEAD ? !p.head[i] : !p.tail[i];
    set_ends(e, &p, tensors, n, part);
    return CRL_OK;
}

crl_status crl_edit_split(const crl_model *model, const int32_t *tensors, int32_t n, crl_edit_part part, uint8_t **bytes, size_t *size,
                          crl_error *err)
{
    crl_editing e;
    crl_status s = crl_edit_begin(&e, model, err);
    if (!s) s = split(&e, tensors, n, part, err);
    return crl_edit_end(&e, s, bytes, size, err);
}

/* ---- join ------------------------------------------------------------------------------------------- */

static bool same_quant(const crl_quant *a, const crl_quant *b)
{
    if (a->n != b->n) return false;
    for (int32_t i = 0; i < a->n; i++)
        if (a->scale[i] != b->scale[i] || a->zero_point[i] != b->zero_point[i]) return false;
    return true;
}

static crl_status check_seam(const crl_tensor_def *a, const crl_tensor_def *b, crl_error *err)
{
    char x[CRL_SHAPE_TEXT], y[CRL_SHAPE_TEXT];
    if (a->type != b->type || !crl_shape_equal(&a->shape, &b->shape))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output \"%s\" is %s %s, input \"%s\" wants %s %s", a->name, crl_type_name(a->type),
                        crl_shape_text(&a->shape, x, sizeof x), b->name, crl_type_name(b->type), crl_shape_text(&b->shape, y, sizeof y));
    if (!same_quant(&a->quant, &b->quant))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output \"%s\" and input \"%s\" have other scales or zero points", a->name, b->name);
    return CRL_OK;
}

/* For each tensor of the second model its number in the whole. */
static crl_status number_tensors(crl_editing *e, const crl_subgraph *b, int32_t *to, bool *taken, crl_error *err)
{
    const crl_subgraph *a = e->def;
    for (int32_t t = 0; t < b->n_tensors; t++) to[t] = -1;
    for (int pass = 0; pass < 2; pass++) /* by name, then in order */
        for (int32_t i = 0; i < b->n_inputs; i++) {
            const int32_t t = b->inputs[i];
            for (int32_t k = 0; k < a->n_outputs && to[t] < 0; k++) {
                const bool fits = !taken[k] && (pass || !strcmp(a->tensors[a->outputs[k]].name, b->tensors[t].name));
                if (!fits) continue;
                const crl_status s = check_seam(&a->tensors[a->outputs[k]], &b->tensors[t], err);
                if (s) return s;
                taken[k] = true;
                to[t] = a->outputs[k];
            }
        }
    bool any = false;
    for (int32_t k = 0; k < a->n_outputs; k++) any |= taken[k];
    if (!any) return crl_fail(err, CRL_ERR_ARGUMENT, "the second model has no input that an output of the first could go into");
    int32_t next = a->n_tensors;
    for (int32_t t = 0; t < b->n_tensors; t++)
        if (to[t] < 0) to[t] = next++;
    return CRL_OK;
}

static void renumber(crl_editing *e, crl_tree *node, int field, const int32_t *to)
{
    crl_tree_value *v = crl_tree_at(node, field);
    if (!v->present) return;
    int32_t *list = crl_graft_take(&e->g, v->n, sizeof *list);
    for (uint32_t i = 0; list && i < v->n; i++) {
        memcpy(&list[i], (const uint8_t *)v->list + 4 * (size_t)i, sizeof *list);
        if (list[i] >= 0) list[i] = to[list[i]];
    }
    if (list) v->list = list;
}

/* Tables behind those that are there: all at once, for there may be many. */
static void append_tables(crl_editing *e, crl_tree *node, int field, crl_tree *const *tables, uint32_t n)
{
    crl_tree_value *v = crl_tree_at(node, field);
    const uint32_t old = v->present ? v->n : 0;
    crl_tree **all = crl_graft_take(&e->g, (size_t)old + n, sizeof *all);
    if (!all) return;
    if (old) memcpy(all, v->tables, old * sizeof *all);
    if (n) memcpy(all + old, tables, n * sizeof *all);
    *v = (crl_tree_value){ .tables = all, .n = old + n, .present = true };
}

/* Tables of the second model behind those of the first, whose numbers are moved on. */
static void append(crl_editing *e, crl_tree *root, const crl_subgraph *b, const int32_t *to)
{
    crl_graft *g = &e->g;
    crl_tree *graph = crl_tree_at(root, CRL_FIELD_MODEL_SUBGRAPHS)->tables[0];
    const crl_tree_value *buffers = crl_tree_at(root, CRL_FIELD_MODEL_BUFFERS), *codes = crl_tree_at(root, CRL_FIELD_MODEL_OPERATOR_CODES);
    const crl_tree_value *tensors = crl_tree_at(graph, CRL_FIELD_SUB_GRAPH_TENSORS), *ops = crl_tree_at(graph, CRL_FIELD_SUB_GRAPH_OPERATORS);
    const crl_tree_value *mine = crl_tree_at(g->root, CRL_FIELD_MODEL_BUFFERS), *known = crl_tree_at(g->root, CRL_FIELD_MODEL_OPERATOR_CODES);
    const int64_t first_buffer = mine->present ? mine->n : 0, first_code = known->present ? known->n : 0;
    crl_tree **added = crl_graft_take(g, (size_t)b->n_tensors, sizeof *added);
    uint32_t n = 0;
    if (!added) return;
    append_tables(e, g->root, CRL_FIELD_MODEL_BUFFERS, buffers->tables, buffers->present ? buffers->n : 0);
    append_tables(e, g->root, CRL_FIELD_MODEL_OPERATOR_CODES, codes->tables, codes->present ? codes->n : 0);
    for (int32_t t = 0; t < b->n_tensors; t++) {
        if (to[t] < e->def->n_tensors) continue;
        crl_tree_value *buffer = crl_tree_at(tensors->tables[t], CRL_FIELD_TENSOR_BUFFER);
        if (buffer->present && buffer->i) buffer->i += first_buffer; /* 0 stands for none */
        added[n++] = tensors->tables[t];
    }
    append_tables(e, g->graph, CRL_FIELD_SUB_GRAPH_TENSORS, added, n);
    for (uint32_t i = 0; ops->present && i < ops->n; i++) {
        const crl_tree_value *code = crl_tree_at(ops->tables[i], CRL_FIELD_OPERATOR_OPCODE_INDEX);
        crl_graft_number(g, ops->tables[i], CRL_FIELD_OPERATOR_OPCODE_INDEX, (code->present ? code->i : 0) + first_code);
        renumber(e, ops->tables[i], CRL_FIELD_OPERATOR_INPUTS, to);
        renumber(e, ops->tables[i], CRL_FIELD_OPERATOR_OUTPUTS, to);
        renumber(e, ops->tables[i], CRL_FIELD_OPERATOR_INTERMEDIATES, to);
    }
    append_tables(e, g->graph, CRL_FIELD_SUB_GRAPH_OPERATORS, ops->tables, ops->present ? ops->n : 0);
}

static void join_ends(crl_editing *e, const crl_subgraph *b, const int32_t *to, const bool *taken)
{
    const crl_subgraph *a = e->def;
    int32_t *in = crl_graft_take(&e->g, (size_t)(a->n_inputs + b->n_inputs), sizeof *in), n_in = 0, n_out = 0;
    int32_t *out = crl_graft_take(&e->g, (size_t)(a->n_outputs + b->n_outputs), sizeof *out);
    if (e->g.failed) return;
    for (int32_t k = 0; k < a->n_inputs; k++) in[n_in++] = a->inputs[k];
    for (int32_t k = 0; k < b->n_inputs; k++)
        if (to[b->inputs[k]] >= a->n_tensors) in[n_in++] = to[b->inputs[k]];
    for (int32_t k = 0; k < b->n_outputs; k++) out[n_out++] = to[b->outputs[k]];
    for (int32_t k = 0; k < a->n_outputs; k++)
        if (!taken[k]) out[n_out++] = a->outputs[k];
    crl_graft_list(&e->g, e->g.graph, CRL_FIELD_SUB_GRAPH_INPUTS, in, (size_t)n_in);
    crl_graft_list(&e->g, e->g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, out, (size_t)n_out);
}

static crl_status join(crl_editing *e, const crl_model *second, crl_error *err)
{
    if (second->n_subgraphs != 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the second model has %d subgraphs; models of one can be joined", second->n_subgraphs);
    crl_tree *root;
    const crl_subgraph *b = &second->subgraphs[0];
    crl_status s = crl_tree_read_model(&root, second, &e->pile, err);
    if (s) return s;
    int32_t *to = crl_graft_take(&e->g, (size_t)b->n_tensors, sizeof *to);
    bool *taken = crl_graft_take(&e->g, (size_t)e->def->n_outputs, sizeof *taken);
    if (e->g.failed) return crl_fail_memory(err, "a model");
    s = number_tensors(e, b, to, taken, err);
    if (s) return s;
    append(e, root, b, to);
    join_ends(e, b, to, taken);
    return CRL_OK;
}

crl_status crl_edit_join(const crl_model *first, const crl_model *second, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_editing e;
    crl_status s = crl_edit_begin(&e, first, err);
    if (!s) s = join(&e, second, err);
    return crl_edit_end(&e, s, bytes, size, err);
}
