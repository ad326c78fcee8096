/* SPDX-License-Identifier: Apache-2.0 */
/* See twin.h. */
#include "compile/twin.h"

#include <string.h>

int64_t crl_twin_option(const crl_operator *op, const char *name)
{
    const crl_option *o = crl_operator_option(op, name);
    return o ? o->i : 0;
}

bool crl_twin_needs(const crl_twin *w, int32_t later, int32_t earlier)
{
    const crl_subgraph *g = w->side[0];
    memset(w->marks, 0, (size_t)g->n_tensors * sizeof *w->marks);
    bool needed = true; /* the operator that is looked at */
    for (int32_t i = later; i > earlier; i--) {
        const crl_operator *op = &g->operators[i];
        for (int32_t k = 0; k < op->n_outputs && !needed; k++) needed = w->marks[op->outputs[k]];
        for (int32_t k = 0; k < op->n_inputs && needed; k++)
            if (op->inputs[k] >= 0) w->marks[op->inputs[k]] = true;
        needed = false;
    }
    for (int32_t k = 0; later > earlier && k < g->operators[earlier].n_outputs; k++)
        if (w->marks[g->operators[earlier].outputs[k]]) return true;
    return false;
}

/* ---- are they of one form? -------------------------------------------------------------------- */

static bool same_option(const crl_option *a, const crl_option *b)
{
    if (a->kind != b->kind || strcmp(a->name, b->name)) return false;
    switch (a->kind) {
    case CRL_OPTION_BOOL:
    case CRL_OPTION_INT: return a->i == b->i;
    case CRL_OPTION_FLOAT: return !memcmp(&a->f, &b->f, sizeof a->f);
    case CRL_OPTION_TEXT: return !strcmp(a->text ? a->text : "", b->text ? b->text : "");
    case CRL_OPTION_INTS: return a->n == b->n && (!a->n || !memcmp(a->v, b->v, (size_t)a->n * sizeof *a->v));
    case CRL_OPTION_FLOATS: return a->n == b->n && (!a->n || !memcmp(a->fv, b->fv, (size_t)a->n * sizeof *a->fv));
    }
    return false;
}

/* What differs between two operators; NULL: nothing. */
static const char *differing(const crl_operator *a, const crl_operator *b)
{
    if (a->code != b->code || strcmp(a->name, b->name)) return "is another operator";
    if (a->n_inputs != b->n_inputs || a->n_outputs != b->n_outputs) return "has another number of inputs or outputs";
    if (a->n_options != b->n_options) return "has other options";
    for (int32_t i = 0; i < a->n_options; i++)
        if (strcmp(a->options[i].name, "new_shape") && !same_option(&a->options[i], &b->options[i])) return "has other options";
    if (a->custom_bytes != b->custom_bytes || (a->custom_bytes && memcmp(a->custom_options, b->custom_options, a->custom_bytes)))
        return "has other options of its own";
    return NULL;
}

/* The one dense layer, near the end, that may have another number of outputs. */
static void find_width(crl_twin *w)
{
    const crl_subgraph *a = w->side[0], *b = w->side[1];
    w->wide_op = -1;
    for (int32_t i = 0; i < a->n_operators && i < b->n_operators; i++) {
        const crl_operator *x = &a->operators[i], *y = &b->operators[i];
        if (x->code != CRL_OP_DENSE || y->code != CRL_OP_DENSE || x->n_inputs < 2 || y->n_inputs < 2 || x->inputs[1] < 0 || y->inputs[1] < 0)
            continue;
        const crl_shape *s = &a->tensors[x->inputs[1]].shape, *t = &b->tensors[y->inputs[1]].shape;
        if (s->rank != 2 || t->rank != 2 || s->dim[0] == t->dim[0]) continue;
        w->wide_op = i;
        w->width[0] = s->dim[0];
        w->width[1] = t->dim[0];
        return;
    }
}

