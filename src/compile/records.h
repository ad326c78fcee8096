/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiled file says of tensors outside of its programs: the tensors of the outer model, layers, names, the token. */
#ifndef CRL_COMPILE_RECORDS_H
#define CRL_COMPILE_RECORDS_H

#include <corallite/package.h>

#include "compile/twin.h"

/**
 * Changes the records of A in the copy `to` of the template's file into those of B. Nothing moves: what would not fit in its place is
 * refused. Only a name that does not fit stays as it is.
 *
 * Errors  CRL_ERR_UNSUPPORTED  a number that was left out would have to be there, or the other way round; CRL_ERR_MEMORY
 */
crl_status crl_records_edit(const crl_twin *w, const crl_model *compiled, const crl_package *package, const crl_model *b, uint8_t *to,
                            crl_error *err);

/* Writes the token into all executables. */
crl_status crl_records_token(const crl_model *compiled, const crl_package *package, uint8_t *to, uint64_t token, crl_error *err);

/* A token is a hash of what is loaded: crl_token_end() of mixing parameters and programs into CRL_TOKEN_BEGIN. It is not 0. */
#define CRL_TOKEN_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t crl_token_mix(uint64_t hash, const uint8_t *bytes, size_t n);
uint64_t crl_token_end(uint64_t hash);

#endif
