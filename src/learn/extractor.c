/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a model in front of its last layer: see include/corallite/learn.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "model/graft.h"
#include "learn/learn.h"
#include "learn/notes.h"

/* BuiltinOperator of the schema. */
enum { CONV_2D = 3, DEQUANTIZE = 6, FULLY_CONNECTED = 9, LOGISTIC = 14, MUL = 18, RESHAPE = 22, SOFTMAX = 25, SQUEEZE = 43,
       LOG_SOFTMAX = 50, EXPAND_DIMS = 70, QUANTIZE = 114 };

/* What may stand between the last layer and the output: it changes the form of what the layer says, or its numbers one by one. */
static bool follows_last_layer(int32_t code)
{
    static const int32_t codes[] = { DEQUANTIZE, LOGISTIC, MUL, RESHAPE, SOFTMAX, SQUEEZE, LOG_SOFTMAX, EXPAND_DIMS, QUANTIZE };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (code == codes[i]) return true;
    return false;
}

/* The last operator before `end` that writes the tensor; -1: there is none. */
static int32_t writer_of(const crl_subgraph *g, int32_t tensor, int32_t end)
{
    for (int32_t i = end; i-- > 0;)
        for (int32_t k = 0; k < g->operators[i].n_outputs; k++)
            if (g->operators[i].outputs[k] == tensor) return i;
    return -1;
}

static bool is_vector(const crl_shape *s)
{
    for (int32_t d = 0; d < s->rank - 1; d++)
        if (s->dim[d] != 1) return false;
    return (s->rank == 2 || s->rank == 4) && s->dim[s->rank - 1] > 0;
}

/* The layer that makes classes of a vector: its weights are constant rows of the vector's length, [n,size] or [n,1,1,size]. Those
 * of a convolution in groups are shorter. */
static bool is_last_layer(const crl_subgraph *g, const crl_operator *op)
{
    if ((op->code != FULLY_CONNECTED && op->code != CONV_2D) || op->n_inputs < 2 || op->inputs[0] < 0 || op->inputs[1] < 0) return false;
    const crl_tensor_def *in = &g->tensors[op->inputs[0]], *weights = &g->tensors[op->inputs[1]];
    const crl_shape *w = &weights->shape;
    if (!is_vector(&in->shape) || !weights->data || w->rank != (op->code == CONV_2D ? 4 : 2)) return false;
    for (int32_t d = 1; d < w->rank - 1; d++)
        if (w->dim[d] != 1) return false;
    return w->dim[w->rank - 1] == in->shape.dim[in->shape.rank - 1];
}

/* From the output back to what the last layer reads; `*layer` is that, or NULL where the model has none. Who writes a tensor stands
 * before who reads it, so that each operator is looked at once. */
static int32_t find_vector(const crl_subgraph *g, const crl_operator **layer)
{
    int32_t tensor = g->outputs[0];
    for (int32_t at = writer_of(g, tensor, g->n_operators); at >= 0; at = writer_of(g, tensor, at)) {
        const crl_operator *op = &g->operators[at];
        if (!op->n_inputs || op->inputs[0] < 0) break;
        if (is_last_layer(g, op)) {
            *layer = op;
            return op->inputs[0];
        }
        if (!follows_last_layer(op->code)) break;
        tensor = op->inputs[0];
    }
    return g->outputs[0];
}

static int32_t find_named(const crl_subgraph *g, const char *name)
{
    for (int32_t i = g->n_tensors; i-- > 0;)
        if (!strcmp(g->tensors[i].name, name)) return i;
    return -1;
}

/* The last layer, where the vector that was asked for is what it reads. */
static const crl_operator *layer_behind(const crl_subgraph *g, int32_t tensor)
{
    for (int32_t i = g->n_operators; i-- > 0;)
        if (is_last_layer(g, &g->operators[i]) && g->operators[i].inputs[0] == tensor) return &g->operators[i];
    return NULL;
}

