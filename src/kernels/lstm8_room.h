/* SPDX-License-Identifier: Apache-2.0 */
/* The scratch of an LSTM's step: what its vector kernels share. */
#ifndef CRL_KERNELS_LSTM8_ROOM_H
#define CRL_KERNELS_LSTM8_ROOM_H

#include <string.h>

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

static void widen(int16_t *out, const int8_t *in, int32_t n)
{
    for (int32_t i = 0; i < n; i++) out[i] = in[i];
    if (n % 2) out[n] = 0;
}

#endif
