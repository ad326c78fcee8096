/* SPDX-License-Identifier: Apache-2.0 */
/* From ranges to scales and zero points. */
#include <float.h>
#include <math.h>

#include "ops/codes.h"
#include "quantize/quantize.h"

/* Smaller ones would not be normal numbers when they are multiplied with those of weights. */
static const double LEAST_SCALE = 1e-15;

/* A zero is a number. What was never anything but zero may become something up to 1. */
crl_step crl_step_of(double low, double high)
{
    low = fmin(low, 0);
    high = fmax(high, 0);
    if (!(high > low)) high = 1;
    const double scale = fmax((high - low) / 255, LEAST_SCALE);
    return (crl_step){ (float)scale, (int32_t)fmax(-128, fmin(127, round(-128 - low / scale))) };
}

static void range_of(const crl_quantizer *q, int32_t t, double *low, double *high)
{
    float a, b;
    crl_histogram_range(&q->seen[t], q->options.calibration, q->options.percentile, &a, &b);
    if (q->given[2 * t] < q->given[2 * t + 1]) a = q->given[2 * t], b = q->given[2 * t + 1];
    *low = fmin(*low, (double)a);
    *high = fmax(*high, (double)b);
}

/* false without memory. */
static bool constant_range(const crl_quantizer *q, int32_t t, float *low, float *high)
{
    const crl_tensor_def *def = &q->g->tensors[q->constant[t]];
    float *v = crl_quantize_reals(def);
    if (v && !crl_quantize_range_of(v, crl_shape_count(&def->shape), low, high)) *low = *high = 0; /* what makes them anew says it */
    crl_free(v);
    return v != NULL;
}

/* Constants that an operator reads beside activations of the same scale. */
static bool add_constants(const crl_quantizer *q, double *range)
{
    for (int32_t i = 0; i < q->g->n_operators; i++) {
        const int32_t at = q->rule[i] ? crl_quantize_input_group(q, i) : -1;
        const crl_operator *op = &q->g->operators[i];
        for (int32_t k = 0; at >= 0 && k < op->n_inputs; k++) {
            const int32_t t = op->inputs[k];
            float low, high;
            if (!crl_quantize_is_real(q, t) || q->constant[t] < 0) continue;
            if (!constant_range(q, t, &low, &high)) return false;
            range[2 * at] = fmin(range[2 * at], (double)low);
            range[2 * at + 1] = fmax(range[2 * at + 1], (double)high);
        }
    }
    return true;
}

/* The reference brings inputs of a sum to twice the coarser scale before it goes to the output's, and has room for that much. Source:
 * TensorFlow Lite, kernels/add.cc, sub.cc, squared_difference.cc, activations.cc. */
static double least_output(int32_t code, double coarsest)
{
    switch (code) {
    case CRL_OP_ADD: case CRL_OP_SUB: return coarsest * 0x1p-16;
    case CRL_OP_SQUARED_DIFFERENCE: return coarsest * coarsest * 0x1p-10;
    case CRL_OP_HARD_SWISH: return coarsest * 0x1.01p-7; /* its product with a ramp of 7 bits more is only shifted right */
    default: return 0;
    }
}

/* The coarser of an input's scale and `*coarsest`; false without memory. */
static bool coarsest_input(const crl_quantizer *q, int32_t t, double *coarsest)
{
    float low, high;
    if (!crl_quantize_is_real(q, t)) return true;
    if (q->constant[t] < 0) {
        *coarsest = fmax(*coarsest, (double)crl_quantize_step(q, t).scale);
        return true;
    }
    if (!constant_range(q, t, &low, &high)) return false;
    *coarsest = fmax(*coarsest, (double)crl_step_of((double)low, (double)high).scale);
    return true;
}

/* Where an activation clips, in steps of the output, has to be an integer of 32 bits. Source: TensorFlow Lite, kernels/kernel_util.cc. */
static double least_clipped(const crl_operator *op)
{
    const crl_option *fused = crl_operator_option(op, "fused_activation_function");
    const int64_t act = fused ? fused->i : 0;
    if (op->code == CRL_OP_RELU6 || act == 3) return 6 * 0x1p-30;
    return op->code == CRL_OP_RELU_N1_TO_1 || act == 2 ? 0x1p-30 : 0;
}

