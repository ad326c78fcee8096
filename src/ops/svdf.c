/* SPDX-License-Identifier: Apache-2.0 */
/* SVDF: a filter over features and time. A feature of the input is appended to the memory of each filter, the memory
 * is weighted by time, and `rank` neighbouring filters make a unit. FLOAT32, with weights
 * of FLOAT32 or INT8; INT8 with INT16 memory, where the reference asks for the activation RELU and does nothing about
 * it. The memory lives from run to run. Source: TensorFlow Lite, kernels/internal/reference/svdf.h. */
#include "ops/svdf.h"

#include <math.h>
#include <string.h>

#include "base/fixed.h"
#include "kernels/lanes.h"
#include "ops/hybrid.h"
#include "ops/shapes.h"

enum { IN, FEATURE, TIME, BIAS, STATE }; /* inputs */

typedef struct params {
    int32_t n_batch, n_input, n_filter, n_memory, rank;
    crl_scale feature_scale, output_scale; /* INT8 */
    float min, max;                        /* FLOAT32: fused activation */
    const float *time;                     /* FLOAT32 with weights of INT8: theirs, as floats */
    bool hybrid, asymmetric;               /* FLOAT32 with weights of INT8 */
    crl_hybrid_matrix feature;             /* but for weights of FLOAT32; without scales where activations are INT8 */
} params;

static crl_status check_matrix(const crl_node *node, const crl_tensor *t, int32_t rows, int32_t columns, crl_type type,
                               crl_error *err)
{
    if (t->type != type) return crl_node_bad_type(node, t, crl_type_name(type), err);
    if (t->shape.rank == 2 && t->shape.dim[0] == rows && t->shape.dim[1] == columns) return CRL_OK;
    char text[CRL_SHAPE_TEXT];
    return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "shape %s, [%d,%d] is needed",
                        crl_shape_text(&t->shape, text, sizeof text), rows, columns);
}

static crl_status check_inputs(crl_node *node, params *p, crl_error *err)
{
    if (node->n_in != 5) return crl_fail(err, CRL_ERR_FORMAT, "%d inputs, 5 are needed", node->n_in);
    const crl_tensor *in = node->in[IN], *feature = node->in[FEATURE], *time = node->in[TIME], *bias = node->in[BIAS];
    const crl_tensor *state = node->in[STATE];
    const bool quantised = in->type == CRL_INT8;
    if (!feature || !time || !state) return crl_fail(err, CRL_ERR_FORMAT, "weights and state, inputs 1, 2 and 4, are needed");
    if (in->shape.rank != 2 || feature->shape.rank != 2 || time->shape.rank != 2)
        return crl_fail(err, CRL_ERR_FORMAT, "input and weights need two dimensions");
    p->n_batch = in->shape.dim[0];
    p->n_input = in->shape.dim[1];
    p->n_filter = feature->shape.dim[0];
    p->n_memory = time->shape.dim[1];
    p->rank = crl_node_int(node, "rank");
    if (p->rank < 1 || p->n_filter % p->rank || p->n_memory < 1 || (int64_t)p->n_memory * p->n_filter > INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "%d filters with memories of %d and rank %d", p->n_filter, p->n_memory, p->rank);
    const crl_type wide = quantised ? CRL_INT16 : CRL_FLOAT32;
    p->hybrid = !quantised && (feature->type == CRL_INT8 || feature->type == CRL_UINT8);
    const crl_type narrow = p->hybrid ? feature->type : in->type;
    crl_status s = check_matrix(node, feature, p->n_filter, p->n_input, narrow, err);
    if (!s) s = check_matrix(node, time, p->n_filter, p->n_memory, p->hybrid ? narrow : wide, err);
    if (!s) s = check_matrix(node, state, p->n_batch, p->n_filter * p->n_memory, wide, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    if (!(state->flags & CRL_TENSOR_VARIABLE))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, state, err, "the state has to be a variable tensor");
    if (bias && (bias->type != (quantised ? CRL_INT32 : CRL_FLOAT32) ||
                 crl_shape_count(&bias->shape) != (size_t)(p->n_filter / p->rank)))
        return crl_node_bad(node, CRL_ERR_FORMAT, bias, err, "%d elements of %s are needed", p->n_filter / p->rank,
                            quantised ? "INT32" : "FLOAT32");
    return CRL_OK;
}

