/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of 512-bit vectors: what the gemm kernels of the level avx512vnni share. As all functions here are inlined with
 * constant sizes, a tile may have up to 12 rows of one vector (16 columns) or two, or 6 of four. Accumulators are fields
 * with names, since gcc 12 keeps arrays of vectors in memory. */
#ifndef CRL_KERNELS_GEMM_ZMM_H
#define CRL_KERNELS_GEMM_ZMM_H

#include "kernels/gemm_panel.h"
#include "kernels/x86/requant_avx512.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef struct vectors {
    __m512i v0, v1, v2, v3;
} vectors;

typedef struct tile {
    vectors r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11;
} tile;

/* Where the rows of a tile are: three of them `step` apart behind each pointer, which addresses of x86 can express. */
typedef struct pixels {
    const uint8_t *p0, *p3, *p6, *p9;
    size_t step;
} pixels;

INLINE vectors load_vectors(const void *from, int n)
{
    const __m512i *p = from;
    vectors v;
    v.v0 = _mm512_load_si512(p);
    v.v1 = n > 1 ? _mm512_load_si512(p + 1) : v.v0;
    v.v2 = n > 2 ? _mm512_load_si512(p + 2) : v.v0;
    v.v3 = n > 2 ? _mm512_load_si512(p + 3) : v.v0;
    return v;
}

/* The intrinsic makes gcc 12 copy accumulators from register to register. */
INLINE __m512i dot(__m512i acc, __m512i u8, __m512i s8)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(u8), "v"(s8));
    return acc;
}

INLINE void row_step(vectors *acc, int n, __m512i x, vectors w)
{
    acc->v0 = dot(acc->v0, x, w.v0);
    if (n > 1) acc->v1 = dot(acc->v1, x, w.v1);
    if (n > 2) acc->v2 = dot(acc->v2, x, w.v2);
    if (n > 2) acc->v3 = dot(acc->v3, x, w.v3);
}

INLINE pixels pixels_at(const uint8_t *first, size_t step)
{
    return (pixels){ first, first + 3 * step, first + 6 * step, first + 9 * step, step };
}

INLINE __m512i four(const uint8_t *p)
{
    int32_t x;
    memcpy(&x, p, 4);
    return _mm512_set1_epi32(x);
}

INLINE __m512i some(const uint8_t *p, __mmask16 exist)
{
    return _mm512_broadcastd_epi32(_mm_maskz_loadu_epi8(exist, p));
}

INLINE __m512i read(const uint8_t *p, __mmask16 exist)
{
    return exist == 0xf ? four(p) : some(p, exist);
}

/* One step of all rows. `exist` has a bit for each of four channels that may be read, and is constant where all may. */
INLINE void tile_step(tile *t, int rows, int n, pixels p, vectors w, __mmask16 exist)
{
    if (rows > 0) row_step(&t->r0, n, read(p.p0, exist), w);
    if (rows > 1) row_step(&t->r1, n, read(p.p0 + p.step, exist), w);
    if (rows > 2) row_step(&t->r2, n, read(p.p0 + 2 * p.step, exist), w);
    if (rows > 3) row_step(&t->r3, n, read(p.p3, exist), w);
    if (rows > 4) row_step(&t->r4, n, read(p.p3 + p.step, exist), w);
    if (rows > 5) row_step(&t->r5, n, read(p.p3 + 2 * p.step, exist), w);
    if (rows > 6) row_step(&t->r6, n, read(p.p6, exist), w);
    if (rows > 7) row_step(&t->r7, n, read(p.p6 + p.step, exist), w);
    if (rows > 8) row_step(&t->r8, n, read(p.p6 + 2 * p.step, exist), w);
    if (rows > 9) row_step(&t->r9, n, read(p.p9, exist), w);
    if (rows > 10) row_step(&t->r10, n, read(p.p9 + p.step, exist), w);
    if (rows > 11) row_step(&t->r11, n, read(p.p9 + 2 * p.step, exist), w);
}

/* What becomes of a panel's outputs. Passed by value to where they are stored: a store of bytes makes the compiler load
 * again what it can reach by a pointer. */
typedef struct target {
    __m512i min, max;
    uint8_t *out;   /* column 0 of row 0 of the block */
    size_t stride;
    __mmask64 mask; /* columns that exist */
    bool full;      /* all of them: plain stores, masked ones are slow on Zen 4 */
    bool clamped;   /* by more than the range of bytes: most layers are not */
    int32_t zero;   /* as packing wants it: less CRL_REQUANT_CENTRE */
} target;

INLINE target target_of(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block)
{
    return (target){ .min = _mm512_set1_epi8((char)g->out.min),
                     .max = _mm512_set1_epi8((char)g->out.max),
                     .out = block->out + panel->first,
                     .stride = g->out_stride,
                     .mask = ~(__mmask64)0 >> (64 - panel->columns),
                     .full = panel->columns == panel->vectors * 16,
                     .clamped = g->out.min > 0 || g->out.max < 255,
                     .zero = g->out.zero_point - CRL_REQUANT_CENTRE };
}

