/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a template: where each layer's are, and others in their place. */
#ifndef CRL_COMPILE_PARAMETERS_H
#define CRL_COMPILE_PARAMETERS_H

#include <corallite/package.h>

#include "compile/pack.h"

/**
 * Finds the packed weights of every layer of A on the chip, byte for byte, and puts those of B into the copy `to` of the template's
 * file `from`, whose package `package` is. `pile` is for what is not needed after the call.
 *
 * Errors  CRL_ERR_UNSUPPORTED  a layer of A is not there; B's would have another size; or something depends on B that is not understood
 *         CRL_ERR_MEMORY
 */
crl_status crl_parameters_edit(const crl_twin *w, const crl_package *package, const uint8_t *from, uint8_t *to, crl_pile *pile,
                               crl_error *err);

#endif