/* The least scale of an operator's output; false without memory. */
static bool least_scale(const crl_quantizer *q, const crl_operator *op, double *least)
{
    double coarsest = 0;
    *least = least_clipped(op);
    if (least_output(op->code, 1) == 0) return true;
    for (int32_t k = 0; k < op->n_inputs; k++)
        if (!coarsest_input(q, op->inputs[k], &coarsest)) return false;
    *least = fmax(*least, least_output(op->code, coarsest));
    return true;
}

/* Differences of what a softmax reads times this many bits have to be above 1; finer ones are no difference for it. Source: TensorFlow Lite,
 * kernels/internal/quantization_util.cc, PreprocessSoftmaxScaling. */
static double least_input(const crl_operator *op)
{
    const crl_option *beta = op->code == CRL_OP_SOFTMAX ? crl_operator_option(op, "beta") : NULL;
    if (op->code == CRL_OP_LOG_SOFTMAX) return 0x1.01p-26;
    return beta && beta->f > 0 ? 0x1.01p-26 / (double)beta->f : 0;
}

static void make_coarser(crl_quantizer *q, int32_t t, double least)
{
    crl_step *step = &q->step[crl_quantize_group(q, t)];
    if ((double)step->scale < least) step->scale = (float)least;
}

static bool compares(int32_t code)
{
    return code == CRL_OP_EQUAL || code == CRL_OP_NOT_EQUAL || code == CRL_OP_LESS || code == CRL_OP_LESS_EQUAL || code == CRL_OP_GREATER ||
           code == CRL_OP_GREATER_EQUAL;
}

/* A comparison has the scales of its inputs as factors, which have to be below 1: else it stays in floats. Source: TensorFlow Lite,
 * kernels/comparisons.cc. */
static bool keep_comparisons(crl_quantizer *q)
{
    for (int32_t i = 0; i < q->g->n_operators; i++) {
        const crl_operator *op = &q->g->operators[i];
        double coarsest = 0;
        if (!q->rule[i] || !compares(op->code) || op->n_inputs != 2) continue;
        if (!coarsest_input(q, op->inputs[0], &coarsest) || !coarsest_input(q, op->inputs[1], &coarsest)) return false;
        if (coarsest < 1) continue;
        q->rule[i] = NULL;
        q->why[i] = "its inputs have a scale of 1 or more, which 8 bits cannot compare";
    }
    return true;
}

/* Outputs that are far finer than what they are made of, or clipped at, get a coarser scale. */
static bool coarsen(crl_quantizer *q)
{
    for (int32_t i = 0; i < q->g->n_operators; i++)
        if (q->rule[i] && q->g->operators[i].n_inputs == 1) make_coarser(q, q->g->operators[i].inputs[0], least_input(&q->g->operators[i]));
    for (int32_t i = 0; i < q->g->n_operators; i++) {
        const crl_operator *op = &q->g->operators[i];
        double least;
        if (!q->rule[i] || op->n_outputs != 1) continue;
        if (!least_scale(q, op, &least)) return false;
        if (least > 0) make_coarser(q, op->outputs[0], least);
    }
    return true;
}

crl_status crl_quantize_set_steps(crl_quantizer *q, crl_error *err)
{
    const int32_t n = q->g->n_tensors;
    double *range = crl_alloc_array((size_t)n, 2 * sizeof *range);
    if (!range) return crl_fail_memory(err, "ranges");
    for (int32_t t = 0; t < n; t++) {
        const int32_t at = crl_quantize_group(q, t);
        if (q->observed[t]) range_of(q, t, &range[2 * at], &range[2 * at + 1]);
    }
    const bool added = add_constants(q, range);
    for (int32_t t = 0; t < n; t++)
        if (q->group[t] == t && !q->fixed[t]) q->step[t] = crl_step_of(range[2 * t], range[2 * t + 1]);
    crl_free(range);
    return added && coarsen(q) && keep_comparisons(q) ? CRL_OK : crl_fail_memory(err, "ranges");
}
