/* SPDX-License-Identifier: Apache-2.0 */
/* What recurrent layers of floats are made of against its definitions, bit for bit: rows and columns around whole vectors, numbers
 * of every size, none among them. And whole steps of an LSTM, so that a difference in a state grows. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/lanes.h"
#include "kernels/lstm_f32.h"
#include "kernels/quotient.h"

static float draw(check *t)
{
    static const float odd[] = { 0, -0.0f, 1e-40f, -1e-42f, 1e-30f, 3e20f, -104, -104.00001f, 16.6355324f, 7.90738964f, -INFINITY, INFINITY, NAN };
    return check_range(t, 0, 40) ? ldexpf((float)check_range(t, -(1 << 23), 1 << 23), check_range(t, -26, -18))
                                 : odd[check_range(t, 0, sizeof odd / sizeof *odd - 1)];
}

static float *floats(check *t, size_t n, bool finite)
{
    float *x = check_guarded(t, n * sizeof *x);
    for (size_t i = 0; i < n; i++) do x[i] = draw(t); while (finite && !isfinite(x[i]));
    return x;
}

/* Of two NaN it matters only that they are. */
static bool agree(check *t, const char *what, const float *want, const float *got, size_t n, size_t columns)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(want + i, got + i, sizeof *want) && !(isnan(want[i]) && isnan(got[i])))
            return check_that(t, false, "%s, element %zu of %zu, %zu columns: want %a, got %a", what, i, n, columns,
                              (double)want[i], (double)got[i]);
    return true;
}

static bool products_agree(check *t, const crl_recurrent_kernels *k)
{
    const size_t rows = (size_t)check_edgy(t, 1, 40), n = (size_t)check_edgy(t, 1, 70), step = check_range(t, 0, 1) ? n : 0;
    const float *w = floats(t, rows * n, false), *x = floats(t, step ? rows * n : n, false), *before = floats(t, rows, false);
    float *want = check_guarded(t, rows * sizeof *want), *got = check_guarded(t, rows * sizeof *got);
    for (size_t r = 0; r < rows; r++) want[r] = crl_lanes_add_products(0, w + r * n, x + r * step, n);
    k->products(got, w, x, step, n, rows);
    if (!agree(t, "products", want, got, rows, n)) return false;
    for (size_t r = 0; r < rows; r++) want[r] = before[r] + crl_lanes_dot(w + r * n, x, n);
    memcpy(got, before, rows * sizeof *got);
    k->dot(got, w, x, n, rows);
    return agree(t, "dot", want, got, rows, n);
}

static bool functions_agree(check *t, const crl_recurrent_kernels *k)
{
    const size_t n = (size_t)check_edgy(t, 1, 100);
    const float *x = floats(t, n, false);
    float *want = check_guarded(t, n * sizeof *want), *got = check_guarded(t, n * sizeof *got);
    for (size_t i = 0; i < n; i++) want[i] = crl_quotient_tanh(x[i]);
    memcpy(got, x, n * sizeof *got);
    k->tanh(got, n);
    if (!agree(t, "tanh", want, got, n, n)) return false;
    for (size_t i = 0; i < n; i++) want[i] = crl_quotient_logistic4(x[i]);
    memcpy(got, x, n * sizeof *got);
    k->logistic4(got, n);
    return agree(t, "logistic", want, got, n, n);
}

static int32_t *sums_of(check *t, const crl_hybrid_matrix *m)
{
    int32_t *sums = check_guarded(t, m->rows * sizeof *sums);
    for (size_t r = 0; r < m->rows; r++) {
        sums[r] = 0;
        for (size_t i = 0; i < m->columns; i++) sums[r] += m->weights[r * m->columns + i];
    }
    return sums;
}

static crl_hybrid_matrix matrix(check *t, size_t rows, size_t columns)
{
    int8_t *w = check_guarded(t, rows * columns);
    if (check_range(t, 0, 3) == 0) check_fill_edgy_s8(t, w, rows * columns);
    return (crl_hybrid_matrix){ w, rows, columns, 0.01f, check_range(t, 0, 1) ? floats(t, rows, true) : NULL };
}

