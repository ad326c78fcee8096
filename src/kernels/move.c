/* SPDX-License-Identifier: Apache-2.0 */
/* Plain loops: memory decides their speed, and compilers vectorise them. */
#include "kernels/move.h"

#include <string.h>

void crl_flip8(uint8_t *out, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = in[i] ^ 0x80;
}

void crl_copy_rows(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride, size_t rows, size_t bytes)
{
    for (size_t r = 0; r < rows; r++) memcpy(out + r * out_stride, in + r * in_stride, bytes);
}
