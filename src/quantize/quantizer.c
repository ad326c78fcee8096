/* SPDX-License-Identifier: Apache-2.0 */
/* A quantizer: made, told what engines hold, asked for the model. */
#include <math.h>

#include "ops/codes.h"
#include "quantize/quantize.h"

/* ---- making ---- */

static crl_status check_options(const crl_quantize_options *o, const crl_subgraph *g, crl_error *err)
{
    if ((unsigned)o->calibration > CRL_CALIBRATION_MSE)
        return crl_fail(err, CRL_ERR_ARGUMENT, "calibration %d; 0 to 2 are accepted", (int)o->calibration);
    if (o->percentile != 0 && !(o->percentile > 50 && o->percentile <= 100))
        return crl_fail(err, CRL_ERR_ARGUMENT, "percentile %g; more than 50, and at most 100, is accepted", o->percentile);
    const crl_type types[] = { o->input_type, o->output_type };
    for (int k = 0; k < 2; k++)
        if (types[k] != CRL_FLOAT32 && types[k] != CRL_INT8 && types[k] != CRL_UINT8)
            return crl_fail(err, CRL_ERR_ARGUMENT, "%s of %s; FLOAT32, INT8 and UINT8 are accepted",
                            k ? "outputs" : "inputs", crl_type_name(types[k]));
    if (o->keep_float && o->n_keep_float != (size_t)g->n_operators)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%zu operators to keep or not; the model has %d", o->n_keep_float, g->n_operators);
    return crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_quantize_options", err);
}

static bool take(crl_quantizer *q)
{
    const size_t n = (size_t)q->g->n_tensors + 1, ops = (size_t)q->g->n_operators + 1;
    crl_pile *p = &q->pile;
    q->rule = crl_pile_array(p, ops, sizeof *q->rule);
    q->why = crl_pile_array(p, ops, sizeof *q->why);
    q->writer = crl_pile_array(p, n, sizeof *q->writer);
    q->constant = crl_pile_array(p, n, sizeof *q->constant);
    q->at_input = crl_pile_array(p, n, sizeof *q->at_input);
    q->at_output = crl_pile_array(p, n, sizeof *q->at_output);
    q->observed = crl_pile_array(p, n, sizeof *q->observed);
    q->seen = crl_pile_array(p, n, sizeof *q->seen);
    q->given = crl_pile_array(p, n, 2 * sizeof *q->given);
    q->group = crl_pile_array(p, n, sizeof *q->group);
    q->fixed = crl_pile_array(p, n, sizeof *q->fixed);
    q->step = crl_pile_array(p, n, sizeof *q->step);
    q->place = crl_pile_array(p, n, sizeof *q->place);
    return q->rule && q->why && q->writer && q->constant && q->at_input && q->at_output && q->observed && q->seen && q->given && q->group &&
           q->fixed && q->step && q->place;
}

static void look(crl_quantizer *q)
{
    const crl_subgraph *g = q->g;
    for (int32_t t = 0; t < g->n_tensors; t++) {
        q->writer[t] = q->place[t] = -1;
        q->constant[t] = crl_quantize_has_reals(&g->tensors[t]) ? t : -1;
    }
    for (int32_t k = 0; k < g->n_inputs; k++) q->at_input[g->inputs[k]] = true;
    for (int32_t k = 0; k < g->n_outputs; k++) q->at_output[g->outputs[k]] = true;
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        for (int32_t k = 0; k < op->n_outputs; k++) q->writer[op->outputs[k]] = i;
        if (op->code == CRL_OP_DEQUANTIZE && op->n_inputs == 1 && op->n_outputs == 1 && op->inputs[0] >= 0 && !q->at_output[op->outputs[0]] &&
            crl_shape_equal(&g->tensors[op->inputs[0]].shape, &g->tensors[op->outputs[0]].shape))
            q->constant[op->outputs[0]] = q->constant[op->inputs[0]];
    }
}

/* What is computed, or given, in 8 or 16 bits with a scale. */
static crl_status check_floats(const crl_quantizer *q, crl_error *err)
{
    for (int32_t t = 0; t < q->g->n_tensors; t++) {
        const crl_tensor_def *def = &q->g->tensors[t];
        const bool narrow = def->type == CRL_INT8 || def->type == CRL_UINT8 || def->type == CRL_INT16;
        if (narrow && def->quant.n && !def->data && (q->writer[t] >= 0 || q->at_input[t]))
            return crl_fail(
                err, CRL_ERR_ARGUMENT,
                "tensor %d \"%s\" is %s with a scale: the model is quantised already; one of floats is expected", t,
                def->name, crl_type_name(def->type));
    }
    return CRL_OK;
}

