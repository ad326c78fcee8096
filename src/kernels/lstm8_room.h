/* SPDX-License-Identifier: Apache-2.0 */
/* The step of an LSTM and its scratch: what its vector kernels share. */
#ifndef CRL_KERNELS_LSTM8_ROOM_H
#define CRL_KERNELS_LSTM8_ROOM_H

#include <string.h>

#include "kernels/element.h"
#include "kernels/fixed16.h"
#include "kernels/lstm8.h"

enum { GATE_BITS = 3 }; /* integer bits of what goes into a gate's function */

typedef struct room {
    int16_t *input, *state; /* widened, to a whole number of pairs */
    int16_t *gates;         /* [columns] before their functions */
    int16_t *open;          /* [columns] after the logistic function */
    int16_t *cell, *level;  /* [n_cell] cells; the cell gate, then the tanh of the cells */
} room;

static room divide(const crl_lstm8 *p, void *scratch)
{
    const size_t columns = (size_t)p->columns + 16, cells = (size_t)p->lstm->n_cell + 16;
    room r = { .input = scratch };
    r.state = r.input + 2 * p->input.pairs;
    r.gates = r.state + 2 * p->recurrent.pairs;
    r.open = r.gates + columns;
    r.cell = r.open + columns;
    r.level = r.cell + cells;
    return r;
}

/* What a level gives. */
typedef struct stages {
    void (*find_gates)(const crl_lstm8 *p, const room *r);
    void (*update_cells)(const crl_lstm8 *p, const room *r);
    void (*write_state)(const crl_lstm8 *p, const room *r, int8_t *state);
    crl_fixed16_fn *logistic, *tanh;
} stages;

static void widen(int16_t *out, const int8_t *in, int32_t n)
{
    for (int32_t i = 0; i < n; i++) out[i] = in[i];
    if (n % 2) out[n] = 0;
}

CRL_INLINE void step(const crl_lstm8 *p, const int8_t *input, size_t n_batch, int8_t *state, int16_t *cell, void *scratch,
                     const stages *s)
{
    const crl_lstm_s8 *l = p->lstm;
    const room r = divide(p, scratch);
    const size_t cells = (size_t)l->n_cell, logistic = (l->no_input_gate ? 2 : 3) * cells;
    for (size_t b = 0; b < n_batch; b++, input += l->n_input, state += cells, cell += cells) {
        widen(r.input, input, l->n_input);
        widen(r.state, state, l->n_output);
        memcpy(r.cell, cell, cells * sizeof *cell);
        s->find_gates(p, &r);
        s->logistic(r.open, r.gates, logistic, GATE_BITS);
        s->tanh(r.level, r.gates + logistic, cells, GATE_BITS);
        s->update_cells(p, &r);
        memcpy(cell, r.cell, cells * sizeof *cell);
        s->tanh(r.level, r.cell, cells, 15 + l->cell_log2);
        s->write_state(p, &r, state);
    }
}

#endif
