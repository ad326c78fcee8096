/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of functions of one float in vectors. Wider vectors than those of avx2 would wait for memory, too. */
#include "kernels/map_f32.h"

#include "base/cpu.h"

crl_map_f32_fn *crl_map_f32_of(unsigned cpu, const char **name)
{
    (void)cpu;
    *name = "map_f32";
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) return crl_map_f32_avx2;
#elif CRL_ARCH_ARM64
    if (cpu & CRL_CPU_NEON) return crl_map_f32_neon;
#endif
    return NULL;
}
