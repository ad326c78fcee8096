/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping some classes: from the scores back to the layers that make them, whose rows are chosen. */
#include <string.h>

#include "edit/edit.h"
#include "model/flex.h"
#include "ops/codes.h"

typedef struct keeping {
    crl_editing *e;
    const int32_t *columns; /* [n] of the scores, that stay */
    int32_t n, of;          /* of how many */
    bool detector;
    const char *scores;
    int depth;
} keeping;

/* Chosen pieces of a list: of each of `groups` runs of k->of pieces of `size` bytes, k->n. */
static void *choose(keeping *k, const void *from, size_t groups, size_t size)
{
    uint8_t *to = crl_graft_take(&k->e->g, groups * (size_t)k->n, size ? size : 1);
    for (size_t g = 0; to && g < groups; g++)
        for (int32_t i = 0; i < k->n; i++)
            memcpy(to + (g * (size_t)k->n + (size_t)i) * size, (const uint8_t *)from + (g * (size_t)k->of + (size_t)k->columns[i]) * size, size);
    return to;
}

/* Scales and zero points of a tensor that has one for each row. */
static void choose_quant(keeping *k, int32_t tensor, size_t groups)
{
    crl_tree_value *q = crl_tree_at(crl_edit_tensor(k->e, tensor), CRL_FIELD_TENSOR_QUANTIZATION);
    static const int fields[] = { CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, CRL_FIELD_QUANTIZATION_PARAMETERS_MIN,
                                  CRL_FIELD_QUANTIZATION_PARAMETERS_MAX, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT };
    for (size_t i = 0; q->present && i < sizeof fields / sizeof *fields; i++) {
        crl_tree_value *v = crl_tree_at(q->table, fields[i]);
        if (!v->present || v->n != groups * (size_t)k->of || v->n < 2) continue;
        const void *list = choose(k, v->list, groups, fields[i] == CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT ? 8 : 4);
        if (list) *v = (crl_tree_value){ .list = list, .n = (uint32_t)(groups * (size_t)k->n), .present = true };
    }
}

/* A constant whose first dimension has the rows. */
static void choose_rows(keeping *k, int32_t tensor, size_t groups)
{
    const crl_tensor_def *t = &k->e->def->tensors[tensor];
    crl_shape shape = t->shape;
    const size_t row = t->bytes / (groups * (size_t)k->of);
    const void *data = choose(k, t->data, groups, row);
    shape.dim[0] = (int32_t)(groups * (size_t)k->n);
    crl_edit_set_shape(k->e, tensor, &shape);
    choose_quant(k, tensor, groups);
    crl_edit_set_data(k->e, tensor, data, row * groups * (size_t)k->n);
}

static crl_status not_understood(const keeping *k, int32_t i, crl_error *err)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d %s is on the way to the scores; how to leave classes out of it is not known", i,
                    k->e->def->operators[i].name);
}

/* The tensor has the classes in its last dimension, as groups of them. */
static crl_status shrink_shape(keeping *k, int32_t tensor, crl_error *err)
{
    const crl_tensor_def *t = &k->e->def->tensors[tensor];
    crl_shape shape = t->shape;
    int32_t *last = shape.rank ? &shape.dim[shape.rank - 1] : NULL;
    if (t->data || !last || !*last || *last % k->of)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "tensor %d \"%s\" is on the way to the scores and has no %d classes in it", tensor, t->name, k->of);
    *last = *last / k->of * k->n;
    crl_edit_set_shape(k->e, tensor, &shape);
    return CRL_OK;
}

static crl_status shrink(keeping *k, int32_t tensor, crl_error *err);

