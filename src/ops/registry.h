/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of all operators, for registry.c. */
#ifndef CRL_OPS_REGISTRY_H
#define CRL_OPS_REGISTRY_H

#include "ops/op.h"

extern const crl_op_type crl_op_reshape;

#endif
