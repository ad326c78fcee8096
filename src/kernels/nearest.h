/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_NEAREST_NEIGHBOR by rows, with the positions found before: what resize.h defines. A row that comes from the same
 * input row as the one above is a copy of it.
 *
 *   out[y, x] = in[down[y], across[x]]       pixels of `bytes` bytes
 *
 * Pictures of a batch lie one below the other, in the input and in the output. No overlap. */
#ifndef CRL_KERNELS_NEAREST_H
#define CRL_KERNELS_NEAREST_H

#include <stddef.h>
#include <stdint.h>

typedef struct crl_nearest {
    size_t bytes; /* of a pixel */
    int32_t in_h, in_w, out_h, out_w;
    const int32_t *down, *across; /* [out_h], [out_w] */
} crl_nearest;

/* Rows first .. end - 1 of the output of the whole batch. */
void crl_nearest_rows(uint8_t *out, const uint8_t *in, const crl_nearest *p, size_t first, size_t end);

#endif
