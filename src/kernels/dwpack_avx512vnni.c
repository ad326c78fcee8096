/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 512-bit VNNI: 64 channels a block, a term in one instruction per quarter. SUM_SAFE is for
 * weights that leave int8: the rest goes through a second instruction. */
#include <immintrin.h>

typedef __m512i vec;
enum { BLOCK = 64 };

#include "kernels/dwpack_x86.h"
#include "kernels/requant_avx512.h"

static bool fast_enough(const int32_t w[4])
{
    for (int r = 0; r < 4; r++)
        if (w[r] < -128 || w[r] > 127) return false;
    return true;
}

static bool fast_with_fourth(int32_t w[3][4], int fourth)
{
    for (int i = 0; i < 3; i++) {
        const int32_t all = w[i][fourth];
        w[i][fourth] = all < -128 ? -128 : all > 127 ? 127 : all;
        w[i][3] = all - w[i][fourth];
    }
    return fast_enough(w[0]) && fast_enough(w[1]) && fast_enough(w[2]);
}

static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode)
{
    (void)mode;
    for (int r = 0; r < 4; r++) {
        const int32_t part = w[r] < -128 ? -128 : w[r] > 127 ? 127 : w[r];
        t->q[q][4 * lane + r] = (uint8_t)part;
        t->q[q][BLOCK + 4 * lane + r] = (uint8_t)(w[r] - part);
    }
}

/* The intrinsic makes gcc 12 copy accumulators from register to register. */
CRL_INLINE vec dot(vec acc, vec u8, vec s8)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(u8), "vm"(s8));
    return acc;
}

CRL_INLINE vec add_term(vec acc, vec rows, const term *t, int q, sum_mode mode)
{
    acc = dot(acc, rows, vec_load(t->q[q]));
    return mode == SUM_SAFE ? dot(acc, rows, vec_load(t->q[q] + BLOCK)) : acc;
}

CRL_INLINE void add_three(vec acc[QUARTERS], const column *c0, const column *c1, const column *c2, const column w[3],
                          const term *t, uint32_t safe)
{
    for (int q = 0; q < QUARTERS; q++) acc[q] = dot(acc[q], c0->q[q], w[0].q[q]);
    for (int q = 0; q < QUARTERS; q++) acc[q] = dot(acc[q], c1->q[q], w[1].q[q]);
    for (int q = 0; q < QUARTERS; q++) acc[q] = dot(acc[q], c2->q[q], w[2].q[q]);
    if (!safe) return;
    for (int q = 0; q < QUARTERS; q++)
        if (safe >> q & 1) {
            acc[q] = dot(acc[q], c0->q[q], vec_load(t[0].q[q] + BLOCK));
            acc[q] = dot(acc[q], c1->q[q], vec_load(t[1].q[q] + BLOCK));
            acc[q] = dot(acc[q], c2->q[q], vec_load(t[2].q[q] + BLOCK));
        }
}

CRL_INLINE vec vec_fill(uint8_t byte)
{
    return _mm512_set1_epi8((char)byte);
}

CRL_INLINE vec vec_load(const void *p)
{
    return _mm512_loadu_si512(p);
}

CRL_INLINE void vec_store(void *p, vec v)
{
    _mm512_storeu_si512(p, v);
}

CRL_INLINE column interleave(vec a, vec b, vec c, vec d)
{
    const vec ab0 = _mm512_unpacklo_epi8(a, b), ab1 = _mm512_unpackhi_epi8(a, b);
    const vec cd0 = _mm512_unpacklo_epi8(c, d), cd1 = _mm512_unpackhi_epi8(c, d);
    return (column){ { _mm512_unpacklo_epi16(ab0, cd0), _mm512_unpackhi_epi16(ab0, cd0), _mm512_unpacklo_epi16(ab1, cd1),
                       _mm512_unpackhi_epi16(ab1, cd1) } };
}

CRL_INLINE vec requant(vec acc, const block *b, int q, int32_t zero_point, crl_requant_form form)
{
    return crl_requant_x16_avx512(acc, &b->requant[q], form, zero_point);
}

CRL_INLINE vec patch(vec y, vec acc, const block *b, int q)
{
    return crl_requant_patch_x16_avx512(y, acc, &b->requant[q]);
}

CRL_INLINE vec pack_bytes(vec y0, vec y1, vec y2, vec y3)
{
    return crl_requant_pack_avx512(y0, y1, y2, y3);
}

CRL_INLINE vec vec_clamp(vec v, uint8_t min, uint8_t max)
{
    return _mm512_min_epu8(_mm512_max_epu8(v, vec_fill(min)), vec_fill(max));
}

size_t crl_dwpack_bytes_avx512vnni(const crl_dwpack_spec *spec)
{
    return packed_bytes(spec);
}

void crl_dwpack_pack_avx512vnni(void *packed, const crl_dwpack_spec *spec)
{
    pack(packed, spec);
}

size_t crl_dwpack_scratch_avx512vnni(const crl_dwpack_spec *spec)
{
    return scratch_bytes(spec);
}

void crl_dwpack_run_avx512vnni(const void *packed, uint8_t *out, const uint8_t *in, int32_t first_row, int32_t last_row,
                               void *scratch)
{
    run_rows(packed, out, in, first_row, last_row, scratch);
}
