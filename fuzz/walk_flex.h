/* SPDX-License-Identifier: Apache-2.0 */
/* Every question to a FlexBuffer's value and to all below it. */
#ifndef FUZZ_WALK_FLEX_H
#define FUZZ_WALK_FLEX_H

#include "model/flex.h"

/* A sum over all that was read, so that nothing is optimised away. `*budget` counts values; values may contain each
 * other, so the walk ends when it is used up. */
uint64_t walk_flex(crl_flex value, int depth, int *budget);

#endif
