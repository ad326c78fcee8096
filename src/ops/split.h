/* SPDX-License-Identifier: Apache-2.0 */
/* What prepare makes of SPLIT and SPLIT_V; crl_node.params points here. */
#ifndef CRL_OPS_SPLIT_H
#define CRL_OPS_SPLIT_H

#include "ops/op.h"

typedef struct crl_split {
    const crl_tensor *in; /* SPLIT has it as input 1, SPLIT_V as input 0 */
    size_t outer;         /* elements of the dimensions before the axis */
    size_t *run;          /* [n_out] bytes of each part at one outer index */
} crl_split;

#endif
