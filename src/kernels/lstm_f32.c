/* SPDX-License-Identifier: Apache-2.0 */
/* The LSTM in floats: see lstm_f32.h. */
#include "kernels/lstm_f32.h"

#include <math.h>

#include "kernels/lanes.h"
#include "kernels/quotient.h"

static float clip(float x, float limit)
{
    return limit <= 0 ? x : x < -limit ? -limit : x > limit ? limit : x;
}

/* Mean 0 and variance 1 over the cells. */
static void normalise(float *gate, size_t n)
{
    float sum = 0, squares = 0;
    for (size_t c = 0; c < n; c++) sum += gate[c];
    const float mean = sum / (float)n;
    for (size_t c = 0; c < n; c++) squares += (gate[c] - mean) * (gate[c] - mean);
    const float inverse = 1.0f / sqrtf(squares / (float)n + 1e-8f);
    for (size_t c = 0; c < n; c++) gate[c] = (gate[c] - mean) * inverse;
}

/* n elements, of which the first has the given place: groups of four that begin at multiples of four are taken at a time. */
static void logistic(float *x, size_t n, size_t place, const crl_recurrent_kernels *k)
{
    const size_t first = (0 - place) % 4, end = n < first ? 0 : n - (n - first) % 4;
    if (k && first < end) k->logistic4(x + first, end - first);
    for (size_t i = 0; i < n; i++)
        if (i < first || i >= end)
            x[i] = crl_quotient_logistic(x[i]);
        else if (!k)
            x[i] = crl_quotient_logistic4(x[i]);
}

static void tangent(float *x, size_t n, const crl_recurrent_kernels *k)
{
    if (k)
        k->tanh(x, n);
    else
        for (size_t i = 0; i < n; i++) x[i] = crl_quotient_tanh(x[i]);
}

/* out [n] += w * x, for x of m elements in row r of `rows`. */
static void add_products(float *out, size_t n, const crl_lstm_f32_weights *w, const float *x, size_t m, size_t r, size_t rows,
                         const crl_lstm_f32 *l, int8_t *quantised)
{
    if (l->kernels && !w->f32) {
        crl_recurrent_add_hybrid(out, &w->s8, w->sums, x, l->asymmetric, (uint8_t *)quantised, l->kernels);
        return;
    }
    if (l->kernels && rows == 1 && n > 1) { /* the sums that crl_lanes_product has then */
        l->kernels->dot(out, w->f32, x, m, n);
        return;
    }
    if (!w->f32) {
        crl_hybrid_vector v = { .q = quantised };
        crl_hybrid_quantize(&v, x, m, l->asymmetric);
        crl_hybrid_add_products(out, &w->s8, &v);
        return;
    }
    for (size_t c = 0; c < n; c++) out[c] += crl_lanes_product(w->f32 + c * m, x, m, &(crl_lanes_at){ c, n, r, rows });
}

/* A row of a batch. */
typedef struct row {
    const float *input, *state, *cell;
    size_t r, rows;
    int8_t *quantised;
} row;

/* A gate before its function. */
static void sum_gate(float *gate, const crl_lstm_f32 *l, const crl_lstm_f32_gate *g, const row *x)
{
    const size_t n_cell = (size_t)l->n_cell;
    for (size_t c = 0; c < n_cell; c++) gate[c] = g->norm ? 0 : g->bias[c];
    add_products(gate, n_cell, &g->input, x->input, (size_t)l->n_input, x->r, x->rows, l, x->quantised);
    add_products(gate, n_cell, &g->recurrent, x->state, (size_t)l->n_output, x->r, x->rows, l, x->quantised);
    for (size_t c = 0; g->peephole && c < n_cell; c++) gate[c] += g->peephole[c] * x->cell[c];
    if (!g->norm) return;
    normalise(gate, n_cell);
    for (size_t c = 0; c < n_cell; c++) gate[c] = gate[c] * g->norm[c] + g->bias[c];
}

