/* SPDX-License-Identifier: Apache-2.0 */
/* Moves: bytes go elsewhere, or change their sign convention, and nothing is computed.
 *
 * int8 and uint8 tensors of one meaning differ in bit 7 and in a zero point 128 apart. Kernels of an
 * architecture want one of the two; crl_flip8 is the way from either to the other. */
#ifndef CRL_KERNELS_MOVE_H
#define CRL_KERNELS_MOVE_H

#include <stddef.h>
#include <stdint.h>

/* out[i] = in[i] ^ 0x80, i in 0..n-1. `out` may be `in`. */
void crl_flip8(uint8_t *out, const uint8_t *in, size_t n);

/* Copies `rows` rows of `bytes` bytes; strides in bytes, at least `bytes`. No overlap. */
void crl_copy_rows(uint8_t *out, size_t out_stride, const uint8_t *in, size_t in_stride, size_t rows, size_t bytes);

#endif
