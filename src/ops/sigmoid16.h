/* SPDX-License-Identifier: Apache-2.0 */
/* What LOGISTIC and TANH of INT16 are prepared to. */
#ifndef CRL_OPS_SIGMOID16_H
#define CRL_OPS_SIGMOID16_H

#include "kernels/sigmoid.h"
#include "ops/op.h"

/* Of a node of these two whose input is INT16; it lives as long as the node's params. */
const crl_sigmoid16 *crl_logistic_sigmoid16(const crl_node *node);

#endif
