/* SPDX-License-Identifier: Apache-2.0 */
/* Small models invented from a stream of choices.
 *
 * A file format keeps a fuzzer from the operators behind it: nearly every change breaks an offset. Here each byte
 * of the input decides something (which operator, which type, how many dimensions), so every change is another
 * model, and one that opens. Most choices are likely ones, some are absurd on purpose. */
#ifndef FUZZ_INVENT_H
#define FUZZ_INVENT_H

#include "build.h"

/* Writes a model of one to four operators that the registry knows, and of two more graphs where one of them calls
 * others. */
void invent_model(build *b, const uint8_t *choices, size_t n);

#endif
