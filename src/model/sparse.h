/* SPDX-License-Identifier: Apache-2.0 */
/* Sparse constants of a file. */
#ifndef CRL_MODEL_SPARSE_H
#define CRL_MODEL_SPARSE_H

#include "model/flat_read.h"

/* The field "sparsity" of a tensor's table, and how many values belong to it. Faults stick in the reader; then it is NULL. */
const crl_sparsity *crl_sparsity_read(crl_reader *r, const crl_flat_table *tensor, const crl_shape *shape, size_t *n_values);

#endif
