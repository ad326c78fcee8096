/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX by tables: see softmax8.h. */
#include "kernels/softmax8.h"

#include <string.h>

#include "base/cpu.h"
#include "kernels/fixed_exp.h"

enum {
    SUM_INTEGER_BITS = 12,
    BLOCK = CRL_SOFTMAX8_BLOCK,
    LONG_ROW = 192 /* bytes from which on a table for the row is worth its 256 quotients */
};

static void choose(crl_softmax8 *p, unsigned cpu)
{
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, cpu);
    p->lut = k.u8;
    p->quotients = crl_softmax8_quotients_ref;
    p->reciprocals = crl_softmax8_reciprocals_ref;
    p->sum = crl_softmax8_sum_ref;
    p->look = crl_softmax8_look_ref;
    p->name = "softmax8 ref";
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) {
        p->quotients = crl_softmax8_quotients_avx2;
        p->reciprocals = crl_softmax8_reciprocals_avx2;
        p->sum = crl_softmax8_sum_avx2;
        p->name = "softmax8 avx2";
    }
    if (cpu & CRL_CPU_AVX512VNNI) {
        p->quotients = crl_softmax8_quotients_avx512vnni;
        p->name = "softmax8 avx512vnni";
    }
    if (cpu & CRL_CPU_VBMI) {
        p->sum = crl_softmax8_sum_vbmi;
        p->look = crl_softmax8_look_vbmi;
    }
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) {
        p->quotients = crl_softmax8_quotients_neon;
        p->name = "softmax8 neon";
    }
#endif
}

void crl_softmax8_init(crl_softmax8 *p, const crl_softmax *s, bool in_signed, bool out_signed, unsigned cpu)
{
    *p = (crl_softmax8){ .depth = s->depth, .in_flip = in_signed ? 0x80 : 0, .out_flip = out_signed ? 0x80 : 0 };
    choose(p, cpu);
    for (int32_t d = 0; d < 256; d++)
        if (-d >= s->diff_min) p->exp[255 - d] = crl_fixed_exp(crl_scale_apply(-d, s->scale));
    for (int32_t i = 0; i < 256; i++) {
        p->term[i] = (uint32_t)crl_shift_right(p->exp[i], SUM_INTEGER_BITS);
        for (int k = 0; k < 4; k++) p->exp_bytes[k][i] = (uint8_t)((uint32_t)p->exp[i] >> 8 * k);
        for (int k = 0; k < 3; k++) p->term_bytes[k][i] = (uint8_t)(p->term[i] >> 8 * k);
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

/* A sum as 1 + x times a power of two, whose reciprocal is 1 / (1 + x) and that shift (crl_fixed_reciprocal). A sum of one
 * term at least leaves a shift of 23; above 31 nothing is left of any quotient. */
static inline int32_t normalise(uint64_t sum, int32_t *x)
{
    const uint32_t s = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
    const int32_t zeros = __builtin_clz(s);
    *x = (int32_t)((s << zeros) - (UINT32_C(1) << 31));
    return SUM_INTEGER_BITS - zeros + 31 - 8;
}

void crl_softmax8_reciprocals_ref(int32_t y[BLOCK], const int32_t x[BLOCK])
{
    for (int i = 0; i < BLOCK; i++) y[i] = crl_fixed_reciprocal_1p(x[i]);
}

uint64_t crl_softmax8_sum_ref(const uint8_t *in, size_t n, int32_t max, const crl_softmax8 *p)
{
    const uint32_t *term = p->term + 255 - max;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += term[in[i] ^ p->in_flip];
    return sum;
}

void crl_softmax8_quotients_ref(uint8_t *out, const int32_t *exp, size_t n, crl_quotient8 q, uint8_t flip)
{
    const uint32_t half = UINT32_C(1) << (q.shift - 1);
    for (size_t i = 0; i < n; i++) {
        const uint32_t product = (uint32_t)(((uint64_t)(uint32_t)exp[i] * (uint32_t)q.scale + (1u << 30)) >> 31);
        const uint32_t v = (product + half) >> q.shift;
        out[i] = (uint8_t)(v > 255 ? 255 : v) ^ flip;
    }
}

void crl_softmax8_look_ref(int32_t *exp, const uint8_t *index, size_t n, const crl_softmax8 *p)
{
    for (size_t i = 0; i < n; i++) exp[i] = p->exp[index[i]];
}

/* The terms are made of the exponentials: one table instead of two. */
static uint32_t sum_of(const int32_t *exp, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += ((uint32_t)exp[i] + (1U << (SUM_INTEGER_BITS - 1))) >> SUM_INTEGER_BITS;
    return sum;
}

static void run_long(uint8_t *out, const uint8_t *in, const crl_softmax8 *p)
{
    const int32_t max = largest(in, p->depth, p->in_flip);
    const int32_t *exp = p->exp + 255 - max; /* of byte 0; bytes go up to max */
    uint8_t table[256] = { 0 };
    int32_t x;
    crl_quotient8 q = { .shift = normalise(p->sum(in, p->depth, max, p), &x) };
    if (q.shift > 31) {
        memset(out, p->out_flip, p->depth);
        return;
    }
    q.scale = crl_fixed_reciprocal_1p(x);
    /* Signed bytes begin in the middle of the table. */
    const size_t n = (size_t)max + 1, start = p->in_flip, first = n < 256 - start ? n : 256 - start;
    p->quotients(table + start, exp, first, q, p->out_flip);
    p->quotients(table, exp + first, n - first, q, p->out_flip);
    p->lut(out, in, p->depth, table);
}

static void run_block(uint8_t *out, const uint8_t *in, size_t rows, const crl_softmax8 *p)
{
    int32_t room[BLOCK * LONG_ROW];
    int32_t x[BLOCK] = { 0 }, scale[BLOCK], shift[BLOCK];
    uint8_t index[BLOCK * LONG_ROW];
    const size_t depth = p->depth;
    *index = 0; /* compilers cannot know that there are rows */
    for (size_t r = 0; r < rows; r++) {
        const uint8_t *row = in + r * depth, flip = p->in_flip;
        const uint8_t rise = (uint8_t)(255 - largest(row, depth, flip));
        for (size_t i = 0; i < depth; i++) index[r * depth + i] = (uint8_t)((row[i] ^ flip) + rise);
    }
    p->look(room, index, rows * depth, p);
    for (size_t r = 0; r < rows; r++) shift[r] = normalise(sum_of(room + r * depth, depth), &x[r]);
    p->reciprocals(scale, x);
    for (size_t r = 0; r < rows; r++) {
        if (shift[r] <= 31)
            p->quotients(out + r * depth, room + r * depth, depth, (crl_quotient8){ scale[r], shift[r] }, p->out_flip);
        else
            memset(out + r * depth, p->out_flip, depth);
    }
}

void crl_softmax8_run(uint8_t *out, const uint8_t *in, size_t rows, const crl_softmax8 *p)
{
    if (p->depth < LONG_ROW) {
        for (size_t r = 0; r < rows; r += BLOCK)
            run_block(out + r * p->depth, in + r * p->depth, rows - r < BLOCK ? rows - r : BLOCK, p);
        return;
    }
    for (size_t r = 0; r < rows; r++) run_long(out + r * p->depth, in + r * p->depth, p);
}