static crl_status choose(const crl_subgraph *g, const char *name, int32_t *tensor, const crl_operator **layer, crl_error *err)
{
    *layer = NULL;
    if (!name) {
        if (g->n_outputs != 1)
            return crl_fail(
                err, CRL_ERR_UNSUPPORTED,
                "the model has %d outputs, a classifier has one; name the tensor with the vector: --embedding TENSOR",
                g->n_outputs);
        *tensor = find_vector(g, layer);
        return CRL_OK;
    }
    *tensor = find_named(g, name);
    if (*tensor < 0) {
        const crl_operator *unused;
        const int32_t near = g->n_outputs ? find_vector(g, &unused) : 0;
        return crl_fail(err, CRL_ERR_ARGUMENT, "no tensor is called \"%s\"; the last layer reads \"%s\"", name, g->tensors[near].name);
    }
    *layer = layer_behind(g, *tensor);
    return CRL_OK;
}

static crl_status check_vector(const crl_tensor_def *t, crl_error *err)
{
    char shape[CRL_SHAPE_TEXT];
    const char *name = t->name;
    crl_shape_text(&t->shape, shape, sizeof shape);
    if (t->data) return crl_fail(err, CRL_ERR_UNSUPPORTED, "\"%s\" is constant, and says nothing of a picture", name);
    if (!is_vector(&t->shape) || t->shape.dim[t->shape.rank - 1] > CRL_MAX_EMBEDDING)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "\"%s\" is %s, no vector; [1,n] and [1,1,1,n] are, with n up to %d", name, shape,
                        CRL_MAX_EMBEDDING);
    const bool whole = t->type == CRL_UINT8 || t->type == CRL_INT8;
    if (!whole && t->type != CRL_FLOAT32)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "\"%s\" is %s; UINT8, INT8 and FLOAT32 are accepted", name, crl_type_name(t->type));
    if (whole && (t->quant.n != 1 || !(t->quant.scale[0] > 0)))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "\"%s\" has no scale, so that its numbers mean nothing", name);
    return CRL_OK;
}

/* ---- the layer that goes ---- */

/* Its rows in real numbers, where they are 8 bits or floats. Without memory there are none, and the caller looks. */
static crl_status read_rows(crl_extractor *e, const crl_subgraph *g, const crl_operator *layer, crl_error *err)
{
    const crl_tensor_def *w = layer ? &g->tensors[layer->inputs[1]] : NULL;
    const size_t n = w ? crl_shape_count(&w->shape) : 0, one = w ? crl_type_bytes(w->type) : 0;
    const bool known = w && (w->type == CRL_FLOAT32 || ((w->type == CRL_INT8 || w->type == CRL_UINT8) && w->quant.n > 0)) && !w->sparsity;
    if (!known || w->bytes != n * one || w->quant.block || (w->quant.n > 1 && (w->quant.axis != 0 || w->quant.n != w->shape.dim[0])))
        return CRL_OK;
    e->rows = crl_alloc_array(n, sizeof *e->rows);
    if (!e->rows) return crl_fail_memory(err, "the last layer");
    e->classes = w->shape.dim[0];
    for (size_t i = 0; i < n; i++) {
        if (w->type == CRL_FLOAT32) {
            memcpy(&e->rows[i], (const uint8_t *)w->data + 4 * i, 4);
            continue;
        }
        const size_t c = w->quant.n > 1 ? i / (n / (size_t)e->classes) : 0;
        const int32_t q = w->type == CRL_INT8 ? ((const int8_t *)w->data)[i] : ((const uint8_t *)w->data)[i];
        e->rows[i] = w->quant.scale[c] * (float)(q - w->quant.zero_point[c]);
    }
    return CRL_OK;
}

/* ---- what is left ---- */

/* Operators that the tensor depends on, in the order in which they stood. */
static void keep_operators(crl_graft *g, const crl_subgraph *def, int32_t tensor)
{
    bool *wanted = crl_graft_take(g, (size_t)def->n_tensors, sizeof *wanted);
    crl_tree_value *ops = crl_tree_at(g->graph, CRL_FIELD_SUB_GRAPH_OPERATORS);
    crl_tree **kept = crl_graft_take(g, (size_t)def->n_operators, sizeof *kept);
    uint32_t n = 0;
    if (!kept) return;
    wanted[tensor] = true;
    for (int32_t i = def->n_operators; i-- > 0;) {
        const crl_operator *op = &def->operators[i];
        bool used = false;
        for (int32_t k = 0; k < op->n_outputs; k++) used |= op->outputs[k] >= 0 && wanted[op->outputs[k]];
        if (!used) continue;
        for (int32_t k = 0; k < op->n_inputs; k++)
            if (op->inputs[k] >= 0) wanted[op->inputs[k]] = true;
        kept[def->n_operators - 1 - (int32_t)n++] = ops->tables[i];
    }
    *ops = (crl_tree_value){ .tables = kept + (def->n_operators - (int32_t)n), .n = n, .present = true };
}

