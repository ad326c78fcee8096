/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps runs of hostile models short, and gives them something to read. */
#ifndef CRL_TESTS_OPS_CONFINE_H
#define CRL_TESTS_OPS_CONFINE_H

#include <corallite/tensor.h>

/* From now on allocations of more than 4 MiB are refused, and those that come to more than 32 MiB in all. Calling it
 * again opens a new account. */
void confine_allocations(void);

/* From now on a gibibyte may be allocated; whoever asks for more ends the process, for an engine has to refuse first. Calling
 * it again opens a new account. */
void watch_allocations(void);

/* Any bytes; floats are mostly ordinary numbers, now and then any bits. The same seed gives the same. */
void fill_tensor(crl_tensor *t, uint32_t seed);

#endif