/* The shapes are equal, or differ in the number of classes, in a tensor of the wide layer or behind it. */
static bool same_shape(const crl_twin *w, int32_t op, const crl_shape *a, const crl_shape *b)
{
    bool same = a->rank == b->rank;
    for (int32_t d = 0; same && d < a->rank; d++)
        same = a->dim[d] == b->dim[d] ||
               (w->wide_op >= 0 && op >= w->wide_op && a->dim[d] == w->width[0] && b->dim[d] == w->width[1]);
    return same;
}

static bool is_8_bit(crl_type type)
{
    return type == CRL_UINT8 || type == CRL_INT8;
}

/* What differs between two tensors that stand in the same place; NULL: nothing that matters. `weights`: their values may. */
static const char *differing_tensor(const crl_twin *w, int32_t op, const crl_tensor_def *a, const crl_tensor_def *b, bool weights)
{
    if (a->type != b->type) return "is of another type";
    if (!same_shape(w, op, &a->shape, &b->shape)) return "has another shape";
    if (!a->data != !b->data) return "is a constant in one of them only";
    if ((a->quant.n > 1) != (b->quant.n > 1)) return "has scales of single channels in one of them only";
    if (a->quant.n > 1 && a->quant.axis != b->quant.axis) return "has its scales along another dimension";
    if (!a->quant.n != !b->quant.n && is_8_bit(a->type)) return "is quantised in one of them only";
    if (a->sparsity || b->sparsity || a->is_variable || b->is_variable) return "is sparse, or a variable, which templates do not carry over";
    if (a->data && !weights && (a->bytes != b->bytes || memcmp(a->data, b->data, a->bytes))) return "is a constant of another value";
    return NULL;
}

/* Notes that tensor x of A is y of B. */
static crl_status pair_tensors(crl_twin *w, int32_t op, int32_t x, int32_t y, bool weights, crl_error *err)
{
    const crl_subgraph *a = w->side[0], *b = w->side[1];
    if (x < 0 && y < 0) return CRL_OK;
    if (x < 0 || y < 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d %s: one of the models leaves an input out; take a template of this very form", op,
                        a->operators[op].name);
    if (w->b_of[x] == y) return CRL_OK;
    const char *fault = w->b_of[x] >= 0 ? "is wired otherwise" : differing_tensor(w, op, &a->tensors[x], &b->tensors[y], weights);
    if (fault)
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "op %d %s: compared with the template's model, tensor %d \"%s\" %s; take a template of this very form",
                        op, a->operators[op].name, y, b->tensors[y].name, fault);
    w->b_of[x] = y;
    return CRL_OK;
}

static crl_status pair_operators(crl_twin *w, crl_error *err)
{
    const crl_subgraph *a = w->side[0], *b = w->side[1];
    if (a->n_operators != b->n_operators)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has %d operators, the template's %d; take a template of this very form",
                        b->n_operators, a->n_operators);
    crl_status s = CRL_OK;
    for (int32_t i = 0; i < a->n_operators && !s; i++) {
        const crl_operator *x = &a->operators[i], *y = &b->operators[i];
        const char *fault = differing(x, y);
        if (fault)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d %s %s in the template's model (%s); take a template of this very form", i, y->name,
                            fault, x->name);
        for (int32_t k = 0; k < x->n_inputs && !s; k++)
            s = pair_tensors(w, i, x->inputs[k], y->inputs[k], crl_has_weights(x) && (k == 1 || k == 2), err);
        for (int32_t k = 0; k < x->n_outputs && !s; k++) s = pair_tensors(w, i, x->outputs[k], y->outputs[k], false, err);
    }
    return s;
}

static crl_status pair_ends(crl_twin *w, crl_error *err)
{
    const crl_subgraph *a = w->side[0], *b = w->side[1];
    bool same = a->n_inputs == b->n_inputs && a->n_outputs == b->n_outputs;
    for (int32_t i = 0; same && i < a->n_inputs; i++) same = w->b_of[a->inputs[i]] == b->inputs[i];
    for (int32_t i = 0; same && i < a->n_outputs; i++) same = w->b_of[a->outputs[i]] == b->outputs[i];
    if (same) return CRL_OK;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "its inputs and outputs are not those of the template's model; take a template of this very form");
}

