/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise sums with an instruction that multiplies four bytes by four signed ones and adds them to a lane of 32 bits.
 * A term takes one for each quarter. SUM_SAFE is for weights that leave int8: the rest goes through a second one. */
#ifndef CRL_KERNELS_DWPACK_DOT_H
#define CRL_KERNELS_DWPACK_DOT_H

#include "kernels/dwpack_lanes.h"

/* What a level defines. */
CRL_INLINE lanes dot(lanes acc, vec bytes, vec s8);

static bool fast_enough(const int32_t w[4])
{
    for (int r = 0; r < 4; r++)
        if (w[r] < -128 || w[r] > 127) return false;
    return true;
}

static bool three_fit(int32_t w[3][4], int fourth, sum_mode mode)
{
    if (mode != SUM_FAST) return false;
    for (int i = 0; i < 3; i++) {
        const int32_t all = w[i][fourth];
        w[i][fourth] = all < -128 ? -128 : all > 127 ? 127 : all;
        w[i][3] = all - w[i][fourth];
    }
    return fast_enough(w[0]) && fast_enough(w[1]) && fast_enough(w[2]);
}

static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode)
{
    (void)mode;
    for (int r = 0; r < 4; r++) {
        const int32_t part = w[r] < -128 ? -128 : w[r] > 127 ? 127 : w[r];
        t->q[q][4 * lane + r] = (uint8_t)part;
        t->q[q][BLOCK + 4 * lane + r] = (uint8_t)(w[r] - part);
    }
}

CRL_INLINE lanes add_term(lanes acc, vec rows, const term *t, int q, sum_mode mode)
{
    acc = dot(acc, rows, vec_load(t->q[q]));
    return mode == SUM_SAFE ? dot(acc, rows, vec_load(t->q[q] + BLOCK)) : acc;
}

CRL_INLINE void add_three(lanes acc[QUARTERS], const column *c0, const column *c1, const column *c2, const column w[3],
                          const term *t, uint32_t sums)
{
    for (int q = 0; q < QUARTERS; q++) acc[q] = dot(acc[q], c0->q[q], w[0].q[q]);
    for (int q = 0; q < QUARTERS; q++) acc[q] = dot(acc[q], c1->q[q], w[1].q[q]);
    for (int q = 0; q < QUARTERS; q++) acc[q] = dot(acc[q], c2->q[q], w[2].q[q]);
    if (!sums) return;
    for (int q = 0; q < QUARTERS; q++)
        if (mode_of(sums, q) == SUM_SAFE) {
            acc[q] = dot(acc[q], c0->q[q], vec_load(t[0].q[q] + BLOCK));
            acc[q] = dot(acc[q], c1->q[q], vec_load(t[1].q[q] + BLOCK));
            acc[q] = dot(acc[q], c2->q[q], vec_load(t[2].q[q] + BLOCK));
        }
}

#endif
