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

typedef struct fraction {
    int64_t p, q;
} fraction;

/* |p / q - n / d|, times all three denominators but that of the other one. */
static int64_t error(fraction f, int64_t n, int64_t d)
{
    return llabs(f.p * d - n * f.q);
}

/* The fraction nearest to n / d, which is at most 1, of all whose denominator is at most `most`: the last convergent that fits,
 * or what lies as far as possible between it and the next one. d < 2^46. */
static fraction nearest(int64_t n, int64_t d, int64_t most)
{
    const int64_t n0 = n, d0 = d;
    fraction before = { 0, 1 }, last = { 1, 0 };
    while (d) {
        const int64_t whole = n / d, q = before.q + whole * last.q;
        if (q > most) break;
        const fraction next = { before.p + whole * last.p, q };
        before = last;
        last = next;
        const int64_t rest = n - whole * d;
        n = d;
        d = rest;
    }
    if (!d) return last;
    const int64_t k = (most - before.q) / last.q;
    const fraction between = { before.p + k * last.p, before.q + k * last.q };
    return error(last, n0, d0) * between.q <= error(between, n0, d0) * last.q ? last : between;
}

void crl_mix_factors(float a, float b, int32_t *ka, int32_t *kb)
{
    enum { MOST = 32767, BITS = 24, FAR = 20 };
    int ea, eb;
    /* Whole numbers of 24 bits, and the power of two between them. */
    const int64_t ma = (int64_t)ldexp(frexp((double)a, &ea), BITS), mb = (int64_t)ldexp(frexp((double)b, &eb), BITS);
    const bool turn = b > a;
    const int apart = turn ? eb - ea : ea - eb;
    /* The larger scale has the larger factor. */
    fraction f = { 0, 1 };
    if (apart <= FAR) f = nearest(turn ? ma : mb, (turn ? mb : ma) << apart, MOST);
    *ka = (int32_t)(turn ? f.p : f.q);
    *kb = (int32_t)(turn ? f.q : f.p);
}
