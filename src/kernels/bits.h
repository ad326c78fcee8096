/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the bits of two integers: rows for broadcast.h.
 *
 *   XOR          out = a ^ b
 *   RIGHT_SHIFT  out = a >> b, with the sign where there is one; b below 0 is 0, b of the type's width or more one less than it */
#ifndef CRL_KERNELS_BITS_H
#define CRL_KERNELS_BITS_H

#include "kernels/broadcast.h"

typedef struct crl_bits {
    crl_type type; /* INT8, UINT8, INT16, UINT16, INT32, UINT32 */
    bool shift;
} crl_bits;

/* The params are a crl_bits. */
crl_row_fn crl_bits_ref;

#endif
