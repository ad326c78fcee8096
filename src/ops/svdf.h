/* SPDX-License-Identifier: Apache-2.0 */
/* SVDF with other kernels. */
#ifndef CRL_OPS_SVDF_H
#define CRL_OPS_SVDF_H

#include "kernels/recurrent.h"
#include "ops/op.h"

/* The weights of features of a prepared node where they have 8 bits, else NULL. */
const crl_hybrid_matrix *crl_svdf_features(const crl_node *node);

/* invoke with the kernels given, NULL for the definition; sums: what each row of crl_svdf_features adds up to. Scratch
 * is that of the node. */
void crl_svdf_run(const crl_node *node, const crl_recurrent_kernels *k, const int32_t *sums, void *scratch);

#endif
