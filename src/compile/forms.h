/* SPDX-License-Identifier: Apache-2.0 */
/* What compilers of several releases did differently, and shows in results: which softmax, and how an average's multiplier is made. */
#ifndef CRL_COMPILE_FORMS_H
#define CRL_COMPILE_FORMS_H

#include "compile/twin.h"

/**
 * Gives the operators of `twin` that the package of operator `op` of `compiled` computes in another form than is usual, and that have no constants
 * of it yet, that form. Where the package cannot be read, or has none of the forms, they stay as they are.
 *
 * Errors  MEMORY
 */
crl_status crl_twin_take_forms(crl_model *twin, const crl_model *compiled, int32_t op, crl_error *err);

#endif
