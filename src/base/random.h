/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look like chance and are the same on every machine. */
#ifndef CRL_BASE_RANDOM_H
#define CRL_BASE_RANDOM_H

#include <stdint.h>

/* What *state grows by with each number. */
#define CRL_RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)

/* The next of 64 bits, all equally likely; *state may begin with any number. SplitMix64: Steele, Lea and Flood 2014. */
static inline uint64_t crl_random(uint64_t *state)
{
    uint64_t z = *state += CRL_RANDOM_STEP;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

#endif
