/* SPDX-License-Identifier: Apache-2.0 */
/* Scales, biases and constants of the operators inside of a package, taken over by the model that stands in for it. */
#ifndef CRL_COMPILE_INSIDE_H
#define CRL_COMPILE_INSIDE_H

#include "compile/twin.h"

/**
 * Gives the operators of `twin` that `compiled` has on the chip the constants of its package: multipliers, clamps, zero points, biases, factors
 * of ADDs, and to tensors the scales that follow. What is new belongs to the twin.
 *
 * `*taken` false: the package cannot be read so with certainty; the twin is as it was but for its ends (crl_twin_take_ends).
 *
 * Errors  CRL_ERR_MEMORY
 */
crl_status crl_twin_take_inside(bool *taken, crl_model *twin, const crl_model *compiled, int32_t op, crl_error *err);

#endif
