/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of LSTMs: see lstm_inputs.h. */
#include "ops/lstm_inputs.h"

#include <math.h>

static const char *const gate_names[CRL_LSTM_GATES] = { "input", "forget", "cell", "output" };

static const crl_tensor *optional(const crl_node *node, int32_t i)
{
    return i < node->n_in ? node->in[i] : NULL;
}

static void name_tensors(const crl_node *node, crl_lstm_inputs *in)
{
    in->input = node->in[0];
    for (int32_t g = 0; g < CRL_LSTM_GATES; g++) {
        in->weights[g] = optional(node, 1 + g);
        in->recurrent[g] = optional(node, 5 + g);
        in->bias[g] = optional(node, 12 + g);
        in->norm[g] = optional(node, 20 + g);
    }
    in->peephole[CRL_LSTM_INPUT] = optional(node, 9);
    in->peephole[CRL_LSTM_FORGET] = optional(node, 10);
    in->peephole[CRL_LSTM_OUTPUT] = optional(node, 11);
    in->projection = optional(node, 16);
    in->projection_bias = optional(node, 17);
    in->state = optional(node, 18);
    in->cell = optional(node, 19);
}

static crl_status check_shape(const crl_node *node, const crl_tensor *t, int32_t rank, int32_t rows, int32_t columns,
                              crl_type type, crl_error *err)
{
    if (t->type != type) return crl_node_bad_type(node, t, crl_type_name(type), err);
    if (t->shape.rank == rank && t->shape.dim[0] == rows && (rank < 2 || t->shape.dim[1] == columns)) return CRL_OK;
    char text[CRL_SHAPE_TEXT];
    const crl_shape wanted = { .rank = rank, .dim = { rows, rank < 2 ? 0 : columns } };
    char want[CRL_SHAPE_TEXT];
    return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "shape %s, %s is needed",
                        crl_shape_text(&t->shape, text, sizeof text), crl_shape_text(&wanted, want, sizeof want));
}

/* Which optional tensors are there has to make sense. */
static crl_status check_presence(const crl_lstm_inputs *in, crl_error *err)
{
    if (!in->state || !in->cell) return crl_fail(err, CRL_ERR_FORMAT, "inputs 18 and 19, the states, are needed");
    if (!(in->state->flags & CRL_TENSOR_VARIABLE) || !(in->cell->flags & CRL_TENSOR_VARIABLE))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the states have to be variable tensors");
    const bool gate = in->weights[CRL_LSTM_INPUT] != NULL;
    if (gate != (in->recurrent[CRL_LSTM_INPUT] != NULL) || gate != (in->bias[CRL_LSTM_INPUT] != NULL))
        return crl_fail(err, CRL_ERR_FORMAT, "an input gate needs weights, recurrent weights and a bias, or none of them");
    const bool peephole = in->peephole[CRL_LSTM_OUTPUT] != NULL, norm = in->norm[CRL_LSTM_OUTPUT] != NULL;
    for (int32_t g = 0; g < CRL_LSTM_GATES; g++) {
        const bool there = g != CRL_LSTM_INPUT || gate;
        if (g != CRL_LSTM_INPUT && (!in->weights[g] || !in->recurrent[g] || !in->bias[g]))
            return crl_fail(err, CRL_ERR_FORMAT, "the %s gate lacks weights, recurrent weights or a bias", gate_names[g]);
        if (g != CRL_LSTM_CELL && (in->peephole[g] != NULL) != (peephole && there))
            return crl_fail(err, CRL_ERR_FORMAT, "peephole weights are needed for all gates or none; see the %s gate",
                            gate_names[g]);
        if ((in->norm[g] != NULL) != (norm && there))
            return crl_fail(err, CRL_ERR_FORMAT, "layer normalisation is needed for all gates or none; see the %s gate",
                            gate_names[g]);
    }
    if (in->projection_bias && !in->projection)
        return crl_fail(err, CRL_ERR_FORMAT, "there is a bias of the projection, but no projection");
    return CRL_OK;
}

static crl_status check_gates(const crl_node *node, const crl_lstm_types *types, const crl_lstm_inputs *in, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t g = 0; !s && g < CRL_LSTM_GATES; g++) {
        if (!in->weights[g]) continue;
        s = check_shape(node, in->weights[g], 2, in->n_cell, in->n_input, types->weight, err);
        if (!s) s = check_shape(node, in->recurrent[g], 2, in->n_cell, in->n_output, types->weight, err);
        if (!s) s = check_shape(node, in->bias[g], 1, in->n_cell, 0, types->bias, err);
        if (!s && in->peephole[g]) s = check_shape(node, in->peephole[g], 1, in->n_cell, 0, types->peephole, err);
        if (!s && in->norm[g]) s = check_shape(node, in->norm[g], 1, in->n_cell, 0, types->norm, err);
    }
    return s;
}

static crl_status check_state(const crl_node *node, const crl_tensor *t, int32_t columns, int32_t n_batch,
                              crl_type type, crl_error *err)
{
    if (t->type != type) return crl_node_bad_type(node, t, crl_type_name(type), err);
    if (crl_shape_count(&t->shape) == (size_t)n_batch * (size_t)columns) return CRL_OK;
    char text[CRL_SHAPE_TEXT];
    return crl_node_bad(node, CRL_ERR_FORMAT, t, err, "shape %s, [%d,%d] is needed",
                        crl_shape_text(&t->shape, text, sizeof text), n_batch, columns);
}