static crl_status shrink_layer(keeping *k, int32_t i, crl_error *err)
{
    const crl_operator *op = &k->e->def->operators[i];
    const crl_tensor_def *w = op->n_inputs > 1 && op->inputs[1] >= 0 ? &k->e->def->tensors[op->inputs[1]] : NULL;
    if (!w || !w->data || w->sparsity || !w->shape.rank || w->shape.dim[0] % k->of || !w->shape.dim[0]) return not_understood(k, i, err);
    if ((w->type != CRL_INT8 && w->type != CRL_UINT8 && w->type != CRL_FLOAT32) || (w->quant.n > 1 && w->quant.axis))
        return not_understood(k, i, err);
    const size_t groups = (size_t)(w->shape.dim[0] / k->of);
    if (crl_edit_readers(k->e->def, op->inputs[1]) > 1) return not_understood(k, i, err);
    choose_rows(k, op->inputs[1], groups);
    if (op->n_inputs > 2 && op->inputs[2] >= 0) {
        const crl_tensor_def *bias = &k->e->def->tensors[op->inputs[2]];
        if (!bias->data || bias->shape.rank != 1 || bias->shape.dim[0] != w->shape.dim[0]) return not_understood(k, i, err);
        choose_rows(k, op->inputs[2], groups);
    }
    if (!k->detector) k->scores = k->e->def->tensors[op->outputs[0]].name;
    return CRL_OK;
}

/* The last number of the shape that a RESHAPE is told. */
static void shrink_reshape(keeping *k, int32_t i)
{
    const crl_operator *op = &k->e->def->operators[i];
    const crl_tensor_def *shape = op->n_inputs > 1 && op->inputs[1] >= 0 ? &k->e->def->tensors[op->inputs[1]] : NULL;
    if (shape && shape->data && shape->type == CRL_INT32 && shape->bytes >= 4) {
        int32_t *copy = crl_graft_take(&k->e->g, shape->bytes / 4, sizeof *copy);
        if (!copy) return;
        memcpy(copy, shape->data, shape->bytes);
        int32_t *last = &copy[shape->bytes / 4 - 1];
        if (*last > 0 && *last % k->of == 0) *last = *last / k->of * k->n;
        crl_edit_set_data(k->e, op->inputs[1], copy, shape->bytes);
    }
    const crl_option *o = crl_operator_option(op, "new_shape");
    crl_tree_value *options = crl_tree_at(crl_edit_operator(k->e, i), CRL_FIELD_OPERATOR_BUILTIN_OPTIONS);
    if (!o || !o->n || !options->present) return;
    int32_t *list = crl_edit_numbers(k->e, options->table, crl_graft_option(options->table, "new_shape"), o->v, (size_t)o->n);
    if (list && list[o->n - 1] > 0 && list[o->n - 1] % k->of == 0) list[o->n - 1] = list[o->n - 1] / k->of * k->n;
}

static crl_status shrink_inputs(keeping *k, const crl_operator *op, int32_t n, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t x = 0; x < n && !s; x++) s = op->inputs[x] < 0 ? CRL_OK : shrink(k, op->inputs[x], err);
    return s;
}

static crl_status shrink(keeping *k, int32_t tensor, crl_error *err)
{
    enum { DEEPEST = 64 };
    const crl_subgraph *g = k->e->def;
    const int32_t i = crl_edit_writer(g, tensor);
    if (i < 0 || ++k->depth > DEEPEST)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "no layer with constant weights makes the scores in \"%s\"", g->tensors[tensor].name);
    const crl_operator *op = &g->operators[i];
    crl_status s = op->n_inputs ? shrink_shape(k, tensor, err) : not_understood(k, i, err);
    if (s) return s;
    switch (op->code) {
    case CRL_OP_CONV_2D:
    case CRL_OP_FULLY_CONNECTED: return shrink_layer(k, i, err);
    case CRL_OP_RESHAPE:
    case CRL_OP_SQUEEZE:
        shrink_reshape(k, i);
        return shrink_inputs(k, op, 1, err);
    case CRL_OP_CONCATENATION: {
        const crl_option *axis = crl_operator_option(op, "axis");
        const int32_t rank = g->tensors[tensor].shape.rank, d = axis ? (int32_t)(axis->i < 0 ? axis->i + rank : axis->i) : 0;
        return d == rank - 1 ? not_understood(k, i, err) : shrink_inputs(k, op, op->n_inputs, err);
    }
    case CRL_OP_SOFTMAX:
        if (k->detector) return not_understood(k, i, err);
        return shrink_inputs(k, op, 1, err);
    case CRL_OP_LOGISTIC:
    case CRL_OP_QUANTIZE:
    case CRL_OP_DEQUANTIZE: return shrink_inputs(k, op, 1, err);
    default: return not_understood(k, i, err);
    }
}