static void find_readers(crl_twin *w)
{
    const crl_subgraph *g = w->side[0];
    enum { NONE = -2 };
    for (int32_t t = 0; t < g->n_tensors; t++) w->reader[t] = NONE;
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; k < g->operators[i].n_inputs; k++) {
            const int32_t t = g->operators[i].inputs[k];
            if (t >= 0) w->reader[t] = w->reader[t] == NONE ? i : -1;
        }
    for (int32_t i = 0; i < g->n_outputs; i++) w->reader[g->outputs[i]] = -1;
    for (int32_t t = 0; t < g->n_tensors; t++)
        if (w->reader[t] == NONE) w->reader[t] = -1;
}

/* ---- what is on the chip? --------------------------------------------------------------------- */

static int32_t find_name(const crl_subgraph *g, const char *name)
{
    for (int32_t i = 0; i < g->n_tensors; i++)
        if (g->tensors[i].name && !strcmp(g->tensors[i].name, name)) return i;
    return -1;
}

static crl_status unknown(const crl_tensor_def *t, crl_error *err)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "the template's compiled operator has a tensor \"%s\", which its model has not; name the model that it was compiled from "
                    "with --template-model", t->name);
}

/* Backwards from the outputs of the compiled operator to its inputs. Operators stand behind what they read, so once is enough. */
static crl_status find_mapped(crl_twin *w, const crl_subgraph *outer, const crl_operator *compiled, bool *wanted, crl_error *err)
{
    const crl_subgraph *a = w->side[0];
    for (int32_t i = 0; i < compiled->n_outputs; i++) {
        const int32_t t = find_name(a, outer->tensors[compiled->outputs[i]].name);
        if (t < 0) return unknown(&outer->tensors[compiled->outputs[i]], err);
        wanted[t] = true;
    }
    for (int32_t i = a->n_operators - 1; i >= 0; i--) {
        const crl_operator *op = &a->operators[i];
        for (int32_t k = 0; k < op->n_outputs; k++) w->mapped[i] |= wanted[op->outputs[k]];
        for (int32_t k = 0; k < op->n_inputs && w->mapped[i]; k++) {
            bool given = false;
            for (int32_t j = 0; op->inputs[k] >= 0 && j < compiled->n_inputs; j++)
                given |= !strcmp(outer->tensors[compiled->inputs[j]].name, a->tensors[op->inputs[k]].name);
            if (op->inputs[k] >= 0 && !given) wanted[op->inputs[k]] = true;
        }
    }
    for (int32_t i = 0; i < compiled->n_inputs; i++)
        if (find_name(a, outer->tensors[compiled->inputs[i]].name) < 0) return unknown(&outer->tensors[compiled->inputs[i]], err);
    return CRL_OK;
}

crl_status crl_twin_find(crl_twin *w, const crl_model *a, const crl_model *b, const crl_model *compiled, int32_t op, crl_pile *pile,
                         crl_error *err)
{
    *w = (crl_twin){ .side = { &a->subgraphs[0], &b->subgraphs[0] } };
    if (a->n_subgraphs > 1 || b->n_subgraphs > 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "models of several subgraphs are not compiled by templates");
    const size_t n = (size_t)w->side[0]->n_tensors;
    w->b_of = crl_pile_array(pile, n + 1, sizeof *w->b_of);
    w->mapped = crl_pile_array(pile, (size_t)w->side[0]->n_operators + 1, sizeof *w->mapped);
    w->marks = crl_pile_array(pile, n + 1, sizeof *w->marks);
    bool *wanted = crl_pile_array(pile, n + 1, sizeof *wanted);
    w->reader = crl_pile_array(pile, n + 1, sizeof *w->reader);
    if (!w->b_of || !w->mapped || !w->marks || !w->reader || !wanted) return crl_fail_memory(err, "tensors");
    for (size_t i = 0; i < n; i++) w->b_of[i] = -1;
    find_width(w);
    find_readers(w);
    crl_status s = pair_operators(w, err);
    if (!s) s = pair_ends(w, err);
    if (!s) s = find_mapped(w, &compiled->subgraphs[0], &compiled->subgraphs[0].operators[op], wanted, err);
    return s;
}
