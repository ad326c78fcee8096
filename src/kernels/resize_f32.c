/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch of bilinear resizing of floats. Its definition is in resize.c. */
#include "kernels/resize_f32.h"

#include "base/cpu.h"

void crl_resize_f32_kernels_init(crl_resize_f32_kernels *k, unsigned cpu, int32_t channels)
{
    (void)cpu;
    (void)channels;
    *k = (crl_resize_f32_kernels){ 0 };
#if CRL_ARCH_X86_64
    if ((cpu & CRL_CPU_AVX2) && channels >= 8) *k = (crl_resize_f32_kernels){ "resize_f32 avx2", crl_resize_f32_avx2 };
    if ((cpu & CRL_CPU_AVX512VNNI) && channels >= 16)
        *k = (crl_resize_f32_kernels){ "resize_f32 avx512vnni", crl_resize_f32_avx512vnni };
#elif CRL_ARCH_ARM64
    if ((cpu & CRL_CPU_NEON) && channels >= 4) *k = (crl_resize_f32_kernels){ "resize_f32 neon", crl_resize_f32_neon };
#endif
}
