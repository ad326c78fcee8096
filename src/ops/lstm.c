/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_LSTM: an LSTM over all rows of time; LSTM: one step of it. INT8 with INT16 cells (gates of 16 bits here,
 * of 8 bits in lstm_narrow.c), and FLOAT32 with weights of FLOAT32 or INT8. The states live from run to run. Scales are multiplied
 * in float, in the reference's order, before they become fixed-point numbers.
 * Source: TensorFlow Lite, kernels/{unidirectional_sequence_lstm,lstm}.cc. */
#include "ops/lstm.h"

#include <math.h>
#include <string.h>

#include "ops/hybrid.h"
#include "ops/lstm_basic.h"
#include "ops/lstm_inputs.h"
#include "ops/lstm_narrow.h"

typedef struct params {
    crl_lstm_inputs in;
    size_t gates_bytes; /* FLOAT32: of scratch */
    union {
        crl_lstm_s8 lstm;
        crl_lstm_f32 lstm_f32;
    };
} params;

/* -zero * sum of each row, plus the bias: what makes a zero point vanish from a product. NULL without memory. */
static int32_t *fold_zero(crl_node *node, const crl_tensor *weights, int32_t minus_zero, const crl_tensor *bias,
                          crl_error *err)
{
    const int32_t rows = weights->shape.dim[0], columns = weights->shape.dim[1];
    int32_t *sum = crl_node_alloc(node, (size_t)rows, sizeof *sum, err);
    if (!sum) return NULL;
    const int8_t *w = weights->data;
    for (int32_t r = 0; r < rows; r++) {
        uint32_t total = bias ? (uint32_t)((const int32_t *)bias->data)[r] : 0;
        for (int32_t c = 0; c < columns; c++) total += (uint32_t)(minus_zero * *w++);
        sum[r] = (int32_t)total;
    }
    return sum;
}

/* The scale of a gate before its function: Q3.12, or that of the intermediate tensor that is normalised. */
static crl_status gate_scale(const crl_node *node, const crl_lstm_inputs *in, int32_t g, float *scale, crl_error *err)
{
    *scale = 0x1p-12f;
    if (!in->norm[g]) return CRL_OK;
    if (node->n_intermediates <= g || !node->intermediates[g])
        return crl_fail(err, CRL_ERR_FORMAT, "intermediate tensor %d is missing", g);
    crl_status s = crl_node_check_quant(node, node->intermediates[g], err);
    *scale = crl_tensor_scale(node->intermediates[g]);
    return s;
}

static crl_status prepare_gate(crl_node *node, params *p, int32_t g, crl_error *err)
{
    const crl_lstm_inputs *in = &p->in;
    crl_lstm_s8_gate *out = &p->lstm.gate[g];
    float scale;
    crl_status s = gate_scale(node, in, g, &scale, err);
    if (!s) s = crl_lstm_scale(&out->input_scale, crl_tensor_scale(in->weights[g]) * crl_tensor_scale(in->input) / scale, err);
    if (!s)
        s = crl_lstm_scale(&out->recurrent_scale, crl_tensor_scale(in->recurrent[g]) * crl_tensor_scale(in->state) / scale, err);
    if (s) return s;
    out->input_weights = in->weights[g]->data;
    out->recurrent_weights = in->recurrent[g]->data;
    if (in->peephole[g]) {
        const double cell = ldexp(1, p->lstm.cell_log2);
        out->peephole = in->peephole[g]->data;
        s = crl_lstm_scale(&out->peephole_scale, (float)(cell * crl_tensor_scale(in->peephole[g]) / scale), err);
        if (s) return s;
    }
    if (in->norm[g]) {
        const float norm = crl_tensor_scale(in->norm[g]);
        out->norm = in->norm[g]->data;
        out->norm_bias = in->bias[g]->data;
        s = crl_lstm_scale(&out->norm_scale, norm, err);
        if (s) return s;
        if (out->norm_scale.shift > 18 || norm > 200000)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->norm[g], err, "scale %g is too large", (double)norm);
        const int32_t guard = (int32_t)(10000 * norm);
        out->norm_guard = guard < 1 ? 1 : guard;
    }
    /* A normalised gate gets its bias after the normalisation. */
    out->input_bias =
        fold_zero(node, in->weights[g], -crl_tensor_zero(in->input), in->norm[g] ? NULL : in->bias[g], err);
    if (!out->input_bias) return CRL_ERR_MEMORY;
    out->recurrent_bias = fold_zero(node, in->recurrent[g], -crl_tensor_zero(in->state), NULL, err);
    return out->recurrent_bias ? CRL_OK : CRL_ERR_MEMORY;
}