/* Four vectors of results are 64 bytes in any case: 1 row of 4 vectors, 2 rows of 2 or 4 rows of 1. */
INLINE void store_group(__m512i y0, __m512i y1, __m512i y2, __m512i y3, int n, target to, uint8_t *out, int row,
                        int rows)
{
    const size_t s = to.stride;
    __m512i y = crl_requant_pack_avx512(y0, y1, y2, y3);
    if (to.clamped) y = _mm512_min_epu8(_mm512_max_epu8(y, to.min), to.max);
    out += (size_t)row * s;
    if (n == 4) {
        if (to.full)
            _mm512_storeu_si512(out, y);
        else
            _mm512_mask_storeu_epi8(out, to.mask, y);
    } else if (n == 2) {
        const __mmask32 mask = (__mmask32)to.mask;
        y = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), y);
        const __m256i z0 = _mm512_castsi512_si256(y), z1 = _mm512_extracti64x4_epi64(y, 1);
        if (to.full) {
            _mm256_storeu_si256((__m256i *)out, z0);
            if (row + 1 < rows) _mm256_storeu_si256((__m256i *)(out + s), z1);
        } else {
            _mm256_mask_storeu_epi8(out, mask, z0);
            if (row + 1 < rows) _mm256_mask_storeu_epi8(out + s, mask, z1);
        }
    } else {
        const __mmask16 mask = (__mmask16)to.mask;
        y = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), y);
        const __m128i z0 = _mm512_castsi512_si128(y), z1 = _mm512_extracti32x4_epi32(y, 1);
        const __m128i z2 = _mm512_extracti32x4_epi32(y, 2), z3 = _mm512_extracti32x4_epi32(y, 3);
        if (to.full) {
            _mm_storeu_si128((__m128i *)out, z0);
            if (row + 1 < rows) _mm_storeu_si128((__m128i *)(out + s), z1);
            if (row + 2 < rows) _mm_storeu_si128((__m128i *)(out + 2 * s), z2);
            if (row + 3 < rows) _mm_storeu_si128((__m128i *)(out + 3 * s), z3);
        } else {
            _mm_mask_storeu_epi8(out, mask, z0);
            if (row + 1 < rows) _mm_mask_storeu_epi8(out + s, mask, z1);
            if (row + 2 < rows) _mm_mask_storeu_epi8(out + 2 * s, mask, z2);
            if (row + 3 < rows) _mm_mask_storeu_epi8(out + 3 * s, mask, z3);
        }
    }
}

/* `count` accumulators, `stride` vectors apart, that have the same lanes. */
INLINE void requant_memory_as(__m512i *acc, int count, int stride, const crl_requant_lanes *q, crl_requant_form f, int32_t z)
{
    for (int i = 0; i < count; i++) acc[i * stride] = crl_requant_x16_avx512(acc[i * stride], q, f, z);
}

/* For lanes that no float form was found for, by memory, so that their code does not follow every tile. */
static __attribute__((noinline)) void requant_memory(__m512i *acc, int count, int stride, const crl_requant_lanes *q,
                                                     crl_requant_form f, int32_t z)
{
    switch (f) {
    case CRL_REQUANT_FLOAT_CUT: requant_memory_as(acc, count, stride, q, CRL_REQUANT_FLOAT_CUT, z); break;
    case CRL_REQUANT_FLOAT_ANY: requant_memory_as(acc, count, stride, q, CRL_REQUANT_FLOAT_ANY, z); break;
    case CRL_REQUANT_PATCHED_CUT: requant_memory_as(acc, count, stride, q, CRL_REQUANT_PATCHED_CUT, z); break;
    case CRL_REQUANT_PATCHED_ANY: requant_memory_as(acc, count, stride, q, CRL_REQUANT_PATCHED_ANY, z); break;
    case CRL_REQUANT_EXACT_CUT: requant_memory_as(acc, count, stride, q, CRL_REQUANT_EXACT_CUT, z); break;
    case CRL_REQUANT_EXACT_ANY: requant_memory_as(acc, count, stride, q, CRL_REQUANT_EXACT_ANY, z); break;
    case CRL_REQUANT_REAL: requant_memory_as(acc, count, stride, q, CRL_REQUANT_REAL, z); break;
    case CRL_REQUANT_SUMS: break; /* stored as they are */
    }
}

/* Whether all lanes of a panel have float forms, of one kind. */
INLINE bool is_float(const crl_gemm_panel *panel)
{
    return panel->form <= CRL_REQUANT_PATCHED_ANY;
}

INLINE bool is_any(const crl_gemm_panel *panel)
{
    return panel->form == CRL_REQUANT_FLOAT_ANY || panel->form == CRL_REQUANT_PATCHED_ANY;
}

#endif
