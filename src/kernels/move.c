/* SPDX-License-Identifier: Apache-2.0 */
/* Plain loops: memory decides their speed, and compilers vectorise them. */
#include "kernels/move.h"

#include <string.h>

void crl_flip8(uint8_t *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = in[i] ^ 0x80;
}

/* With `bytes` a constant, a memcpy is one move or two. */
static inline __attribute__((always_inline)) void copy_rows(uint8_t *out, size_t out_stride, const uint8_t *in,
                                                            size_t in_stride, size_t rows, size_t bytes)
{
    for (size_t r = 0; r < rows; r++) memcpy(out + r * out_stride, in + r * in_stride, bytes);
}

/* 16 bytes at a time, the last ones again where they overlap: a call for each row would take longer than its bytes do. */
static inline __attribute__((always_inline)) void copy_short_rows(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride,
                                                                  size_t rows, size_t bytes)
{
    for (size_t r = 0; r < rows; r++, out += out_stride, in += in_stride) {
        for (size_t i = 0; i + 16 < bytes; i += 16) memcpy(out + i, in + i, 16);
        memcpy(out + bytes - 16, in + bytes - 16, 16);
    }
}

/* Its loops are so short that one which begins at another place in a line of the cache takes half as long again. */
__attribute__((aligned(64))) void crl_copy_rows(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride, size_t rows, size_t bytes)
{
    if (!bytes) return;
    if (out_stride == bytes && in_stride == bytes) {
        memcpy(out, in, rows * bytes);
        return;
    }
    switch (bytes) {
    case 1: copy_rows(out, out_stride, in, in_stride, rows, 1); break;
    case 2: copy_rows(out, out_stride, in, in_stride, rows, 2); break;
    case 3: copy_rows(out, out_stride, in, in_stride, rows, 3); break;
    case 4: copy_rows(out, out_stride, in, in_stride, rows, 4); break;
    case 8: copy_rows(out, out_stride, in, in_stride, rows, 8); break;
    case 16: copy_rows(out, out_stride, in, in_stride, rows, 16); break;
    case 32: copy_rows(out, out_stride, in, in_stride, rows, 32); break;
    case 64: copy_rows(out, out_stride, in, in_stride, rows, 64); break;
    default:
        if (bytes > 16 && bytes <= 256)
            copy_short_rows(out, out_stride, in, in_stride, rows, bytes);
        else
            copy_rows(out, out_stride, in, in_stride, rows, bytes);
        break;
    }
}
