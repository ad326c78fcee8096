/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters, the plain loop, the dispatch. */
#include "kernels/product8.h"

#include "base/cpu.h"

bool crl_product8_init(crl_product8 *p, int32_t a_zero, int32_t b_zero, const crl_requant *requant, unsigned cpu)
{
    const crl_requant_range range = { -255 * 255, 255 * 255 };
    if (!crl_requant_fits(requant, 0, range)) return false;
    *p = (crl_product8){ .a_zero = a_zero, .b_zero = b_zero, .requant = *requant };
    if (requant->scale && requant->scale->mult == 1 << 30 && requant->scale->shift <= 0 && requant->scale->shift >= -8) {
        p->halves = true;
        p->right = -requant->scale->shift;
    }
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    crl_requant_proof proof;
    crl_requant_prove(&proof, requant, 1, &range, &k, NULL);
    p->form = crl_requant_lanes_init(&p->lanes, requant, &proof, (const int32_t[16]){ 0 });
    return true;
}

void crl_product8_ref(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p)
{
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)crl_requant_apply((a[i] - p->a_zero) * (b[i] - p->b_zero), &p->requant, 0);
}

void crl_product8_kernels_init(crl_product8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_product8_kernels){ "product8 ref", crl_product8_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_product8_kernels){ "product8 avx2", crl_product8_avx2 };
    if (cpu & CRL_CPU_AVX512VNNI) *k = (crl_product8_kernels){ "product8 avx512vnni", crl_product8_avx512vnni };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_product8_kernels){ "product8 neon", crl_product8_neon };
#endif
}