static crl_status prepare_scales(const crl_node *node, params *p, crl_error *err)
{
    const crl_tensor *scaled[] = { node->in[IN], node->in[FEATURE], node->in[TIME], node->in[STATE], node->out[0] };
    for (int i = 0; i < 5; i++) {
        crl_status s = i < 3 ? crl_node_check_quant_in(node, scaled[i], err) : crl_node_check_quant(node, scaled[i], err);
        if (s) return s;
    }
    const float feature = crl_tensor_scale(node->in[IN]) * crl_tensor_scale(node->in[FEATURE]) / crl_tensor_scale(node->in[STATE]);
    const float output = crl_tensor_scale(node->in[STATE]) * crl_tensor_scale(node->in[TIME]) / crl_tensor_scale(node->out[0]);
    if (!isfinite(feature) || !isfinite(output))
        return crl_fail(err, CRL_ERR_FORMAT, "scales multiply to %g and %g", (double)feature, (double)output);
    p->feature = (crl_hybrid_matrix){ node->in[FEATURE]->data, (size_t)p->n_filter, (size_t)p->n_input, 0, NULL };
    p->feature_scale = crl_scale_from_real(feature);
    p->output_scale = crl_scale_from_real(output);
    return CRL_OK;
}

/* Weights of time are made floats. */
static crl_status prepare_hybrid(crl_node *node, params *p, crl_error *err)
{
    const crl_tensor *time = node->in[TIME];
    crl_hybrid_matrix m;
    p->asymmetric = crl_node_bool(node, "asymmetric_quantize_inputs");
    crl_status s = crl_node_check_quant_in(node, node->in[FEATURE], err);
    if (!s) s = crl_node_check_quant_in(node, time, err);
    if (!s) s = crl_hybrid_weights(node, node->in[FEATURE], 0, &p->feature, err);
    if (!s) s = crl_hybrid_weights(node, time, 0, &m, err);
    if (s) return s;
    const size_t n = crl_shape_count(&time->shape);
    float *weights = crl_node_alloc(node, n, sizeof *weights, err);
    if (!weights) return CRL_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) weights[i] = (float)m.weights[i] * m.scale;
    p->time = weights;
    return CRL_OK;
}

static crl_status prepare_f32(crl_node *node, params *p, crl_error *err)
{
    if (p->hybrid) {
        crl_status s = prepare_hybrid(node, p, err);
        if (s) return s;
    }
    return crl_node_activation_range_f32(node, crl_node_int(node, "fused_activation_function"), &p->min, &p->max, err);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[IN], CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    s = check_inputs(node, p, err);
    if (!s && node->in[IN]->type == CRL_INT8 && activation != CRL_ACT_RELU)
        s = crl_fail(err, CRL_ERR_UNSUPPORTED, "fused activation %d, RELU is supported", activation);
    if (!s && node->in[IN]->type == CRL_INT8) s = prepare_scales(node, p, err);
    if (!s && node->in[IN]->type == CRL_FLOAT32) s = prepare_f32(node, p, err);
    if (s) return s;
    node->scratch_bytes = (size_t)p->n_filter * sizeof(float) + (size_t)p->n_input;
    node->macs = (uint64_t)p->n_batch * (uint64_t)p->n_filter * ((uint64_t)p->n_input + (uint64_t)p->n_memory);
    return crl_node_shape(node, 0, &(crl_shape){ .rank = 2, .dim = { p->n_batch, p->n_filter / p->rank } }, err);
}

static int32_t clamp(int64_t x, int32_t lo, int32_t hi)
{
    return (int32_t)(x < lo ? lo : x > hi ? hi : x);
}

/* What runs a node. */
typedef struct tools {
    const crl_recurrent_kernels *k; /* NULL: the definition */
    const int32_t *sums;            /* of rows of weights that have 8 bits */
} tools;

/* What each filter makes of an input of INT8, before it is scaled. Sums of 32 bits wrap. */
static void features_s8(int32_t *out, const crl_hybrid_matrix *m, const int8_t *in, int32_t zero, uint8_t *bytes, const tools *t)
{
    if (t->k) {
        for (size_t i = 0; i < m->columns; i++) bytes[i] = (uint8_t)(in[i] ^ 0x80);
        t->k->dot8.run(out, bytes, m->weights, m->rows, m->columns);
        for (size_t f = 0; f < m->rows; f++) out[f] = (int32_t)((uint32_t)out[f] - (uint32_t)(zero + 128) * (uint32_t)t->sums[f]);
        return;
    }
    for (size_t f = 0; f < m->rows; f++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < m->columns; i++) sum += (uint32_t)(m->weights[f * m->columns + i] * (in[i] - zero));
        out[f] = (int32_t)sum;
    }
}

