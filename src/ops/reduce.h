/* SPDX-License-Identifier: Apache-2.0 */
/* What prepare makes of a reduction; crl_node.params of MEAN, SUM and REDUCE_* points here. */
#ifndef CRL_OPS_REDUCE_H
#define CRL_OPS_REDUCE_H

#include "kernels/reduce.h"

typedef struct crl_reduction {
    crl_reduce_plan plan;
    crl_reduce_quant quant; /* where `rescale` is set: MEAN and SUM of quantised tensors */
    bool rescale;
} crl_reduction;

#endif
