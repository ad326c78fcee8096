/* SPDX-License-Identifier: Apache-2.0 */
/* The model anew: activations become int8, constants are quantised as their operators want them, and where 8 bits meet floats or another
 * scale stands a QUANTIZE or DEQUANTIZE. Inputs and outputs keep their numbers and names. */
#include <stdio.h>
#include <string.h>

#include "edit/edit.h"
#include "ops/codes.h"
#include "quantize/quantize.h"

/* A tensor that holds the numbers of another one in 8 bits. */
typedef struct form {
    crl_step step;
    int32_t tensor;
    struct form *next;
} form;

/* What was made of a constant: another operator may want the same. */
typedef struct made {
    int32_t tensor;
    crl_type type;
    const float *scales;
    size_t n;
    struct made *next;
} made;

typedef struct rewriting {
    crl_quantizer *q;
    crl_editing e;
    crl_tree **ops; /* in their new order */
    uint32_t n_ops, room;
    form **forms;  /* [n_tensors] the first one is what its operator writes */
    int32_t *real; /* [n_tensors] the tensor that holds it in floats; -1: none yet */
    bool *is_u8;   /* [n_tensors] an input that has become UINT8 */
    bool *kept;    /* [n_tensors] what operators that stay as they are read */
    made **constants; /* [n_tensors] */
    crl_error *err;
    crl_status status;
} rewriting;

static bool failed(const rewriting *r)
{
    return r->status || r->e.g.failed;
}

/* ---- operators ---- */

static void emit(rewriting *r, crl_tree *op)
{
    if (r->n_ops == r->room) {
        crl_tree **more = crl_graft_take(&r->e.g, (size_t)r->room * 2 + 64, sizeof *more);
        if (!more) return;
        if (r->n_ops) memcpy(more, r->ops, r->n_ops * sizeof *more);
        r->ops = more;
        r->room = r->room * 2 + 64;
    }
    r->ops[r->n_ops++] = op;
}

/* The place of a code among the model's, which is put there where it is not. */
static int32_t code_index(rewriting *r, int32_t code, int32_t version)
{
    const crl_tree_value *all = crl_tree_at(r->e.g.root, CRL_FIELD_MODEL_OPERATOR_CODES);
    for (uint32_t i = 0; all->present && i < all->n; i++) {
        const int64_t old = crl_tree_at(all->tables[i], CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE)->i;
        const int64_t new = crl_tree_at(all->tables[i], CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE)->i;
        const crl_tree_value *v = crl_tree_at(all->tables[i], CRL_FIELD_OPERATOR_CODE_VERSION);
        if ((old > new ? old : new) == code && (v->present ? v->i : 1) == version) return (int32_t)i;
    }
    crl_tree *node = crl_graft_table(&r->e.g, CRL_TABLE_OPERATOR_CODE);
    crl_graft_number(&r->e.g, node, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, code < 127 ? code : 127);
    crl_graft_number(&r->e.g, node, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE, code);
    crl_graft_number(&r->e.g, node, CRL_FIELD_OPERATOR_CODE_VERSION, version);
    return crl_graft_add(&r->e.g, r->e.g.root, CRL_FIELD_MODEL_OPERATOR_CODES, node);
}

static void emit_conversion(rewriting *r, int32_t code, int32_t version, int32_t from, int32_t to)
{
    crl_tree *node = crl_graft_table(&r->e.g, CRL_TABLE_OPERATOR);
    crl_tree *options = crl_graft_table(&r->e.g, crl_schema_operators[code].options);
    crl_graft_number(&r->e.g, node, CRL_FIELD_OPERATOR_OPCODE_INDEX, code_index(r, code, version));
    if (r->e.g.failed) return;
    crl_edit_numbers(&r->e, node, CRL_FIELD_OPERATOR_INPUTS, &from, 1);
    crl_edit_numbers(&r->e, node, CRL_FIELD_OPERATOR_OUTPUTS, &to, 1);
    crl_graft_child(&r->e.g, node, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS, options);
    emit(r, node);
}

/* ---- tensors ---- */

