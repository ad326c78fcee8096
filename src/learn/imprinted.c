/* SPDX-License-Identifier: Apache-2.0 */
/* Other classes for a model that Coral's learning engines made, or can go on with: see crl_imprinted_write(). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "model/graft.h"
#include "learn/learn.h"
#include "learn/notes.h"

/* BuiltinOperator of the schema. */
enum { CONV_2D = 3, L2_NORMALIZATION = 11, MUL = 18, RESHAPE = 22, SOFTMAX = 25, QUANTIZE = 114 };

/* The end of such a model: operators by their numbers in the main subgraph. */
typedef struct ending {
    const crl_subgraph *def;
    int32_t convolution, multiply, reshape, softmax; /* `multiply` -1: there is none */
    float factor;                                    /* 1 where there is none */
} ending;

static int32_t writer_of(const crl_subgraph *g, int32_t tensor)
{
    for (int32_t i = g->n_operators; i-- > 0;)
        for (int32_t k = 0; k < g->operators[i].n_outputs; k++)
            if (tensor >= 0 && g->operators[i].outputs[k] == tensor) return i;
    return -1;
}

/* The operator that wrote an input, if it is of that kind; else -1. */
static int32_t before(const crl_subgraph *g, int32_t op, int32_t input, int32_t code)
{
    if (op < 0 || input >= g->operators[op].n_inputs) return -1;
    const int32_t i = writer_of(g, g->operators[op].inputs[input]);
    return i >= 0 && g->operators[i].code == code ? i : -1;
}

/* The one number of a constant. */
static bool one_number(const crl_tensor_def *t, float *value)
{
    if (!t->data || crl_shape_count(&t->shape) != 1 || t->bytes != crl_type_bytes(t->type)) return false;
    if (t->type == CRL_FLOAT32) {
        memcpy(value, t->data, sizeof *value);
        return isfinite(*value);
    }
    if ((t->type != CRL_UINT8 && t->type != CRL_INT8) || t->quant.n != 1) return false;
    const int32_t q = t->type == CRL_UINT8 ? *(const uint8_t *)t->data : *(const int8_t *)t->data;
    *value = t->quant.scale[0] * (float)(q - t->quant.zero_point[0]);
    return true;
}

/* A multiplication by a number, whichever input that is: the convolution in front of it. */
static int32_t before_factor(ending *e, int32_t op)
{
    for (int32_t k = 0; op >= 0 && k < 2 && e->def->operators[op].n_inputs == 2; k++) {
        const int32_t found = before(e->def, op, k, CONV_2D), other = e->def->operators[op].inputs[1 - k];
        if (found >= 0 && other >= 0 && one_number(&e->def->tensors[other], &e->factor)) return found;
    }
    return -1;
}

static bool is_row(const crl_shape *s)
{
    return s->rank == 4 && s->dim[0] == 1 && s->dim[1] == 1 && s->dim[2] == 1;
}

/* 1x1, of a vector that was brought to length 1. */
static bool is_fit(const ending *e)
{
    const crl_operator *conv = &e->def->operators[e->convolution];
    if (conv->n_inputs < 2 || conv->inputs[0] < 0 || conv->inputs[1] < 0) return false;
    const crl_tensor_def *in = &e->def->tensors[conv->inputs[0]], *w = &e->def->tensors[conv->inputs[1]];
    const crl_shape *s = &w->shape;
    const int32_t quantise = before(e->def, e->convolution, 0, QUANTIZE);
    const int32_t norm = before(e->def, quantise >= 0 ? quantise : e->convolution, 0, L2_NORMALIZATION);
    const bool known = w->type == CRL_FLOAT32 || ((w->type == CRL_UINT8 || w->type == CRL_INT8) && w->quant.n > 0);
    return norm >= 0 && is_row(&in->shape) && w->data && known && !w->sparsity && s->rank == 4 && s->dim[1] == 1 && s->dim[2] == 1 &&
           s->dim[3] == in->shape.dim[3] && e->def->operators[e->convolution].n_outputs == 1;
}

static bool find_ending(ending *e, const crl_model *model)
{
    *e = (ending){ .def = &model->subgraphs[0], .factor = 1 };
    if (e->def->n_outputs != 1) return false;
    e->softmax = writer_of(e->def, e->def->outputs[0]);
    if (e->softmax < 0 || e->def->operators[e->softmax].code != SOFTMAX) return false;
    e->reshape = before(e->def, e->softmax, 0, RESHAPE);
    e->multiply = before(e->def, e->reshape, 0, MUL);
    e->convolution = e->multiply >= 0 ? before_factor(e, e->multiply) : before(e->def, e->reshape, 0, CONV_2D);
    return e->convolution >= 0 && is_fit(e);
}

/* ---- the tensors that change ---- */

static void set_shape(crl_graft *g, crl_tree *tensor, crl_shape shape)
{
    int32_t *dim = crl_graft_take(g, CRL_MAX_RANK, sizeof *dim);
    if (!dim) return;
    memcpy(dim, shape.dim, sizeof shape.dim);
    crl_graft_list(g, tensor, CRL_FIELD_TENSOR_SHAPE, dim, (size_t)shape.rank);
    crl_tree_at(tensor, CRL_FIELD_TENSOR_SHAPE_SIGNATURE)->present = false;
}

