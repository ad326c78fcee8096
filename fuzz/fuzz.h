/* SPDX-License-Identifier: Apache-2.0 */
/* The one function of a fuzz target. libFuzzer calls it with inputs of its own making, main.c with those of the
 * corpus. It has to survive anything; `bytes` end where no more may be read. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif
