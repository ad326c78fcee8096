/* SPDX-License-Identifier: Apache-2.0 */
/* Which operators are quantised, and which tensors have one scale together. */
#include <string.h>

#include "ops/codes.h"
#include "quantize/quantize.h"

bool crl_quantize_is_real(const crl_quantizer *q, int32_t tensor)
{
    return tensor >= 0 && q->g->tensors[tensor].type == CRL_FLOAT32;
}

/* A tensor of floats that is computed, or given. */
static bool is_activation(const crl_quantizer *q, int32_t tensor)
{
    return crl_quantize_is_real(q, tensor) && q->constant[tensor] < 0;
}

int32_t crl_quantize_group(const crl_quantizer *q, int32_t tensor)
{
    while (q->group[tensor] != tensor) tensor = q->group[tensor] = q->group[q->group[tensor]];
    return tensor;
}

int32_t crl_quantize_input_group(const crl_quantizer *q, int32_t i)
{
    const crl_operator *op = &q->g->operators[i];
    if (q->rule[i]->scaling != CRL_SCALING_SAME) return -1;
    for (int32_t k = 0; k < op->n_outputs; k++)
        if (crl_quantize_is_real(q, op->outputs[k])) return crl_quantize_group(q, op->outputs[k]);
    return -1;
}

/* ---- which ---- */

static bool touches_reals(const crl_quantizer *q, const crl_operator *op)
{
    bool any = false;
    for (int32_t k = 0; k < op->n_inputs; k++) any |= crl_quantize_is_real(q, op->inputs[k]);
    for (int32_t k = 0; k < op->n_outputs; k++) any |= crl_quantize_is_real(q, op->outputs[k]);
    return any;
}

/* Constants that are no floats are indices, shapes and the like. */
static const char *why_weights(const crl_quantizer *q, const crl_operator *op, const crl_quantize_rule *r)
{
    if (op->n_inputs <= r->in || op->n_inputs <= r->weights || op->inputs[r->in] < 0 || op->inputs[r->weights] < 0 ||
        !is_activation(q, op->inputs[r->in]))
        return "it does not read activations of floats";
    if (q->constant[op->inputs[r->weights]] < 0) return "its weights are not constant";
    const crl_shape *shape = &q->g->tensors[op->inputs[r->weights]].shape;
    if (shape->rank != r->rank || !crl_shape_count(shape)) return "its weights have another form";
    const int32_t bias = op->n_inputs > r->bias ? op->inputs[r->bias] : -1;
    if (bias >= 0 && (q->constant[bias] < 0 || crl_shape_count(&q->g->tensors[bias].shape) != (size_t)shape->dim[r->axis]))
        return "its bias is not constant";
    const crl_option *format = crl_operator_option(op, "weights_format");
    return format && format->i ? "its weights are shuffled" : NULL;
}

/* What only moves numbers of operators that stay as they are would quantise and dequantise for nothing. */
static bool between_floats(const crl_quantizer *q, const crl_operator *op)
{
    for (int32_t k = 0; k < op->n_inputs; k++) {
        const int32_t t = op->inputs[k], writer = t < 0 ? -1 : q->writer[t];
        if (is_activation(q, t) && (writer < 0 || q->rule[writer])) return false;
    }
    return true;
}

static const char *why_floats(const crl_quantizer *q, const crl_operator *op, const crl_quantize_rule *r)
{
    bool reads = false;
    for (int32_t k = 0; k < op->n_inputs; k++) {
        const int32_t t = op->inputs[k];
        if (t < 0) continue;
        reads |= is_activation(q, t);
        if (q->g->tensors[t].is_variable) return "it keeps a state";
        if (is_activation(q, t) && q->at_input[t] && q->at_output[t]) return "it reads an input that is an output, too";
    }
    if (!reads) return "it reads nothing that is computed of floats";
    const crl_option *act = crl_operator_option(op, "fused_activation_function");
    if (act && act->i > 3) return "its activation has no form in 8 bits";
    if (r->scaling == CRL_SCALING_WEIGHTS) return why_weights(q, op, r);
    if (r->scaling == CRL_SCALING_SAME && between_floats(q, op)) return "it is between operators that stay as they are";
    return NULL;
}

