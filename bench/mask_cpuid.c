/* SPDX-License-Identifier: Apache-2.0 */
/* Answers CPUID for a program whose CPUID instructions were replaced by UD2, as a machine with AVX2 and no more would:
 * litert_avx2.py makes such a copy of LiteRT, so that it can be measured with the kernels it would pick there.
 *
 * Loaded as a library; handles SIGILL of the whole process from then on. Where the instruction is no UD2, the default
 * action follows. x86-64 Linux. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

/* Intel SDM, volume 2A, CPUID, leaf 7: the vector instructions that came after AVX2. */
#define BIT(n) (1u << (n))
static const uint32_t ebx_7 = BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31); /* AVX-512 */
static const uint32_t ecx_7 = BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14); /* VBMI, GFNI,
                                                                                              VAES, VNNI, POPCNTDQ */
static const uint32_t edx_7 = BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25); /* AMX, FP16, the rest */

static void answer(int signal_number, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *at = (const uint8_t *)r[REG_RIP];
    (void)info;
    if (at[0] != 0x0f || at[1] != 0x0b) {
        signal(signal_number, SIG_DFL); /* the instruction faults again */
        return;
    }
    const uint32_t leaf = (uint32_t)r[REG_RAX], part = (uint32_t)r[REG_RCX];
    uint32_t a, b, c, d;
    __cpuid_count(leaf, part, a, b, c, d);
    if (leaf == 7 && part == 0) {
        a = 0; /* no further parts: they tell of AVX-VNNI and what came later */
        b &= ~ebx_7;
        c &= ~ecx_7;
        d &= ~edx_7;
    } else if (leaf == 7) {
        a = b = c = d = 0;
    }
    r[REG_RAX] = a;
    r[REG_RBX] = b;
    r[REG_RCX] = c;
    r[REG_RDX] = d;
    r[REG_RIP] += 2;
}

static __attribute__((constructor)) void start(void)
{
    struct sigaction action = { .sa_sigaction = answer, .sa_flags = SA_SIGINFO };
    sigaction(SIGILL, &action, 0);
}
