/* SPDX-License-Identifier: Apache-2.0 */
/* 16-bit floating-point numbers, as bits, to and from float; rounding to nearest, ties to even. */
#ifndef CRL_BASE_HALF_H
#define CRL_BASE_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t crl_float_bits(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

static inline float crl_float_from_bits(uint32_t u)
{
    float f;
    memcpy(&f, &u, sizeof f);
    return f;
}

/* IEEE binary16: 1 sign, 5 exponent, 10 fraction bits. */
static inline float crl_half_to_float(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exponent = (h >> 10) & 31u, fraction = h & 1023u;
    if (exponent == 31) return crl_float_from_bits(sign | 0x7F800000u | fraction << 13);
    if (exponent == 0) {
        const float tiny = (float)fraction * 0x1p-24f; /* exact, subnormals included */
        return crl_float_from_bits(sign | crl_float_bits(tiny));
    }
    return crl_float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static inline uint16_t crl_half_from_float(float f)
{
    const uint32_t bits = crl_float_bits(f), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return (uint16_t)(sign | 0x7E00u); /* NaN */
    if (magnitude >= 0x47800000u) return (uint16_t)(sign | 0x7C00u); /* 65536 and up */
    if (magnitude < 0x38800000u) {
        /* Below 2^-14: a multiple of 2^-24. Adding 0.5 makes the float unit do the rounding. */
        const float sum = crl_float_from_bits(magnitude) + 0.5f;
        return (uint16_t)(sign | (crl_float_bits(sum) - 0x3F000000u));
    }
    const uint32_t odd = magnitude >> 13 & 1u;
    return (uint16_t)(sign | ((magnitude - (112u << 23) + 0xFFFu + odd) >> 13));
}

/* bfloat16: the upper half of a float. */
static inline float crl_bfloat_to_float(uint16_t b)
{
    return crl_float_from_bits((uint32_t)b << 16);
}

static inline uint16_t crl_bfloat_from_float(float f)
{
    const uint32_t bits = crl_float_bits(f);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)(bits >> 16 & 0x8000u) | 0x7FC0u;
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

#endif