static void set_scales(rewriting *r, crl_tree *tensor, const float *scale, const int32_t *zero, size_t n, int32_t axis)
{
    int64_t *zeros = crl_graft_take(&r->e.g, n, sizeof *zeros);
    float *scales = crl_graft_take(&r->e.g, n, sizeof *scales);
    crl_tree *node = crl_graft_table(&r->e.g, CRL_TABLE_QUANTIZATION_PARAMETERS);
    if (r->e.g.failed) return;
    memcpy(scales, scale, n * sizeof *scales);
    for (size_t i = 0; zero && i < n; i++) zeros[i] = zero[i];
    crl_graft_list(&r->e.g, node, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, scales, n);
    crl_graft_list(&r->e.g, node, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, zeros, n);
    if (n > 1) crl_graft_number(&r->e.g, node, CRL_FIELD_QUANTIZATION_PARAMETERS_QUANTIZED_DIMENSION, axis);
    crl_graft_child(&r->e.g, tensor, CRL_FIELD_TENSOR_QUANTIZATION, node);
}

static void set_step(rewriting *r, crl_tree *tensor, crl_type type, crl_step step)
{
    const int32_t zero = step.zero + (type == CRL_UINT8 ? 128 : 0);
    crl_graft_number(&r->e.g, tensor, CRL_FIELD_TENSOR_TYPE, type);
    set_scales(r, tensor, &step.scale, &zero, 1, 0);
}

/* Another tensor of the same shape. Floats where `step` is NULL. */
static int32_t add_like(rewriting *r, int32_t t, const char *suffix, const crl_step *step)
{
    const char *name = r->q->g->tensors[t].name;
    const size_t room = strlen(name) + strlen(suffix) + 1;
    char *longer = crl_graft_take(&r->e.g, room, 1);
    crl_tree *node = crl_graft_table(&r->e.g, CRL_TABLE_TENSOR);
    static const int kept[] = { CRL_FIELD_TENSOR_SHAPE, CRL_FIELD_TENSOR_SHAPE_SIGNATURE, CRL_FIELD_TENSOR_HAS_RANK };
    if (r->e.g.failed) return 0;
    snprintf(longer, room, "%s%s", name, suffix);
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) *crl_tree_at(node, kept[k]) = *crl_tree_at(crl_edit_tensor(&r->e, t), kept[k]);
    crl_graft_text(&r->e.g, node, CRL_FIELD_TENSOR_NAME, longer);
    crl_graft_number(&r->e.g, node, CRL_FIELD_TENSOR_BUFFER, 0);
    crl_graft_number(&r->e.g, node, CRL_FIELD_TENSOR_TYPE, CRL_FLOAT32);
    if (step) set_step(r, node, CRL_INT8, *step);
    return crl_graft_add(&r->e.g, r->e.g.graph, CRL_FIELD_SUB_GRAPH_TENSORS, node);
}

static void add_form(rewriting *r, int32_t t, int32_t tensor, crl_step step)
{
    form *f = crl_graft_take(&r->e.g, 1, sizeof *f), **at = &r->forms[t];
    if (!f) return;
    *f = (form){ .step = step, .tensor = tensor };
    while (*at) at = &(*at)->next;
    *at = f;
}

/* The tensor that holds t with that step. */
static int32_t in_8_bits(rewriting *r, int32_t t, crl_step step)
{
    for (const form *f = r->forms[t]; f; f = f->next)
        if (crl_step_equal(f->step, step)) return f->tensor;
    const int32_t from = r->forms[t] ? r->forms[t]->tensor : r->is_u8[t] ? t : r->real[t];
    const int32_t to = add_like(r, t, "_int8", &step);
    emit_conversion(r, CRL_OP_QUANTIZE, 1, from, to);
    add_form(r, t, to, step);
    return to;
}

static int32_t in_floats(rewriting *r, int32_t t)
{
    if (r->real[t] >= 0) return r->real[t];
    const int32_t from = r->forms[t] ? r->forms[t]->tensor : t, to = add_like(r, t, "_float32", NULL);
    emit_conversion(r, CRL_OP_DEQUANTIZE, 2, from, to);
    return r->real[t] = to;
}