/* The hidden value between output gate and projection; without a projection it is the output. */
static crl_status prepare_output(crl_node *node, params *p, crl_error *err)
{
    const crl_lstm_inputs *in = &p->in;
    if (node->n_intermediates < 5 || !node->intermediates[4])
        return crl_fail(err, CRL_ERR_FORMAT, "intermediate tensor 4, the hidden value, is missing");
    const crl_tensor *hidden = node->intermediates[4];
    crl_status s = crl_node_check_quant(node, hidden, err);
    if (s) return s;
    s = crl_lstm_scale(&p->lstm.hidden_scale, (float)(0x1p-15 / crl_tensor_scale(hidden) * 0x1p-15), err);
    if (s) return s;
    p->lstm.hidden_zero = crl_tensor_zero(hidden);
    p->lstm.output_zero = crl_tensor_zero(in->state);
    if (p->lstm.hidden_zero < INT8_MIN || p->lstm.hidden_zero > INT8_MAX)
        return crl_node_bad(node, CRL_ERR_FORMAT, hidden, err, "zero point %d is outside of INT8", p->lstm.hidden_zero);
    if (!in->projection) return CRL_OK;
    p->lstm.projection = in->projection->data;
    p->lstm.projection_bias = fold_zero(node, in->projection, p->lstm.hidden_zero, in->projection_bias, err);
    if (!p->lstm.projection_bias) return CRL_ERR_MEMORY;
    const float real = crl_tensor_scale(in->projection) * crl_tensor_scale(hidden) / crl_tensor_scale(in->state);
    return crl_lstm_scale(&p->lstm.projection_scale, real, err);
}

static float within(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static crl_status prepare_cell(crl_node *node, params *p, crl_error *err)
{
    const crl_lstm_inputs *in = &p->in;
    const float scale = crl_tensor_scale(in->cell);
    const float log2 = logf(scale) * (1.0f / logf(2.0f));
    if (fabsf(log2 - roundf(log2)) >= 1e-3f || log2 < -15.5f || log2 > -8.5f)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->cell, err,
                            "scale %g of the cell state, a power of two from 2^-15 to 2^-9 is needed", (double)scale);
    p->lstm.cell_log2 = (int32_t)roundf(log2);
    if (in->cell_clip > 0) p->lstm.cell_clip = (int16_t)within(in->cell_clip / scale, INT16_MIN, INT16_MAX);
    const crl_tensor *out = node->out[0];
    crl_status s = crl_node_check_quant(node, out, err);
    if (s) return s;
    if (in->projection_clip > 0)
        p->lstm.projection_clip = (int8_t)within(in->projection_clip / crl_tensor_scale(out), INT8_MIN, INT8_MAX);
    return CRL_OK;
}

static const float *floats(const crl_tensor *t)
{
    return t ? t->data : NULL;
}

static crl_status read_weights(const crl_node *node, const crl_tensor *t, crl_lstm_f32_weights *w, crl_error *err)
{
    if (t->type == CRL_FLOAT32) {
        w->f32 = t->data;
        return CRL_OK;
    }
    crl_status s = crl_node_check_quant_in(node, t, err);
    return s ? s : crl_hybrid_weights(node, t, 0, &w->s8, err);
}

/* Floats, or what INT8 with a scale stands for. */
static crl_status read_peephole(crl_node *node, const crl_tensor *t, const float **peephole, crl_error *err)
{
    *peephole = floats(t);
    if (!t || t->type == CRL_FLOAT32) return CRL_OK;
    crl_hybrid_matrix m;
    crl_status s = crl_node_check_quant(node, t, err);
    if (!s) s = crl_hybrid_weights(node, t, 0, &m, err);
    if (s) return s;
    const size_t n = crl_shape_count(&t->shape);
    float *real = crl_node_alloc(node, n, sizeof *real, err);
    if (!real) return CRL_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) real[i] = m.scale * (float)m.weights[i];
    *peephole = real;
    return CRL_OK;
}

static crl_status read_gate(crl_node *node, const crl_lstm_inputs *in, int32_t g, crl_lstm_f32_gate *gate, crl_error *err)
{
    crl_status s = read_weights(node, in->weights[g], &gate->input, err);
    if (!s) s = read_weights(node, in->recurrent[g], &gate->recurrent, err);
    if (!s) s = read_peephole(node, in->peephole[g], &gate->peephole, err);
    gate->bias = floats(in->bias[g]);
    gate->norm = floats(in->norm[g]);
    return s;
}

