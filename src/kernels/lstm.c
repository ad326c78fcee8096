/* SPDX-License-Identifier: Apache-2.0 */
/* The integer LSTM, to be checked by eye: see lstm.h. Sums of 32 bits wrap where the source's would overflow. */
#include "kernels/lstm.h"

#include <string.h>

#include "kernels/fixed16.h"

enum { GATE_BITS = 3 }; /* integer bits of what goes into a gate's function */

static int32_t clamp(int32_t x, int32_t min, int32_t max)
{
    return x < min ? min : x > max ? max : x;
}

static int16_t clamp16(int64_t x)
{
    return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

static int32_t dot(const int8_t *a, const int8_t *b, int32_t n, int32_t start)
{
    uint32_t sum = (uint32_t)start;
    for (int32_t i = 0; i < n; i++) sum += (uint32_t)(a[i] * b[i]);
    return (int32_t)sum;
}

/* gate += scale * (weights x + bias), for each row of the batch. */
static void add_product(int16_t *gate, const int8_t *x, const int8_t *weights, const int32_t *bias, crl_scale scale,
                        size_t n_batch, int32_t n_in, int32_t n_cell)
{
    for (size_t b = 0; b < n_batch; b++, x += n_in, gate += n_cell)
        for (int32_t c = 0; c < n_cell; c++) {
            const int32_t sum = dot(x, weights + (size_t)c * (size_t)n_in, n_in, bias[c]);
            gate[c] = clamp16((int64_t)crl_scale_apply(sum, scale) + gate[c]);
        }
}

/* The reference walks cells and gates as if a row had n_output cells. That matters with a projection only. */
static void add_peephole(int16_t *gate, const crl_lstm_s8 *l, const crl_lstm_s8_gate *g, const int16_t *cell,
                         size_t n_batch)
{
    for (size_t b = 0; b < n_batch; b++, cell += l->n_output, gate += l->n_output)
        for (int32_t c = 0; c < l->n_output; c++)
            gate[c] = clamp16((int64_t)crl_scale_apply(g->peephole[c] * cell[c], g->peephole_scale) + gate[c]);
}

static int32_t wrap32(int64_t x)
{
    return (int32_t)(uint32_t)(uint64_t)x;
}

/* 1 / sqrt(x) as mult * 2^(shift - 31). Newton's method in Q3.28 from a first guess of 1; x in 1..2^31 - 1.
 * Source: TensorFlow Lite, kernels/internal/common.h: GetInvSqrtQuantizedMultiplierExp. */
static crl_scale inverse_sqrt(int32_t x)
{
    if (x <= 1) return (crl_scale){ INT32_MAX, 0 };
    int32_t shift = 11;
    for (; x >= 1 << 29; x /= 4) shift++;
    const int32_t pairs = (__builtin_clz((uint32_t)x) - 1) / 2 - 1;
    shift -= pairs;
    x <<= 2 * pairs;
    const int32_t half_x = crl_shift_right(x >> 1, 1), three_halves = (1 << 28) + (1 << 27);
    int32_t y = 1 << 28;
    for (int i = 0; i < 5; i++) {
        const int64_t cube = (int64_t)crl_mul_high(crl_mul_high(y, y), y) * 64; /* from Q9.22 back to Q3.28 */
        const int32_t y3 = cube > INT32_MAX ? INT32_MAX : cube < INT32_MIN ? INT32_MIN : (int32_t)cube;
        const int64_t next = ((int64_t)crl_mul_high(three_halves, y) - crl_mul_high(half_x, y3)) * 8;
        y = next > INT32_MAX ? INT32_MAX : next < INT32_MIN ? INT32_MIN : (int32_t)next;
    }
    int32_t mult = crl_mul_high(y, 1518500250); /* sqrt(1/2) as Q0.31 */
    if (shift < 0) {
        mult = (int32_t)((uint32_t)mult << -shift);
        shift = 0;
    }
    return (crl_scale){ mult, -shift };
}

/* Mean 0 and variance 1 over the cells of a row, then coefficients and bias. Values carry 10 bits more. */
static void normalise(int16_t *gate, const crl_lstm_s8_gate *g, size_t n_batch, int32_t n_cell)
{
    for (size_t b = 0; b < n_batch; b++, gate += n_cell) {
        int64_t sum = 0, squares = 0;
        for (int32_t c = 0; c < n_cell; c++) {
            sum += gate[c];
            squares += gate[c] * gate[c];
        }
        const int32_t mean = (int32_t)(sum * 1024 / n_cell);
        const int64_t spread = squares * ((1 << 20) / n_cell) - (int64_t)mean * mean;
        int32_t variance = wrap32(spread / (1 << 20));
        if (variance < 1) variance = g->norm_guard;
        const crl_scale inverse = inverse_sqrt(variance);
        for (int32_t c = 0; c < n_cell; c++) {
            const int32_t level = crl_scale_apply(1024 * gate[c] - mean, inverse);
            const int32_t v = wrap32((int64_t)wrap32((int64_t)level * g->norm[c]) + g->norm_bias[c]);
            const int32_t rounded = (int32_t)((v > 0 ? (int64_t)v + 512 : (int64_t)v - 512) / 1024);
            const crl_scale scale = { g->norm_scale.mult, g->norm_scale.shift + 12 };
            gate[c] = clamp16(crl_scale_apply(rounded, scale));
        }
    }
}

static void run_gate(int16_t *gate, const crl_lstm_s8 *l, crl_lstm_gate which, const int8_t *input, size_t n_batch,
                     const int8_t *state, const int16_t *cell)
{
    const crl_lstm_s8_gate *g = &l->gate[which];
    const size_t n = n_batch * (size_t)l->n_cell;
    memset(gate, 0, n * sizeof *gate);
    add_product(gate, input, g->input_weights, g->input_bias, g->input_scale, n_batch, l->n_input, l->n_cell);
    add_product(gate, state, g->recurrent_weights, g->recurrent_bias, g->recurrent_scale, n_batch, l->n_output,
                l->n_cell);
    if (g->peephole) add_peephole(gate, l, g, cell, n_batch);
    if (g->norm) normalise(gate, g, n_batch, l->n_cell);
    for (size_t i = 0; i < n; i++)
        gate[i] = which == CRL_LSTM_CELL ? crl_tanh_s16(gate[i], GATE_BITS) : crl_logistic_s16(gate[i], GATE_BITS);
}

/* a * b / 2^shift in 16 bits. */
static int16_t mul16(int16_t a, int16_t b, int32_t shift)
{
    return (int16_t)(uint16_t)(uint32_t)crl_shift_right(a * b, shift);
}

static void update_cell(const crl_lstm_s8 *l, int16_t *cell, const int16_t *input, const int16_t *forget,
                        const int16_t *update, size_t n)
{
    const int32_t shift = 30 + l->cell_log2;
    for (size_t i = 0; i < n; i++) {
        const int16_t share = l->no_input_gate ? (int16_t)(INT16_MAX - forget[i]) : input[i];
        const int32_t sum = mul16(forget[i], cell[i], 15) + mul16(share, update[i], shift);
        cell[i] = clamp16(sum);
        if (l->cell_clip > 0) cell[i] = (int16_t)clamp(cell[i], -l->cell_clip, l->cell_clip);
    }
}

static void project(const crl_lstm_s8 *l, int8_t *state, const int8_t *hidden, size_t n_batch)
{
    for (size_t b = 0; b < n_batch; b++, state += l->n_output, hidden += l->n_cell)
        for (int32_t o = 0; o < l->n_output; o++) {
            const int32_t sum =
                dot(hidden, l->projection + (size_t)o * (size_t)l->n_cell, l->n_cell, l->projection_bias[o]);
            const int64_t v = (int64_t)crl_scale_apply(sum, l->projection_scale) + l->output_zero;
            int32_t y = (int32_t)(v < INT8_MIN ? INT8_MIN : v > INT8_MAX ? INT8_MAX : v);
            if (l->projection_clip > 0) y = clamp(y, -l->projection_clip, l->projection_clip);
            state[o] = (int8_t)y;
        }
}

static void write_state(const crl_lstm_s8 *l, int8_t *state, const int16_t *cell, const int16_t *output,
                        size_t n_batch, int8_t *hidden)
{
    const size_t n = n_batch * (size_t)l->n_cell;
    const int32_t zero = l->projection ? -l->hidden_zero : l->hidden_zero;
    int8_t *to = l->projection ? hidden : state;
    for (size_t i = 0; i < n; i++) {
        const int32_t m = output[i] * crl_tanh_s16(cell[i], 15 + l->cell_log2);
        const int64_t v = (int64_t)crl_scale_apply(m, l->hidden_scale) + zero;
        to[i] = (int8_t)(v < INT8_MIN ? INT8_MIN : v > INT8_MAX ? INT8_MAX : v);
    }
    if (l->projection) project(l, state, hidden, n_batch);
}

/* Four gates of int16, then what is projected. */
size_t crl_lstm_s8_scratch(const crl_lstm_s8 *l, size_t n_batch)
{
    return n_batch * (size_t)l->n_cell * (CRL_LSTM_GATES * sizeof(int16_t) + 1);
}

void crl_lstm_s8_step(const void *layer, const int8_t *input, size_t n_batch, int8_t *state, int16_t *cell, void *scratch)
{
    const crl_lstm_s8 *l = layer;
    const size_t n = n_batch * (size_t)l->n_cell;
    int16_t *gate[CRL_LSTM_GATES];
    for (int i = 0; i < CRL_LSTM_GATES; i++) gate[i] = (int16_t *)scratch + (size_t)i * n;
    if (!l->no_input_gate) run_gate(gate[CRL_LSTM_INPUT], l, CRL_LSTM_INPUT, input, n_batch, state, cell);
    run_gate(gate[CRL_LSTM_FORGET], l, CRL_LSTM_FORGET, input, n_batch, state, cell);
    run_gate(gate[CRL_LSTM_CELL], l, CRL_LSTM_CELL, input, n_batch, state, cell);
    update_cell(l, cell, gate[CRL_LSTM_INPUT], gate[CRL_LSTM_FORGET], gate[CRL_LSTM_CELL], n);
    run_gate(gate[CRL_LSTM_OUTPUT], l, CRL_LSTM_OUTPUT, input, n_batch, state, cell);
    write_state(l, state, cell, gate[CRL_LSTM_OUTPUT], n_batch, (int8_t *)(gate[0] + CRL_LSTM_GATES * n));
}
