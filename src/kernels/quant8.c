/* SPDX-License-Identifier: Apache-2.0 */
/* By way of the definitions, and the dispatch. */
#include "kernels/quant8.h"

#include "base/cpu.h"
#include "kernels/move.h"
#include "kernels/quantize.h"

void crl_quantize8_ref(uint8_t *out, const float *in, size_t n, float scale, int32_t zero, int32_t lift)
{
    crl_quantize_ref(out, lift ? CRL_INT8 : CRL_UINT8, in, n, scale, zero);
    if (lift) crl_flip8(out, out, n);
}

void crl_dequantize8_ref(float *out, const uint8_t *in, size_t n, float scale, int32_t zero, uint8_t flip)
{
    crl_dequantize_ref(out, in, flip ? CRL_INT8 : CRL_UINT8, n, scale, flip ? zero - 128 : zero);
}

void crl_quant8_kernels_init(crl_quant8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_quant8_kernels){ crl_quantize8_ref, crl_dequantize8_ref, "quant8 ref" };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_quant8_kernels){ crl_quantize8_avx2, crl_dequantize8_avx2, "quant8 avx2" };
#elif CRL_ARCH_ARM64
    if (cpu & CRL_CPU_NEON) *k = (crl_quant8_kernels){ crl_quantize8_neon, crl_dequantize8_neon, "quant8 neon" };
#endif
}
