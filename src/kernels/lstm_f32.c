/* SPDX-License-Identifier: Apache-2.0 */
/* The LSTM in floats: see lstm_f32.h. */
#include "kernels/lstm_f32.h"

#include <math.h>

static float dot(const float *a, const float *b, int32_t n)
{
    float sum = 0;
    for (int32_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static float clip(float x, float limit)
{
    return limit <= 0 ? x : x < -limit ? -limit : x > limit ? limit : x;
}

/* Mean 0 and variance 1 over the cells. */
static void normalise(float *gate, int32_t n)
{
    float sum = 0, squares = 0;
    for (int32_t c = 0; c < n; c++) sum += gate[c];
    const float mean = sum / (float)n;
    for (int32_t c = 0; c < n; c++) squares += (gate[c] - mean) * (gate[c] - mean);
    const float inverse = 1.0f / sqrtf(squares / (float)n + 1e-8f);
    for (int32_t c = 0; c < n; c++) gate[c] = (gate[c] - mean) * inverse;
}

static void run_gate(float *gate, const crl_lstm_f32 *l, crl_lstm_gate which, const float *input, const float *state,
                     const float *cell)
{
    const crl_lstm_f32_gate *g = &l->gate[which];
    for (int32_t c = 0; c < l->n_cell; c++) {
        gate[c] = g->norm ? 0 : g->bias[c];
        gate[c] += dot(g->input_weights + (size_t)c * (size_t)l->n_input, input, l->n_input);
        gate[c] += dot(g->recurrent_weights + (size_t)c * (size_t)l->n_output, state, l->n_output);
        if (g->peephole) gate[c] += g->peephole[c] * cell[c];
    }
    if (g->norm) {
        normalise(gate, l->n_cell);
        for (int32_t c = 0; c < l->n_cell; c++) gate[c] = gate[c] * g->norm[c] + g->bias[c];
    }
    for (int32_t c = 0; c < l->n_cell; c++)
        gate[c] = which == CRL_LSTM_CELL ? tanhf(gate[c]) : 1.0f / (1.0f + expf(-gate[c]));
}

void crl_lstm_f32_step(const crl_lstm_f32 *l, const float *input, float *state, float *cell, float *scratch)
{
    const size_t n = (size_t)l->n_cell;
    float *in = scratch, *forget = scratch + n, *update = scratch + 2 * n, *out = scratch + 3 * n;
    if (!l->no_input_gate) run_gate(in, l, CRL_LSTM_INPUT, input, state, cell);
    run_gate(forget, l, CRL_LSTM_FORGET, input, state, cell);
    run_gate(update, l, CRL_LSTM_CELL, input, state, cell);
    for (size_t c = 0; c < n; c++) {
        const float share = l->no_input_gate ? 1.0f - forget[c] : in[c];
        cell[c] = clip(forget[c] * cell[c] + update[c] * share, l->cell_clip);
    }
    run_gate(out, l, CRL_LSTM_OUTPUT, input, state, cell);
    float *m = l->projection ? in : state; /* all gates have read the state by now */
    for (size_t c = 0; c < n; c++) m[c] = out[c] * tanhf(cell[c]);
    for (int32_t o = 0; l->projection && o < l->n_output; o++) {
        const float sum = (l->projection_bias ? l->projection_bias[o] : 0) + dot(l->projection + (size_t)o * n, m, l->n_cell);
        state[o] = clip(sum, l->projection_clip);
    }
}
