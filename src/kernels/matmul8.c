/* SPDX-License-Identifier: Apache-2.0 */
/* Which products of matrices the vectors are for. */
#include "kernels/matmul8.h"

#include "base/cpu.h"

enum { STEP = 16 /* columns */, LONGEST = 1 << 14 };

crl_matmul8_fn *crl_matmul8_of(unsigned cpu)
{
    (void)cpu;
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX512VNNI) return crl_matmul8_avx512vnni;
    if (cpu & CRL_CPU_AVX2) return crl_matmul8_avx2;
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) return crl_matmul8_neon;
#endif
    return NULL;
}

const char *crl_matmul8_name(unsigned cpu)
{
    if (cpu & CRL_CPU_NEON) return "matmul8 neon";
    return cpu & CRL_CPU_AVX512VNNI ? "matmul8 avx512vnni" : "matmul8 avx2";
}

bool crl_matmul8_serves(const crl_matmul8 *p, unsigned cpu)
{
    const crl_matmul *m = &p->m;
    if (!crl_matmul8_of(cpu)) return false;
    if (!m->rows || !m->cols || !m->depth || m->depth > LONGEST || !crl_matmul_batch(m)) return false;
    int64_t most = (int64_t)m->depth * 255 * 255, bias = 0;
    for (size_t j = 0; p->bias && j < m->cols; j++) {
        const int64_t size = p->bias[j] < 0 ? -(int64_t)p->bias[j] : p->bias[j];
        bias = size > bias ? size : bias;
    }
    most += bias;
    if (most > INT32_MAX) return false;
    return crl_requant_fits(&m->out, 0, (crl_requant_range){ -(int32_t)most, (int32_t)most });
}

/* Both packed matrices. */
size_t crl_matmul8_scratch(const crl_matmul *m)
{
    const size_t pairs = (m->depth + 1) / 2, columns = (m->cols + STEP - 1) / STEP * STEP;
    return (m->rows + columns) * pairs * 2 * sizeof(int16_t);
}
