/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of two 8-bit tensors by whole factors, as the Edge TPU adds:
 *
 *   out[i] = requantised ka * (a[i] - a_zero) + kb * (b[i] - b_zero)       requant.h, kind `single`
 *
 * Contract: |ka| and |kb| at most 32,767, so that every sum fits 25 bits and is exact as a float; zeros within the type. Kernels
 * take bytes in kernel form (uint8), and a requantisation that fits (crl_requant_fits) all sums; `out` may be `a` or `b`;
 * exactly n bytes of each. */
#ifndef CRL_KERNELS_MIX8_H
#define CRL_KERNELS_MIX8_H

#include "kernels/broadcast.h"
#include "kernels/requant.h"

typedef struct crl_mix {
    int32_t a_zero, b_zero;
    int32_t ka, kb;
    crl_requant out; /* one factor, and the fused activation */
} crl_mix;

/* Rows of the definition, for broadcast.h. */
crl_row_fn crl_mix_u8_ref, crl_mix_s8_ref;

typedef void crl_mix8_fn(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_mix *mix);

typedef struct crl_mix8_kernels {
    const char *name;
    crl_mix8_fn *u8;
} crl_mix8_kernels;

/* Whether the kernels may be used. */
bool crl_mix8_fits(const crl_mix *mix);
void crl_mix8_kernels_init(crl_mix8_kernels *k, unsigned cpu);

/* What is the same for all sums: ka * -a_zero + kb * -b_zero. */
static inline int32_t crl_mix8_offset(const crl_mix *m)
{
    return -(m->ka * m->a_zero + m->kb * m->b_zero);
}

crl_mix8_fn crl_mix8_ref, crl_mix8_avx2, crl_mix8_avx512vnni, crl_mix8_neon;

/* The factors of two scales: the nearest fraction kb / ka of b / a whose terms are at most 32,767. Scales are positive and
 * finite. Source: constants of compiled models. */
void crl_mix_factors(float a, float b, int32_t *ka, int32_t *kb);

#endif