static crl_status cut(crl_extractor *e, const crl_model *model, int32_t tensor, crl_pile *pile, crl_error *err)
{
    crl_tree *root;
    size_t size;
    crl_status s = crl_tree_read_model(&root, model, pile, err);
    if (s) return s;
    crl_graft g = { root, crl_tree_at(root, CRL_FIELD_MODEL_SUBGRAPHS)->tables[0], pile, false };
    int32_t *output = crl_graft_take(&g, 1, sizeof *output);
    if (output) *output = tensor;
    keep_operators(&g, &model->subgraphs[0], tensor);
    crl_graft_list(&g, g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, output, 1);
    crl_tree_at(root, CRL_FIELD_MODEL_SIGNATURE_DEFS)->present = false; /* they name outputs that are gone */
    uint8_t *notes;
    s = crl_graft_describe(&g, e, NULL, &notes, err);
    if (!s) crl_graft_compact(&g);
    if (g.failed) s = crl_fail_memory(err, "a model");
    if (!s) s = crl_tree_write(root, "TFL3", NULL, &e->bytes, &size, err);
    crl_free(notes);
    return s ? s : crl_model_open(&e->model, e->bytes, size, err);
}

void crl_extractor_read_norm(crl_extractor *e, const crl_model *model)
{
    const float *mean, *std;
    int32_t n;
    if (model->subgraphs[0].n_inputs != 1 || !crl_model_input_norm(model, 0, &mean, &std, &n) || n > 4) return;
    memcpy(e->mean, mean, (size_t)n * sizeof *mean);
    memcpy(e->std, std, (size_t)n * sizeof *std);
    e->n_norm = n;
}

static crl_status make(crl_extractor *e, const crl_model *model, const char *name, crl_error *err)
{
    const crl_subgraph *g = &model->subgraphs[0];
    const crl_operator *layer;
    int32_t tensor = 0;
    crl_status s = choose(g, name, &tensor, &layer, err);
    if (!s) s = check_vector(&g->tensors[tensor], err);
    if (s) return s;
    const crl_tensor_def *t = &g->tensors[tensor];
    e->shape = t->shape;
    e->type = t->type;
    e->size = t->shape.dim[t->shape.rank - 1];
    if (t->type != CRL_FLOAT32) {
        e->scale = t->quant.scale[0];
        e->zero = t->quant.zero_point[0];
    }
    s = read_rows(e, g, layer, err);
    crl_extractor_read_norm(e, model);
    crl_pile pile = { 0 };
    if (!s) s = cut(e, model, tensor, &pile, err);
    crl_pile_free(&pile);
    return s;
}

crl_status crl_extractor_new(crl_extractor **out, const crl_model *model, const char *tensor, crl_error *err)
{
    *out = NULL;
    if (!model->n_subgraphs) return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has no graph");
    crl_extractor *e = crl_alloc(sizeof *e);
    if (!e) return crl_fail_memory(err, "an extractor");
    const crl_status s = make(e, model, tensor, err);
    if (s) {
        crl_extractor_free(e);
        return s;
    }
    *out = e;
    return CRL_OK;
}

void crl_extractor_free(crl_extractor *e)
{
    if (!e) return;
    crl_model_close(e->model);
    crl_free(e->bytes);
    crl_free(e->rows);
    crl_free(e);
}

const crl_model *crl_extractor_model(const crl_extractor *e)
{
    return e->model;
}

int32_t crl_extractor_size(const crl_extractor *e)
{
    return e->size;
}

const float *crl_extractor_rows(const crl_extractor *e, int32_t *classes)
{
    *classes = e->classes;
    return e->rows;
}
