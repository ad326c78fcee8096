/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures and sums that tools/oracle/gen_vision.py makes in the same way. */
#ifndef TESTS_VISION_DRAWN_H
#define TESTS_VISION_DRAWN_H

#include <stddef.h>
#include <stdint.h>

/* Byte i of the noise of a seed. */
static inline uint8_t drawn_noise(uint32_t i, uint32_t seed)
{
    uint32_t v = (uint32_t)(((uint64_t)i + (uint64_t)seed * 0x9e3779b1u) * 2654435761u);
    v ^= v >> 15;
    v *= 2246822519u;
    v ^= v >> 13;
    return (uint8_t)(v >> 16);
}

/* n bytes of noise, or for every third seed of black and white. */
static inline void drawn_fill(uint8_t *p, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t v = drawn_noise((uint32_t)i, seed);
        p[i] = seed % 3 ? v : v >= 128 ? 255 : 0;
    }
}

/* CRC-32 as zlib's, four bits at a time. Begin with 0 and hand the result on. */
static inline uint32_t drawn_crc(uint32_t crc, const uint8_t *p, size_t n)
{
    static const uint32_t of_four_bits[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                               0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int half = 0; half < 2; half++) crc = crc >> 4 ^ of_four_bits[crc & 15];
    }
    return ~crc;
}

#endif
