/* SPDX-License-Identifier: Apache-2.0 */
/* Twelve sums of vpdpbusd on registers alone. To be included by one file for each width, which defines before
 *
 *   vec               the vector
 *   dot(acc, u8, s8)  the instruction, in assembly, or the compiler would see what comes of it */
#ifndef CRL_KERNELS_PEAK_DOT_H
#define CRL_KERNELS_PEAK_DOT_H

#include "kernels/peak.h"

static inline uint64_t twelve_sums(uint64_t macs, vec x)
{
    enum { STEP = 12 * sizeof(vec) };
    const uint64_t steps = macs / STEP + 1;
    vec a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
    for (uint64_t s = 0; s < steps; s++) {
        a = dot(a, x, x);
        b = dot(b, x, x);
        c = dot(c, x, x);
        d = dot(d, x, x);
        e = dot(e, x, x);
        f = dot(f, x, x);
        g = dot(g, x, x);
        h = dot(h, x, x);
        i = dot(i, x, x);
        j = dot(j, x, x);
        k = dot(k, x, x);
        l = dot(l, x, x);
    }
    return steps * STEP;
}

#endif
