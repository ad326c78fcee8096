/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM of INT8 with gates of 8 bits. A gate g has three intermediate tensors, whose scales and zero points are what counts of them:
 *
 *   3g  the sum of both shares      3g + 1  the input's share      3g + 2  the state's share
 *
 * The reference takes an input gate and peephole weights, and does not use them; it follows null pointers unless there are
 * normalisation, a projection and its bias. Source: TensorFlow Lite, kernels/lstm.cc and lstm_eval.cc (8x8_8). */
#include "ops/lstm_narrow.h"

#include <string.h>

#include "kernels/lstm_narrow.h"
#include "ops/lstm_inputs.h"

typedef struct params {
    crl_lstm_inputs in;
    crl_lstm_narrow lstm;
} params;

static crl_status check_intermediates(const crl_node *node, crl_error *err)
{
    for (int32_t i = 0; i < CRL_LSTM_NARROW_INTERMEDIATES; i++) {
        const crl_tensor *t = node->intermediates[i];
        if (!t) return crl_fail(err, CRL_ERR_FORMAT, "intermediate tensor %d is missing", i);
        crl_status s = crl_node_check_quant(node, t, err);
        if (s) return s;
        const int32_t zero = crl_tensor_zero(t);
        if (zero < INT8_MIN || zero > INT8_MAX)
            return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "zero point %d is outside of INT8", zero);
    }
    return CRL_OK;
}

static crl_status check_parts(const crl_lstm_inputs *in, crl_error *err)
{
    const char *missing = !in->norm[CRL_LSTM_OUTPUT] ? "coefficients of layer normalisation"
                          : !in->projection          ? "a projection"
                          : !in->projection_bias     ? "a bias of the projection"
                                                     : NULL;
    if (!missing) return CRL_OK;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "gates of 8 bits (%d intermediate tensors) need %s", CRL_LSTM_NARROW_INTERMEDIATES,
                    missing);
}

/* `i`: the intermediate tensor of the share, `all` that of the sum. */
static crl_status read_share(const crl_node *node, const crl_tensor *weights, const crl_tensor *x, int32_t i, int32_t all,
                             crl_lstm_narrow_share *share, crl_error *err)
{
    const crl_tensor *own = node->intermediates[i];
    const float scale = crl_tensor_scale(own), ratio = scale / crl_tensor_scale(node->intermediates[all]);
    share->weights = weights->data;
    share->zero = crl_tensor_zero(own);
    crl_status s = crl_lstm_scale(&share->product, crl_tensor_scale(weights) * crl_tensor_scale(x) / scale, err);
    if (!s && ratio >= 0x1p30f)
        s = crl_node_bad(node, CRL_ERR_UNSUPPORTED, own, err, "scale %g is too large for a sum in steps of %g", (double)scale,
                         (double)crl_tensor_scale(node->intermediates[all]));
    return s ? s : crl_lstm_scale(&share->level, ratio, err);
}

static crl_status read_gate(const crl_node *node, params *p, crl_lstm_gate g, crl_error *err)
{
    const crl_lstm_inputs *in = &p->in;
    crl_lstm_narrow_gate *gate = &p->lstm.gate[g];
    const int32_t all = 3 * (int32_t)g;
    crl_status s = read_share(node, in->weights[g], in->input, all + 1, all, &gate->input, err);
    if (!s) s = read_share(node, in->recurrent[g], in->state, all + 2, all, &gate->state, err);
    gate->norm = in->norm[g]->data;
    gate->bias = in->bias[g]->data;
    const float norm = crl_tensor_scale(in->norm[g]);
    gate->norm_scale = norm < 0x1p-32f ? 0 : norm; /* as what fixed point makes of it */
    return s;
}

/* The reference's state share of the output gate has the zero point of another tensor, and an element 11 of 8 multipliers, which is
 * the left shift of the forget gate's state share. Such models were calibrated for something else, but these are their bytes. */
static void mistake_output_gate(const crl_node *node, crl_lstm_narrow *l)
{
    crl_lstm_narrow_share *share = &l->gate[CRL_LSTM_OUTPUT].state;
    share->zero = crl_tensor_zero(node->intermediates[7]);
    share->level.mult = l->gate[CRL_LSTM_FORGET].state.level.shift;
}

/* A limit in steps of a scale. */
static int32_t steps(float limit, float scale, int32_t max)
{
    return limit / scale < (float)max ? (int32_t)(limit / scale) : max;
}

static crl_status read_state(const crl_node *node, params *p, crl_error *err)
{
    const crl_lstm_inputs *in = &p->in;
    crl_lstm_narrow *l = &p->lstm;
    const float cell = crl_tensor_scale(in->cell), state = crl_tensor_scale(in->state), weights = crl_tensor_scale(in->projection);
    if (cell != 0x1p-15f)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->cell, err, "scale %g of the cell state, 2^-15 is needed with gates of 8 bits",
                            (double)cell);
    crl_status s = crl_node_check_quant(node, node->out[0], err);
    if (!s) s = crl_lstm_scale(&l->projection_scale, (float)(weights * 0x1p-15 / state), err);
    if (s) return s;
    if (l->projection_scale.shift > 7)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->projection, err, "scale %g is too large for outputs in steps of %g",
                            (double)weights, (double)state);
    l->projection = in->projection->data;
    l->projection_bias = in->projection_bias->data;
    l->cell_clip = in->cell_clip < 1 ? (int16_t)steps(in->cell_clip, cell, INT16_MAX) : 0; /* cells are below 1 anyway */
    l->projection_clip = (int8_t)steps(in->projection_clip, crl_tensor_scale(node->out[0]), INT8_MAX);
    l->input_zero = crl_tensor_zero(in->input);
    l->output_zero = crl_tensor_zero(in->state);
    return CRL_OK;
}

crl_status crl_lstm_narrow_prepare(crl_node *node, crl_error *err)
{
    static const crl_lstm_types types = { CRL_INT8, CRL_INT32, CRL_INT16, CRL_INT16, CRL_INT8, CRL_INT16 };
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    crl_lstm_inputs *in = &p->in;
    s = crl_lstm_inputs_read(node, &types, in, err);
    if (!s) s = check_parts(in, err);
    if (!s) s = crl_lstm_inputs_check_s8(node, in, err);
    if (!s) s = check_intermediates(node, err);
    if (!s) s = read_state(node, p, err);
    in->weights[CRL_LSTM_INPUT] = NULL; /* not used, nor counted */
    for (crl_lstm_gate g = CRL_LSTM_FORGET; !s && g < CRL_LSTM_GATES; g++) s = read_gate(node, p, g, err);
    if (s) return s;
    crl_lstm_narrow *l = &p->lstm;
    l->n_input = in->n_input;
    l->n_cell = in->n_cell;
    l->n_output = in->n_output;
    mistake_output_gate(node, l);
    node->scratch_bytes = crl_lstm_narrow_scratch(l);
    node->macs = crl_lstm_inputs_macs(in);
    return CRL_OK;
}

crl_status crl_lstm_narrow_invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const params *p = node->params;
    const crl_tensor *state = p->in.state;
    crl_lstm_narrow_step(&p->lstm, p->in.input->data, (size_t)p->in.n_batch, state->data, p->in.cell->data, work->scratch);
    if (state->bytes) memcpy(node->out[0]->data, state->data, state->bytes);
    return CRL_OK;
}
