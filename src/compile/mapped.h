/* SPDX-License-Identifier: Apache-2.0 */
/* Which operators of a model a compiled one has on the chip. */
#ifndef CRL_COMPILE_MAPPED_H
#define CRL_COMPILE_MAPPED_H

#include <corallite/model.h>

/* `mapped` gets an entry for each operator of the twin's subgraph 0. false: that cannot be seen, and the entries say nothing. */
bool crl_read_mapped(bool *mapped, const crl_model *compiled, const crl_model *twin);

/* The same by what a compiler would map. Errors: as of crl_check_new(). */
crl_status crl_ask_mapped(bool *mapped, const crl_model *model, crl_error *err);

#endif
