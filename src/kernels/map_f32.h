/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one float that are a few instructions, in vectors: the bytes of unary.h and activation.h.
 *
 *   CLAMP  x < min ? min : x > max ? max : x      RELU and its kin; -0 stays -0
 *   LEAKY  x > 0 ? x : x * alpha
 *   NEG    -x
 *   SWISH  x * min(max(x + 3, 0), 6) / 6             HARD_SWISH
 *   ABS    |x|
 *   SQUARE x * x
 *   ROOT   the square root of x; RSQRT  1 / that
 *
 * NaN passes through. `out` may be `in`. */
#ifndef CRL_KERNELS_MAP_F32_H
#define CRL_KERNELS_MAP_F32_H

#include <stddef.h>

typedef enum crl_map_f32_kind {
    CRL_MAP_CLAMP,
    CRL_MAP_LEAKY,
    CRL_MAP_NEG,
    CRL_MAP_SWISH,
    CRL_MAP_ABS,
    CRL_MAP_SQUARE,
    CRL_MAP_ROOT,
    CRL_MAP_RSQRT
} crl_map_f32_kind;

typedef struct crl_map_f32 {
    crl_map_f32_kind kind;
    float min, max; /* CLAMP */
    float alpha;    /* LEAKY */
} crl_map_f32;

typedef void crl_map_f32_fn(float *out, const float *in, size_t n, const crl_map_f32 *m);

/* The best variant that `cpu` allows; NULL: none. `name` gets its name, for profiles. */
crl_map_f32_fn *crl_map_f32_of(unsigned cpu, const char **name);

crl_map_f32_fn crl_map_f32_avx2, crl_map_f32_neon;

#endif
