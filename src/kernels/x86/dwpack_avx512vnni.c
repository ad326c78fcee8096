/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 512-bit VNNI: 64 channels a block, a term in one instruction per quarter. */
#include <immintrin.h>

#include "kernels/x86/requant_avx512.h"

typedef __m512i vec, lanes;
enum { BLOCK = 64, BIAS = 0, OTHER_SUMS = 0, THIRD_SUMS = 0, FIVE = 2 };
static const crl_requant_form CUT = CRL_REQUANT_FLOAT_CUT, ANY = CRL_REQUANT_FLOAT_ANY, SLOW = CRL_REQUANT_EXACT_ANY;

#include "kernels/dwpack_dot.h"

/* The intrinsic makes gcc 12 copy accumulators from register to register. */
CRL_INLINE lanes dot(lanes acc, vec bytes, vec s8)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(bytes), "vm"(s8));
    return acc;
}

static void settle_block(block *b)
{
    if (b->form != CUT && b->form != ANY) b->form = SLOW;
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

CRL_INLINE column make_column(vec a, vec b, vec c, vec d)
{
    /* In registers: gcc would load b and d once for each of two instructions, and rows lie across cache lines. */
    __asm__("" : "+v"(b), "+v"(d));
    const vec ab0 = _mm512_unpacklo_epi8(a, b), ab1 = _mm512_unpackhi_epi8(a, b);
    const vec cd0 = _mm512_unpacklo_epi8(c, d), cd1 = _mm512_unpackhi_epi8(c, d);
    return (column){ { _mm512_unpacklo_epi16(ab0, cd0), _mm512_unpackhi_epi16(ab0, cd0), _mm512_unpacklo_epi16(ab1, cd1),
                       _mm512_unpackhi_epi16(ab1, cd1) } };
}

CRL_INLINE lanes lanes_load(const int32_t *p)
{
    return vec_load(p);
}

CRL_INLINE lanes requant(lanes acc, const block *b, int q, const packed_head *h, crl_requant_form form)
{
    return crl_requant_x16_avx512(acc, &b->requant[q], form, h->zero_point - CRL_REQUANT_CENTRE);
}

CRL_INLINE lanes patch(lanes y, lanes acc, const block *b, int q)
{
    return crl_requant_patch_x16_avx512(y, acc, &b->requant[q]);
}

CRL_INLINE vec pack_bytes(lanes y0, lanes y1, lanes y2, lanes y3, const packed_head *h)
{
    const vec bytes = crl_requant_pack_avx512(y0, y1, y2, y3);
    if (!h->clamped) return bytes;
    return _mm512_min_epu8(_mm512_max_epu8(bytes, vec_fill((uint8_t)h->min)), vec_fill((uint8_t)h->max));
}

const crl_dwpack_kernels crl_dwpack_avx512vnni = { "dwpack avx512vnni", packed_bytes, pack, scratch_bytes, run_rows };
