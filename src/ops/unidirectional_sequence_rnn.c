/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_RNN: a plain recurrent network over all rows of time; RNN: one step of it. FLOAT32, with weights of
 * FLOAT32 or INT8. The state lives from run to run.
 *
 *   in   0 input [batch, time, n_input], with the option time_major [time, batch, n_input]; RNN: [batch, n_input]
 *        1 weights [n_units, n_input]   2 recurrent weights [n_units, n_units]   3 bias [n_units]
 *        4 state [batch, n_units], variable
 *   out  the input's shape with n_units as last dimension
 *
 * Source: TensorFlow Lite, kernels/unidirectional_sequence_rnn.cc, basic_rnn.cc. */
#include <math.h>
#include <string.h>

#include "kernels/rnn.h"
#include "ops/hybrid.h"
#include "ops/shapes.h"

enum { INPUT, WEIGHTS, RECURRENT, BIAS, STATE };

typedef struct params {
    crl_rnn rnn;
    crl_rnn_hybrid hybrid; /* weights of INT8 */
    size_t n_time, n_batch;
    bool time_major;
} params;

static bool is_hybrid(const crl_node *node)
{
    return node->in[WEIGHTS] && (node->in[WEIGHTS]->type == CRL_INT8 || node->in[WEIGHTS]->type == CRL_UINT8);
}

static crl_status check_types(const crl_node *node, crl_error *err)
{
    for (int32_t i = 0; i < node->n_in; i++) {
        const crl_tensor *t = node->in[i];
        if (!t) return crl_fail(err, CRL_ERR_FORMAT, "input %d is left out", i);
        if (i == RECURRENT) {
            crl_status s = crl_node_same_type(node, t, node->in[WEIGHTS], err);
            if (s) return s;
        }
        if (is_hybrid(node) && (i == WEIGHTS || i == RECURRENT)) continue; /* crl_hybrid_weights looks at them */
        crl_status s = crl_node_accept(node, t, CRL_TYPE(CRL_FLOAT32), err);
        if (s) return s;
    }
    return crl_node_accept(node, node->out[0], CRL_TYPE(CRL_FLOAT32), err);
}

static crl_status check_shape(const crl_node *node, int32_t i, const crl_shape *wanted, crl_error *err)
{
    char is[CRL_SHAPE_TEXT], want[CRL_SHAPE_TEXT];
    const crl_shape *shape = &node->in[i]->shape;
    if (crl_shape_equal(shape, wanted)) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, node->in[i], err, "shape %s, %s is needed",
                        crl_shape_text(shape, is, sizeof is), crl_shape_text(wanted, want, sizeof want));
}

static crl_status shapes(crl_node *node, params *p, crl_error *err)
{
    crl_shape shape = node->in[INPUT]->shape;
    const crl_shape *bias = &node->in[BIAS]->shape;
    const bool one_step = node->def->code == CRL_OP_RNN;
    if (shape.rank != (one_step ? 2 : 3))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[INPUT], err, "%d dimensions, %d are needed", shape.rank, one_step ? 2 : 3);
    if (bias->rank != 1 || bias->dim[0] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[BIAS], err, "one dimension of at least one unit is needed");
    p->time_major = !one_step && crl_node_bool(node, "time_major");
    const int32_t batch = shape.dim[p->time_major ? 1 : 0], units = bias->dim[0], inputs = shape.dim[shape.rank - 1];
    crl_status s = check_shape(node, WEIGHTS, &(crl_shape){ 2, { units, inputs } }, err);
    if (!s) s = check_shape(node, RECURRENT, &(crl_shape){ 2, { units, units } }, err);
    if (!s) s = check_shape(node, STATE, &(crl_shape){ 2, { batch, units } }, err);
    if (!s && !(node->in[STATE]->flags & CRL_TENSOR_VARIABLE))
        s = crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->in[STATE], err, "the state has to be a variable tensor");
    if (s) return s;
    p->n_batch = (size_t)batch;
    p->n_time = one_step ? 1 : (size_t)shape.dim[p->time_major ? 0 : 1];
    p->rnn.n_input = (size_t)inputs;
    p->rnn.n_units = (size_t)units;
    node->macs = (uint64_t)p->n_batch * p->n_time * p->rnn.n_units * (p->rnn.n_input + p->rnn.n_units);
    shape.dim[shape.rank - 1] = units;
    return crl_node_shape(node, 0, &shape, err);
}

