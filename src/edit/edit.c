/* SPDX-License-Identifier: Apache-2.0 */
/* See edit.h. */
#include "edit/edit.h"

#include <string.h>

crl_status crl_edit_begin(crl_editing *e, const crl_model *model, crl_error *err)
{
    *e = (crl_editing){ .model = model };
    if (model->n_subgraphs != 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has %d subgraphs; models of one can be changed", model->n_subgraphs);
    e->def = &model->subgraphs[0];
    e->g.pile = &e->pile;
    const crl_status s = crl_tree_read_model(&e->g.root, model, &e->pile, err);
    if (s) return s;
    e->g.graph = crl_tree_at(e->g.root, CRL_FIELD_MODEL_SUBGRAPHS)->tables[0];
    e->moved = crl_graft_take(&e->g, (size_t)e->def->n_tensors, sizeof *e->moved);
    e->gone = crl_graft_take(&e->g, (size_t)e->def->n_operators, sizeof *e->gone);
    for (int32_t t = 0; e->moved && t < e->def->n_tensors; t++) e->moved[t] = t;
    return e->g.failed ? crl_fail_memory(err, "a model") : CRL_OK;
}

crl_tree *crl_edit_tensor(crl_editing *e, int32_t i)
{
    return crl_tree_at(e->g.graph, CRL_FIELD_SUB_GRAPH_TENSORS)->tables[i];
}

crl_tree *crl_edit_operator(crl_editing *e, int32_t i)
{
    return crl_tree_at(e->g.graph, CRL_FIELD_SUB_GRAPH_OPERATORS)->tables[i];
}

int32_t *crl_edit_numbers(crl_editing *e, crl_tree *node, int field, const int32_t *from, size_t n)
{
    int32_t *copy = crl_graft_take(&e->g, n, sizeof *copy);
    if (copy && n) memcpy(copy, from, n * sizeof *copy);
    if (copy) crl_graft_list(&e->g, node, field, copy, n);
    return copy;
}

void crl_edit_set_shape(crl_editing *e, int32_t tensor, const crl_shape *shape)
{
    crl_tree *t = crl_edit_tensor(e, tensor);
    crl_edit_numbers(e, t, CRL_FIELD_TENSOR_SHAPE, shape->dim, (size_t)shape->rank);
    crl_tree_at(t, CRL_FIELD_TENSOR_SHAPE_SIGNATURE)->present = false;
}

void crl_edit_set_data(crl_editing *e, int32_t tensor, const void *data, size_t bytes)
{
    crl_tree *buffer = crl_graft_table(&e->g, CRL_TABLE_BUFFER);
    crl_graft_list(&e->g, buffer, CRL_FIELD_BUFFER_DATA, data, bytes);
    crl_graft_number(&e->g, crl_edit_tensor(e, tensor), CRL_FIELD_TENSOR_BUFFER,
                     crl_graft_add(&e->g, e->g.root, CRL_FIELD_MODEL_BUFFERS, buffer));
}

int32_t crl_edit_writer(const crl_subgraph *g, int32_t tensor)
{
    for (int32_t i = g->n_operators; i-- > 0;)
        for (int32_t k = 0; k < g->operators[i].n_outputs; k++)
            if (g->operators[i].outputs[k] == tensor) return i;
    return -1;
}

int32_t crl_edit_readers(const crl_subgraph *g, int32_t tensor)
{
    int32_t n = 0;
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; k < g->operators[i].n_inputs; k++) n += g->operators[i].inputs[k] == tensor;
    return n;
}

bool crl_edit_is_output(const crl_subgraph *g, int32_t tensor)
{
    for (int32_t k = 0; k < g->n_outputs; k++)
        if (g->outputs[k] == tensor) return true;
    return false;
}

