/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a FlexBuffer. */
#include "fuzz.h"
#include "walk_flex.h"

int fuzz_flex(const uint8_t *bytes, size_t size)
{
    int budget = 1000;
    volatile uint64_t sum = walk_flex(crl_flex_root(bytes, size), 0, &budget);
    (void)sum;
    return 0;
}