static void run_s8(const crl_node *node, const params *p, int32_t *filtered, const tools *t)
{
    const int8_t *in = node->in[IN]->data;
    const int16_t *time = node->in[TIME]->data;
    const int32_t *bias = node->in[BIAS] ? node->in[BIAS]->data : NULL, zero = crl_tensor_zero(node->in[IN]);
    const size_t n_filter = (size_t)p->n_filter, n_memory = (size_t)p->n_memory, n_unit = (size_t)p->rank * n_memory;
    crl_hybrid_matrix feature = p->feature;
    feature.weights = node->in[FEATURE]->data; /* which may be computed */
    int16_t *m = node->in[STATE]->data;
    int8_t *out = node->out[0]->data;
    for (int32_t b = 0; b < p->n_batch; b++, in += p->n_input, m += n_filter * n_memory) {
        features_s8(filtered, &feature, in, zero, (uint8_t *)(filtered + n_filter), t);
        memmove(m, m + 1, (n_filter * n_memory - 1) * sizeof *m); /* each forgets its first, and learns its last */
        for (size_t f = 0; f < n_filter; f++)
            m[(f + 1) * n_memory - 1] = (int16_t)clamp(crl_scale_apply(filtered[f], p->feature_scale), INT16_MIN, INT16_MAX);
        for (size_t u = 0; u < n_filter / (size_t)p->rank; u++) {
            uint32_t sum = bias ? (uint32_t)bias[u] : 0;
            for (size_t i = u * n_unit; i < (u + 1) * n_unit; i++) sum += (uint32_t)(time[i] * m[i]);
            const int64_t v = (int64_t)crl_scale_apply((int32_t)sum, p->output_scale) + crl_tensor_zero(node->out[0]);
            *out++ = (int8_t)clamp(v, INT8_MIN, INT8_MAX);
        }
    }
}

/* What each filter makes of an input. */
static void features(float *out, const crl_node *node, const params *p, const float *in, int8_t *quantised, const tools *t)
{
    const size_t n_input = (size_t)p->n_input, n_filter = (size_t)p->n_filter;
    const float *weights = node->in[FEATURE]->data;
    crl_hybrid_vector v = { .q = quantised };
    if (t->k && p->hybrid) {
        for (size_t f = 0; f < n_filter; f++) out[f] = 0;
        crl_recurrent_add_hybrid(out, &p->feature, t->sums, in, p->asymmetric, (uint8_t *)quantised, t->k);
        return;
    }
    if (t->k) {
        t->k->products(out, weights, in, 0, n_input, n_filter);
        return;
    }
    if (p->hybrid) crl_hybrid_quantize(&v, in, n_input, p->asymmetric);
    for (size_t f = 0; f < n_filter; f++) out[f] = p->hybrid ? 0 : crl_lanes_add_products(0, weights + f * n_input, in, n_input);
    if (p->hybrid) crl_hybrid_add_products(out, &p->feature, &v);
}

/* The memory of all filters, [n_filter][n_memory]: each forgets its first and learns its last. */
static void remember(float *memory, const float *filtered, size_t n_filter, size_t n_memory)
{
    memmove(memory, memory + 1, (n_filter * n_memory - 1) * sizeof *memory);
    for (size_t f = 0; f < n_filter; f++) memory[(f + 1) * n_memory - 1] = filtered[f];
}

/* Four lanes of every sum, as in the reference. */
static void run_f32(const crl_node *node, const params *p, float *filtered, const tools *t)
{
    const float *in = node->in[IN]->data, *bias = node->in[BIAS] ? node->in[BIAS]->data : NULL;
    const size_t n_filter = (size_t)p->n_filter, n_input = (size_t)p->n_input, n_memory = (size_t)p->n_memory;
    const size_t rank = (size_t)p->rank;
    float *m = node->in[STATE]->data, *out = node->out[0]->data;
    for (int32_t b = 0; b < p->n_batch; b++, in += n_input) {
        const float *time = p->hybrid ? p->time : node->in[TIME]->data;
        features(filtered, node, p, in, (int8_t *)(filtered + n_filter), t);
        remember(m, filtered, n_filter, n_memory);
        if (t->k) t->k->products(filtered, time, m, n_memory, n_memory, n_filter);
        for (size_t f = 0; !t->k && f < n_filter; f++)
            filtered[f] = crl_lanes_add_products(0, time + f * n_memory, m + f * n_memory, n_memory);
        m += n_filter * n_memory;
        for (size_t u = 0; u < n_filter / rank; u++) {
            float unit = crl_lanes_sum(filtered + u * rank, rank);
            if (bias) unit += bias[u];
            *out++ = unit < p->min ? p->min : unit > p->max ? p->max : unit;
        }
    }
}

const crl_hybrid_matrix *crl_svdf_features(const crl_node *node)
{
    return node->in[FEATURE]->type == CRL_FLOAT32 ? NULL : &((const params *)node->params)->feature;
}

void crl_svdf_run(const crl_node *node, const crl_recurrent_kernels *k, const int32_t *sums, void *scratch)
{
    const tools t = { k, sums };
    if (node->in[IN]->type == CRL_INT8)
        run_s8(node, node->params, scratch, &t);
    else
        run_f32(node, node->params, scratch, &t);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    crl_svdf_run(node, NULL, NULL, work->scratch);
    return CRL_OK;
}

const crl_op_type crl_op_svdf = {
    .name = "SVDF", .code = CRL_OP_SVDF, .in_min = 1, .in_max = 5, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
