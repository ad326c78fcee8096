/* SPDX-License-Identifier: Apache-2.0 */
/* What prepare makes of CONCATENATION; crl_node.params points here. */
#ifndef CRL_OPS_CONCATENATION_H
#define CRL_OPS_CONCATENATION_H

#include "ops/op.h"

typedef struct crl_concatenation {
    size_t outer;            /* elements of the dimensions before the axis */
    size_t *run;             /* [n_in] bytes of each input at one outer index */
    const uint8_t **rescale; /* [n_in] 256 values, or NULL where bytes are copied */
} crl_concatenation;

#endif
