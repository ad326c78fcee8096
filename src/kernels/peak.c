/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatch, and the clock. */
#include "kernels/peak.h"

#include <stddef.h>
#include <time.h>

#include "base/cpu.h"

crl_peak_fn *crl_peak_of(unsigned cpu)
{
    crl_peak_fn *peak = NULL;
    (void)cpu;
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) peak = crl_peak_avx2;
    if (cpu & CRL_CPU_AVXVNNI) peak = crl_peak_avxvnni;
    if (cpu & CRL_CPU_AVX512VNNI) peak = crl_peak_avx512vnni;
    if (cpu & CRL_CPU_AMX) peak = crl_peak_amx;
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) peak = crl_peak_neon;
    if (cpu & CRL_CPU_NEONDOT) peak = crl_peak_neondot;
#if CRL_ARCH_ARM64
    if (cpu & CRL_CPU_I8MM) peak = crl_peak_i8mm;
#endif
#endif
    return peak;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double crl_peak_measure(unsigned cpu)
{
    enum { LOOP = 2000000 /* some 10 us */ };
    crl_peak_fn *peak = crl_peak_of(cpu);
    double best = 0;
    if (!peak) return 0;
    /* The clock of the core rises within the first loops; neighbours disturb some of the others. */
    for (const double end = now() + 3e-3; now() < end;) {
        const double start = now();
        const uint64_t done = peak(LOOP);
        const double seconds = now() - start;
        if (seconds > 0 && (double)done / seconds > best) best = (double)done / seconds;
    }
    return best;
}
