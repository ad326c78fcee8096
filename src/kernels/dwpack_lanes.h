/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a depthwise convolution as lanes of four bytes, one for each row: what levels share whose instruction sums
 * lanes of four, to be included after dwpack_frame.h.
 *
 * The fourth row. A filter of three rows leaves one byte of each lane free. There one of its rows comes a second
 * time, so that a weight may be split in two where one does not fit what the instruction can take. */
#ifndef CRL_KERNELS_DWPACK_LANES_H
#define CRL_KERNELS_DWPACK_LANES_H

#include "kernels/dwpack_frame.h"

/* How the terms of a quarter are summed; a level gives both their meaning, FAST where the weights allow it. Bit q of
 * b->sums is the mode of quarter q. */
typedef enum sum_mode { SUM_FAST, SUM_SAFE } sum_mode;

/* --- What a level defines ------------------------------------------------------------------------- */

/* Whether SUM_FAST serves a channel: w[row of the group] are the terms of a column. */
static bool fast_enough(const int32_t w[4]);
/* The same for the three columns of a 3x3 filter, whose row `fourth` comes again as row 3; may split weights between
 * the two. */
static bool fast_with_fourth(int32_t w[3][4], int fourth);
/* The weights of lane `lane` of a quarter. */
static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode);
CRL_INLINE lanes add_term(lanes acc, vec rows, const term *t, int q, sum_mode mode);

/* -------------------------------------------------------------------------------------------------- */

CRL_INLINE void add_column(lanes acc[QUARTERS], const column *c, const term *t, int rows, uint32_t sums)
{
    (void)rows;
    for (int q = 0; q < QUARTERS; q++)
        acc[q] = sums >> q & 1 ? add_term(acc[q], c->q[q], t, q, SUM_SAFE) : add_term(acc[q], c->q[q], t, q, SUM_FAST);
}

/* The four weights of a term for one channel. */
static void term_weights(int32_t w[4], const crl_dwpack_spec *s, int32_t channel, int group, int32_t fx)
{
    for (int r = 0; r < 4; r++) {
        const int32_t fy = 4 * group + r;
        w[r] = channel >= 0 && fy < s->window.filter_h
                   ? s->weights[((size_t)fy * (size_t)s->window.filter_w + (size_t)fx) * (size_t)s->window.out_c +
                                (size_t)channel]
                   : 0;
    }
}

/* The terms of one channel of a 3x3 filter, as SUM_FAST wants them; false: it cannot have them. */
static bool three_terms(int32_t w[3][4], const crl_dwpack_spec *s, int32_t channel, int fourth)
{
    for (int32_t fx = 0; fx < 3; fx++) term_weights(w[fx], s, channel, 0, fx);
    return fast_with_fourth(w, fourth);
}

static bool lane_is_fast(const packed_head *h, const crl_dwpack_spec *s, int32_t channel, int fourth)
{
    int32_t w[3][4];
    if (h->three) return three_terms(w, s, channel, fourth);
    for (int g = 0; g < h->groups; g++)
        for (int32_t fx = 0; fx < s->window.filter_w; fx++) {
            term_weights(w[0], s, channel, g, fx);
            if (!fast_enough(w[0])) return false;
        }
    return true;
}

/* The quarters that SUM_FAST does not serve. */
static uint32_t slow_quarters(const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES],
                              int fourth)
{
    uint32_t slow = 0;
    for (int q = 0; q < QUARTERS; q++)
        for (int lane = 0; lane < LANES && !(slow >> q & 1); lane++)
            if (!lane_is_fast(h, s, channel[q][lane], fourth)) slow |= 1u << q;
    return slow;
}

static int count_bits(uint32_t x)
{
    int n = 0;
    for (; x; x &= x - 1) n++;
    return n;
}

/* The middle row first: on avx2 it can lean to either side. */
static void choose_sums(block *b, const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    static const int32_t order[] = { 1, 0, 2 };
    for (int i = 0; i < (h->three ? 3 : 1); i++) {
        const uint32_t slow = slow_quarters(h, s, channel, order[i]);
        if (i > 0 && count_bits(slow) >= count_bits(b->sums)) continue;
        b->sums = slow;
        b->fourth = order[i];
        if (!slow) break;
    }
}

static void pack_terms(block *b, const packed_head *h, const crl_dwpack_spec *s, const int32_t channel[QUARTERS][LANES])
{
    const int32_t columns = s->window.filter_w;
    choose_sums(b, h, s, channel);
    term *t = (term *)(uintptr_t)terms_of(b);
    for (int q = 0; q < QUARTERS; q++)
        for (int lane = 0; lane < LANES; lane++) {
            const sum_mode mode = b->sums >> q & 1 ? SUM_SAFE : SUM_FAST;
            const bool split = h->three && mode == SUM_FAST;
            int32_t w[3][4];
            if (split) three_terms(w, s, channel[q][lane], b->fourth);
            for (int g = 0; g < h->groups; g++)
                for (int32_t fx = 0; fx < columns; fx++) {
                    if (!split) term_weights(w[0], s, channel[q][lane], g, fx);
                    put_weights(t + g * columns + fx, q, lane, w[split ? fx : 0], mode);
                }
        }
}

#endif
