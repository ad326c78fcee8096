/* SPDX-License-Identifier: Apache-2.0 */
/* Random bits from a key and a counter. */
#include "kernels/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

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

/* --- numbers ------------------------------------------------------------------------------------------ */

void crl_random_seed(crl_random *r, uint64_t seed, uint64_t seed2)
{
    *r = (crl_random){ { (uint32_t)seed, (uint32_t)(seed >> 32) }, { 0, 0, (uint32_t)seed2, (uint32_t)(seed2 >> 32) } };
}

void crl_random_skip(crl_random *r, uint64_t blocks)
{
    const uint64_t before = r->count[0] | (uint64_t)r->count[1] << 32, after = before + blocks;
    r->count[0] = (uint32_t)after;
    r->count[1] = (uint32_t)(after >> 32);
    if (after < before && ++r->count[2] == 0) r->count[3]++;
}

void crl_random_next(crl_random *r, uint32_t block[4])
{
    crl_philox(block, r->key, r->count);
    crl_random_skip(r, 1);
}

/* 23 bits behind the point. */
static float fraction(uint32_t bits)
{
    const uint32_t one = 127u << 23 | (bits & 0x7fffffu);
    float f;
    memcpy(&f, &one, sizeof f);
    return f - 1.0f;
}

void crl_random_uniform_f32(float *out, size_t n, crl_random *r)
{
    uint32_t block[4];
    for (size_t i = 0; i < n; i++) {
        if (i % 4 == 0) crl_random_next(r, block);
        out[i] = fraction(block[i % 4]);
    }
}

void crl_random_normal_f32(float *out, size_t n, crl_random *r)
{
    const double circle = 8 * atan(1.0);
    uint32_t block[4];
    for (size_t i = 0; i < n; i += 2) {
        if (i % 4 == 0) crl_random_next(r, block);
        const float u = fmaxf(fraction(block[i % 4]), 1.0e-7f);
        const float angle = (float)(circle * (double)fraction(block[i % 4 + 1]));
        const float radius = sqrtf(-2.0f * logf(u));
        out[i] = sinf(angle) * radius;
        if (i + 1 < n) out[i + 1] = cosf(angle) * radius;
    }
}

/* Sums of the classes' shares up to each; the last one is the whole. */
static double sum_up(double *sums, const float *logits, size_t n)
{
    float largest = -FLT_MAX;
    for (size_t i = 0; i < n; i++)
        if (isfinite(logits[i]) && largest < logits[i]) largest = logits[i];
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(logits[i])) sum += exp((double)logits[i] - (double)largest);
        sums[i] = sum;
    }
    return sum;
}

/* The first sum that is above x. */
static size_t first_above(const double *sums, size_t n, double x)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (x < sums[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void crl_random_classes(const crl_draws *d, const float *logits, crl_random *r, double *room)
{
    crl_random own = *r;
    uint32_t block[4];
    size_t used = 4, to = 0;
    /* The next call begins far behind what this one uses. */
    crl_random_skip(r, (uint64_t)d->rows * ((d->n + 3) / 4 * 4) * 2 * 256);
    for (size_t i = 0; i < d->rows; i++) {
        const double whole = sum_up(room, logits + i * d->n_classes, d->n_classes);
        for (size_t k = 0; k < d->n; k++, used += 2, to++) {
            if (used == 4) {
                crl_random_next(&own, block);
                used = 0;
            }
            const uint64_t one = (uint64_t)1023 << 52 | (uint64_t)(block[used] & 0xfffffu) << 32 | block[used + 1];
            double x;
            memcpy(&x, &one, sizeof x);
            const size_t class = first_above(room, d->n_classes, (x - 1.0) * whole);
            if (d->wide)
                d->wide[to] = (int64_t)class;
            else
                d->narrow[to] = (int32_t)class;
        }
    }
}
