/* SPDX-License-Identifier: Apache-2.0 */
/* A package that was made with other scales than the twin at hand has: the twin takes the package's. */
#ifndef CRL_COMPILE_FOLLOW_H
#define CRL_COMPILE_FOLLOW_H

#include <corallite/model.h>

/* Takes over what the compiled model says of tensors by their names. Returns how many were otherwise. */
int32_t crl_twin_take_ends(crl_subgraph *twin, const crl_subgraph *outer);

/**
 * Gives tensors of `twin` the scales and zero points which the package of `compiled` was made with, where those differ, and its operators the
 * constants of the package where scales inside of it differ (inside.h). It is believed where the twin's weights, with the multipliers that
 * follow, are in the package to the byte, and the program has the constants of all layers and sums; else the twin stays as its file has it.
 * A SOFTMAX is computed as the package has it: on the tiles, or on the scalar core.
 * How many layers have their weights in the package is noted in the twin's holder (model/holder.h). Whether it followed shows in the twin's tensors; its bytes never change.
 *
 * Errors  MEMORY
 */
crl_status crl_twin_follow(crl_model *twin, const crl_model *compiled, crl_error *err);

#endif
