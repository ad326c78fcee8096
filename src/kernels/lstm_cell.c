/* SPDX-License-Identifier: Apache-2.0 */
/* The LSTM of old converters: see lstm_cell.h. */
#include "kernels/lstm_cell.h"

#include "kernels/fixed16.h"
#include "kernels/lanes.h"
#include "kernels/quotient.h"

enum { INPUT, CELL, FORGET, OUTPUT, GATES };

static int16_t saturate(int32_t x)
{
    return (int16_t)crl_clamp(x, INT16_MIN, INT16_MAX);
}

/* As crl_scale_apply, but ties of the second rounding go upwards: these products are another library's in the reference. */
static int32_t scaled(int32_t sum, crl_scale s)
{
    if (s.shift >= 0) return crl_scale_apply(sum, s);
    const int64_t high = crl_mul_high(sum, s.mult);
    return (int32_t)((high + (INT64_C(1) << (-s.shift - 1))) >> -s.shift);
}

static void sum_gates(const crl_lstm_cell *l, const uint8_t *joined, const uint8_t *weights, const int32_t *bias, int16_t *sums)
{
    for (size_t r = 0; r < l->rows; r++)
        for (size_t g = 0; g < GATES * l->n_cell; g++) {
            uint32_t sum = (uint32_t)bias[g];
            for (size_t i = 0; i < l->n_in; i++)
                sum += (uint32_t)((joined[r * l->n_in + i] - 128) * (weights[g * l->n_in + i] - l->weights_zero));
            sums[r * GATES * l->n_cell + g] = saturate(scaled((int32_t)sum, l->scale));
        }
}

void crl_lstm_cell_u8(const crl_lstm_cell *l, const uint8_t *joined, const uint8_t *weights, const int32_t *bias,
                      const int16_t *before, int16_t *sums, int16_t *cell, uint8_t *out)
{
    const size_t n = l->n_cell;
    sum_gates(l, joined, weights, bias, sums);
    for (size_t i = 0; i < l->rows * n; i++) {
        const int16_t *gate = sums + i / n * GATES * n + i % n;
        const int16_t fresh = crl_mul_s16(crl_logistic_s16(gate[INPUT * n], 3), crl_tanh_s16(gate[CELL * n], 3));
        const int16_t kept = crl_mul_s16(crl_logistic_s16(gate[FORGET * n], 3), before[i]);
        cell[i] = saturate(crl_shift_right_s16(fresh, 4) + kept);
        const int16_t y = crl_mul_s16(crl_logistic_s16(gate[OUTPUT * n], 3), crl_tanh_s16(saturate(2 * cell[i]), 3));
        out[i] = (uint8_t)(128 + crl_clamp(crl_shift_right_s16(y, 8), INT8_MIN, INT8_MAX));
    }
}

/* Whether element i of a row of n, whose first has the place `first`, is in a whole group of four. */
static bool in_four(size_t i, size_t n, size_t first)
{
    const size_t begin = (0 - first) % 4;
    return i >= begin && n >= begin && i < n - (n - begin) % 4;
}

void crl_lstm_cell_f32(const crl_lstm_cell *l, const float *joined, const float *weights, const float *bias,
                       const float *before, float *sums, float *cell, float *out)
{
    const size_t n = l->n_cell, all = GATES * n;
    for (size_t r = 0; r < l->rows; r++)
        for (size_t g = 0; g < all; g++)
            sums[r * all + g] = crl_lanes_product(weights + g * l->n_in, joined + r * l->n_in, l->n_in,
                                                  &(crl_lanes_at){ g, all, r, l->rows }) + bias[g];
    for (size_t i = 0; i < l->rows * n; i++) {
        const float *gate = sums + i / n * all + i % n;
        float (*logistic)(float) = in_four(i % n, n, i / n * n) ? crl_quotient_logistic4 : crl_quotient_logistic;
        cell[i] = logistic(gate[INPUT * n]) * crl_quotient_tanh(gate[CELL * n]) + logistic(gate[FORGET * n]) * before[i];
        out[i] = logistic(gate[OUTPUT * n]) * crl_quotient_tanh(cell[i]);
    }
}
