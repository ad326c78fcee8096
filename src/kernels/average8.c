/* SPDX-License-Identifier: Apache-2.0 */
/* The definition, and the dispatch. */
#include "kernels/average8.h"

#include "base/cpu.h"

void crl_sum_pixels_ref(int32_t *sums, const uint8_t *in, size_t pixels, size_t channels)
{
    for (size_t c = 0; c < channels; c++) sums[c] = 0;
    for (size_t p = 0; p < pixels; p++, in += channels)
        for (size_t c = 0; c < channels; c++) sums[c] += in[c];
}

void crl_average8_kernels_init(crl_average8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_average8_kernels){ "average8 ref", crl_sum_pixels_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_average8_kernels){ "average8 avx2", crl_sum_pixels_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_average8_kernels){ "average8 neon", crl_sum_pixels_neon };
#endif
}