static bool hybrid_agrees(check *t, const crl_recurrent_kernels *k)
{
    const size_t rows = (size_t)check_edgy(t, 1, 140), n = (size_t)check_edgy(t, 1, 200);
    const crl_hybrid_matrix m = matrix(t, rows, n);
    float *x = floats(t, n, true), *want = floats(t, rows, true), *got = check_guarded(t, rows * sizeof *got);
    const bool asymmetric = check_range(t, 0, 1);
    if (check_range(t, 0, 20) == 0) memset(x, 0, n * sizeof *x);
    memcpy(got, want, rows * sizeof *got);
    crl_hybrid_vector v = { .q = check_guarded(t, n) };
    crl_hybrid_quantize(&v, x, n, asymmetric);
    crl_hybrid_add_products(want, &m, &v);
    crl_recurrent_add_hybrid(got, &m, sums_of(t, &m), x, asymmetric, check_guarded(t, n), k);
    return agree(t, "products of bytes", want, got, rows, n);
}

static crl_lstm_f32_weights weights(check *t, bool hybrid, size_t rows, size_t columns)
{
    crl_lstm_f32_weights w = { .f32 = NULL };
    if (!hybrid) {
        w.f32 = floats(t, rows * columns, true);
        return w;
    }
    w.s8 = matrix(t, rows, columns);
    w.sums = sums_of(t, &w.s8);
    return w;
}

static bool steps_agree(check *t, const crl_recurrent_kernels *k)
{
    const size_t rows = (size_t)check_range(t, 1, 3), n_input = (size_t)check_range(t, 1, 20), n_cell = (size_t)check_range(t, 1, 30);
    const bool hybrid = check_range(t, 0, 1), project = check_range(t, 0, 3) == 0;
    const size_t n_output = project ? (size_t)check_range(t, 1, 12) : n_cell, n = rows * n_cell;
    crl_lstm_f32 l = { .n_input = (int32_t)n_input, .n_cell = (int32_t)n_cell, .n_output = (int32_t)n_output, .project = project,
                       .no_input_gate = check_range(t, 0, 1), .cell_clip = check_range(t, 0, 1) ? 3 : 0,
                       .asymmetric = check_range(t, 0, 1) };
    if (project) l.projection = weights(t, hybrid, n_output, n_cell);
    const float *norm = check_range(t, 0, 3) ? NULL : floats(t, n_cell, true), *peephole = check_range(t, 0, 3) ? NULL : floats(t, n_cell, true);
    for (int g = l.no_input_gate; g < CRL_LSTM_GATES; g++)
        l.gate[g] = (crl_lstm_f32_gate){ weights(t, hybrid, n_cell, n_input), weights(t, hybrid, n_cell, n_output),
                                         floats(t, n_cell, true), g == CRL_LSTM_CELL ? NULL : peephole, norm };
    const float *x = floats(t, rows * n_input, true);
    float *state = floats(t, rows * n_output, true), *cell = floats(t, n, true), *own = check_guarded(t, rows * n_output * sizeof *own);
    float *own_cell = check_guarded(t, n * sizeof *own_cell);
    const crl_lstm_f32_room room = { check_guarded(t, CRL_LSTM_GATES * n * sizeof(float)), n, 0, check_guarded(t, 64) };
    memcpy(own, state, rows * n_output * sizeof *own);
    memcpy(own_cell, cell, n * sizeof *own_cell);
    crl_lstm_f32 quick = l;
    quick.kernels = k;
    for (int step = 0; step < 3; step++) {
        crl_lstm_f32_step(&l, rows, x, state, cell, &room);
        crl_lstm_f32_step(&quick, rows, x, own, own_cell, &room);
        if (!agree(t, "cells", cell, own_cell, n, n_input) || !agree(t, "states", state, own, rows * n_output, n_input)) return false;
    }
    return true;
}

void check_recurrent(check *t, unsigned cpu)
{
    crl_recurrent_kernels k;
    crl_recurrent_kernels_init(&k, cpu);
    if (!k.name) return; /* its parts are of levels of their own */
    check_name(t, k.name);
    for (int round = 0; round < check_rounds(t, 300); round++) {
        if (!products_agree(t, &k) || !functions_agree(t, &k) || !hybrid_agrees(t, &k) || !steps_agree(t, &k)) return;
        check_release(t);
    }
    static float x[4096];
    check_bench(t, 4096, k.logistic4(x, 4096));
}