crl_status crl_quantizer_new(crl_quantizer **out, const crl_model *model, const crl_quantize_options *options, crl_error *err)
{
    static const crl_quantize_options presets;
    if (!options) options = &presets;
    *out = NULL;
    if (model->n_subgraphs != 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has %d subgraphs; models of one can be quantised", model->n_subgraphs);
    crl_status s = check_options(options, &model->subgraphs[0], err);
    if (s) return s;
    crl_quantizer *q = crl_alloc(sizeof *q);
    if (!q) return crl_fail_memory(err, "a quantizer");
    q->model = model;
    q->g = &model->subgraphs[0];
    q->options = *options;
    q->options.keep_float = NULL;
    if (q->options.percentile == 0) q->options.percentile = 99.99;
    if (take(q)) {
        look(q);
        s = check_floats(q, err);
        if (!s) s = crl_quantize_plan(q, options->keep_float, err);
    } else
        s = crl_fail_memory(err, "a quantizer");
    if (s) {
        crl_quantizer_free(q);
        return s;
    }
    *out = q;
    return CRL_OK;
}

void crl_quantizer_free(crl_quantizer *q)
{
    if (!q) return;
    for (int32_t t = 0; q->seen && t < q->g->n_tensors; t++) crl_histogram_release(&q->seen[t]);
    crl_pile_free(&q->pile);
    crl_free(q);
}

/* ---- observing ---- */

static crl_status observe(crl_quantizer *q, int32_t t, const crl_engine *engine, crl_error *err)
{
    crl_tensor now;
    size_t bad;
    const crl_tensor_def *def = &q->g->tensors[t];
    const crl_status s = crl_engine_tensor(engine, t, &now, err);
    if (s) return s;
    const size_t n = crl_shape_count(&now.shape);
    if (now.type != def->type)
        return crl_fail(err, CRL_ERR_ARGUMENT, "tensor %d \"%s\" is %s in the engine: that is of another model", t,
                        def->name, crl_type_name(now.type));
    if (n && !now.data)
        return crl_fail(err, CRL_ERR_ARGUMENT, "tensor %d \"%s\": the engine does not keep its tensors, or was not run",
                        t, def->name);
    if (crl_histogram_add(&q->seen[t], now.data, n, q->options.calibration != CRL_CALIBRATION_MIN_MAX, &bad)) return CRL_OK;
    if (bad == n) return crl_fail_memory(err, "what was seen of a tensor");
    const int32_t writer = q->writer[t];
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "tensor %d \"%s\", which %s gives, holds %g at %zu: a range needs finite numbers", t, def->name,
                    writer < 0 ? "the input" : q->g->operators[writer].name, (double)((const float *)now.data)[bad], bad);
}

crl_status crl_quantizer_observe(crl_quantizer *q, const crl_engine *engine, crl_error *err)
{
    for (int32_t t = 0; t < q->g->n_tensors; t++) {
        const crl_status s = q->observed[t] ? observe(q, t, engine, err) : CRL_OK;
        if (s) return s;
    }
    q->runs++;
    return CRL_OK;
}

crl_status crl_quantizer_set_range(crl_quantizer *q, int32_t tensor, float low, float high, crl_error *err)
{
    if (tensor < 0 || tensor >= q->g->n_tensors || !q->at_input[tensor])
        return crl_fail(err, CRL_ERR_ARGUMENT, "tensor %d is no input of the model", tensor);
    if (!(low < high) || !isfinite(low) || !isfinite(high))
        return crl_fail(err, CRL_ERR_ARGUMENT, "a range from %g to %g; two numbers, the first one less, are expected", (double)low, (double)high);
    q->given[2 * tensor] = low;
    q->given[2 * tensor + 1] = high;
    return CRL_OK;
}

/* ---- the result ---- */

crl_status crl_quantizer_write(crl_quantizer *q, uint8_t **bytes, size_t *size, crl_error *err)
{
    *bytes = NULL;
    *size = 0;
    if (!q->runs) return crl_fail(err, CRL_ERR_STATE, "nothing was observed, so that no range is known; run the model on a picture");
    const crl_status s = crl_quantize_set_steps(q, err);
    return s ? s : crl_quantize_rewrite(q, bytes, size, err);
}

crl_status crl_quantizer_operator(const crl_quantizer *q, int32_t i, crl_quantized_operator *out, crl_error *err)
{
    *out = (crl_quantized_operator){ .before = -1, .after = -1 };
    if (i < 0 || i >= q->g->n_operators) return crl_fail(err, CRL_ERR_ARGUMENT, "operator %d; there are %d", i, q->g->n_operators);
    out->is_quantised = q->rule[i] != NULL;
    out->why = q->why[i];
    if (q->g->operators[i].n_outputs < 1) return CRL_OK;
    out->before = q->g->operators[i].outputs[0];
    out->after = q->place[out->before];
    return CRL_OK;
}
