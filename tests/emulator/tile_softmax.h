/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX as compilers of 2021 and later have the tiles compute it: the same numbers as the program's, without its instructions. */
#ifndef TESTS_EMULATOR_TILE_SOFTMAX_H
#define TESTS_EMULATOR_TILE_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

/* in, out [n] bytes, of INT8 with `flip` 128; an output is 256 times the probability. `scale`: of the input. */
void tile_softmax(uint8_t *out, const uint8_t *in, size_t n, uint8_t flip, float scale);

#endif
