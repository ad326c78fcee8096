/* SPDX-License-Identifier: Apache-2.0 */
/* What depthwise kernels of NEON share: all that dwpack_frame.h asks of a level, but columns and sums. AArch64 and
 * ARMv7 from one source. */
#ifndef CRL_KERNELS_DWPACK_NEON_H
#define CRL_KERNELS_DWPACK_NEON_H

#include "kernels/arm/requant_neon.h"

typedef uint8x16_t vec;
typedef int32x4_t lanes;
enum { BLOCK = 16, BIAS = 128 };
/* CUT and ANY without a shift to the left, which is rare. Blocks with one, and those of `single`, are SLOW. No depthwise layer
 * has a form that REAL could be taken for. */
static const crl_requant_form CUT = CRL_REQUANT_EXACT_CUT, ANY = CRL_REQUANT_EXACT_ANY, SLOW = CRL_REQUANT_REAL;

#include "kernels/dwpack_frame.h"

/* SRSHL wants shifts to the right as negative ones. */
static void settle_block(block *b)
{
    for (int i = 0; i < BLOCK; i++) {
        if (b->requant->left[i]) b->form = SLOW;
        b->requant->right[i] = -b->requant->right[i];
    }
}

CRL_INLINE vec vec_fill(uint8_t byte)
{
    return vdupq_n_u8(byte);
}

CRL_INLINE vec vec_load(const void *p)
{
    return vld1q_u8(p);
}

CRL_INLINE void vec_store(void *p, vec v)
{
    vst1q_u8(p, v);
}

/* Bytes less 128, as signed ones. */
CRL_INLINE vec flipped(vec v)
{
    return veorq_u8(v, vdupq_n_u8(0x80));
}

CRL_INLINE lanes lanes_load(const int32_t *p)
{
    return vld1q_s32(p);
}

CRL_INLINE lanes requant(lanes acc, const block *b, int q, const packed_head *h, crl_requant_form form)
{
    (void)h; /* pack_bytes adds the zero point */
    const int32x4_t mult = vld1q_s32(b->requant->mult + 4 * q), right = vld1q_s32(b->requant->right + 4 * q);
    if (form != SLOW) return crl_requant_right_x4_neon(acc, mult, right, form == ANY);
    if (b->form == CRL_REQUANT_FLOAT_ANY) return crl_requant_single_x4_neon(acc, vld1q_f32(b->requant->u.f.a + 4 * q));
    return crl_requant_right_x4_neon(vshlq_s32(acc, vld1q_s32(b->requant->left + 4 * q)), mult, right, true);
}

/* Nothing is patched: nothing was proved. */
CRL_INLINE lanes patch(lanes y, lanes acc, const block *b, int q)
{
    (void)acc, (void)b, (void)q;
    return y;
}

CRL_INLINE vec pack_bytes(lanes y0, lanes y1, lanes y2, lanes y3, const packed_head *h)
{
    const crl_requant_clamp c = { vdupq_n_s16((int16_t)h->zero_point), vdup_n_u8((uint8_t)h->min), vdup_n_u8((uint8_t)h->max) };
    return vcombine_u8(crl_requant_pack_neon(y0, y1, c), crl_requant_pack_neon(y2, y3, c));
}

#endif
