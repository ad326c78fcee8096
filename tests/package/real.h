/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled models of the public Coral test set, and the pairs beside it, where they are. */
#ifndef TESTS_PACKAGE_REAL_H
#define TESTS_PACKAGE_REAL_H

#include <corallite/package.h>

#include "check.h"

/* Calls `each` with every package and what its file is called; skips where there is none. */
void real_packages(check *t, void (*each)(check *t, const char *name, const crl_package *package));

/* The same with the models that they are in. */
void real_models(check *t, void (*each)(check *t, const char *name, const crl_model *model));

/* The folder of pairs, CPU model and compiled model; false: it is not there. */
bool real_pairs(char *folder, size_t size);

#endif
