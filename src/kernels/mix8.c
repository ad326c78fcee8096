/* SPDX-License-Identifier: Apache-2.0 */
/* The definition, the factors, the dispatch. */
#include "kernels/mix8.h"

#include <math.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "kernels/element.h"

CRL_INLINE void mix(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const crl_mix *m, crl_type type)
{
    const crl_requant_one one = crl_requant_one_of(&m->out);
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(a, i * step_a, type) - m->a_zero, y = crl_load(b, i * step_b, type) - m->b_zero;
        crl_store(out, i, type, crl_requant_apply_one(m->ka * x + m->kb * y, &one));
    }
}

void crl_mix_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    mix(out, a, step_a, b, step_b, n, params, CRL_UINT8);
}

void crl_mix_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    mix(out, a, step_a, b, step_b, n, params, CRL_INT8);
}

void crl_mix8_ref(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_mix *m)
{
    mix(out, a, 1, b, 1, n, m, CRL_UINT8);
}

bool crl_mix8_fits(const crl_mix *m)
{
    const int32_t most = 255 * (abs(m->ka) + abs(m->kb));
    return crl_requant_fits(&m->out, 0, (crl_requant_range){ -most, most });
}

void crl_mix8_kernels_init(crl_mix8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_mix8_kernels){ "mix8 ref", crl_mix8_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_mix8_kernels){ "mix8 avx2", crl_mix8_avx2 };
    if (cpu & CRL_CPU_AVX512VNNI) *k = (crl_mix8_kernels){ "mix8 avx512vnni", crl_mix8_avx512vnni };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_mix8_kernels){ "mix8 neon", crl_mix8_neon };
#endif
}

/* --- factors ------------------------------------------------------------------------------------------- */

void crl_mix_factors(float a, float b, int32_t *ka, int32_t *kb)
{
    enum { MOST = 32767, BITS = 24, FAR = 20 };
    int ea, eb;
    /* Whole numbers of 24 bits, and the power of two between them. */
    const int64_t ma = (int64_t)ldexp(frexp((double)a, &ea), BITS), mb = (int64_t)ldexp(frexp((double)b, &eb), BITS);
    const bool turn = b > a;
    const int apart = turn ? eb - ea : ea - eb;
    /* The larger scale has the larger factor. */
    uint32_t less = 0, more = 1;
    if (apart <= FAR) crl_best_fraction((uint64_t)(turn ? ma : mb), (uint64_t)(turn ? mb : ma) << apart, MOST, &less, &more);
    *ka = (int32_t)(turn ? less : more);
    *kb = (int32_t)(turn ? more : less);
}
