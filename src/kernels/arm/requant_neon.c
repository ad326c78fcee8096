/* SPDX-License-Identifier: Apache-2.0 */
/* 16 lanes, by what requant_neon.h defines. */
#include "kernels/arm/requant_neon.h"

CRL_NEON_INLINE void lanes16(uint8_t *out, const int32_t *acc, const crl_requant_lanes *lanes, crl_requant_form form,
                             const crl_requant *q)
{
    const crl_requant_clamp clamp = crl_requant_clamp_neon(q);
    int32x4_t y[4];
    for (int i = 0; i < 4; i++) {
        const int32x4_t a = vld1q_s32(acc + 4 * i);
        if (form == CRL_REQUANT_REAL)
            y[i] = crl_requant_real_x4_neon(a, lanes, i);
        else if (form == CRL_REQUANT_FLOAT_ANY)
            y[i] = crl_requant_single_x4_neon(a, vld1q_f32(lanes->u.f.a + 4 * i));
        else
            y[i] = crl_requant_exact_x4_neon(a, crl_requant_x4_load(lanes, i), form == CRL_REQUANT_EXACT_ANY);
    }
    vst1q_u8(out, vcombine_u8(crl_requant_pack_neon(y[0], y[1], clamp), crl_requant_pack_neon(y[2], y[3], clamp)));
}

void crl_requant_lanes_neon(uint8_t out[16], const int32_t acc[16], const crl_requant_lanes *lanes,
                            crl_requant_form form, const crl_requant *q)
{
    switch (form) {
    case CRL_REQUANT_FLOAT_ANY: lanes16(out, acc, lanes, CRL_REQUANT_FLOAT_ANY, q); break;
    case CRL_REQUANT_EXACT_CUT: lanes16(out, acc, lanes, CRL_REQUANT_EXACT_CUT, q); break;
    case CRL_REQUANT_EXACT_ANY: lanes16(out, acc, lanes, CRL_REQUANT_EXACT_ANY, q); break;
    case CRL_REQUANT_REAL: lanes16(out, acc, lanes, CRL_REQUANT_REAL, q); break;
    default: crl_requant_lanes_ref(out, acc, lanes, form, q); /* no layer has another one without a proof */
    }
}
