/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of inputs, outputs and the operator that chooses boxes. */
#include <string.h>

#include "edit/edit.h"
#include "ops/codes.h"

/* ---- batch ------------------------------------------------------------------------------------------ */

/* Which tensors the inputs have something to do with. */
static bool *find_computed(crl_editing *e)
{
    const crl_subgraph *g = e->def;
    bool *computed = crl_graft_take(&e->g, (size_t)g->n_tensors, 1);
    for (int32_t k = 0; computed && k < g->n_inputs; k++) computed[g->inputs[k]] = true;
    for (int32_t i = 0; computed && i < g->n_operators; i++) {
        bool any = false;
        for (int32_t k = 0; k < g->operators[i].n_inputs; k++) any |= g->operators[i].inputs[k] >= 0 && computed[g->operators[i].inputs[k]];
        for (int32_t k = 0; any && k < g->operators[i].n_outputs; k++) computed[g->operators[i].outputs[k]] = true;
    }
    return computed;
}

/* The batch in the shapes that a RESHAPE is told. */
static void reshape_batch(crl_editing *e, int32_t i, int32_t from, int32_t n)
{
    const crl_operator *op = &e->def->operators[i];
    const crl_tensor_def *shape = op->n_inputs > 1 && op->inputs[1] >= 0 ? &e->def->tensors[op->inputs[1]] : NULL;
    if (shape && shape->data && shape->type == CRL_INT32 && shape->bytes >= 4) {
        int32_t *copy = crl_graft_take(&e->g, shape->bytes / 4, sizeof *copy);
        if (!copy) return;
        memcpy(copy, shape->data, shape->bytes);
        if (copy[0] == from) copy[0] = n;
        crl_edit_set_data(e, op->inputs[1], copy, shape->bytes);
    }
    const crl_option *o = crl_operator_option(op, "new_shape");
    crl_tree_value *options = crl_tree_at(crl_edit_operator(e, i), CRL_FIELD_OPERATOR_BUILTIN_OPTIONS);
    if (!o || !o->n || o->v[0] != from || !options->present) return;
    int32_t *list = crl_edit_numbers(e, options->table, crl_graft_option(options->table, "new_shape"), o->v, (size_t)o->n);
    if (list) list[0] = n;
}

static crl_status batch(crl_editing *e, int32_t n, crl_error *err)
{
    const crl_subgraph *g = e->def;
    if (n < 1) return crl_fail(err, CRL_ERR_ARGUMENT, "a batch of %d; 1 is the least", n);
    if (!g->n_inputs || !g->tensors[g->inputs[0]].shape.rank) return crl_fail(err, CRL_ERR_ARGUMENT, "input 0 has no dimension for a batch");
    const int32_t from = g->tensors[g->inputs[0]].shape.dim[0];
    const bool *computed = find_computed(e);
    for (int32_t t = 0; computed && t < g->n_tensors && !e->g.failed; t++) {
        crl_shape shape = g->tensors[t].shape;
        if (!computed[t] || !shape.rank || shape.dim[0] != from) continue;
        shape.dim[0] = n;
        crl_edit_set_shape(e, t, &shape);
    }
    for (int32_t i = 0; i < g->n_operators && n != from; i++)
        if (g->operators[i].code == CRL_OP_RESHAPE && g->operators[i].inputs[0] >= 0 && computed && computed[g->operators[i].inputs[0]])
            reshape_batch(e, i, from, n);
    e->keeps_notes = true;
    return CRL_OK;
}

crl_status crl_edit_batch(const crl_model *model, int32_t n, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_editing e;
    crl_status s = crl_edit_begin(&e, model, err);
    if (!s) s = batch(&e, n, err);
    return crl_edit_end(&e, s, bytes, size, err);
}

/* ---- 8 bits at the ends -------------------------------------------------------------------------------- */

static bool is_8_bit(const crl_tensor_def *t)
{
    return (t->type == CRL_UINT8 || t->type == CRL_INT8) && t->quant.n == 1;
}

