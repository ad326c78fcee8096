/* SPDX-License-Identifier: Apache-2.0 */
/* A model on both backends, which have to agree. */
#ifndef FUZZ_BOTH_H
#define FUZZ_BOTH_H

#include <corallite/model.h>

/* Prepares the model on both backends and runs it three times. They have to agree, byte for byte, or to refuse, each with a
 * sentence; anything else ends the process, and so does a call that takes more than five seconds. `large`: memory is there,
 * and asking for more than a gibibyte ends the process, too; else blocks of more than 4 MiB are refused, which is faster. */
void both_backends(const crl_model *m, bool large);

/* One input in sixteen is large. */
static inline bool is_large(const uint8_t *bytes, size_t size)
{
    return size && bytes[size - 1] % 16 == 15;
}

#endif
