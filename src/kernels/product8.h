/* SPDX-License-Identifier: Apache-2.0 */
/* Quantised products of two uint8 tensors (kernel form), as binary.h defines them.
 *
 *   out[i] = requantised (a[i] - a_zero) * (b[i] - b_zero)
 *
 * Scales that are a power of two are frequent (what a LOGISTIC gives has 1/256, and the other factor often the scale of the
 * output), and no float form equals them: ties are everywhere, and those below zero go another way. There the first rounding,
 * which halves the product, is what an instruction for products of fractions does to factors times 128, and all of it fits
 * 16 bits.
 *
 * Contract: zeros in 0..255, the requantisation fits (crl_requant_fits) products of +-65,025; `out` may be `a` or `b`;
 * exactly n bytes of each. */
#ifndef CRL_KERNELS_PRODUCT8_H
#define CRL_KERNELS_PRODUCT8_H

#include "kernels/requant.h"

typedef struct crl_product8 {
    int32_t a_zero, b_zero;
    crl_requant requant; /* of one channel */
    crl_requant_form form;
    bool halves; /* scale.mult is 2^30: kernels with vectors of 16 bits may go by `right` */
    int32_t right; /* of the second rounding, 0..8 */
    _Alignas(64) crl_requant_lanes lanes; /* all alike */
} crl_product8;

/* Fills *p; false where the requantisation does not fit. `scale` is borrowed and has to live as long as *p. */
bool crl_product8_init(crl_product8 *p, int32_t a_zero, int32_t b_zero, const crl_requant *requant, unsigned cpu);

typedef void crl_product8_fn(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_product8 *p);

typedef struct crl_product8_kernels {
    const char *name;
    crl_product8_fn *u8;
} crl_product8_kernels;

void crl_product8_kernels_init(crl_product8_kernels *k, unsigned cpu);

crl_product8_fn crl_product8_ref, crl_product8_avx2, crl_product8_avx512vnni, crl_product8_neon;

#endif