/* What an input of the model becomes. */
static void set_input(rewriting *r, int32_t t)
{
    const crl_type type = r->q->options.input_type;
    if (!r->q->observed[t] || type == CRL_FLOAT32 || !crl_quantize_is_real(r->q, t) || r->q->constant[t] >= 0) return;
    const crl_step step = crl_quantize_step(r->q, t);
    set_step(r, crl_edit_tensor(&r->e, t), type, step);
    r->real[t] = -1;
    r->is_u8[t] = type == CRL_UINT8;
    if (type == CRL_INT8) add_form(r, t, t, step);
}

/* What a quantised operator writes in the place of t: t itself, or one that t is made of. */
static int32_t set_output(rewriting *r, int32_t t)
{
    const crl_step step = crl_quantize_step(r->q, t);
    const bool itself = !r->q->at_output[t] || r->q->options.output_type == CRL_INT8;
    const int32_t to = itself ? t : add_like(r, t, "_int8", &step);
    if (itself) set_step(r, crl_edit_tensor(&r->e, t), CRL_INT8, step);
    r->real[t] = -1;
    add_form(r, t, to, step);
    return to;
}

static void finish_output(rewriting *r, int32_t t)
{
    const crl_type type = r->q->options.output_type;
    if (!r->q->at_output[t] || type == CRL_INT8 || !r->forms[t]) return;
    if (type == CRL_UINT8) set_step(r, crl_edit_tensor(&r->e, t), CRL_UINT8, crl_quantize_step(r->q, t));
    else r->real[t] = t;
    emit_conversion(r, type == CRL_UINT8 ? CRL_OP_QUANTIZE : CRL_OP_DEQUANTIZE, type == CRL_UINT8 ? 1 : 2, r->forms[t]->tensor, t);
}

/* ---- constants ---- */

/* Takes the bytes of a constant of `from`'s shape and name; -1 and NULL where one with these scales is there: `*tensor` is. */
static void *new_constant(rewriting *r, int32_t from, crl_type type, const float *scales, size_t n, size_t bytes, int32_t *tensor)
{
    for (const made *m = r->constants[from]; m; m = m->next)
        if (m->type == type && m->n == n && !memcmp(m->scales, scales, n * sizeof *scales)) {
            *tensor = m->tensor;
            return NULL;
        }
    const crl_tensor_def *def = &r->q->g->tensors[from];
    made *m = crl_graft_take(&r->e.g, 1, sizeof *m);
    float *kept = crl_graft_take(&r->e.g, n, sizeof *kept);
    void *data = crl_graft_take(&r->e.g, bytes, 1);
    if (!data) return NULL;
    memcpy(kept, scales, n * sizeof *kept);
    *tensor =
        crl_graft_add_tensor(&r->e.g,
                             &(crl_graft_tensor){
                                 .name = def->name, .type = type, .shape = def->shape, .data = data, .bytes = bytes });
    *m = (made){ .tensor = *tensor, .type = type, .scales = kept, .n = n, .next = r->constants[from] };
    r->constants[from] = m;
    return r->e.g.failed ? NULL : data;
}

static float *reals_of(rewriting *r, int32_t t)
{
    float low, high;
    const crl_tensor_def *def = &r->q->g->tensors[r->q->constant[t]];
    float *v = crl_quantize_reals(def);
    if (!v) {
        r->e.g.failed = true;
        return NULL;
    }
    if (crl_quantize_range_of(v, crl_shape_count(&def->shape), &low, &high)) return v;
    crl_free(v);
    r->status = crl_fail(r->err, CRL_ERR_UNSUPPORTED, "constant %d \"%s\" holds a number that is not finite", t, def->name);
    return NULL;
}

/* A constant beside activations: with `step`, or one of its own where that is NULL. */
static int32_t constant_in_8_bits(rewriting *r, int32_t t, const crl_step *step)
{
    int32_t tensor = 0;
    float *v = reals_of(r, t), low, high;
    if (!v) return 0;
    const size_t n = crl_shape_count(&r->q->g->tensors[t].shape);
    crl_quantize_range_of(v, n, &low, &high);
    const crl_step own = step ? *step : crl_step_of((double)low, (double)high);
    const float key[2] = { own.scale, (float)own.zero };
    int8_t *data = new_constant(r, t, CRL_INT8, key, 2, n, &tensor);
    if (data) {
        crl_quantize_numbers(data, v, n, own);
        set_step(r, crl_edit_tensor(&r->e, tensor), CRL_INT8, own);
    }
    crl_free(v);
    return tensor;
}

