/* SPDX-License-Identifier: Apache-2.0 */
/* Layers without fast kernels, in all models of a folder. */
#ifndef CRL_TESTS_MODELS_PLAIN_H
#define CRL_TESTS_MODELS_PLAIN_H

#include "check.h"

void check_plain_in(check *t, const char *folder);

#endif
