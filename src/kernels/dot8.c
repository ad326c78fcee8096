/* SPDX-License-Identifier: Apache-2.0 */
/* The loop for the plain architecture, and the dispatch. */
#include "kernels/dot8_frame.h"

#include "base/cpu.h"

void crl_dot8_ref(int32_t *out, const uint8_t *in, const int8_t *weights, size_t rows, size_t n)
{
    dot_rows(out, in, weights, rows, n);
}

void crl_dot8_kernels_init(crl_dot8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_dot8_kernels){ "dot8", crl_dot8_ref, 8 };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_dot8_kernels){ "dot8 avx2", crl_dot8_avx2, 16 };
    if (cpu & CRL_CPU_AVX512VNNI) *k = (crl_dot8_kernels){ "dot8 avx512vnni", crl_dot8_avx512vnni, 64 };
#endif
}