/* Weights, and the bias in units of theirs and the input's. */
static void add_weights(rewriting *r, int32_t i, int32_t *inputs)
{
    const crl_quantize_rule *rule = r->q->rule[i];
    const crl_operator *op = &r->q->g->operators[i];
    const int32_t w = op->inputs[rule->weights], b = op->n_inputs > rule->bias ? op->inputs[rule->bias] : -1;
    const crl_channels c = crl_quantize_channels(&r->q->g->tensors[w].shape, rule->axis);
    const float in = crl_quantize_step(r->q, op->inputs[rule->in]).scale, out = crl_quantize_step(r->q, op->outputs[0]).scale;
    float *weights = reals_of(r, w), *bias = b >= 0 ? reals_of(r, b) : NULL;
    float *scale = crl_graft_take(&r->e.g, c.n, 2 * sizeof *scale);
    if (weights && scale && !failed(r)) {
        crl_quantize_weight_scales(scale, weights, bias, c, in, out);
        int8_t *data = new_constant(r, w, CRL_INT8, scale, c.n, c.outer * c.n * c.inner, &inputs[rule->weights]);
        if (data) {
            crl_quantize_weights(data, weights, scale, c);
            set_scales(r, crl_edit_tensor(&r->e, inputs[rule->weights]), scale, NULL, c.n, rule->axis);
        }
        float *product = scale + c.n;
        for (size_t k = 0; k < c.n; k++) product[k] = in * scale[k];
        int32_t *sums = bias ? new_constant(r, b, CRL_INT32, product, c.n, c.n * sizeof *sums, &inputs[rule->bias]) : NULL;
        if (sums) {
            crl_quantize_bias(sums, bias, c.n, in, scale);
            set_scales(r, crl_edit_tensor(&r->e, inputs[rule->bias]), product, NULL, c.n, 0);
        }
    }
    crl_free(weights);
    crl_free(bias);
}

/* ---- one operator ---- */

static void set_version(rewriting *r, int32_t i)
{
    const crl_operator *op = &r->q->g->operators[i];
    const int32_t least = r->q->rule[i]->version;
    crl_graft_number(&r->e.g, crl_edit_operator(&r->e, i), CRL_FIELD_OPERATOR_OPCODE_INDEX,
                     code_index(r, op->code, op->version > least ? op->version : least));
}

static int32_t quantised_input(rewriting *r, int32_t i, int32_t t)
{
    const int32_t group = crl_quantize_input_group(r->q, i);
    if (!crl_quantize_is_real(r->q, t) && r->q->constant[t] < 0) return t;
    if (r->q->constant[t] >= 0) return constant_in_8_bits(r, t, group >= 0 ? &r->q->step[group] : NULL);
    return in_8_bits(r, t, group >= 0 ? r->q->step[group] : crl_quantize_step(r->q, t));
}

static void rewrite_quantised(rewriting *r, int32_t i)
{
    const crl_quantize_rule *rule = r->q->rule[i];
    const crl_operator *op = &r->q->g->operators[i];
    crl_tree *node = crl_edit_operator(&r->e, i);
    int32_t *in = crl_edit_numbers(&r->e, node, CRL_FIELD_OPERATOR_INPUTS, op->inputs, (size_t)op->n_inputs);
    int32_t *out = crl_edit_numbers(&r->e, node, CRL_FIELD_OPERATOR_OUTPUTS, op->outputs, (size_t)op->n_outputs);
    const bool weighs = rule->scaling == CRL_SCALING_WEIGHTS;
    for (int32_t k = 0; k < op->n_inputs && !failed(r); k++)
        if (op->inputs[k] >= 0 && !(weighs && (k == rule->weights || k == rule->bias))) in[k] = quantised_input(r, i, op->inputs[k]);
    if (weighs && !failed(r)) add_weights(r, i, in);
    for (int32_t k = 0; k < op->n_outputs && !failed(r); k++)
        if (crl_quantize_is_real(r->q, op->outputs[k])) out[k] = set_output(r, op->outputs[k]);
    set_version(r, i);
    emit(r, node);
    for (int32_t k = 0; k < op->n_outputs && !failed(r); k++)
        if (crl_quantize_is_real(r->q, op->outputs[k])) finish_output(r, op->outputs[k]);
}