/* One scale each: the reference knows no others here. */
static crl_status hybrid_weights(crl_node *node, params *p, crl_error *err)
{
    p->hybrid.asymmetric = crl_node_bool(node, "asymmetric_quantize_inputs");
    crl_status s = crl_node_check_quant_in(node, node->in[WEIGHTS], err);
    if (!s) s = crl_node_check_quant_in(node, node->in[RECURRENT], err);
    if (!s) s = crl_hybrid_weights(node, node->in[WEIGHTS], 0, &p->hybrid.weights, err);
    if (!s) s = crl_hybrid_weights(node, node->in[RECURRENT], 0, &p->hybrid.recurrent, err);
    node->scratch_bytes = p->rnn.n_input > p->rnn.n_units ? p->rnn.n_input : p->rnn.n_units;
    return s;
}

static crl_status choose_function(const crl_node *node, crl_rnn *p, crl_error *err)
{
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    p->function = CRL_RNN_CLAMP;
    switch (activation) {
    case CRL_ACT_NONE: p->function = CRL_RNN_NONE; return CRL_OK;
    case CRL_ACT_TANH: p->function = CRL_RNN_TANH; return CRL_OK;
    case CRL_ACT_SIGN_BIT: p->function = CRL_RNN_SIGN_BIT; return CRL_OK;
    case CRL_ACT_RELU: p->max = INFINITY; return CRL_OK;
    case CRL_ACT_RELU_N1_TO_1: p->min = -1, p->max = 1; return CRL_OK;
    case CRL_ACT_RELU6: p->max = 6; return CRL_OK;
    default: return crl_fail(err, CRL_ERR_UNSUPPORTED, "fused activation %d, 0 to 5 are known", activation);
    }
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = check_types(node, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    s = shapes(node, p, err);
    if (!s && is_hybrid(node)) s = hybrid_weights(node, p, err);
    return s ? s : choose_function(node, &p->rnn, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const params *p = node->params;
    const size_t n_input = p->rnn.n_input, n_units = p->rnn.n_units;
    const float *input = node->in[INPUT]->data;
    float *states = node->in[STATE]->data, *output = node->out[0]->data;
    for (size_t i = 0; i < p->n_time * p->n_batch; i++) {
        float *state = states + (p->time_major ? i % p->n_batch : i / p->n_time) * n_units;
        if (is_hybrid(node))
            crl_rnn_hybrid_ref(output + i * n_units, input + i * n_input, &p->hybrid, node->in[BIAS]->data, state, &p->rnn,
                               work->scratch);
        else
            crl_rnn_f32_ref(output + i * n_units, input + i * n_input, node->in[WEIGHTS]->data,
                            node->in[RECURRENT]->data, node->in[BIAS]->data, state, &p->rnn);
        memcpy(state, output + i * n_units, n_units * sizeof *state);
    }
    return CRL_OK;
}

const crl_op_type crl_op_unidirectional_sequence_rnn = {
    .name = "UNIDIRECTIONAL_SEQUENCE_RNN", .code = CRL_OP_UNIDIRECTIONAL_SEQUENCE_RNN, .in_min = 5, .in_max = 5, .out_min = 1, .out_max = 1,
    .prepare = prepare, .invoke = invoke,
};

const crl_op_type crl_op_rnn = {
    .name = "RNN", .code = CRL_OP_RNN, .in_min = 5, .in_max = 5, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
