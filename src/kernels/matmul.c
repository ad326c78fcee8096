/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of matrix products. */
#include "kernels/matmul.h"

#include "kernels/element.h"

size_t crl_matmul_batch(const crl_matmul *m)
{
    size_t n = 1;
    for (int32_t d = 0; d < m->rank; d++) n *= m->dim[d];
    return n;
}

size_t crl_matmul_offset(const crl_matmul *m, const size_t *step, size_t index)
{
    size_t at = 0;
    for (int32_t d = m->rank - 1; d >= 0; d--) {
        at += index % m->dim[d] * step[d];
        index /= m->dim[d];
    }
    return at;
}

/* How an accumulator becomes an output. */
typedef enum finish { SCALED, WIDE, PLAIN, REAL } finish;

CRL_INLINE void element(void *out, size_t o, crl_type out_type, const void *a, size_t ia, crl_type a_type,
                        const void *b, size_t ib, crl_type b_type, finish how, const crl_matmul *m)
{
    if (how == REAL) {
        float sum = 0;
        for (size_t k = 0; k < m->depth; k++)
            sum += ((const float *)b)[ib + k * m->k_b] * ((const float *)a)[ia + k * m->k_a];
        ((float *)out)[o] = sum;
        return;
    }
    const int32_t a_zero = how == PLAIN ? 0 : m->a_zero, b_zero = how == PLAIN ? 0 : m->b_zero;
    uint64_t sum = 0;
    for (size_t k = 0; k < m->depth; k++) {
        const int32_t x = crl_load(a, ia + k * m->k_a, a_type) - a_zero, y = crl_load(b, ib + k * m->k_b, b_type) - b_zero;
        sum += (uint64_t)((int64_t)x * y);
    }
    const int32_t acc = (int32_t)(uint32_t)sum;
    switch (how) {
    case SCALED: crl_store(out, o, out_type, crl_requant_apply(acc, &m->out, 0)); break;
    case WIDE: crl_store(out, o, out_type, crl_requant_apply_wide((int64_t)sum, &m->out, 0)); break;
    default: crl_store(out, o, out_type, acc);
    }
}

/* The first elements of the next pair of matrices; false after the last. */
static bool next_pair(const crl_matmul *m, size_t *index, size_t *at_a, size_t *at_b)
{
    for (int32_t d = m->rank - 1; d >= 0; d--) {
        *at_a += m->batch_a[d];
        *at_b += m->batch_b[d];
        if (++index[d] < m->dim[d]) return true;
        *at_a -= m->batch_a[d] * m->dim[d];
        *at_b -= m->batch_b[d] * m->dim[d];
        index[d] = 0;
    }
    return false;
}

static bool is_empty(const crl_matmul *m)
{
    for (int32_t d = 0; d < m->rank; d++)
        if (m->dim[d] == 0) return true;
    return false;
}

CRL_INLINE void matmul(void *out, crl_type out_type, const void *a, crl_type a_type, const void *b, crl_type b_type,
                       finish how, const crl_matmul *m)
{
    size_t index[CRL_MAX_RANK] = { 0 }, at_a = 0, at_b = 0, o = 0;
    if (is_empty(m)) return;
    do {
        for (size_t i = 0; i < m->rows; i++)
            for (size_t j = 0; j < m->cols; j++)
                element(out, o++, out_type, a, at_a + i * m->row_a, a_type, b, at_b + j * m->col_b, b_type, how, m);
    } while (next_pair(m, index, &at_a, &at_b));
}

void crl_matmul_s8_ref(void *out, const void *a, const void *b, const crl_matmul *m)
{
    matmul(out, CRL_INT8, a, CRL_INT8, b, CRL_INT8, SCALED, m);
}

void crl_matmul_s16_ref(void *out, const void *a, const void *b, const crl_matmul *m)
{
    matmul(out, CRL_INT16, a, CRL_INT16, b, CRL_INT16, WIDE, m);
}

void crl_matmul_s16s8_ref(void *out, const void *a, const void *b, const crl_matmul *m)
{
    matmul(out, CRL_INT16, a, CRL_INT16, b, CRL_INT8, WIDE, m);
}

void crl_matmul_s8s32_ref(void *out, const void *a, const void *b, const crl_matmul *m)
{
    matmul(out, CRL_INT32, a, CRL_INT8, b, CRL_INT8, PLAIN, m);
}

void crl_matmul_f32_ref(void *out, const void *a, const void *b, const crl_matmul *m)
{
    matmul(out, CRL_FLOAT32, a, CRL_FLOAT32, b, CRL_FLOAT32, REAL, m);
}

/* One row of a, by the weights from `first` on. The share of the zero point is taken off in float. */
static void hybrid_row(float *out, const crl_hybrid_vector *v, const crl_matmul *m, const crl_hybrid_matrix *b, size_t first)
{
    for (size_t j = 0; j < m->cols; j++) {
        uint32_t sum = 0, total = 0;
        for (size_t k = 0; k < m->depth; k++) {
            const int32_t w = b->weights[first + k * m->k_b + j * m->col_b];
            sum += (uint32_t)(w * v->q[k]);
            total += (uint32_t)w;
        }
        const int32_t acc = crl_cut_f32((float)(int32_t)sum - (float)(int32_t)total * (float)v->zero);
        out[j] = v->scale * (b->row_scale ? b->row_scale[j] : b->scale) * (float)acc;
    }
}

void crl_matmul_hybrid_ref(float *out, const float *a, const crl_hybrid_matrix *b, const crl_matmul *m, bool asymmetric,
                           void *scratch)
{
    size_t index[CRL_MAX_RANK] = { 0 }, at_a = 0, at_b = 0;
    float *row = scratch;
    crl_hybrid_vector v = { .q = (int8_t *)(row + m->depth) };
    if (is_empty(m)) return;
    do {
        for (size_t i = 0; i < m->rows; i++, out += m->cols) {
            for (size_t k = 0; k < m->depth; k++) row[k] = a[at_a + i * m->row_a + k * m->k_a];
            crl_hybrid_quantize(&v, row, m->depth, asymmetric);
            hybrid_row(out, &v, m, b, at_b);
        }
    } while (next_pair(m, index, &at_a, &at_b));
}