/* One that stays reads floats where it did. */
static void rewrite_kept(rewriting *r, int32_t i)
{
    const crl_operator *op = &r->q->g->operators[i];
    crl_tree *node = crl_edit_operator(&r->e, i);
    int32_t *in = crl_edit_numbers(&r->e, node, CRL_FIELD_OPERATOR_INPUTS, op->inputs, (size_t)op->n_inputs);
    for (int32_t k = 0; k < op->n_inputs && !failed(r); k++)
        if (crl_quantize_is_real(r->q, op->inputs[k]) && r->q->constant[op->inputs[k]] < 0) in[k] = in_floats(r, op->inputs[k]);
    emit(r, node);
}

/* DEQUANTIZE of a constant that nobody reads any more. */
static bool is_idle(const rewriting *r, int32_t i)
{
    const crl_operator *op = &r->q->g->operators[i];
    return op->n_outputs == 1 && r->q->constant[op->outputs[0]] >= 0 && !r->kept[op->outputs[0]];
}

/* ---- the whole ---- */

static void take(rewriting *r)
{
    const crl_subgraph *g = r->q->g;
    r->forms = crl_graft_take(&r->e.g, (size_t)g->n_tensors, sizeof *r->forms);
    r->real = crl_graft_take(&r->e.g, (size_t)g->n_tensors, sizeof *r->real);
    r->is_u8 = crl_graft_take(&r->e.g, (size_t)g->n_tensors, sizeof *r->is_u8);
    r->constants = crl_graft_take(&r->e.g, (size_t)g->n_tensors, sizeof *r->constants);
    r->kept = crl_graft_take(&r->e.g, (size_t)g->n_tensors, sizeof *r->kept);
    if (!r->kept) return;
    for (int32_t t = 0; t < g->n_tensors; t++) r->real[t] = t;
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; !r->q->rule[i] && k < g->operators[i].n_inputs; k++)
            if (g->operators[i].inputs[k] >= 0) r->kept[g->operators[i].inputs[k]] = true;
}

static void rewrite(rewriting *r)
{
    const crl_subgraph *g = r->q->g;
    take(r);
    for (int32_t k = 0; k < g->n_inputs && !failed(r); k++) set_input(r, g->inputs[k]);
    for (int32_t i = 0; i < g->n_operators && !failed(r); i++) {
        if (r->q->rule[i])
            rewrite_quantised(r, i);
        else if (!is_idle(r, i))
            rewrite_kept(r, i);
    }
    if (!failed(r)) *crl_tree_at(r->e.g.graph, CRL_FIELD_SUB_GRAPH_OPERATORS) = (crl_tree_value){ .tables = r->ops, .n = r->n_ops, .present = true };
}

/* Takes out what is not needed any more, and notes where tensors have gone: their order stays. */
static void find_places(rewriting *r)
{
    const crl_tree_value *all = crl_tree_at(r->e.g.graph, CRL_FIELD_SUB_GRAPH_TENSORS);
    const uint32_t n = all->n;
    crl_tree **before = crl_graft_take(&r->e.g, n, sizeof *before);
    int32_t *number = crl_graft_take(&r->e.g, n, sizeof *number);
    if (!number) return;
    memcpy(before, all->tables, n * sizeof *before);
    crl_graft_compact(&r->e.g);
    for (uint32_t i = 0, k = 0; i < n; i++) number[i] = k < all->n && all->tables[k] == before[i] ? (int32_t)k++ : -1;
    for (int32_t t = 0; t < r->q->g->n_tensors; t++) r->q->place[t] = number[r->forms[t] ? r->forms[t]->tensor : t];
}

crl_status crl_quantize_rewrite(crl_quantizer *q, uint8_t **bytes, size_t *size, crl_error *err)
{
    rewriting r = { .q = q, .err = err };
    crl_status s = crl_edit_begin(&r.e, q->model, err);
    if (!s) {
        rewrite(&r);
        if (!failed(&r)) find_places(&r);
        s = r.status;
        r.e.keeps_notes = true;
    }
    return crl_edit_end(&r.e, s, bytes, size, err);
}
