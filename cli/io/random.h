/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look like chance and are the same on every machine. */
#ifndef CLI_RANDOM_H
#define CLI_RANDOM_H

#include <stdint.h>

/* The next of 64 bits, all equally likely; *state may begin with any number. SplitMix64: Steele, Lea and Flood 2014. */
static inline uint64_t cli_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

#endif
