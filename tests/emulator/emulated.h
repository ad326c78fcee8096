/* SPDX-License-Identifier: Apache-2.0 */
/* A package in the emulator, beside the model that it was made from on the CPU. */
#ifndef TESTS_EMULATOR_EMULATED_H
#define TESTS_EMULATOR_EMULATED_H

#include "check.h"

/* All outputs are equal, on `rounds` inputs: the first a ramp, others noise. */
void emulated_equals(check *t, const char *compiled, const char *twin, int rounds);

#endif
