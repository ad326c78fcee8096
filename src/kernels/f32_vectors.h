/* SPDX-License-Identifier: Apache-2.0 */
/* Up to four vectors of floats that lie side by side; to be included after one of f32_*.h. */
#ifndef CRL_KERNELS_F32_VECTORS_H
#define CRL_KERNELS_F32_VECTORS_H

#include "kernels/element.h"

/* Fields with names: gcc 12 keeps arrays of vectors in memory. */
typedef struct vectors {
    f32s v0, v1, v2, v3;
} vectors;

CRL_INLINE vectors load_vectors(const float *p, int n)
{
    const f32s first = f32_load(p);
    vectors v = { first, first, first, first };
    if (n > 1) v.v1 = f32_load(p + F32_LANES);
    if (n > 2) v.v2 = f32_load(p + 2 * F32_LANES);
    if (n > 3) v.v3 = f32_load(p + 3 * F32_LANES);
    return v;
}

#endif
