/* SPDX-License-Identifier: Apache-2.0 */
/* Packed steps of an integer LSTM against the definition, over several steps, so that a difference in a state grows: all
 * numbers of inputs and cells around a vector, with and without an input gate and a clip, scales of both directions. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/lstm8.h"

static crl_scale scale_about(check *t, int32_t shift)
{
    return (crl_scale){ check_edgy(t, 1 << 30, INT32_MAX), check_range(t, shift - 2, shift + 2) };
}

static int32_t *bias_list(check *t, int32_t n)
{
    int32_t *bias = check_guarded(t, (size_t)n * sizeof *bias);
    for (int32_t i = 0; i < n; i++) bias[i] = check_edgy(t, -20000, 20000);
    return bias;
}

static void draw(check *t, crl_lstm_s8 *l)
{
    *l = (crl_lstm_s8){ .n_input = check_range(t, 1, 40), .n_cell = check_range(t, 1, 40), .no_input_gate = check_range(t, 0, 1),
                        .cell_log2 = check_range(t, -15, -9), .cell_clip = (int16_t)(check_range(t, 0, 1) ? check_edgy(t, 1, 32767) : 0),
                        .hidden_zero = check_edgy(t, -128, 127), .hidden_scale = scale_about(t, -22) };
    l->n_output = l->n_cell;
    for (int g = l->no_input_gate; g < CRL_LSTM_GATES; g++) {
        crl_lstm_s8_gate *gate = &l->gate[g];
        int8_t *w = check_guarded(t, (size_t)(l->n_cell * l->n_input)), *r = check_guarded(t, (size_t)(l->n_cell * l->n_output));
        if (check_range(t, 0, 3) == 0) check_fill_edgy_s8(t, w, (size_t)(l->n_cell * l->n_input));
        gate->input_weights = w;
        gate->recurrent_weights = r;
        gate->input_bias = bias_list(t, l->n_cell);
        gate->recurrent_bias = bias_list(t, l->n_cell);
        gate->input_scale = scale_about(t, check_range(t, 0, 5) ? -3 : 1);
        gate->recurrent_scale = scale_about(t, -3);
    }
}

void check_lstm8(check *t, unsigned cpu)
{
    check_name(t, "lstm8");
    crl_lstm_s8_fn *run = crl_lstm8_step_of(cpu);
    int served = 0;
    for (int round = 0; round < 200 && run; round++) {
        crl_lstm_s8 l;
        draw(t, &l);
        if (!crl_lstm8_serves(&l, cpu)) continue;
        served++;
        crl_lstm8 p;
        crl_lstm8_pack(&p, &l, check_guarded(t, crl_lstm8_packed_bytes(&l)));
        const size_t rows = (size_t)check_range(t, 1, 3), cells = rows * (size_t)l.n_cell;
        int8_t *input = check_guarded(t, rows * (size_t)l.n_input), *want = check_guarded(t, cells), *got = check_guarded(t, cells);
        int16_t *cell = check_guarded(t, 2 * cells), *got_cell = check_guarded(t, 2 * cells);
        memcpy(got, want, cells);
        memcpy(got_cell, cell, 2 * cells);
        /* Guarded memory begins where its size lets it: numbers of 16 bits want an even one. */
        void *room = check_guarded(t, (crl_lstm_s8_scratch(&l, rows) + 1) / 2 * 2), *scratch = check_guarded(t, crl_lstm8_scratch(&p));
        for (int step = 0; step < 4; step++) {
            check_fill(t, input, rows * (size_t)l.n_input);
            crl_lstm_s8_step(&l, input, rows, want, cell, room);
            run(&p, input, rows, got, got_cell, scratch);
            if (!check_equal(t, cell, got_cell, 2 * cells, "cells, step %d of %d inputs, %d cells", step, l.n_input, l.n_cell) ||
                !check_equal(t, want, got, cells, "state, step %d of %d inputs, %d cells", step, l.n_input, l.n_cell)) return;
        }
        if (served == 1) check_bench(t, cells, run(&p, input, rows, got, got_cell, scratch));
        check_release(t);
    }
    check_that(t, served > 20 || !run, "only %d layers were served", served);
}