static int32_t longest(const crl_lstm_inputs *in)
{
    const int32_t n = in->n_input > in->n_output ? in->n_input : in->n_output;
    return n > in->n_cell ? n : in->n_cell;
}

/* Of tensors that fit memory: the product does not, perhaps, where size_t has 32 bits. */
static bool gates_bytes(const crl_lstm_inputs *in, size_t *bytes)
{
    return crl_size_mul((size_t)in->n_batch * (size_t)in->n_cell, CRL_LSTM_GATES * sizeof(float), bytes);
}

static crl_status prepare_f32(crl_node *node, crl_error *err)
{
    const crl_tensor *output_gate = node->n_in > 4 ? node->in[4] : NULL;
    const crl_type narrow = output_gate && (output_gate->type == CRL_INT8 || output_gate->type == CRL_UINT8)
                                ? output_gate->type : CRL_FLOAT32;
    const crl_lstm_types types = { narrow, CRL_FLOAT32, narrow, CRL_FLOAT32, CRL_FLOAT32, CRL_FLOAT32 };
    params *p = node->params;
    const crl_lstm_inputs *in = &p->in;
    crl_status s = crl_lstm_inputs_read(node, &types, &p->in, err);
    for (int32_t i = 1; !s && i < node->n_in; i++)
        if (node->in[i] && node->in[i] != in->state && node->in[i] != in->cell) s = crl_node_check_const(node, node->in[i], err);
    if (s) return s;
    crl_lstm_f32 *l = &p->lstm_f32;
    *l = (crl_lstm_f32){ .n_input = in->n_input, .n_cell = in->n_cell, .n_output = in->n_output,
                         .no_input_gate = !in->weights[CRL_LSTM_INPUT], .cell_clip = in->cell_clip,
                         .projection_clip = in->projection_clip, .project = in->projection != NULL,
                         .projection_bias = floats(in->projection_bias),
                         .asymmetric = crl_node_bool(node, "asymmetric_quantize_inputs") };
    for (int32_t g = 0; !s && g < CRL_LSTM_GATES; g++)
        if (in->weights[g]) s = read_gate(node, in, g, &l->gate[g], err);
    if (!s && in->projection) s = read_weights(node, in->projection, &l->projection, err);
    if (!gates_bytes(in, &p->gates_bytes) || !crl_size_add(p->gates_bytes, (size_t)longest(in), &node->scratch_bytes))
        return crl_fail(err, CRL_ERR_MEMORY, "gates of %d rows and %d cells are more than memory can hold", in->n_batch,
                        in->n_cell);
    node->macs = crl_lstm_inputs_macs(in);
    return s;
}

enum { GATES_16 = 5 }; /* intermediate tensors where gates have 16 bits */

static crl_status prepare_s8(crl_node *node, crl_error *err)
{
    static const crl_lstm_types types = { CRL_INT8, CRL_INT32, CRL_INT16, CRL_INT16, CRL_INT8, CRL_INT16 };
    params *p = node->params;
    if (node->n_intermediates > GATES_16)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%d intermediate tensors, %d are needed (gates of 16 bits)%s", node->n_intermediates,
                        GATES_16, node->type->code == CRL_OP_LSTM ? " or 12 (gates of 8 bits)" : "");
    crl_status s = crl_lstm_inputs_read(node, &types, &p->in, err);
    if (!s) s = crl_lstm_inputs_check_s8(node, &p->in, err);
    if (!s) s = prepare_cell(node, p, err);
    if (s) return s;
    crl_lstm_s8 *l = &p->lstm;
    l->n_input = p->in.n_input;
    l->n_cell = p->in.n_cell;
    l->n_output = p->in.n_output;
    l->no_input_gate = !p->in.weights[CRL_LSTM_INPUT];
    for (int32_t g = 0; g < CRL_LSTM_GATES; g++) {
        if (!p->in.weights[g]) continue;
        s = prepare_gate(node, p, g, err);
        if (s) return s;
    }
    s = prepare_output(node, p, err);
    if (s) return s;
    const size_t rows = p->in.time_major ? (size_t)p->in.n_batch : 1;
    node->scratch_bytes = crl_lstm_s8_scratch(l, rows);
    node->macs = crl_lstm_inputs_macs(&p->in);
    return CRL_OK;
}

enum { FULL = 0 };

static bool is_basic(const crl_node *node)
{
    return node->type->code == CRL_OP_LSTM && crl_node_int(node, "kernel_type") != FULL;
}