static crl_status read_sizes(crl_node *node, crl_lstm_inputs *in, crl_error *err)
{
    const bool sequence = node->type->code != CRL_OP_LSTM; /* which has no time */
    in->time_major = !sequence || crl_node_bool(node, "time_major");
    const crl_shape *s = &in->input->shape;
    if (s->rank != (sequence ? 3 : 2)) {
        char text[CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, in->input, err, "shape %s, %d dimensions are needed",
                            crl_shape_text(s, text, sizeof text), sequence ? 3 : 2);
    }
    in->n_input = s->dim[s->rank - 1];
    in->n_time = sequence ? s->dim[in->time_major ? 0 : 1] : 1;
    in->n_batch = s->dim[sequence && in->time_major ? 1 : 0];
    const crl_tensor *w = in->weights[CRL_LSTM_OUTPUT], *r = in->recurrent[CRL_LSTM_OUTPUT];
    if (w->shape.rank != 2 || r->shape.rank != 2)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "weights need two dimensions; diagonal ones are not supported");
    in->n_cell = w->shape.dim[0];
    in->n_output = r->shape.dim[1];
    if (in->n_cell < 1 || in->n_output < 1)
        return crl_fail(err, CRL_ERR_FORMAT, "%d cells and %d outputs, at least one of each is needed", in->n_cell,
                        in->n_output);
    if (!in->projection && in->n_output != in->n_cell)
        return crl_fail(err, CRL_ERR_FORMAT, "%d cells and %d outputs need a projection", in->n_cell, in->n_output);
    if (in->peephole[CRL_LSTM_OUTPUT] && in->n_output > in->n_cell)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "peephole weights with %d cells and %d outputs", in->n_cell, in->n_output);
    return CRL_OK;
}

static crl_status read_options(const crl_node *node, crl_lstm_inputs *in, crl_error *err)
{
    in->cell_clip = crl_node_float(node, "cell_clip");
    in->projection_clip = crl_node_float(node, "proj_clip");
    if (!(in->cell_clip >= 0) || !(in->projection_clip >= 0))
        return crl_fail(err, CRL_ERR_FORMAT, "cell_clip %g and proj_clip %g have to be 0 or positive", (double)in->cell_clip,
                        (double)in->projection_clip);
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    if (activation != CRL_ACT_TANH)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "fused activation %d, only TANH is supported", activation);
    return CRL_OK;
}

crl_status crl_lstm_inputs_read(crl_node *node, const crl_lstm_types *types, crl_lstm_inputs *in, crl_error *err)
{
    *in = (crl_lstm_inputs){ 0 };
    if (node->n_in != 20 && node->n_in != 24) return crl_fail(err, CRL_ERR_FORMAT, "%d inputs, 20 or 24 are needed", node->n_in);
    name_tensors(node, in);
    crl_status s = check_presence(in, err);
    if (!s) s = read_sizes(node, in, err);
    if (!s) s = read_options(node, in, err);
    if (!s) s = check_gates(node, types, in, err);
    if (!s && in->projection)
        s = check_shape(node, in->projection, 2, in->n_output, in->n_cell, types->weight, err);
    if (!s && in->projection_bias) s = check_shape(node, in->projection_bias, 1, in->n_output, 0, types->bias, err);
    if (!s) s = check_state(node, in->state, in->n_output, in->n_batch, types->state, err);
    if (!s) s = check_state(node, in->cell, in->n_cell, in->n_batch, types->cell, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in->state, err);
    if (s) return s;
    crl_shape shape = in->input->shape;
    shape.dim[shape.rank - 1] = in->n_output;
    return crl_node_shape(node, 0, &shape, err);
}

crl_status crl_lstm_scale(crl_scale *out, float real, crl_error *err)
{
    if (!(real >= 0) || !isfinite(real))
        return crl_fail(err, CRL_ERR_FORMAT, "scales multiply to %g, they must not be negative", (double)real);
    *out = crl_scale_from_real(real);
    return CRL_OK;
}

crl_status crl_lstm_inputs_check_s8(const crl_node *node, const crl_lstm_inputs *in, crl_error *err)
{
    crl_status s = crl_node_check_quant(node, in->input, err);
    if (!s) s = crl_node_check_quant(node, in->state, err);
    if (!s) s = crl_node_check_quant(node, in->cell, err);
    if (!s && in->projection) s = crl_node_check_quant(node, in->projection, err);
    if (!s && in->projection) s = crl_node_check_const(node, in->projection, err);
    if (!s && in->projection_bias) s = crl_node_check_const(node, in->projection_bias, err);
    for (int32_t g = 0; !s && g < CRL_LSTM_GATES; g++) {
        if (!in->weights[g]) continue;
        const crl_tensor *scaled[] = { in->weights[g], in->recurrent[g], in->peephole[g], in->norm[g] };
        for (size_t i = 0; !s && i < sizeof scaled / sizeof scaled[0]; i++) {
            if (!scaled[i]) continue;
            s = crl_node_check_const(node, scaled[i], err);
            if (!s) s = crl_node_check_quant_in(node, scaled[i], err);
        }
        if (!s) s = crl_node_check_const(node, in->bias[g], err);
    }
    return s;
}

uint64_t crl_lstm_inputs_macs(const crl_lstm_inputs *in)
{
    const uint64_t gates = in->weights[CRL_LSTM_INPUT] ? 4 : 3, cells = (uint64_t)in->n_cell;
    const uint64_t products = gates * cells * ((uint64_t)in->n_input + (uint64_t)in->n_output) +
                              (in->projection ? cells * (uint64_t)in->n_output : 0);
    return products * (uint64_t)in->n_time * (uint64_t)in->n_batch;
}
