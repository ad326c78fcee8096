/* SPDX-License-Identifier: Apache-2.0 */
/* What PAD and PADV2 prepare. */
#ifndef CRL_OPS_PAD_H
#define CRL_OPS_PAD_H

#include "kernels/strided.h"
#include "ops/op.h"

typedef struct crl_pad {
    crl_strided strided;
    int64_t before[CRL_MAX_RANK]; /* elements in front, by dimension */
    size_t offset;                /* bytes: where the input's first element goes */
    uint8_t value[8];             /* one element, where it is not read from input 2 */
} crl_pad;

#endif
