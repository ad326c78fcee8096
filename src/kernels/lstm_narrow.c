/* SPDX-License-Identifier: Apache-2.0 */
/* The LSTM with gates of 8 bits, to be checked by eye: see lstm_narrow.h. */
#include "kernels/lstm_narrow.h"

#include <math.h>

static int32_t clamp64(int64_t x, int32_t min, int32_t max)
{
    return x < min ? min : x > max ? max : (int32_t)x;
}

/* What a row x adds to the sum of a cell; w is the cell's row of weights. */
static int32_t share(const crl_lstm_narrow_share *s, const int8_t *w, const int8_t *x, int32_t zero, int32_t n)
{
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) sum += (uint32_t)((x[i] - zero) * w[i]);
    const int64_t narrow = (int64_t)crl_scale_apply((int32_t)sum, s->product) + s->zero;
    return crl_scale_apply(clamp64(narrow, INT8_MIN, INT8_MAX) - s->zero, s->level);
}

/* To int16 with ties away from zero. What int32 cannot hold, and what is no number, is the least, as on x86. */
static int16_t round16(float x)
{
    const float rounded = roundf(x);
    if (!(rounded >= -0x1p31f && rounded < 0x1p31f)) return INT16_MIN;
    return (int16_t)clamp64((int64_t)rounded, INT16_MIN, INT16_MAX);
}

/* Mean 0 and variance 1 over the cells, then coefficients and bias, as Q3.12. */
static void normalise(int16_t *gate, const crl_lstm_narrow_gate *g, int32_t n)
{
    float sum = 0, squares = 0;
    for (int32_t c = 0; c < n; c++) {
        const float x = gate[c];
        sum += x;
        squares += x * x;
    }
    const float mean = sum / (float)n, variance = squares / (float)n - mean * mean;
    const float inverse = 1.0f / sqrtf(variance == 0 ? 1e-8f : variance), bias_scale = 0x1p-10f * g->norm_scale;
    for (int32_t c = 0; c < n; c++) {
        const float level = ((float)gate[c] - mean) * inverse;
        gate[c] = round16((level * g->norm[c] * g->norm_scale + (float)g->bias[c] * bias_scale) * 0x1p12f);
    }
}

/* y in -1..1 as Q0.15, truncated. */
static int16_t to_q15(float y)
{
    return (int16_t)crl_clamp((int32_t)(y * 0x1p15f), INT16_MIN, INT16_MAX);
}

static int16_t logistic(int16_t x)
{
    return to_q15(1.0f / (1.0f + expf(-(x * 0x1p-12f))));
}

static void run_gate(int16_t *gate, const crl_lstm_narrow *l, crl_lstm_gate which, const int8_t *input, const int8_t *state)
{
    const crl_lstm_narrow_gate *g = &l->gate[which];
    for (int32_t c = 0; c < l->n_cell; c++) {
        const int8_t *w = g->input.weights + (size_t)c * (size_t)l->n_input;
        const int8_t *r = g->state.weights + (size_t)c * (size_t)l->n_output;
        const int64_t sum = (int64_t)share(&g->input, w, input, l->input_zero, l->n_input) +
                            share(&g->state, r, state, l->output_zero, l->n_output);
        gate[c] = (int16_t)clamp64(sum, INT16_MIN, INT16_MAX);
    }
    normalise(gate, g, l->n_cell);
    for (int32_t c = 0; c < l->n_cell; c++)
        gate[c] = which == CRL_LSTM_CELL ? to_q15(tanhf(gate[c] * 0x1p-12f)) : logistic(gate[c]);
}

/* a * b of Q0.15. */
static int32_t mul15(int16_t a, int16_t b)
{
    return crl_shift_right(a * b, 15);
}

static void update_cell(const crl_lstm_narrow *l, int16_t *cell, const int16_t *forget, const int16_t *update)
{
    for (int32_t c = 0; c < l->n_cell; c++) {
        const int32_t sum = mul15(forget[c], cell[c]) + mul15((int16_t)(INT16_MAX - forget[c]), update[c]);
        cell[c] = (int16_t)crl_clamp(sum, INT16_MIN, INT16_MAX);
        if (l->cell_clip > 0) cell[c] = (int16_t)crl_clamp(cell[c], -l->cell_clip, l->cell_clip);
    }
}

/* `hidden` is the output gate, and replaced. */
static void write_state(const crl_lstm_narrow *l, int8_t *state, const int16_t *cell, int16_t *hidden)
{
    for (int32_t c = 0; c < l->n_cell; c++) hidden[c] = (int16_t)mul15(hidden[c], to_q15(tanhf(cell[c] * 0x1p-15f)));
    for (int32_t o = 0; o < l->n_output; o++) {
        const int8_t *w = l->projection + (size_t)o * (size_t)l->n_cell;
        int64_t sum = l->projection_bias[o];
        for (int32_t c = 0; c < l->n_cell; c++) sum += hidden[c] * w[c];
        int32_t y = clamp64((int64_t)crl_scale_apply_wide(sum, l->projection_scale) + l->output_zero, INT8_MIN, INT8_MAX);
        if (l->projection_clip > 0) y = crl_clamp(y, -l->projection_clip, l->projection_clip);
        state[o] = (int8_t)y;
    }
}

/* Three gates of one row. */
size_t crl_lstm_narrow_scratch(const crl_lstm_narrow *l)
{
    return 3 * sizeof(int16_t) * (size_t)l->n_cell;
}

void crl_lstm_narrow_step(const void *layer, const int8_t *input, size_t n_batch, int8_t *state, int16_t *cell, void *scratch)
{
    const crl_lstm_narrow *l = layer;
    int16_t *forget = scratch, *update = forget + l->n_cell, *output = update + l->n_cell;
    for (size_t b = 0; b < n_batch; b++, input += l->n_input, state += l->n_output, cell += l->n_cell) {
        run_gate(forget, l, CRL_LSTM_FORGET, input, state);
        run_gate(update, l, CRL_LSTM_CELL, input, state);
        update_cell(l, cell, forget, update);
        run_gate(output, l, CRL_LSTM_OUTPUT, input, state);
        write_state(l, state, cell, output);
    }
}
