/* SPDX-License-Identifier: Apache-2.0 */
/* Random bits from a key and a counter: the same ones each time. One block comes from each count.
 *
 * Source: Salmon, Moraes, Dror and Shaw, Parallel Random Numbers: As Easy as 1, 2, 3 (2011): Threefry-2x32 of 20 rounds,
 * Philox-4x32 of 10 rounds. */
#ifndef CRL_KERNELS_RANDOM_H
#define CRL_KERNELS_RANDOM_H

#include <stdint.h>

void crl_threefry(uint32_t block[2], const uint32_t key[2], const uint32_t count[2]);
void crl_philox(uint32_t block[4], const uint32_t key[2], const uint32_t count[4]);

#endif
