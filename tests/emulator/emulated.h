/* SPDX-License-Identifier: Apache-2.0 */
/* A package in the emulator, beside the model that it was made from on the CPU. */
#ifndef TESTS_EMULATOR_EMULATED_H
#define TESTS_EMULATOR_EMULATED_H

#include <corallite/model.h>

#include "check.h"

/* All outputs are equal, on `rounds` inputs: the first a ramp, others noise. */
void emulated_models_equal(check *t, const crl_model *compiled, const crl_model *twin, int rounds, const char *what);
void emulated_equals(check *t, const char *compiled, const char *twin, int rounds);

#endif
