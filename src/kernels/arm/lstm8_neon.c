/* SPDX-License-Identifier: Apache-2.0 */
/* 16 columns a step for the gates, 8 cells a step for what follows. LD2 takes the pairs of weights apart. */
#include "kernels/lstm8_room.h"
#include "kernels/arm/requant_neon.h"

CRL_NEON_INLINE int32x4_t scale4(int32x4_t acc, const crl_lstm8_product *p, size_t c)
{
    const crl_requant_x4 scale = { vld1q_s32(p->mult + c), vld1q_s32(p->left + c), vnegq_s32(vld1q_s32(p->right + c)) };
    return crl_requant_exact_x4_neon(acc, scale, true);
}

/* The scaled product of columns c .. c + 15 with a vector. */
CRL_NEON_INLINE void product16(int32x4_t out[4], const crl_lstm8_product *p, const int16_t *x, size_t columns, size_t c)
{
    for (size_t i = 0; i < 4; i++) out[i] = vld1q_s32(p->bias + c + 4 * i);
    const int16_t *w = p->weights + 2 * c;
    for (int32_t k = 0; k < p->pairs; k++, x += 2, w += 2 * columns) {
        const int16x8x2_t low = vld2q_s16(w), high = vld2q_s16(w + 16);
        for (int i = 0; i < 2; i++) {
            out[0] = vmlal_n_s16(out[0], vget_low_s16(low.val[i]), x[i]);
            out[1] = vmlal_n_s16(out[1], vget_high_s16(low.val[i]), x[i]);
            out[2] = vmlal_n_s16(out[2], vget_low_s16(high.val[i]), x[i]);
            out[3] = vmlal_n_s16(out[3], vget_high_s16(high.val[i]), x[i]);
        }
    }
    for (size_t i = 0; i < 4; i++) out[i] = scale4(out[i], p, c + 4 * i);
}

static void find_gates(const crl_lstm8 *p, const room *r)
{
    for (size_t c = 0; c < (size_t)p->columns; c += 16) {
        int32x4_t a[4], b[4];
        product16(a, &p->input, r->input, (size_t)p->columns, c);
        product16(b, &p->recurrent, r->state, (size_t)p->columns, c);
        for (size_t i = 0; i < 4; i++) vst1_s16(r->gates + c + 4 * i, vqmovn_s32(vaddw_s16(b[i], vqmovn_s32(a[i]))));
    }
}

/* a * b / 2^n, ties away from zero, of which the low 16 bits are kept; right is -n. */
CRL_NEON_INLINE int16x4_t product_cut(int16x4_t a, int16x4_t b, int32x4_t right)
{
    const int32x4_t x = vmull_s16(a, b);
    return vmovn_s32(vrshlq_s32(vsraq_n_s32(x, x, 31), right));
}

static void update_cells(const crl_lstm8 *p, const room *r)
{
    const crl_lstm_s8 *l = p->lstm;
    const int16_t *forget = r->open + (l->no_input_gate ? 0 : l->n_cell);
    const int32x4_t clip = vdupq_n_s32(l->cell_clip > 0 ? l->cell_clip : INT16_MAX);
    const int32x4_t least = vdupq_n_s32(l->cell_clip > 0 ? -l->cell_clip : INT16_MIN);
    const int32x4_t fraction = vdupq_n_s32(-15), rest = vdupq_n_s32(-30 - l->cell_log2);
    for (int32_t i = 0; i < l->n_cell; i += 4) {
        const int16x4_t f = vld1_s16(forget + i);
        const int16x4_t share = l->no_input_gate ? vsub_s16(vdup_n_s16(INT16_MAX), f) : vld1_s16(r->open + i);
        const int16x4_t kept = product_cut(f, vld1_s16(r->cell + i), fraction);
        const int16x4_t added = product_cut(share, vld1_s16(r->level + i), rest);
        const int32x4_t sum = vmaxq_s32(vminq_s32(vaddl_s16(kept, added), clip), least);
        vst1_s16(r->cell + i, vqmovn_s32(sum));
    }
}

static void write_state(const crl_lstm8 *p, const room *r, int8_t *state)
{
    const crl_lstm_s8 *l = p->lstm;
    const int16_t *output = r->open + (l->no_input_gate ? 1 : 2) * l->n_cell;
    const crl_requant_x4 scale = { vdupq_n_s32(l->hidden_scale.mult), vdupq_n_s32(0), vdupq_n_s32(l->hidden_scale.shift) };
    const int16x8_t zero = vdupq_n_s16((int16_t)l->hidden_zero);
    for (int32_t i = 0; i < l->n_cell; i += 8) {
        const int16x8_t o = vld1q_s16(output + i), level = vld1q_s16(r->level + i);
        const int32x4_t low = vmull_s16(vget_low_s16(o), vget_low_s16(level));
        const int32x4_t high = vmull_s16(vget_high_s16(o), vget_high_s16(level));
        const int16x8_t v = vcombine_s16(vqmovn_s32(crl_requant_exact_x4_neon(low, scale, true)),
                                         vqmovn_s32(crl_requant_exact_x4_neon(high, scale, true)));
        int8_t eight[8];
        vst1_s8(eight, vqmovn_s16(vqaddq_s16(v, zero)));
        memcpy(state + i, eight, l->n_cell - i < 8 ? (size_t)(l->n_cell - i) : 8);
    }
}

void crl_lstm8_step_neon(const void *layer, const int8_t *input, size_t n_batch, int8_t *state, int16_t *cell, void *scratch)
{
    static const stages all = { find_gates, update_cells, write_state, crl_logistic16_neon, crl_tanh16_neon };
    step(layer, input, n_batch, state, cell, scratch, &all);
}
