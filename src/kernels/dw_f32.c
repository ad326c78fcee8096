/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of depthwise convolutions of floats. Their definition is in depthwise.c. */
#include "kernels/dw_f32.h"

#include "base/cpu.h"

void crl_dw_f32_kernels_init(crl_dw_f32_kernels *k, unsigned cpu, int32_t channels)
{
    (void)cpu;
    (void)channels;
    *k = (crl_dw_f32_kernels){ 0 };
#if CRL_ARCH_X86_64
    if ((cpu & CRL_CPU_AVX2) && channels >= 8) *k = (crl_dw_f32_kernels){ "dw_f32 avx2", crl_dw_f32_avx2 };
    if ((cpu & CRL_CPU_AVX512VNNI) && channels >= 16)
        *k = (crl_dw_f32_kernels){ "dw_f32 avx512vnni", crl_dw_f32_avx512vnni };
#elif CRL_ARCH_ARM64
    if ((cpu & CRL_CPU_NEON) && channels >= 4) *k = (crl_dw_f32_kernels){ "dw_f32 neon", crl_dw_f32_neon };
#endif
}