static void project(const crl_lstm_f32 *l, float *state, const float *hidden, size_t r, size_t rows, int8_t *quantised)
{
    const size_t n = (size_t)l->n_output;
    /* Weights of 8 bits are added to the bias, and the bias to sums of floats: the same numbers. */
    for (size_t o = 0; o < n; o++) state[o] = l->projection_bias ? l->projection_bias[o] : 0;
    add_products(state, n, &l->projection, hidden, (size_t)l->n_cell, r, rows, l, quantised);
    for (size_t o = 0; o < n; o++) state[o] = clip(state[o], l->projection_clip);
}

typedef struct planes {
    float *gate[CRL_LSTM_GATES];  /* [rows][n_cell] */
    size_t place[CRL_LSTM_GATES];
} planes;

/* As the reference has them: the cell gate before the forget gate, and no plane for a gate that is not there. */
static planes divide(const crl_lstm_f32 *l, const crl_lstm_f32_room *room)
{
    static const crl_lstm_gate order[CRL_LSTM_GATES] = { CRL_LSTM_INPUT, CRL_LSTM_CELL, CRL_LSTM_FORGET, CRL_LSTM_OUTPUT };
    planes p = { { NULL }, { 0 } };
    size_t at = room->at;
    for (int k = l->no_input_gate; k < CRL_LSTM_GATES; k++, at += room->plane) {
        p.gate[order[k]] = room->gates + at;
        p.place[order[k]] = at;
    }
    return p;
}

static void run_gate(const crl_lstm_f32 *l, const planes *p, crl_lstm_gate which, size_t rows, const float *input,
                     const float *state, const float *cell, int8_t *quantised)
{
    const size_t n_cell = (size_t)l->n_cell, n = rows * n_cell;
    float *gate = p->gate[which];
    for (size_t r = 0; r < rows; r++) {
        const row x = { input + r * (size_t)l->n_input, state + r * (size_t)l->n_output, cell + r * n_cell, r, rows, quantised };
        sum_gate(gate + r * n_cell, l, &l->gate[which], &x);
    }
    if (which != CRL_LSTM_CELL)
        logistic(gate, n, p->place[which], l->kernels);
    else
        tangent(gate, n, l->kernels);
}

void crl_lstm_f32_step(const crl_lstm_f32 *l, size_t rows, const float *input, float *state, float *cell,
                       const crl_lstm_f32_room *room)
{
    const planes p = divide(l, room);
    const size_t n_cell = (size_t)l->n_cell, n = rows * n_cell;
    if (!l->no_input_gate) run_gate(l, &p, CRL_LSTM_INPUT, rows, input, state, cell, room->quantised);
    run_gate(l, &p, CRL_LSTM_FORGET, rows, input, state, cell, room->quantised);
    run_gate(l, &p, CRL_LSTM_CELL, rows, input, state, cell, room->quantised);
    const float *forget = p.gate[CRL_LSTM_FORGET], *update = p.gate[CRL_LSTM_CELL], *out = p.gate[CRL_LSTM_OUTPUT];
    for (size_t i = 0; i < n; i++) {
        const float share = l->no_input_gate ? 1.0f - forget[i] : p.gate[CRL_LSTM_INPUT][i];
        cell[i] = clip(forget[i] * cell[i] + update[i] * share, l->cell_clip);
    }
    run_gate(l, &p, CRL_LSTM_OUTPUT, rows, input, state, cell, room->quantised);
    float *hidden = l->project ? p.gate[CRL_LSTM_CELL] : state; /* all gates have read the state by now */
    for (size_t i = 0; i < n; i++) hidden[i] = cell[i];
    tangent(hidden, n, l->kernels);
    for (size_t i = 0; i < n; i++) hidden[i] = out[i] * hidden[i];
    for (size_t r = 0; l->project && r < rows; r++)
        project(l, state + r * (size_t)l->n_output, hidden + r * n_cell, r, rows, room->quantised);
}
