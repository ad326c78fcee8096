/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with plain NEON: 16 channels a block. SMULL and SMLAL multiply eight bytes of a row by eight
 * weights and add in 16 bits, as many taps as the weights allow; SADDW then adds to the sums of 32 bits. Rows of a
 * column stay apart.
 *
 * Bytes are -128..127 here. n taps fit 16 bits where neither end that they can reach leaves them; two taps always do,
 * unless both weights are -128. */

/* Taps that are added in 16 bits, the first way that the weights of all channels of a block allow: */
enum {
    SUM_ALL,    /* the nine of a 3x3 filter */
    SUM_COLUMN, /* a column of up to four rows */
    SUM_PAIRS,  /* two */
    SUM_SPLIT   /* one, its weight in two parts: any weight */
};
enum { OTHER_SUMS = SUM_COLUMN, THIRD_SUMS = SUM_PAIRS, FIVE = 0 };

#include "kernels/arm/dwpack_neon.h"

/* Whether 16 bits hold the sum of n taps. */
static bool taps_fit(const int32_t *w, int n)
{
    int32_t up = 0, down = 0;
    for (int i = 0; i < n; i++) {
        if (w[i] < -128 || w[i] > 127) return false;
        up += w[i] > 0 ? 127 * w[i] : -128 * w[i];
        down += w[i] > 0 ? -128 * w[i] : 127 * w[i];
    }
    return up <= INT16_MAX && down >= INT16_MIN;
}

/* Whether they do by groups, in the order of columns, then rows. */
static bool groups_fit(const int32_t *w, int n, int group)
{
    for (int i = 0; i < n; i += group)
        if (!taps_fit(w + i, n - i < group ? n - i : group)) return false;
    return true;
}

/* The weights of a column for one channel. */
static int column_weights(int32_t w[4], const crl_dwpack_spec *s, int32_t channel, int32_t group, int32_t fx)
{
    const int32_t rows = s->window.filter_h - 4 * group < 4 ? s->window.filter_h - 4 * group : 4;
    for (int32_t r = 0; r < rows; r++) {
        const size_t tap = (size_t)(4 * group + r) * (size_t)s->window.filter_w + (size_t)fx;
        w[r] = s->weights[tap * (size_t)s->window.out_c + (size_t)channel];
    }
    return rows;
}

/* Bit i: the weights of a channel of a 3x3 filter allow way i of summing. None implies another: pairs cross columns. */
static uint32_t ways_of_three(const crl_dwpack_spec *s, int32_t channel)
{
    int32_t w[9 + 1];
    for (int32_t fx = 0; fx < 3; fx++) column_weights(w + 3 * fx, s, channel, 0, fx);
    return (uint32_t)groups_fit(w, 9, 9) << SUM_ALL | (uint32_t)groups_fit(w, 9, 3) << SUM_COLUMN |
           (uint32_t)groups_fit(w, 9, 2) << SUM_PAIRS | 1u << SUM_SPLIT;
}

/* The same for any filter. */
static uint32_t ways_of_any(const packed_head *h, const crl_dwpack_spec *s, int32_t channel)
{
    bool columns = true, pairs = true;
    for (int32_t g = 0; g < h->groups; g++)
        for (int32_t fx = 0; fx < s->window.filter_w; fx++) {
            int32_t w[4];
            const int rows = column_weights(w, s, channel, g, fx);
            columns = columns && groups_fit(w, rows, 4);
            pairs = pairs && groups_fit(w, rows, 2);
        }
    return (uint32_t)columns << SUM_COLUMN | (uint32_t)pairs << SUM_PAIRS | 1u << SUM_SPLIT;
}

static void pack_terms(block *b, const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    const int32_t columns = s->window.filter_w;
    term *t = (term *)(uintptr_t)terms_of(b);
    b->fourth = -1;
    uint32_t ways = UINT32_MAX;
    for (int32_t i = 0; i < BLOCK; i++) {
        const int32_t c = channel[i / LANES][i % LANES];
        if (c < 0) continue;
        ways &= h->three ? ways_of_three(s, c) : ways_of_any(h, s, c);
        for (int32_t g = 0; g < h->groups; g++)
            for (int32_t fx = 0; fx < columns; fx++) {
                int32_t w[4];
                const int rows = column_weights(w, s, c, g, fx);
                for (int r = 0; r < rows; r++) {
                    const int32_t part = w[r] < -128 ? -128 : w[r] > 127 ? 127 : w[r];
                    t[g * columns + fx].q[r][i] = (uint8_t)part;
                    t[g * columns + fx].q[r][BLOCK + i] = (uint8_t)(w[r] - part);
                }
            }
    }
    while (!(ways >> b->sums & 1)) b->sums++;
}

CRL_INLINE column make_column(vec a, vec b, vec c, vec d)
{
    return (column){ { flipped(a), flipped(b), flipped(c), flipped(d) } };
}

/* --- sums ----------------------------------------------------------------------------------------- */

/* 16 channels in 16 bits. */
typedef struct short_sums {
    int16x8_t low, high;
} short_sums;

