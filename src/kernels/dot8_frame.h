/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of dot8.h, of which compilers make the vectors of each level. */
#ifndef CRL_KERNELS_DOT8_FRAME_H
#define CRL_KERNELS_DOT8_FRAME_H

#include "kernels/dot8.h"
#include "kernels/element.h"

CRL_INLINE void dot_rows(int32_t *out, const uint8_t *in, const int8_t *weights, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, weights += n) {
        int32_t sum = 0;
        for (size_t i = 0; i < n; i++) sum += in[i] * weights[i];
        out[r] = sum;
    }
}

#endif