crl_status crl_edit_find_postprocess(const crl_subgraph *g, int32_t *op, crl_error *err)
{
    for (*op = 0; *op < g->n_operators; (*op)++)
        if (!strcmp(g->operators[*op].name, "TFLite_Detection_PostProcess")) {
            if (g->operators[*op].n_inputs >= 3 && g->operators[*op].inputs[0] >= 0 && g->operators[*op].inputs[1] >= 0) return CRL_OK;
            break;
        }
    return crl_fail(err, CRL_ERR_ARGUMENT, "the model has no TFLite_Detection_PostProcess, which is what detectors end in");
}

/* ---- writing ---------------------------------------------------------------------------------------- */

static void drop_operators(crl_editing *e)
{
    crl_tree_value *ops = crl_tree_at(e->g.graph, CRL_FIELD_SUB_GRAPH_OPERATORS);
    crl_tree **kept = crl_graft_take(&e->g, ops->n, sizeof *kept);
    uint32_t n = 0;
    for (uint32_t i = 0; kept && i < ops->n; i++)
        if (i >= (uint32_t)e->def->n_operators || !e->gone[i]) kept[n++] = ops->tables[i];
    if (kept) *ops = (crl_tree_value){ .tables = kept, .n = n, .present = true };
}

static bool in_list(const crl_tree_value *list, int32_t number)
{
    for (uint32_t i = 0; list->present && i < list->n; i++) {
        int32_t v;
        memcpy(&v, (const uint8_t *)list->list + 4 * (size_t)i, sizeof v);
        if (v == number) return true;
    }
    return false;
}

/* Names that a signature gives stay with their tensors, and go with them. */
static void follow(crl_editing *e, crl_tree *signature, int field, const crl_tree_value *ends)
{
    crl_tree_value *v = crl_tree_at(signature, field);
    crl_tree **kept = crl_graft_take(&e->g, v->n, sizeof *kept);
    uint32_t n = 0;
    for (uint32_t i = 0; kept && v->present && i < v->n; i++) {
        const int64_t old = crl_tree_at(v->tables[i], CRL_FIELD_TENSOR_MAP_TENSOR_INDEX)->i;
        if (old < 0 || old >= e->def->n_tensors || !in_list(ends, e->moved[old])) continue;
        crl_graft_number(&e->g, v->tables[i], CRL_FIELD_TENSOR_MAP_TENSOR_INDEX, e->moved[old]);
        kept[n++] = v->tables[i];
    }
    if (kept && v->present) *v = (crl_tree_value){ .tables = kept, .n = n, .present = true };
}

/* A signature that does not name all inputs and outputs is none. */
static void follow_signatures(crl_editing *e)
{
    crl_tree_value *all = crl_tree_at(e->g.root, CRL_FIELD_MODEL_SIGNATURE_DEFS);
    const crl_tree_value *in = crl_tree_at(e->g.graph, CRL_FIELD_SUB_GRAPH_INPUTS), *out = crl_tree_at(e->g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS);
    for (uint32_t i = 0; all->present && i < all->n; i++) {
        follow(e, all->tables[i], CRL_FIELD_SIGNATURE_DEF_INPUTS, in);
        follow(e, all->tables[i], CRL_FIELD_SIGNATURE_DEF_OUTPUTS, out);
        const crl_tree_value *a = crl_tree_at(all->tables[i], CRL_FIELD_SIGNATURE_DEF_INPUTS);
        const crl_tree_value *b = crl_tree_at(all->tables[i], CRL_FIELD_SIGNATURE_DEF_OUTPUTS);
        if (a->n != in->n || b->n != out->n) all->present = false;
    }
}

crl_status crl_edit_end(crl_editing *e, crl_status s, uint8_t **bytes, size_t *size, crl_error *err)
{
    *bytes = NULL;
    *size = 0;
    if (!s) {
        drop_operators(e);
        if (!e->g.failed) follow_signatures(e);
        if (!e->keeps_notes) crl_graft_drop_notes(&e->g);
        if (!e->g.failed) crl_graft_compact(&e->g);
        if (e->g.failed) s = crl_fail_memory(err, "a model");
    }
    if (!s) s = crl_tree_write(e->g.root, "TFL3", e->keeps_notes ? e->model : NULL, bytes, size, err);
    crl_pile_free(&e->pile);
    return s;
}
