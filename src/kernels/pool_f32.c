/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of pools of floats. Their definitions are in pool.c. */
#include "kernels/pool_f32.h"

#include "base/cpu.h"

void crl_pool_f32_kernels_init(crl_pool_f32_kernels *k, unsigned cpu, int32_t channels)
{
    (void)cpu;
    (void)channels;
    *k = (crl_pool_f32_kernels){ 0 };
#if CRL_ARCH_X86_64
    if ((cpu & CRL_CPU_AVX2) && channels >= 8)
        *k = (crl_pool_f32_kernels){ "pool_f32 avx2", crl_average_pool_f32_avx2, crl_max_pool_f32_avx2 };
    if ((cpu & CRL_CPU_AVX512VNNI) && channels >= 16)
        *k = (crl_pool_f32_kernels){ "pool_f32 avx512vnni", crl_average_pool_f32_avx512vnni, crl_max_pool_f32_avx512vnni };
#elif CRL_ARCH_ARM64
    if ((cpu & CRL_CPU_NEON) && channels >= 4)
        *k = (crl_pool_f32_kernels){ "pool_f32 neon", crl_average_pool_f32_neon, crl_max_pool_f32_neon };
#endif
}
