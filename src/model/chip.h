/* SPDX-License-Identifier: Apache-2.0 */
/* Constants that a package computes an operator with, as a model has them that follows it (compile/follow.h). They stand for what scales would
 * give in the arithmetic of the Edge TPU, which is otherwise made by ops/chip.h. */
#ifndef CRL_MODEL_CHIP_H
#define CRL_MODEL_CHIP_H

#include <stdbool.h>
#include <stdint.h>

struct crl_chip_constants {
    float multiplier;         /* of all channels; of an average over a whole window, */
    const float *multipliers; /* [n] or of each; NULL */
    int32_t n;
    float low, high;          /* of the product, before the zero point is added */
    uint32_t factor[2];       /* of an ADD: of its operands */
    bool on_tiles;            /* of a SOFTMAX: the tiles compute it, not the scalar core */
};

#endif
