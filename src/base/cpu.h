/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction levels: few, bundled, each a machine that one can buy.
 *
 *   x86-64   avx2 < avxvnni < avx512vnni < amx          ARM   neon < neondot < i8mm
 *
 *   avx2        AVX2, FMA, F16C, BMI2: desktops since 2013
 *   avxvnni     avx2 and 256-bit VNNI in the VEX encoding: 12th generation Core, N100
 *   avx512vnni  avx2 and AVX-512 F, BW, DQ, VL, VNNI: servers since 2019, Zen 4. (It does not imply avxvnni.)
 *   amx         avx512vnni and AMX-TILE, AMX-INT8, granted by the kernel: Sapphire Rapids
 *   neon        armv7 with NEON, every armv8           neondot  armv8.2 SDOT/UDOT: Pi 5
 *   i8mm        neondot and SMMLA/USMMLA; programs of 64 bits only: Neoverse V1 and N2, Cortex-A710
 *
 * One bit is not a level but an extra that machines of one level have or lack:
 *   vbmi        with avx512vnni: AVX-512 VBMI, which Cascade Lake lacks and all later ones have
 *
 * A set of levels is passed by value to whoever chooses kernels: a test asks for any. */
#ifndef CRL_BASE_CPU_H
#define CRL_BASE_CPU_H

#include <corallite/status.h>

#if defined(__x86_64__)
#define CRL_ARCH_X86_64 1
#else
#define CRL_ARCH_X86_64 0
#endif
#if defined(__aarch64__)
#define CRL_ARCH_ARM64 1
#else
#define CRL_ARCH_ARM64 0
#endif
#if defined(__arm__)
#define CRL_ARCH_ARM32 1
#else
#define CRL_ARCH_ARM32 0
#endif

enum {
    CRL_CPU_AVX2 = 1u << 0,
    CRL_CPU_AVXVNNI = 1u << 1,
    CRL_CPU_AVX512VNNI = 1u << 2,
    CRL_CPU_AMX = 1u << 3,
    CRL_CPU_VBMI = 1u << 4,
    CRL_CPU_NEON = 1u << 8,
    CRL_CPU_NEONDOT = 1u << 9,
    CRL_CPU_I8MM = 1u << 10
};

/* What this machine and its operating system offer. Asks the kernel for AMX. Found out once; any thread may call. */
unsigned crl_cpu_detect(void);

/* `have` without all that lies above `level` ("ref", "avx2", ...).
 * Errors CRL_ERR_ARGUMENT: no such level, or one that this machine lacks; the text lists those it has. */
crl_status crl_cpu_cap(unsigned *cpu, unsigned have, const char *level, crl_error *err);

/* The levels to use: up to `level`, else up to the environment's CRL_CPU, else all that there are. Errors: as above. */
crl_status crl_cpu_choose(unsigned *cpu, const char *level, crl_error *err);

/* Name of the highest level in the set; "ref" for an empty one. */
const char *crl_cpu_name(unsigned cpu);

#endif