/* Constants behind DEQUANTIZE are made anew where they are wanted. */
static bool gives_constant(const crl_quantizer *q, const crl_operator *op)
{
    return op->n_outputs == 1 && q->constant[op->outputs[0]] >= 0;
}

static const char *why_not(const crl_quantizer *q, int32_t i, const bool *keep_float)
{
    const crl_operator *op = &q->g->operators[i];
    const crl_quantize_rule *r = crl_quantize_rule_of(op);
    if (!touches_reals(q, op) || gives_constant(q, op)) return "";
    if (keep_float && keep_float[i]) return "as was asked for";
    return r ? why_floats(q, op, r) : "it has no form in 8 bits";
}

/* ---- together ---- */

static void unite(crl_quantizer *q, int32_t a, int32_t b)
{
    a = crl_quantize_group(q, a);
    b = crl_quantize_group(q, b);
    if (a < b)
        q->group[b] = a;
    else
        q->group[a] = b;
}

/* Where all that is read has the fixed scale of an operator before, so has what is written. Else what is fixed is brought to the scale of
 * the others by a QUANTIZE of its own. */
static void join_same(crl_quantizer *q, const crl_operator *op)
{
    int32_t first = -1, out = -1;
    bool all_fixed = true;
    for (int32_t k = 0; k < op->n_outputs; k++) {
        if (!crl_quantize_is_real(q, op->outputs[k])) continue;
        if (out >= 0) unite(q, out, op->outputs[k]);
        out = op->outputs[k];
    }
    if (out < 0) return;
    for (int32_t k = 0; k < op->n_inputs; k++) {
        const int32_t t = op->inputs[k];
        if (!is_activation(q, t)) {
            all_fixed &= !crl_quantize_is_real(q, t); /* a constant may lie outside of the fixed range */
            continue;
        }
        const int32_t at = crl_quantize_group(q, t);
        all_fixed &= q->fixed[at] && (first < 0 || crl_step_equal(q->step[at], q->step[first]));
        first = at;
    }
    if (all_fixed) {
        unite(q, first, out);
        const int32_t all = crl_quantize_group(q, out);
        q->fixed[all] = true;
        q->step[all] = q->step[first];
        return;
    }
    for (int32_t k = 0; k < op->n_inputs; k++)
        if (is_activation(q, op->inputs[k]) && !q->fixed[crl_quantize_group(q, op->inputs[k])]) unite(q, op->inputs[k], out);
}

static void join(crl_quantizer *q, int32_t i)
{
    const crl_operator *op = &q->g->operators[i];
    if (q->rule[i]->scaling == CRL_SCALING_SAME) join_same(q, op);
    if (q->rule[i]->scaling != CRL_SCALING_FIXED || op->n_outputs < 1) return;
    q->fixed[op->outputs[0]] = true;
    q->step[op->outputs[0]] = q->rule[i]->fixed;
}

crl_status crl_quantize_plan(crl_quantizer *q, const bool *keep_float, crl_error *err)
{
    const crl_subgraph *g = q->g;
    int32_t quantised = 0;
    for (int32_t t = 0; t < g->n_tensors; t++) q->group[t] = t;
    for (int32_t i = 0; i < g->n_operators; i++) {
        const char *why = why_not(q, i, keep_float);
        q->why[i] = why && *why ? why : NULL;
        if (why) continue;
        q->rule[i] = crl_quantize_rule_of(&g->operators[i]);
        join(q, i);
        quantised++;
        for (int32_t k = 0; k < g->operators[i].n_inputs; k++)
            if (is_activation(q, g->operators[i].inputs[k])) q->observed[g->operators[i].inputs[k]] = true;
        for (int32_t k = 0; k < g->operators[i].n_outputs; k++)
            if (crl_quantize_is_real(q, g->operators[i].outputs[k])) q->observed[g->operators[i].outputs[k]] = true;
    }
    if (quantised) return CRL_OK;
    return crl_fail(err, CRL_ERR_ARGUMENT, "no operator that reads floats can be quantised, or all are to stay as they are");
}
