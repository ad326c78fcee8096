/* SPDX-License-Identifier: Apache-2.0 */
/* The definition, and the dispatch. */
#include "kernels/lut.h"

#include "base/cpu.h"

void crl_lut_u8_ref(uint8_t *out, const uint8_t *in, size_t n, const uint8_t table[256])
{
    for (size_t i = 0; i < n; i++) out[i] = table[in[i]];
}

void crl_lut_channels_u8(uint8_t *out, const uint8_t *in, size_t pixels, size_t channels, const uint8_t *tables)
{
    for (size_t p = 0; p < pixels; p++, in += channels, out += channels)
        for (size_t c = 0; c < channels; c++) out[c] = tables[256 * c + in[c]];
}

void crl_lut_kernels_init(crl_lut_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_lut_kernels){ crl_lut_u8_ref, "lut_u8 ref", 16 };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_lut_kernels){ crl_lut_u8_avx2, "lut_u8 avx2", 16 };
    if (cpu & CRL_CPU_VBMI) *k = (crl_lut_kernels){ crl_lut_u8_vbmi, "lut_u8 vbmi", 2 };
#elif CRL_ARCH_ARM64
    if (cpu & CRL_CPU_NEON) *k = (crl_lut_kernels){ crl_lut_u8_neon, "lut_u8 neon", 16 };
#endif
}
