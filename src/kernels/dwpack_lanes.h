/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a depthwise convolution as lanes of four bytes, one for each row: what levels share whose instruction sums
 * lanes of four, to be included after dwpack_frame.h.
 *
 * The fourth row. A filter of three rows leaves one byte of each lane free. There one of its rows comes a second
 * time, so that a weight may be split in two where one does not fit what the instruction can take. */
#ifndef CRL_KERNELS_DWPACK_LANES_H
#define CRL_KERNELS_DWPACK_LANES_H

#include "kernels/dwpack_frame.h"

/* How the terms of a quarter are summed; a level gives them their meaning. FAST where the weights allow it, then SPLIT,
 * which is for filters of 3x3 only. b->sums has two bits for the mode of each quarter. */
typedef enum sum_mode { SUM_FAST, SUM_SPLIT, SUM_SAFE } sum_mode;
enum { ALL_SPLIT = 0x55 };

static inline sum_mode mode_of(uint32_t sums, int q)
{
    return (sum_mode)(sums >> (2 * q) & 3);
}

/* --- What a level defines ------------------------------------------------------------------------- */

/* Whether SUM_FAST serves a channel: w[row of the group] are the terms of a column. */
static bool fast_enough(const int32_t w[4]);
/* Whether FAST or SPLIT serves the three columns of a 3x3 filter, whose row `fourth` comes again as row 3; may split
 * weights between the two. */
static bool three_fit(int32_t w[3][4], int fourth, sum_mode mode);
/* The weights of lane `lane` of a quarter. */
static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode);
CRL_INLINE lanes add_term(lanes acc, vec rows, const term *t, int q, sum_mode mode);

/* -------------------------------------------------------------------------------------------------- */

CRL_INLINE void add_column(lanes acc[QUARTERS], const column *c, const term *t, int rows, uint32_t sums)
{
    (void)rows;
    for (int q = 0; q < QUARTERS; q++)
        acc[q] = mode_of(sums, q) == SUM_SAFE ? add_term(acc[q], c->q[q], t, q, SUM_SAFE)
                                              : add_term(acc[q], c->q[q], t, q, SUM_FAST);
}

static int32_t weight(const crl_dwpack_spec *s, int32_t channel, int32_t fy, int32_t fx)
{
    if (channel < 0 || fy >= s->window.filter_h) return 0;
    return s->weights[((size_t)fy * (size_t)s->window.filter_w + (size_t)fx) * (size_t)s->window.out_c + (size_t)channel];
}

/* The four weights of a term for one channel. */
static void term_weights(int32_t w[4], const packed_head *h, const crl_dwpack_spec *s, int32_t channel, int32_t index)
{
    const int32_t group = index / s->window.filter_w, fx = index % s->window.filter_w;
    for (int r = 0; r < 4; r++)
        if (!h->five || index < 5)
            w[r] = weight(s, channel, 4 * group + r, fx);
        else if (index == 5)
            w[r] = weight(s, channel, 4, r + 1);
        else
            w[r] = r == 3 ? weight(s, channel, 4, 0) : 0;
}

/* The terms of one channel of a 3x3 filter, as a mode wants them; false: it cannot have them. */
static bool three_terms(int32_t w[3][4], const packed_head *h, const crl_dwpack_spec *s, int32_t channel, int fourth, sum_mode mode)
{
    for (int32_t fx = 0; fx < 3; fx++) term_weights(w[fx], h, s, channel, fx);
    return three_fit(w, fourth, mode);
}

/* The mode that a channel needs, `least` or a slower one. */
static sum_mode lane_mode(const packed_head *h, const crl_dwpack_spec *s, int32_t channel, int fourth, sum_mode least)
{
    int32_t w[3][4];
    if (h->three) {
        while (least < SUM_SAFE && !three_terms(w, h, s, channel, fourth, least)) least = (sum_mode)(least + 1);
        return least;
    }
    for (int32_t i = 0; i < h->terms; i++) {
        term_weights(w[0], h, s, channel, i);
        if (!fast_enough(w[0])) return SUM_SAFE;
    }
    return SUM_FAST;
}

/* The modes that the quarters need, in the form of b->sums. */
static uint32_t modes_needed(const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES],
                             int fourth)
{
    uint32_t sums = 0;
    for (int q = 0; q < QUARTERS; q++) {
        sum_mode slowest = SUM_FAST;
        for (int lane = 0; lane < LANES && slowest < SUM_SAFE; lane++)
            slowest = lane_mode(h, s, channel[q][lane], fourth, slowest);
        sums |= (uint32_t)slowest << (2 * q);
    }
    return sums;
}

/* What they cost, nearly. */
static int cost_of(uint32_t sums)
{
    int cost = 0;
    for (int q = 0; q < QUARTERS; q++) cost += mode_of(sums, q) == SUM_SAFE ? 8 : mode_of(sums, q) == SUM_SPLIT ? 1 : 0;
    return cost;
}

/* The middle row first: on avx2 it can lean to either side. */
static void choose_sums(block *b, const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    static const int32_t order[] = { 1, 0, 2 };
    for (int i = 0; i < (h->three ? 3 : 1); i++) {
        const uint32_t sums = modes_needed(h, s, channel, order[i]);
        if (i > 0 && cost_of(sums) >= cost_of(b->sums)) continue;
        b->sums = sums;
        b->fourth = order[i];
        if (!sums) break;
    }
    /* One mode for all is faster than a mixture, unless one is SAFE. */
    if (b->sums && !(b->sums & 2 * ALL_SPLIT)) b->sums = ALL_SPLIT;
}

static void pack_terms(block *b, const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    choose_sums(b, h, s, channel);
    term *t = (term *)(uintptr_t)terms_of(b);
    for (int q = 0; q < QUARTERS; q++)
        for (int lane = 0; lane < LANES; lane++) {
            const sum_mode mode = mode_of(b->sums, q);
            const bool split = h->three && mode != SUM_SAFE;
            int32_t w[3][4];
            if (split) three_terms(w, h, s, channel[q][lane], b->fourth, mode);
            for (int32_t i = 0; i < h->terms; i++) {
                if (!split) term_weights(w[0], h, s, channel[q][lane], i);
                put_weights(t + i, q, lane, w[split ? i : 0], mode);
            }
        }
}

#endif
