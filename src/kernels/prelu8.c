/* SPDX-License-Identifier: Apache-2.0 */
/* The search for constants, and the dispatch. */
#include "kernels/prelu8.h"

#include <math.h>

#include "base/cpu.h"

void crl_prelu8_kernels_init(crl_prelu8_kernels *k, unsigned cpu, size_t channels)
{
    (void)cpu;
    (void)channels;
    *k = (crl_prelu8_kernels){ 0 };
#if CRL_ARCH_X86_64
    if ((cpu & CRL_CPU_AVX2) && channels >= 16) *k = (crl_prelu8_kernels){ "prelu8 avx2", crl_prelu8_avx2 };
    if ((cpu & CRL_CPU_AVX512VNNI) && channels >= 16) *k = (crl_prelu8_kernels){ "prelu8 avx512vnni", crl_prelu8_avx512vnni };
#elif CRL_ARCH_ARM64
    if ((cpu & CRL_CPU_NEON) && channels >= 16) *k = (crl_prelu8_kernels){ "prelu8 neon", crl_prelu8_neon };
#endif
}

/* The sum is exact in double, so that it is rounded once, as by fma. */
static bool serves(float a, float b, const uint8_t table[256], int32_t in_zero, int32_t out_zero, bool above)
{
    for (int32_t i = above ? in_zero : 0; i < (above ? 256 : in_zero); i++) {
        const long v = lrintf((float)((double)(i - in_zero) * (double)a + (double)b)) + out_zero;
        if (table[i] != (v < 0 ? 0 : v > 255 ? 255 : v)) return false;
    }
    return true;
}

/* The first rounding leaves `right` bits behind the point, which the second rounds, so that what lies below a half by up to half of
 * the last of them goes up as well. Ties decide how far exactly. */
bool crl_prelu8_fit(float *a, float *b, int32_t factor, crl_scale scale, const uint8_t table[256], int32_t in_zero, int32_t out_zero,
                    bool above)
{
    enum { NEIGHBOURS = 4 };
    static const float aside[] = { 0x1p-14f, -0x1p-14f, 0x1p-11f, -0x1p-11f, 0x1p-17f, -0x1p-17f, 0, 0x1p-9f, -0x1p-9f };
    const double real = ldexp(scale.mult, scale.shift - 31) * factor;
    if (fabs(real) > 1024) return false; /* numbers that are converted stay small */
    const float away = (real < 0) == above ? -1 : 1, offset = scale.shift < 0 ? ldexpf(1, scale.shift - 1) : 0;
    float up = (float)real, down = up;
    for (int i = 0; i <= NEIGHBOURS; i++, up = nextafterf(up, INFINITY), down = nextafterf(down, -INFINITY))
        for (size_t k = 0; k < sizeof aside / sizeof aside[0]; k++) {
            *b = (offset + aside[k]) * away;
            *a = up;
            if (serves(*a, *b, table, in_zero, out_zero, above)) return true;
            *a = down;
            if (i && serves(*a, *b, table, in_zero, out_zero, above)) return true;
        }
    return false;
}
