/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of what recurrent layers of floats are made of; and products with weights of 8 bits. */
#include "kernels/recurrent.h"

#include "base/cpu.h"

void crl_recurrent_add_hybrid(float *out, const crl_hybrid_matrix *m, const int32_t *sums, const float *x, bool asymmetric,
                              uint8_t *quantised, const crl_recurrent_kernels *k)
{
    enum { ROWS = 64 };
    const crl_hybrid_scale s = crl_hybrid_find_scale(&k->hybrid, x, m->columns, asymmetric);
    const uint32_t lift = (uint32_t)(s.zero + 128); /* bytes are q + 128 */
    k->hybrid.bytes(quantised, x, m->columns, &s);
    for (size_t first = 0; first < m->rows; first += ROWS) {
        const size_t n = m->rows - first < ROWS ? m->rows - first : ROWS;
        int32_t sum[ROWS];
        k->dot8.run(sum, quantised, m->weights + first * m->columns, n, m->columns);
        for (size_t i = 0; i < n; i++) {
            const int32_t acc = (int32_t)((uint32_t)sum[i] - lift * (uint32_t)sums[first + i]);
            out[first + i] += (float)acc * ((m->row_scale ? m->row_scale[first + i] : m->scale) * s.scale);
        }
    }
}

void crl_recurrent_kernels_init(crl_recurrent_kernels *k, unsigned cpu)
{
    *k = (crl_recurrent_kernels){ 0 };
    crl_hybrid_kernels_init(&k->hybrid, cpu);
    crl_dot8_kernels_init(&k->dot8, cpu);
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) {
        k->name = "recurrent avx2";
        k->dot = crl_recurrent_dot_avx2;
        k->products = crl_recurrent_products_avx2;
        k->logistic4 = crl_recurrent_logistic4_avx2;
        k->tanh = crl_recurrent_tanh_avx2;
    }
#elif CRL_ARCH_ARM64
    if (cpu & CRL_CPU_NEON) {
        k->name = "recurrent neon";
        k->dot = crl_recurrent_dot_neon;
        k->products = crl_recurrent_products_neon;
        k->logistic4 = crl_recurrent_logistic4_neon;
        k->tanh = crl_recurrent_tanh_neon;
    }
#endif
}
