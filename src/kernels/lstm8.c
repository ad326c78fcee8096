/* SPDX-License-Identifier: Apache-2.0 */
/* Packing, and which layers it is for. */
#include "kernels/lstm8.h"

#include <string.h>

#include "base/cpu.h"
#include "kernels/requant.h"

enum { STEP = 16 /* columns */ };

/* Gate of the k-th group of columns. */
static crl_lstm_gate gate_at(const crl_lstm_s8 *l, int32_t k)
{
    static const crl_lstm_gate order[CRL_LSTM_GATES] = { CRL_LSTM_INPUT, CRL_LSTM_FORGET, CRL_LSTM_OUTPUT, CRL_LSTM_CELL };
    return order[k + (l->no_input_gate ? 1 : 0)];
}

static int32_t gates(const crl_lstm_s8 *l)
{
    return l->no_input_gate ? CRL_LSTM_GATES - 1 : CRL_LSTM_GATES;
}

static int32_t columns_of(const crl_lstm_s8 *l)
{
    return (gates(l) * l->n_cell + STEP - 1) / STEP * STEP;
}

/* The sum of any input with a row of weights, begun with its bias. */
static bool row_fits(const int8_t *weights, int32_t n, int32_t bias, const crl_scale *scale)
{
    int64_t min = bias, max = bias;
    for (int32_t i = 0; i < n; i++) {
        min += weights[i] > 0 ? -128 * weights[i] : 127 * weights[i];
        max += weights[i] > 0 ? 127 * weights[i] : -128 * weights[i];
    }
    if (min < INT32_MIN || max > INT32_MAX) return false;
    const crl_requant q = { .scale = scale };
    return crl_requant_fits(&q, 0, (crl_requant_range){ (int32_t)min, (int32_t)max });
}

static bool gate_fits(const crl_lstm_s8 *l, const crl_lstm_s8_gate *g)
{
    if (g->peephole || g->norm) return false;
    for (int32_t c = 0; c < l->n_cell; c++) {
        if (!row_fits(g->input_weights + (size_t)c * (size_t)l->n_input, l->n_input, g->input_bias[c], &g->input_scale)) return false;
        if (!row_fits(g->recurrent_weights + (size_t)c * (size_t)l->n_output, l->n_output, g->recurrent_bias[c],
                      &g->recurrent_scale))
            return false;
    }
    return true;
}

crl_lstm_s8_fn *crl_lstm8_step_of(unsigned cpu)
{
    (void)cpu;
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) return crl_lstm8_step_avx2;
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) return crl_lstm8_step_neon;
#endif
    return NULL;
}

const char *crl_lstm8_name(unsigned cpu)
{
    return cpu & CRL_CPU_NEON ? "lstm8 neon" : "lstm8 avx2";
}

bool crl_lstm8_serves(const crl_lstm_s8 *l, unsigned cpu)
{
    if (!crl_lstm8_step_of(cpu)) return false;
    if (l->projection || l->n_output != l->n_cell || l->n_cell > 4096 || l->n_input > 65536) return false;
    for (int32_t k = 0; k < gates(l); k++)
        if (!gate_fits(l, &l->gate[gate_at(l, k)])) return false;
    const crl_requant hidden = { .scale = &l->hidden_scale };
    return l->hidden_scale.shift <= 0 &&
           crl_requant_fits(&hidden, 0, (crl_requant_range){ -INT16_MAX * INT16_MAX, INT16_MAX * INT16_MAX });
}

static size_t product_bytes(int32_t columns, int32_t n)
{
    return (size_t)columns * ((size_t)((n + 1) / 2) * 2 * sizeof(int16_t) + 5 * sizeof(int32_t));
}

size_t crl_lstm8_packed_bytes(const crl_lstm_s8 *l)
{
    return product_bytes(columns_of(l), l->n_input) + product_bytes(columns_of(l), l->n_output);
}

static void pack_row(const crl_lstm8_product *p, int32_t columns, int32_t column, const int8_t *weights, int32_t bias,
                     crl_scale scale)
{
    for (int32_t i = 0; i < p->n; i++)
        p->weights[((size_t)(i / 2) * (size_t)columns + (size_t)column) * 2 + (size_t)(i % 2)] = weights[i];
    p->bias[column] = bias;
    p->mult[column] = scale.mult;
    p->left[column] = scale.shift > 0 ? scale.shift : 0;
    p->right[column] = scale.shift > 0 ? 0 : -scale.shift;
    p->half[column] = scale.shift < 0 ? (int32_t)(UINT32_C(1) << (-scale.shift - 1)) : 0;
}

/* Weights first: everything stays aligned to a vector. */
static uint8_t *divide(crl_lstm8_product *p, int32_t columns, int32_t n, uint8_t *memory)
{
    *p = (crl_lstm8_product){ .n = n, .pairs = (n + 1) / 2, .weights = (int16_t *)memory };
    int32_t *lists = (int32_t *)(memory + (size_t)p->pairs * (size_t)columns * 2 * sizeof(int16_t));
    int32_t **const list[] = { &p->bias, &p->mult, &p->left, &p->right, &p->half };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++, lists += columns) *list[i] = lists;
    return (uint8_t *)lists;
}

void crl_lstm8_pack(crl_lstm8 *p, const crl_lstm_s8 *l, void *memory)
{
    *p = (crl_lstm8){ .lstm = l, .columns = columns_of(l) };
    memset(memory, 0, crl_lstm8_packed_bytes(l));
    divide(&p->recurrent, p->columns, l->n_output, divide(&p->input, p->columns, l->n_input, memory));
    for (int32_t k = 0; k < gates(l); k++) {
        const crl_lstm_s8_gate *g = &l->gate[gate_at(l, k)];
        for (int32_t c = 0; c < l->n_cell; c++) {
            pack_row(&p->input, p->columns, k * l->n_cell + c, g->input_weights + (size_t)c * (size_t)l->n_input,
                     g->input_bias[c], g->input_scale);
            pack_row(&p->recurrent, p->columns, k * l->n_cell + c, g->recurrent_weights + (size_t)c * (size_t)l->n_output,
                     g->recurrent_bias[c], g->recurrent_scale);
        }
    }
    const int32_t right = -l->hidden_scale.shift;
    p->hidden_half = right ? (int32_t)(UINT32_C(1) << (right - 1)) : 0;
}

/* Both vectors widened, gates before and after their functions, cells and their tanh: each with room for one more step. */
size_t crl_lstm8_scratch(const crl_lstm8 *p)
{
    const size_t cells = (size_t)p->lstm->n_cell + STEP, gates_n = (size_t)p->columns + STEP;
    const size_t numbers = 2 * ((size_t)p->input.pairs + (size_t)p->recurrent.pairs) + 2 * gates_n + 2 * cells;
    return numbers * sizeof(int16_t);
}
