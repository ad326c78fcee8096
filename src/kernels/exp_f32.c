/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of expf in vectors, and SOFTMAX of floats on it. */
#include "kernels/exp_f32.h"

#include "base/cpu.h"

void crl_exp_f32_kernels_init(crl_exp_f32_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_exp_f32_kernels){ 0 };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_exp_f32_kernels){ "exp_f32 avx2", "logistic_f32 avx2", "softmax_f32 avx2", crl_exp_f32_avx2, crl_logistic_f32_avx2,
                                    crl_about_f32_avx2, crl_largest_f32_avx2 };
    if (cpu & CRL_CPU_AVX512VNNI)
        *k = (crl_exp_f32_kernels){ "exp_f32 avx512vnni", "logistic_f32 avx512vnni", "softmax_f32 avx512vnni",
                                    crl_exp_f32_avx512vnni, crl_logistic_f32_avx512vnni, crl_about_f32_avx512vnni, crl_largest_f32_avx512vnni };
#elif CRL_ARCH_ARM64
    if (cpu & CRL_CPU_NEON)
        *k = (crl_exp_f32_kernels){ "exp_f32 neon", "logistic_f32 neon", "softmax_f32 neon", crl_exp_f32_neon, crl_logistic_f32_neon,
                                    crl_about_f32_neon, crl_largest_f32_neon };
#endif
}

enum { ROWS = 8 };

/* A sum waits for each addition: eight of them wait together. */
static void add_up(float sum[ROWS], const float *x, size_t rows, size_t depth)
{
    for (size_t r = 0; r < ROWS; r++) sum[r] = 0;
    if (rows < ROWS) {
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < depth; i++) sum[r] += x[r * depth + i];
        return;
    }
    for (size_t i = 0; i < depth; i++)
        for (size_t r = 0; r < ROWS; r++) sum[r] += x[r * depth + i];
}

void crl_softmax_f32(float *out, const float *in, size_t rows, size_t depth, float beta, const crl_exp_f32_kernels *k)
{
    for (size_t first = 0; first < rows; first += ROWS) {
        const size_t n = rows - first < ROWS ? rows - first : ROWS;
        float *y = out + first * depth, sum[ROWS];
        const float *x = in + first * depth;
        for (size_t r = 0; r < n; r++) k->exp(y + r * depth, x + r * depth, depth, k->largest(x + r * depth, depth), beta);
        add_up(sum, y, n, depth);
        for (size_t r = 0; r < n; r++)
            for (size_t i = 0; i < depth; i++) y[r * depth + i] /= sum[r];
    }
}
