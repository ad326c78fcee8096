/* SPDX-License-Identifier: Apache-2.0 */
/* A round of the search for two tables that add up to a sum, which compilers make vectors of: for blend_tables.c and variants. */
#ifndef CRL_KERNELS_BLEND_SEARCH_H
#define CRL_KERNELS_BLEND_SEARCH_H

#include "kernels/blend.h"

/* Entry b is -y[b]: x[a] - y[b] is to lie within low and high. */
struct crl_blend_search {
    int16_t x[256], y[256];
    int16_t low[256][256], high[256][256];
};

/* Lowers what exceeds a bound; whether anything did. */
static inline bool crl_blend_lower(crl_blend_search *s)
{
    bool moved = false;
    for (int i = 0; i < 256; i++) {
        int16_t least = s->x[i];
        for (int j = 0; j < 256; j++) {
            const int16_t most = (int16_t)(s->y[j] + s->high[i][j]);
            least = most < least ? most : least;
        }
        moved = moved || least < s->x[i];
        s->x[i] = least;
    }
    for (int i = 0; i < 256; i++) {
        const int16_t x = s->x[i];
        int16_t above = 0;
        for (int j = 0; j < 256; j++) {
            const int16_t most = (int16_t)(x - s->low[i][j]);
            above = (int16_t)(above | (most < s->y[j]));
            s->y[j] = most < s->y[j] ? most : s->y[j];
        }
        moved = moved || above;
    }
    return moved;
}

#endif
