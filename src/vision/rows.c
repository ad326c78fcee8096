/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions and dispatch: see rows.h. */
#include "vision/rows.h"

#include "base/cpu.h"

static void across_1(uint8_t *restrict out, const uint8_t *restrict in, const crl_weights *k)
{
    for (int32_t o = 0; o < k->n_out; o++) {
        const uint8_t *p = in + k->first[o];
        const int32_t *w = k->whole + (size_t)o * (size_t)k->taps;
        int32_t sum = CRL_ROW_HALF;
        for (int32_t i = 0; i < k->n[o]; i++) sum += w[i] * p[i];
        out[o] = crl_row_byte(sum);
    }
}

static void across_3(uint8_t *restrict out, const uint8_t *restrict in, const crl_weights *k)
{
    for (int32_t o = 0; o < k->n_out; o++, out += 3) {
        const uint8_t *p = in + 3 * (size_t)k->first[o];
        const int32_t *w = k->whole + (size_t)o * (size_t)k->taps;
        int32_t r = CRL_ROW_HALF, g = r, b = r;
        for (int32_t i = 0; i < k->n[o]; i++, p += 3) {
            r += w[i] * p[0];
            g += w[i] * p[1];
            b += w[i] * p[2];
        }
        out[0] = crl_row_byte(r);
        out[1] = crl_row_byte(g);
        out[2] = crl_row_byte(b);
    }
}

void crl_across_1_ref(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    for (int i = 0; i < CRL_ROW_GROUP; i++)
        if (!i || out[i] != out[i - 1]) across_1(out[i], in[i], k);
}

void crl_across_3_ref(uint8_t *const out[CRL_ROW_GROUP], const uint8_t *const in[CRL_ROW_GROUP], const crl_weights *k)
{
    for (int i = 0; i < CRL_ROW_GROUP; i++)
        if (!i || out[i] != out[i - 1]) across_3(out[i], in[i], k);
}

/* A stretch at a time, so that sums stay where they are near. */
void crl_down_ref(uint8_t *restrict out, const uint8_t *const *rows, const crl_weights *k, int32_t o, size_t n)
{
    enum { STRETCH = 256 };
    int32_t sums[STRETCH];
    for (size_t at = 0; at < n; at += STRETCH) {
        const size_t m = n - at < STRETCH ? n - at : STRETCH;
        for (size_t i = 0; i < m; i++) sums[i] = CRL_ROW_HALF;
        for (int32_t t = 0; t < k->n[o]; t++) {
            const int32_t w = crl_weight(k, o, t);
            const uint8_t *row = rows[t] + at;
            for (size_t i = 0; i < m; i++) sums[i] += w * row[i];
        }
        for (size_t i = 0; i < m; i++) out[at + i] = crl_row_byte(sums[i]);
    }
}

void crl_row_kernels_init(crl_row_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_row_kernels){ "rows ref", crl_across_1_ref, crl_across_3_ref, crl_down_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_row_kernels){ "rows avx2", crl_across_1_avx2, crl_across_3_avx2, crl_down_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_row_kernels){ "rows neon", crl_across_1_neon, crl_across_3_neon, crl_down_neon };
#endif
}
