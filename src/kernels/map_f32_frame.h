/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one float, written once for all vectors; to be included after one of f32_*.h. */
#ifndef CRL_KERNELS_MAP_F32_FRAME_H
#define CRL_KERNELS_MAP_F32_FRAME_H

#include <string.h>

#include "kernels/map_f32.h"

CRL_INLINE f32s map_vector(f32s x, const crl_map_f32 *m, crl_map_f32_kind kind)
{
    if (kind == CRL_MAP_NEG) return f32_negate(x);
    if (kind == CRL_MAP_ABS) return f32_magnitude(x);
    if (kind == CRL_MAP_SQUARE) return f32_mul(x, x);
    if (kind == CRL_MAP_ROOT) return f32_root(x);
    if (kind == CRL_MAP_RSQRT) return f32_divide(f32_fill(1), f32_root(x));
    if (kind == CRL_MAP_SWISH) {
        const f32s ramp = f32_clamp(f32_larger(f32_fill(0), f32_add(x, f32_fill(3))), f32_fill(0), f32_fill(6));
        return f32_divide(f32_mul(x, ramp), f32_fill(6));
    }
    if (kind == CRL_MAP_LEAKY) return f32_positive(x, x, f32_mul(x, f32_fill(m->alpha)));
    return f32_clamp(x, f32_fill(m->min), f32_fill(m->max));
}

CRL_INLINE void map_all(float *out, const float *in, size_t n, const crl_map_f32 *m, crl_map_f32_kind kind)
{
    size_t i = 0;
    for (; i + F32_LANES <= n; i += F32_LANES) f32_store(out + i, map_vector(f32_load(in + i), m, kind));
    if (i < n) {
        float part[F32_LANES] = { 0 };
        memcpy(part, in + i, (n - i) * sizeof *part);
        f32_store(part, map_vector(f32_load(part), m, kind));
        memcpy(out + i, part, (n - i) * sizeof *part);
    }
}

CRL_INLINE void map_kind(float *out, const float *in, size_t n, const crl_map_f32 *m)
{
    switch (m->kind) {
    case CRL_MAP_CLAMP: map_all(out, in, n, m, CRL_MAP_CLAMP); break;
    case CRL_MAP_LEAKY: map_all(out, in, n, m, CRL_MAP_LEAKY); break;
    case CRL_MAP_NEG: map_all(out, in, n, m, CRL_MAP_NEG); break;
    case CRL_MAP_SWISH: map_all(out, in, n, m, CRL_MAP_SWISH); break;
    case CRL_MAP_ABS: map_all(out, in, n, m, CRL_MAP_ABS); break;
    case CRL_MAP_SQUARE: map_all(out, in, n, m, CRL_MAP_SQUARE); break;
    case CRL_MAP_ROOT: map_all(out, in, n, m, CRL_MAP_ROOT); break;
    case CRL_MAP_RSQRT: map_all(out, in, n, m, CRL_MAP_RSQRT); break;
    }
}

#endif