/* The one operator that reads a tensor, -1: none or several. */
static int32_t only_reader(const crl_subgraph *g, int32_t tensor)
{
    if (crl_edit_readers(g, tensor) != 1 || crl_edit_is_output(g, tensor)) return -1;
    for (int32_t i = 0; i < g->n_operators; i++)
        for (int32_t k = 0; k < g->operators[i].n_inputs; k++)
            if (g->operators[i].inputs[k] == tensor) return i;
    return -1;
}

/* A scale of 1 for an input that had none: what was cast is what it says. */
static void quantise_tensor(crl_editing *e, int32_t tensor)
{
    crl_tree *q = crl_graft_table(&e->g, CRL_TABLE_QUANTIZATION_PARAMETERS);
    float *scale = crl_graft_take(&e->g, 1, sizeof *scale);
    int64_t *zero = crl_graft_take(&e->g, 1, sizeof *zero);
    if (e->g.failed) return;
    *scale = 1;
    crl_graft_list(&e->g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, scale, 1);
    crl_graft_list(&e->g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, zero, 1);
    crl_graft_child(&e->g, crl_edit_tensor(e, tensor), CRL_FIELD_TENSOR_QUANTIZATION, q);
}

/* QUANTIZE of an input goes; CAST and QUANTIZE of one become a QUANTIZE. */
static bool fold_input(crl_editing *e, int32_t *input)
{
    const crl_subgraph *g = e->def;
    const crl_tensor_def *t = &g->tensors[*input];
    const int32_t first = only_reader(g, *input);
    if (first < 0 || g->operators[first].n_outputs != 1) return false;
    const int32_t behind = g->operators[first].outputs[0];
    if (t->type == CRL_FLOAT32 && g->operators[first].code == CRL_OP_QUANTIZE && is_8_bit(&g->tensors[behind])) {
        e->gone[first] = true;
        e->moved[*input] = behind;
        *input = behind;
        return true;
    }
    if (t->type != CRL_UINT8 || g->operators[first].code != CRL_OP_CAST || g->tensors[behind].type != CRL_FLOAT32) return false;
    const int32_t second = only_reader(g, behind);
    if (second < 0 || g->operators[second].code != CRL_OP_QUANTIZE || g->operators[second].n_outputs != 1) return false;
    const crl_tensor_def *q = &g->tensors[g->operators[second].outputs[0]];
    if (!is_8_bit(q) || q->quant.scale[0] != 1) return false;
    e->gone[first] = true;
    quantise_tensor(e, *input);
    crl_edit_numbers(e, crl_edit_operator(e, second), CRL_FIELD_OPERATOR_INPUTS, input, 1);
    return true;
}

static bool fold_output(crl_editing *e, int32_t *output)
{
    const crl_subgraph *g = e->def;
    const int32_t last = crl_edit_writer(g, *output);
    if (last < 0 || g->operators[last].code != CRL_OP_DEQUANTIZE || g->operators[last].n_inputs != 1 || crl_edit_readers(g, *output)) return false;
    const int32_t before = g->operators[last].inputs[0];
    if (before < 0 || !is_8_bit(&g->tensors[before]) || g->tensors[before].data || crl_edit_is_output(g, before)) return false;
    e->gone[last] = true;
    e->moved[*output] = before;
    *output = before;
    return true;
}

static crl_status fold(crl_editing *e, int32_t *changed, crl_error *err)
{
    const crl_subgraph *g = e->def;
    int32_t *in = crl_edit_numbers(e, e->g.graph, CRL_FIELD_SUB_GRAPH_INPUTS, g->inputs, (size_t)g->n_inputs);
    int32_t *out = crl_edit_numbers(e, e->g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, g->outputs, (size_t)g->n_outputs);
    if (e->g.failed) return crl_fail_memory(err, "a model");
    for (int32_t k = 0; k < g->n_inputs; k++) *changed += fold_input(e, &in[k]);
    for (int32_t k = 0; k < g->n_outputs; k++) *changed += fold_output(e, &out[k]);
    e->keeps_notes = true;
    if (*changed) return CRL_OK;
    return crl_fail(err, CRL_ERR_ARGUMENT, "no input is quantised first thing, and no output is made floats last: there is nothing to fold");
}