/* On AArch64 in assembly: with the intrinsics gcc 12 keeps the lower half of every vector in a register of its own. */
CRL_INLINE short_sums first_tap(vec x, vec w)
{
    short_sums p;
#if CRL_ARCH_ARM64
    __asm__("smull %0.8h, %1.8b, %2.8b" : "=w"(p.low) : "w"(x), "w"(w));
    __asm__("smull2 %0.8h, %1.16b, %2.16b" : "=w"(p.high) : "w"(x), "w"(w));
#else
    const int8x16_t a = vreinterpretq_s8_u8(x), b = vreinterpretq_s8_u8(w);
    p.low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    p.high = vmull_s8(vget_high_s8(a), vget_high_s8(b));
#endif
    return p;
}

CRL_INLINE short_sums add_tap(short_sums p, vec x, vec w)
{
#if CRL_ARCH_ARM64
    __asm__("smlal %0.8h, %1.8b, %2.8b" : "+w"(p.low) : "w"(x), "w"(w));
    __asm__("smlal2 %0.8h, %1.16b, %2.16b" : "+w"(p.high) : "w"(x), "w"(w));
#else
    const int8x16_t a = vreinterpretq_s8_u8(x), b = vreinterpretq_s8_u8(w);
    p.low = vmlal_s8(p.low, vget_low_s8(a), vget_low_s8(b));
    p.high = vmlal_s8(p.high, vget_high_s8(a), vget_high_s8(b));
#endif
    return p;
}

CRL_INLINE void add_partial(lanes acc[QUARTERS], short_sums p)
{
    acc[0] = vaddw_s16(acc[0], vget_low_s16(p.low));
    acc[2] = vaddw_s16(acc[2], vget_low_s16(p.high));
#if CRL_ARCH_ARM64
    acc[1] = vaddw_high_s16(acc[1], p.low);
    acc[3] = vaddw_high_s16(acc[3], p.high);
#else
    acc[1] = vaddw_s16(acc[1], vget_high_s16(p.low));
    acc[3] = vaddw_s16(acc[3], vget_high_s16(p.high));
#endif
}

/* n taps, `group` of them in 16 bits. One of each group after the other, so that on processors which issue in order hardly
 * any waits for the one before it. */
CRL_INLINE void add_taps(lanes acc[QUARTERS], const vec *x, const vec *w, int n, int group)
{
    short_sums p[5];
#pragma GCC unroll 5
    for (int i = 0; i < n; i += group) p[i / group] = first_tap(x[i], w[i]);
#pragma GCC unroll 9
    for (int k = 1; k < group; k++)
#pragma GCC unroll 5
        for (int i = k; i < n; i += group) p[i / group] = add_tap(p[i / group], x[i], w[i]);
#pragma GCC unroll 5
    for (int i = 0; i < n; i += group) add_partial(acc, p[i / group]);
}

/* A tap whose weight is w and the rest beside it in memory. */
CRL_INLINE void add_split(lanes acc[QUARTERS], vec x, const uint8_t w[2 * BLOCK])
{
    add_partial(acc, add_tap(first_tap(x, vec_load(w)), x, vec_load(w + BLOCK)));
}

CRL_INLINE void add_some_rows(lanes acc[QUARTERS], const column *c, const term *t, int rows, uint32_t sums)
{
    vec w[4];
    for (int r = 0; r < rows; r++) w[r] = vec_load(t->q[r]);
    if (sums == SUM_COLUMN)
        add_taps(acc, c->q, w, rows, 4);
    else if (sums == SUM_PAIRS)
        add_taps(acc, c->q, w, rows, 2);
    else
        for (int r = 0; r < rows; r++) add_split(acc, c->q[r], t->q[r]);
}

CRL_INLINE void add_column(lanes acc[QUARTERS], const column *c, const term *t, int rows, uint32_t sums)
{
    switch (rows) {
    case 1: add_some_rows(acc, c, t, 1, sums); break;
    case 2: add_some_rows(acc, c, t, 2, sums); break;
    case 3: add_some_rows(acc, c, t, 3, sums); break;
    default: add_some_rows(acc, c, t, 4, sums);
    }
}

CRL_INLINE void add_three(lanes acc[QUARTERS], const column *c0, const column *c1, const column *c2, const column w[3],
                          const term *t, uint32_t sums)
{
    const vec x[9] = { c0->q[0], c0->q[1], c0->q[2], c1->q[0], c1->q[1], c1->q[2], c2->q[0], c2->q[1], c2->q[2] };
    vec v[9];
    for (int i = 0; i < 9; i++) v[i] = CRL_ARCH_ARM64 ? w[i / 3].q[i % 3] : vec_load(t[i / 3].q[i % 3]);
    switch (sums) {
    case SUM_ALL: add_taps(acc, x, v, 9, 9); break;
    case SUM_COLUMN: add_taps(acc, x, v, 9, 3); break;
    case SUM_PAIRS: add_taps(acc, x, v, 9, 2); break;
    default:
        for (int i = 0; i < 9; i++) add_split(acc, x[i], t[i / 3].q[i % 3]);
    }
}

const crl_dwpack_kernels crl_dwpack_neon = { "dwpack neon", packed_bytes, pack, scratch_bytes, run_rows };