static crl_status check_classes(const int32_t *classes, int32_t n, int32_t of, crl_error *err)
{
    if (n < 1) return crl_fail(err, CRL_ERR_ARGUMENT, "no class is to be kept");
    for (int32_t i = 0; i < n; i++) {
        if (classes[i] < 0 || classes[i] >= of)
            return crl_fail(err, CRL_ERR_ARGUMENT, "class %d; the model has 0 to %d", classes[i], of - 1);
        for (int32_t k = 0; k < i; k++)
            if (classes[k] == classes[i]) return crl_fail(err, CRL_ERR_ARGUMENT, "class %d is to be kept twice", classes[i]);
    }
    return CRL_OK;
}

static crl_status keep_of_classifier(crl_editing *e, const int32_t *classes, int32_t n, const char **scores, crl_error *err)
{
    const crl_subgraph *g = e->def;
    if (g->n_outputs != 1)
        return crl_fail(
            err, CRL_ERR_UNSUPPORTED,
            "the model has %d outputs, and no TFLite_Detection_PostProcess: it is no classifier, and no such detector",
            g->n_outputs);
    const crl_shape *s = &g->tensors[g->outputs[0]].shape;
    keeping k = { .e = e, .columns = classes, .n = n, .of = s->rank ? s->dim[s->rank - 1] : 0 };
    crl_status status = check_classes(classes, n, k.of, err);
    if (!status) status = shrink(&k, g->outputs[0], err);
    *scores = k.scores;
    return status;
}

static crl_status keep_of_detector(crl_editing *e, int32_t op, const int32_t *classes, int32_t n, const char **scores, crl_error *err)
{
    const crl_subgraph *g = e->def;
    const crl_operator *choice = &g->operators[op];
    const crl_tensor_def *t = &g->tensors[choice->inputs[1]];
    const int32_t known = (int32_t)crl_flex_int(crl_flex_get(crl_flex_root(choice->custom_options, choice->custom_bytes), "num_classes"), 0);
    const int32_t columns = t->shape.rank ? t->shape.dim[t->shape.rank - 1] : 0, background = columns - known;
    if (known < 1 || background < 0 || background > 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the scores have %d columns for %d classes; as many or one more are understood", columns, known);
    crl_status s = check_classes(classes, n, known, err);
    int32_t *list = crl_graft_take(&e->g, (size_t)n + 1, sizeof *list);
    if (s || !list) return s ? s : crl_fail_memory(err, "a model");
    for (int32_t i = 0; i < n; i++) list[i + background] = classes[i] + background;
    keeping k = { .e = e, .columns = list, .n = n + background, .of = columns, .detector = true };
    s = shrink(&k, choice->inputs[1], err);
    if (s) return s;
    *scores = t->name;
    size_t bytes;
    const uint8_t *options = crl_edit_flex(e, choice, &(crl_edit_option){ "num_classes", n }, 1, &bytes);
    if (options) crl_graft_list(&e->g, crl_edit_operator(e, op), CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, options, bytes);
    return CRL_OK;
}

crl_status crl_edit_keep_classes(const crl_model *model, const int32_t *classes, int32_t n, const char **scores, uint8_t **bytes, size_t *size,
                                 crl_error *err)
{
    crl_editing e;
    int32_t op;
    *scores = NULL;
    crl_status s = crl_edit_begin(&e, model, err);
    if (!s)
        s = crl_edit_find_postprocess(e.def, &op, NULL) ? keep_of_classifier(&e, classes, n, scores, err)
                                                        : keep_of_detector(&e, op, classes, n, scores, err);
    return crl_edit_end(&e, s, bytes, size, err);
}
