/* SPDX-License-Identifier: Apache-2.0 */
/* Random bits from a key and a counter. */
#include "kernels/random.h"

void crl_threefry(uint32_t block[2], const uint32_t key[2], const uint32_t count[2])
{
    static const uint8_t turns[8] = { 13, 15, 26, 6, 17, 29, 16, 24 };
    const uint32_t keys[3] = { key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda };
    uint32_t a = count[0] + keys[0], b = count[1] + keys[1];
    for (uint32_t round = 0; round < 20; round++) {
        const unsigned turn = turns[round % 8];
        a += b;
        b = (b << turn | b >> (32 - turn)) ^ a;
        if (round % 4 != 3) continue;
        const uint32_t n = round / 4 + 1; /* a key is added after every fourth round */
        a += keys[n % 3];
        b += keys[(n + 1) % 3] + n;
    }
    block[0] = a;
    block[1] = b;
}

void crl_philox(uint32_t block[4], const uint32_t key[2], const uint32_t count[4])
{
    uint32_t a = count[0], b = count[1], c = count[2], d = count[3];
    for (uint32_t round = 0; round < 10; round++) {
        const uint64_t x = (uint64_t)0xd2511f53 * a, y = (uint64_t)0xcd9e8d57 * c;
        a = (uint32_t)(y >> 32) ^ b ^ (key[0] + round * 0x9e3779b9);
        b = (uint32_t)y;
        c = (uint32_t)(x >> 32) ^ d ^ (key[1] + round * 0xbb67ae85);
        d = (uint32_t)x;
    }
    block[0] = a;
    block[1] = b;
    block[2] = c;
    block[3] = d;
}