/* The reference has this form in LSTM only. */
static bool is_narrow(const crl_node *node)
{
    return node->type->code == CRL_OP_LSTM && node->in[0]->type == CRL_INT8 &&
           node->n_intermediates == CRL_LSTM_NARROW_INTERMEDIATES;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    if (is_basic(node)) return crl_lstm_basic_prepare(node, err);
    if (node->n_out != 1) return crl_fail(err, CRL_ERR_FORMAT, "%d outputs, one is needed", node->n_out);
    crl_status s = crl_node_accept(node, node->in[0], CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s && is_narrow(node)) return crl_lstm_narrow_prepare(node, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    return node->in[0]->type == CRL_INT8 ? prepare_s8(node, err) : prepare_f32(node, err);
}

/* Time-major rows are taken together, others one batch after the other. */
void crl_lstm_run_f32(const crl_node *node, const crl_lstm_f32 *l, void *scratch)
{
    const params *p = node->params;
    const size_t n_time = (size_t)p->in.n_time, n_batch = (size_t)p->in.n_batch, n_input = (size_t)l->n_input;
    const size_t n_output = (size_t)l->n_output, n_cell = (size_t)l->n_cell, rows = p->in.time_major ? n_batch : 1;
    const float *input = p->in.input->data;
    float *output = node->out[0]->data;
    for (size_t b = 0; b < n_batch; b += rows) {
        float *state = (float *)p->in.state->data + b * n_output;
        const crl_lstm_f32_room room = { scratch, n_batch * n_cell, b * n_cell, (int8_t *)scratch + p->gates_bytes };
        for (size_t t = 0; t < n_time; t++) {
            crl_lstm_f32_step(l, rows, input, state, (float *)p->in.cell->data + b * n_cell, &room);
            memcpy(output, state, rows * n_output * sizeof *output);
            input += rows * n_input;
            output += rows * n_output;
        }
    }
}

const crl_lstm_f32 *crl_lstm_node_f32(const crl_node *node)
{
    return node->in[0]->type == CRL_FLOAT32 && !is_basic(node) ? &((const params *)node->params)->lstm_f32 : NULL;
}

const crl_lstm_s8 *crl_lstm_node_s8(const crl_node *node)
{
    return node->in[0]->type == CRL_INT8 && !is_narrow(node) ? &((const params *)node->params)->lstm : NULL;
}

void crl_lstm_run_s8(const crl_node *node, crl_lstm_s8_fn *step, const void *layer, void *scratch)
{
    const params *p = node->params;
    const crl_lstm_s8 *l = &p->lstm;
    const size_t n_time = (size_t)p->in.n_time, n_input = (size_t)l->n_input, n_output = (size_t)l->n_output;
    const size_t rows = p->in.time_major ? (size_t)p->in.n_batch : 1;
    const size_t batches = p->in.time_major ? 1 : (size_t)p->in.n_batch;
    const int8_t *input = p->in.input->data;
    int8_t *output = node->out[0]->data;
    for (size_t b = 0; b < batches; b++) {
        int8_t *state = (int8_t *)p->in.state->data + b * n_output;
        int16_t *cell = (int16_t *)p->in.cell->data + b * (size_t)l->n_cell;
        for (size_t t = 0; t < n_time; t++) {
            step(layer, input, rows, state, cell, scratch);
            memcpy(output, state, rows * n_output);
            input += rows * n_input;
            output += rows * n_output;
        }
    }
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    if (is_basic(node)) return crl_lstm_basic_invoke(node, work, err);
    if (is_narrow(node)) return crl_lstm_narrow_invoke(node, work, err);
    if (node->in[0]->type == CRL_INT8)
        crl_lstm_run_s8(node, crl_lstm_s8_step, crl_lstm_node_s8(node), work->scratch);
    else
        crl_lstm_run_f32(node, crl_lstm_node_f32(node), work->scratch);
    return CRL_OK;
}

const crl_op_type crl_op_unidirectional_sequence_lstm = {
    .name = "UNIDIRECTIONAL_SEQUENCE_LSTM",
    .code = CRL_OP_UNIDIRECTIONAL_SEQUENCE_LSTM,
    .in_min = 1,
    .in_max = 24,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare,
    .invoke = invoke,
};
const crl_op_type crl_op_lstm = {
    .name = "LSTM", .code = CRL_OP_LSTM, .in_min = 1, .in_max = 24, .out_min = 1, .out_max = 4, .prepare = prepare, .invoke = invoke,
};
