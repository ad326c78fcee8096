/* SPDX-License-Identifier: Apache-2.0 */
/* A model on both backends, which have to agree. */
#ifndef FUZZ_BOTH_H
#define FUZZ_BOTH_H

#include <corallite/model.h>

/* Prepares the model on both backends and runs it three times. They have to agree, byte for byte, or to refuse, each with a
 * sentence; anything else ends the process. */
void both_backends(const crl_model *m);

#endif
