/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX by tables: see softmax8.h. */
#include "kernels/softmax8.h"

#include "kernels/fixed_exp.h"

/* From how many bytes on a table for the row is worth its 256 multiplications. */
enum { SUM_INTEGER_BITS = 12, LONG_ROW = 192 };

void crl_softmax8_init(crl_softmax8 *p, const crl_softmax *s, bool in_signed, bool out_signed, unsigned cpu)
{
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, cpu);
    *p = (crl_softmax8){ .lut = k.u8, .depth = s->depth, .in_flip = in_signed ? 0x80 : 0, .out_flip = out_signed ? 0x80 : 0 };
    for (int32_t d = 0; d < 256; d++) {
        if (-d < s->diff_min) continue;
        p->exp[255 - d] = crl_fixed_exp(crl_scale_apply(-d, s->scale));
        p->term[255 - d] = crl_shift_right(p->exp[255 - d], SUM_INTEGER_BITS);
    }
}

static inline int32_t largest(const uint8_t *in, size_t n, uint8_t flip)
{
    uint8_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t x = in[i] ^ flip;
        most = x > most ? x : most;
    }
    return most;
}

/* `term` is that of byte 0. Four sums: one would wait for itself. */
static inline uint64_t sum_of(const uint8_t *in, size_t n, uint8_t flip, const int32_t *term)
{
    uint64_t sum[4] = { 0 };
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++) sum[k] += (uint32_t)term[in[i + k] ^ flip];
    for (; i < n; i++) sum[0] += (uint32_t)term[in[i] ^ flip];
    return sum[0] + sum[1] + sum[2] + sum[3];
}

/* exp * scale / 2^(31 + shift), both at least 0, with the roundings of fixed.h. */
static inline uint8_t quotient(int32_t exp, int32_t scale, uint32_t half, int32_t shift)
{
    const uint32_t product = (uint32_t)(((uint64_t)(uint32_t)exp * (uint32_t)scale + (1u << 30)) >> 31);
    const uint32_t v = (product + half) >> shift;
    return (uint8_t)(v > 255 ? 255 : v);
}

void crl_softmax8_run(uint8_t *out, const uint8_t *in, size_t rows, const crl_softmax8 *p)
{
    const uint8_t flip = p->in_flip;
    for (; rows; rows--, in += p->depth, out += p->depth) {
        const int32_t max = largest(in, p->depth, flip);
        const int32_t *exp = p->exp + 255 - max; /* of byte 0; bytes go up to max */
        const uint64_t sum = sum_of(in, p->depth, flip, p->term + 255 - max);
        int32_t bits;
        const int32_t scale = crl_fixed_reciprocal(sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum, SUM_INTEGER_BITS, &bits);
        const int32_t shift = bits + 31 - 8;
        if (shift > 31) { /* nothing is left of any quotient */
            for (size_t i = 0; i < p->depth; i++) out[i] = p->out_flip;
            continue;
        }
        const uint32_t half = UINT32_C(1) << (shift - 1); /* a sum of one term at least leaves a shift of 23 */
        if (p->depth < LONG_ROW) {
            for (size_t i = 0; i < p->depth; i++) out[i] = quotient(exp[in[i] ^ flip], scale, half, shift) ^ p->out_flip;
            continue;
        }
        uint8_t table[256] = { 0 };
        for (int32_t x = 0; x <= max; x++) table[x ^ flip] = quotient(exp[x], scale, half, shift) ^ p->out_flip;
        p->lut(out, in, p->depth, table);
    }
}
