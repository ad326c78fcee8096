/* SPDX-License-Identifier: Apache-2.0 */
/* The definition, and the dispatch. */
#include "kernels/argmax8.h"

#include "base/cpu.h"

void crl_argmax8_u8_ref(int32_t *index, const uint8_t *in, size_t lines, size_t n)
{
    for (size_t i = 0; i < lines; i++, in += n) {
        size_t best = 0;
        for (size_t k = 1; k < n; k++)
            if (in[k] > in[best]) best = k;
        index[i] = (int32_t)best;
    }
}

void crl_argmax8_columns_ref(int32_t *index, const uint8_t *in, size_t n, size_t width)
{
    for (size_t c = 0; c < width; c++) {
        size_t best = 0;
        for (size_t k = 1; k < n; k++)
            if (in[k * width + c] > in[best * width + c]) best = k;
        index[c] = (int32_t)best;
    }
}

void crl_argmax8_maxima_ref(uint8_t *max, const uint8_t *in, size_t lines, size_t n, size_t step)
{
    for (size_t i = 0; i < lines; i++, in += step) {
        max[i] = in[0];
        for (size_t k = 1; k < n; k++) max[i] = in[k] > max[i] ? in[k] : max[i];
    }
}

void crl_argmax8_kernels_init(crl_argmax8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_argmax8_kernels){ "argmax8 ref", crl_argmax8_u8_ref, crl_argmax8_columns_ref, crl_argmax8_maxima_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_argmax8_kernels){ "argmax8 avx2", crl_argmax8_u8_avx2, crl_argmax8_columns_avx2, crl_argmax8_maxima_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON)
        *k = (crl_argmax8_kernels){ "argmax8 neon", crl_argmax8_u8_neon, crl_argmax8_columns_neon, crl_argmax8_maxima_neon };
#endif
}
