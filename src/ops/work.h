/* SPDX-License-Identifier: Apache-2.0 */
/* What operators cost, in units of work, by their shapes: so that a small file cannot ask for hours.
 *
 * A unit is about a nanosecond of a present-day processor, or a multiplication of plain C. It is a price, not a
 * measurement: the same on every machine, rather too high than too low. */
#ifndef CRL_OPS_WORK_H
#define CRL_OPS_WORK_H

#include "ops/op.h"

/* One run of the operator's own invoke. */
uint64_t crl_node_work(const crl_node *node);

/* The same by a fast kernel that does `at_once` multiplications in a unit. `macs` are the step's. */
uint64_t crl_node_work_fast(const crl_node *node, uint64_t macs, uint64_t at_once);

/* Preparing the operator: checks, parameters, and proofs and packed weights of fast kernels. */
uint64_t crl_node_work_prepare(const crl_node *node);

/* a * b, or the largest number. */
uint64_t crl_work_mul(uint64_t a, uint64_t b);

#endif
