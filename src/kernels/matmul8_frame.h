/* SPDX-License-Identifier: Apache-2.0 */
/* What the vector kernels of BATCH_MATMUL share: packing, and the way through the matrices by blocks of four rows and 16
 * columns. A level gives `struct scaling`, what becomes of sums, and `block`. */
#ifndef CRL_KERNELS_MATMUL8_FRAME_H
#define CRL_KERNELS_MATMUL8_FRAME_H

#include <string.h>

#include "kernels/matmul8.h"

typedef struct scaling scaling;

/* The lanes of what is scaled otherwise than in fixed point, and their form; EXACT_ANY in fixed point, for which levels have
 * constants. */
static crl_requant_form lanes_of(crl_requant_lanes *lanes, const crl_requant *q)
{
    static const int32_t channel[16];
    if (q->scale) return CRL_REQUANT_EXACT_ANY;
    return crl_requant_lanes_init(lanes, q, NULL, channel);
}

/* `a` and `out` of four rows; n of 16 columns are wanted, whose sums begin with bias[16]. */
static void block(int8_t *const out[4], const int16_t *const a[4], const int16_t *b, size_t pairs, size_t columns, size_t n,
                  const int32_t bias[16], const scaling *s);

static void pack_rows(int16_t *to, const int8_t *a, const crl_matmul *m, uint8_t flip)
{
    const int16_t zero = (int16_t)m->a_zero;
    for (size_t i = 0; i < m->rows; i++) {
        for (size_t k = 0; k < m->depth; k++) *to++ = (int16_t)((int8_t)(a[i * m->row_a + k * m->k_a] ^ flip) - zero);
        if (m->depth % 2) *to++ = 0;
    }
}

static void pack_columns(int16_t *to, const int8_t *b, const crl_matmul *m, uint8_t flip, size_t columns)
{
    const int16_t zero = (int16_t)m->b_zero;
    for (size_t k = 0; k < m->depth; k += 2, to += 2 * columns) {
        const int8_t *even = b + k * m->k_b, *odd = k + 1 < m->depth ? even + m->k_b : NULL;
        for (size_t j = 0; j < m->cols; j++) {
            to[2 * j] = (int16_t)((int8_t)(even[j * m->col_b] ^ flip) - zero);
            to[2 * j + 1] = odd ? (int16_t)((int8_t)(odd[j * m->col_b] ^ flip) - zero) : 0;
        }
        memset(to + 2 * m->cols, 0, (columns - m->cols) * 2 * sizeof *to);
    }
}

static void product(int8_t *out, const int16_t *a, const int16_t *b, const crl_matmul *m, const int32_t *bias, size_t columns,
                    const scaling *s)
{
    const size_t pairs = (m->depth + 1) / 2;
    for (size_t i = 0; i < m->rows; i += 4)
        for (size_t j = 0; j < m->cols; j += 16) {
            int8_t *to[4];
            const int16_t *from[4];
            const size_t n = m->cols - j < 16 ? m->cols - j : 16;
            int32_t begin[16] = { 0 };
            if (bias) memcpy(begin, bias + j, n * sizeof *begin);
            for (size_t r = 0; r < 4; r++) {
                const size_t row = i + r < m->rows ? i + r : m->rows - 1;
                to[r] = out + row * m->cols + j;
                from[r] = a + row * pairs * 2;
            }
            block(to, from, b + 2 * j, pairs, columns, n, begin, s);
        }
}

static void run_batch(int8_t *out, const int8_t *a, const int8_t *b, const crl_matmul8 *p, size_t first, size_t end,
                      void *scratch, const scaling *s)
{
    const crl_matmul *m = &p->m;
    const size_t pairs = (m->depth + 1) / 2, columns = (m->cols + 15) / 16 * 16;
    int16_t *packed_a = scratch, *packed_b = packed_a + m->rows * pairs * 2;
    size_t last_a = 0, last_b = 0;
    for (size_t i = first; i < end; i++) {
        const size_t at_a = crl_matmul_offset(m, m->batch_a, i), at_b = crl_matmul_offset(m, m->batch_b, i);
        if (i == first || at_a != last_a) pack_rows(packed_a, a + at_a, m, p->flip);
        if (i == first || at_b != last_b) pack_columns(packed_b, b + at_b, m, p->flip, columns);
        last_a = at_a;
        last_b = at_b;
        product(out + i * m->rows * m->cols, packed_a, packed_b, m, p->bias, columns, s);
    }
}

#endif