static void set_data(crl_graft *g, crl_tree *tensor, const void *data, size_t bytes)
{
    crl_tree *buffer = crl_graft_table(g, CRL_TABLE_BUFFER);
    crl_graft_list(g, buffer, CRL_FIELD_BUFFER_DATA, data, bytes);
    crl_graft_number(g, tensor, CRL_FIELD_TENSOR_BUFFER, crl_graft_add(g, g->root, CRL_FIELD_MODEL_BUFFERS, buffer));
}

static void set_range(crl_graft *g, crl_tree *tensor, float scale, int32_t zero)
{
    float *s = crl_graft_take(g, 1, sizeof *s);
    int64_t *z = crl_graft_take(g, 1, sizeof *z);
    crl_tree *q = crl_graft_table(g, CRL_TABLE_QUANTIZATION_PARAMETERS);
    if (!q) return;
    *s = scale;
    *z = zero;
    crl_graft_list(g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, s, 1);
    crl_graft_list(g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, z, 1);
    crl_graft_child(g, tensor, CRL_FIELD_TENSOR_QUANTIZATION, q);
}

typedef struct changing {
    crl_graft *g;
    const ending *e;
    crl_tree **tensors; /* of the main subgraph */
    const crl_last_layer *layer;
} changing;

static const crl_tensor_def *def_of(const changing *c, int32_t tensor)
{
    return &c->e->def->tensors[tensor];
}

/* The rows, in steps of the kernel that was there. Where each class had a scale of its own, all get that of rows of length 1. */
static void change_layer(changing *c)
{
    const crl_operator *conv = &c->e->def->operators[c->e->convolution];
    const int32_t kernel = conv->inputs[1], bias = conv->n_inputs > 2 ? conv->inputs[2] : -1;
    const crl_tensor_def *w = def_of(c, kernel);
    const int32_t classes = c->layer->classes, size = c->layer->size;
    const size_t n = (size_t)classes * (size_t)size, one = crl_type_bytes(w->type);
    const bool each = w->quant.n > 1;
    const float scale = each ? 1 / 127.0f : w->quant.n ? w->quant.scale[0] : 0;
    uint8_t *data = crl_graft_take(c->g, n, one);
    if (!data) return;
    if (w->type == CRL_FLOAT32)
        memcpy(data, c->layer->weights, n * one);
    else
        crl_rows_to_bytes(data, c->layer->weights, n, scale, each ? 0 : w->quant.zero_point[0], w->type == CRL_INT8 ? -128 : 0);
    set_shape(c->g, c->tensors[kernel], (crl_shape){ 4, { classes, 1, 1, size } });
    set_data(c->g, c->tensors[kernel], data, n * one);
    if (each) set_range(c->g, c->tensors[kernel], scale, 0);
    if (bias < 0) return;
    const crl_tensor_def *b = def_of(c, bias), *in = def_of(c, conv->inputs[0]);
    const size_t bytes = (size_t)classes * crl_type_bytes(b->type);
    void *zeros = crl_graft_take(c->g, (size_t)classes, crl_type_bytes(b->type));
    if (!zeros) return;
    set_shape(c->g, c->tensors[bias], (crl_shape){ 1, { classes } });
    set_data(c->g, c->tensors[bias], zeros, bytes);
    if (each && in->quant.n == 1) set_range(c->g, c->tensors[bias], in->quant.scale[0] * scale, 0);
}

/* What an operator writes: [1,1,1,classes] or [1,classes], and logits from -most to most. */
static void change_output(changing *c, int32_t op, int32_t rank, float most)
{
    if (op < 0) return;
    const int32_t tensor = c->e->def->operators[op].outputs[0];
    const crl_tensor_def *t = def_of(c, tensor);
    crl_shape shape = { rank, { 1, 1, 1 } };
    shape.dim[rank - 1] = c->layer->classes;
    for (int32_t d = rank; d < CRL_MAX_RANK; d++) shape.dim[d] = 0;
    set_shape(c->g, c->tensors[tensor], shape);
    if (most > 0 && (t->type == CRL_UINT8 || t->type == CRL_INT8)) set_range(c->g, c->tensors[tensor], most / 128, t->type == CRL_UINT8 ? 128 : 0);
}

/* The form that the logits are given stands in a tensor, in the options, or in both. */
static void change_form(changing *c)
{
    const crl_operator *op = &c->e->def->operators[c->e->reshape];
    int32_t *form = crl_graft_take(c->g, 2, sizeof *form);
    if (!form) return;
    form[0] = 1;
    form[1] = c->layer->classes;
    if (op->n_inputs > 1 && op->inputs[1] >= 0) set_data(c->g, c->tensors[op->inputs[1]], form, 2 * sizeof *form);
    crl_tree *node = crl_tree_at(c->g->graph, CRL_FIELD_SUB_GRAPH_OPERATORS)->tables[c->e->reshape];
    const crl_tree_value *options = crl_tree_at(node, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS);
    if (options->present && options->table && options->table->kind == crl_schema_operators[RESHAPE].options)
        crl_graft_list(c->g, options->table, crl_graft_option(options->table, "new_shape"), form, 2);
}