crl_status crl_edit_8bit_io(const crl_model *model, int32_t *changed, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_editing e;
    *changed = 0;
    crl_status s = crl_edit_begin(&e, model, err);
    if (!s) s = fold(&e, changed, err);
    return crl_edit_end(&e, s, bytes, size, err);
}

/* ---- the operator that chooses boxes -------------------------------------------------------------------- */

static crl_status drop_postprocess(crl_editing *e, crl_error *err)
{
    int32_t op;
    const crl_subgraph *g = e->def;
    const crl_status s = crl_edit_find_postprocess(g, &op, err);
    if (s) return s;
    int32_t *out = crl_graft_take(&e->g, (size_t)g->n_outputs + 2, sizeof *out), n = 0;
    if (!out) return crl_fail_memory(err, "a model");
    out[n++] = g->operators[op].inputs[0];
    out[n++] = g->operators[op].inputs[1];
    for (int32_t k = 0; k < g->n_outputs; k++) {
        bool chosen = false;
        for (int32_t i = 0; i < g->operators[op].n_outputs; i++) chosen |= g->operators[op].outputs[i] == g->outputs[k];
        if (!chosen) out[n++] = g->outputs[k];
    }
    e->gone[op] = true;
    crl_graft_list(&e->g, e->g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, out, (size_t)n);
    return CRL_OK;
}

crl_status crl_edit_drop_postprocess(const crl_model *model, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_editing e;
    crl_status s = crl_edit_begin(&e, model, err);
    if (!s) s = drop_postprocess(&e, err);
    return crl_edit_end(&e, s, bytes, size, err);
}

static bool knows(const char *name)
{
    static const char *const names[] = { "max_detections", "max_classes_per_detection", "detections_per_class", "use_regular_nms",
                                         "nms_score_threshold", "nms_iou_threshold", "num_classes", "y_scale", "x_scale", "h_scale", "w_scale" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], name)) return true;
    return false;
}

/* As many detections as come out are in the shapes of the outputs, too, where the file says any. */
static void set_detections(crl_editing *e, const crl_operator *op, int32_t n)
{
    for (int32_t k = 0; k < op->n_outputs && k < 3; k++) {
        crl_shape shape = e->def->tensors[op->outputs[k]].shape;
        if (shape.rank < 2) continue;
        shape.dim[1] = n;
        crl_edit_set_shape(e, op->outputs[k], &shape);
    }
}

static crl_status postprocess(crl_editing *e, const crl_edit_option *options, int32_t n, crl_error *err)
{
    int32_t i;
    size_t bytes;
    crl_status s = crl_edit_find_postprocess(e->def, &i, err);
    if (s) return s;
    for (int32_t k = 0; k < n; k++) {
        if (!knows(options[k].name))
            return crl_fail(err, CRL_ERR_ARGUMENT, "TFLite_Detection_PostProcess has no option \"%s\"; it has max_detections, nms_score_threshold, "
                            "nms_iou_threshold, use_regular_nms, detections_per_class, max_classes_per_detection and more", options[k].name);
        if (!strcmp(options[k].name, "max_detections") && options[k].value >= 1 && options[k].value < 1 << 20)
            set_detections(e, &e->def->operators[i], (int32_t)options[k].value);
    }
    const uint8_t *custom = crl_edit_flex(e, &e->def->operators[i], options, n, &bytes);
    if (!custom) return crl_fail_memory(err, "a model");
    crl_graft_list(&e->g, crl_edit_operator(e, i), CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, custom, bytes);
    e->keeps_notes = true;
    return CRL_OK;
}

crl_status crl_edit_postprocess(const crl_model *model, const crl_edit_option *options, int32_t n, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_editing e;
    crl_status s = crl_edit_begin(&e, model, err);
    if (!s) s = postprocess(&e, options, n, err);
    return crl_edit_end(&e, s, bytes, size, err);
}
