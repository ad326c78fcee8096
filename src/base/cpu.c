/* SPDX-License-Identifier: Apache-2.0 */
/* Detection of instruction levels. Besides the CPUID bits, the state that the operating
 * system saves (XCR0) has to be looked at: a kernel may leave AVX-512 or AMX switched off. */
#define _GNU_SOURCE /* syscall */
#include "base/cpu.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#if CRL_ARCH_X86_64
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
#include <sys/auxv.h>
#endif

/* Lowest first within an architecture; `below` is what a cap at this level leaves. */
static const struct {
    const char *name;
    unsigned bit, below;
} levels[] = {
    { "avx2", CRL_CPU_AVX2, CRL_CPU_AVX2 },
    { "avxvnni", CRL_CPU_AVXVNNI, CRL_CPU_AVX2 | CRL_CPU_AVXVNNI },
    { "avx512vnni", CRL_CPU_AVX512VNNI, CRL_CPU_AVX2 | CRL_CPU_AVXVNNI | CRL_CPU_AVX512VNNI | CRL_CPU_VBMI },
    { "amx", CRL_CPU_AMX, CRL_CPU_AVX2 | CRL_CPU_AVXVNNI | CRL_CPU_AVX512VNNI | CRL_CPU_VBMI | CRL_CPU_AMX },
    { "neon", CRL_CPU_NEON, CRL_CPU_NEON },
    { "neondot", CRL_CPU_NEONDOT, CRL_CPU_NEON | CRL_CPU_NEONDOT },
    { "i8mm", CRL_CPU_I8MM, CRL_CPU_NEON | CRL_CPU_NEONDOT | CRL_CPU_I8MM },
};
enum { N_LEVELS = sizeof levels / sizeof levels[0] };

#if CRL_ARCH_X86_64
static bool all(unsigned reg, unsigned bits)
{
    return (reg & bits) == bits;
}

static uint64_t xcr0(void)
{
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (uint64_t)hi << 32 | lo;
}

/* Linux hands out the 8 KiB of tile registers only to processes that ask (arch_prctl(2)). */
static bool amx_granted(void)
{
    enum { REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static unsigned detect(void)
{
    unsigned a, b, c, d, c7, b7, d7, a71 = 0;
    /* Bits are those of the Intel SDM, volume 2, CPUID. */
    enum { OSXSAVE = 1u << 27, AVX = 1u << 28, FMA = 1u << 12, F16C = 1u << 29 };
    if (!__get_cpuid(1, &a, &b, &c, &d) || !all(c, OSXSAVE | AVX | FMA | F16C)) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7)) return 0;
    const unsigned subleaves = a;
    if (subleaves >= 1) __get_cpuid_count(7, 1, &a71, &b, &c, &d);
    const uint64_t saved = xcr0();
    const unsigned sse_avx = 6, avx512 = 0xe6, tiles = 3u << 17;
    enum { AVX2 = 1u << 5, BMI2 = 1u << 8 };
    if (!all((unsigned)saved, sse_avx) || !all(b7, AVX2 | BMI2)) return 0;
    unsigned cpu = CRL_CPU_AVX2;
    if (a71 & 1u << 4) cpu |= CRL_CPU_AVXVNNI;
    const unsigned f_dq_bw_vl = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31, vnni = 1u << 11;
    if (all((unsigned)saved, avx512) && all(b7, f_dq_bw_vl) && all(c7, vnni)) {
        cpu |= CRL_CPU_AVX512VNNI;
        if (c7 & 1u << 1) cpu |= CRL_CPU_VBMI;
        const unsigned tile_int8 = 1u << 24 | 1u << 25;
        if (all((unsigned)saved, tiles) && all(d7, tile_int8) && amx_granted()) cpu |= CRL_CPU_AMX;
    }
    return cpu;
}
#elif CRL_ARCH_ARM64
static unsigned detect(void)
{
    /* HWCAP_ASIMDDP and HWCAP2_I8MM of the kernel's asm/hwcap.h. */
    unsigned cpu = CRL_CPU_NEON;
    if (getauxval(AT_HWCAP) & 1ul << 20) cpu |= CRL_CPU_NEONDOT;
    if ((cpu & CRL_CPU_NEONDOT) && (getauxval(AT_HWCAP2) & 1ul << 13)) cpu |= CRL_CPU_I8MM;
    return cpu;
}
#elif CRL_ARCH_ARM32
static unsigned detect(void)
{
    /* HWCAP_NEON and HWCAP_ASIMDDP, which only kernels of 2023 and later tell 32-bit programs. */
    const unsigned long have = getauxval(AT_HWCAP);
    if (!(have & 1ul << 12)) return 0;
    return have & 1ul << 24 ? CRL_CPU_NEON | CRL_CPU_NEONDOT : CRL_CPU_NEON;
}
#else
static unsigned detect(void)
{
    return 0;
}
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned detected;

static void detect_once(void)
{
    detected = detect();
}

/* Once for the process: in a virtual machine each CPUID is a trap, of 3 us and more. */
unsigned crl_cpu_detect(void)
{
    pthread_once(&once, detect_once);
    return detected;
}

crl_status crl_cpu_cap(unsigned *cpu, unsigned have, const char *level, crl_error *err)
{
    if (!strcmp(level, "ref")) {
        *cpu = 0;
        return CRL_OK;
    }
    char known[96] = "ref";
    for (int i = 0; i < N_LEVELS; i++) {
        if (!(levels[i].bit & have)) continue;
        if (!strcmp(level, levels[i].name)) {
            *cpu = have & levels[i].below;
            return CRL_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, ", %s", levels[i].name);
    }
    return crl_fail(err, CRL_ERR_ARGUMENT, "instruction level \"%s\" is not one of this machine's: %s", level, known);
}

crl_status crl_cpu_choose(unsigned *cpu, const char *level, crl_error *err)
{
    const unsigned have = crl_cpu_detect();
    *cpu = have;
    if (level) return crl_cpu_cap(cpu, have, level, err);
    const char *env = getenv("CRL_CPU");
    if (!env || !*env) return CRL_OK;
    const crl_status s = crl_cpu_cap(cpu, have, env, err);
    return s ? crl_within(err, s, "CRL_CPU") : CRL_OK;
}

const char *crl_cpu_name(unsigned cpu)
{
    const char *name = "ref";
    for (int i = 0; i < N_LEVELS; i++)
        if (cpu & levels[i].bit) name = levels[i].name;
    return name;
}