static crl_status check(const ending *e, const crl_last_layer *layer, crl_error *err)
{
    const crl_shape *flat = &e->def->tensors[e->def->operators[e->reshape].outputs[0]].shape;
    const crl_operator *conv = &e->def->operators[e->convolution], *form = &e->def->operators[e->reshape];
    const size_t n = (size_t)layer->classes * (size_t)layer->size;
    const int32_t size = e->def->tensors[conv->inputs[0]].shape.dim[3];
    char shape[CRL_SHAPE_TEXT];
    if (size != layer->size) return crl_fail(err, CRL_ERR_ARGUMENT, "rows of %d numbers; the vector has %d", layer->size, size);
    if (flat->rank != 2)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the logits are %s; [1,n] is supported", crl_shape_text(flat, shape, sizeof shape));
    if (form->n_inputs > 1 && form->inputs[1] >= 0) {
        const crl_tensor_def *t = &e->def->tensors[form->inputs[1]];
        if (t->type != CRL_INT32 || !t->data || crl_shape_count(&t->shape) != 2)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "the form of the logits, \"%s\", is no constant of two numbers", t->name);
    }
    if (conv->n_inputs > 2 && conv->inputs[2] >= 0 && e->def->tensors[conv->inputs[2]].shape.rank != 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the biases, \"%s\", are no list", e->def->tensors[conv->inputs[2]].name);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(layer->weights[i])) return crl_fail(err, CRL_ERR_ARGUMENT, "weight %zu is %g", i, (double)layer->weights[i]);
    return CRL_OK;
}

static crl_status change(const crl_model *model, const ending *e, const crl_last_layer *layer, const char *description, crl_pile *pile,
                         uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_tree *root;
    uint8_t *notes = NULL;
    crl_extractor norm = { 0 };
    crl_status s = crl_tree_read_model(&root, model, pile, err);
    if (s) return s;
    crl_graft g = { root, crl_tree_at(root, CRL_FIELD_MODEL_SUBGRAPHS)->tables[0], pile, false };
    changing c = { &g, e, crl_tree_at(g.graph, CRL_FIELD_SUB_GRAPH_TENSORS)->tables, layer };
    change_layer(&c);
    change_output(&c, e->convolution, 4, 1);
    change_output(&c, e->multiply, 4, fabsf(e->factor));
    change_output(&c, e->reshape, 2, fabsf(e->factor));
    change_output(&c, e->softmax, 2, 0);
    change_form(&c);
    if (description) crl_graft_text(&g, root, CRL_FIELD_MODEL_DESCRIPTION, description);
    crl_extractor_read_norm(&norm, model);
    s = crl_graft_describe(&g, &norm, NULL, &notes, err);
    if (!s) crl_graft_compact(&g);
    if (g.failed && !s) s = crl_fail_memory(err, "a model");
    if (!s) s = crl_tree_write(root, "TFL3", NULL, bytes, size, err);
    crl_free(notes);
    return s;
}

crl_status crl_imprinted_write(const crl_model *model, const crl_last_layer *layer, float factor, const char *description,
                                uint8_t **bytes, size_t *size, crl_error *err)
{
    ending e;
    crl_extractor *extractor;
    *bytes = NULL;
    *size = 0;
    if (layer->classes < 1 || layer->classes > CRL_MAX_CLASSES)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d classes; 1 to %d are accepted", layer->classes, CRL_MAX_CLASSES);
    crl_status s = crl_check_reserved(layer->reserved, sizeof layer->reserved / sizeof *layer->reserved, "crl_last_layer", err);
    if (s) return s;
    if (!(factor >= 0) || !isfinite(factor)) return crl_fail(err, CRL_ERR_ARGUMENT, "factor %g; 0 or more is accepted", (double)factor);
    if (!model->n_subgraphs) return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has no graph");
    if (find_ending(&e, model)) {
        crl_pile pile = { 0 };
        s = check(&e, layer, err);
        if (!s) s = change(model, &e, layer, description, &pile, bytes, size, err);
        crl_pile_free(&pile);
        return s;
    }
    const crl_subgraph *g = &model->subgraphs[0];
    if (g->n_outputs != 1 || !is_row(&g->tensors[g->outputs[0]].shape)) {
        char shape[CRL_SHAPE_TEXT] = "several";
        if (g->n_outputs == 1) crl_shape_text(&g->tensors[g->outputs[0]].shape, shape, sizeof shape);
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "the model ends neither in L2_NORMALIZATION, CONV_2D, MUL, RESHAPE, SOFTMAX nor in a vector [1,1,1,n]; its output is %s", shape);
    }
    s = crl_extractor_new(&extractor, model, g->tensors[g->outputs[0]].name, err);
    if (s) return s;
    s = crl_extractor_imprint(extractor, layer, factor, description, bytes, size, err);
    crl_extractor_free(extractor);
    return s;
}
