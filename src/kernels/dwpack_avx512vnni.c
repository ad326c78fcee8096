/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 512-bit VNNI: 64 channels a block, a term in one instruction per quarter. SUM_SAFE is for
 * weights that leave int8: the rest goes through a second instruction. */
#include <immintrin.h>

typedef __m512i vec;
enum { BLOCK = 64 };

#include "kernels/dwpack_x86.h"
#include "kernels/requant_avx512.h"

static bool fast_enough(const int32_t w[][4], int32_t columns)
{
    for (int32_t i = 0; i < columns; i++)
        for (int r = 0; r < 4; r++)
            if (w[i][r] < -128 || w[i][r] > 127) return false;
    return true;
}

static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode)
{
    (void)mode;
    for (int r = 0; r < 4; r++) {
        const int32_t fits = w[r] < -128 ? -128 : w[r] > 127 ? 127 : w[r];
        t->q[q][4 * lane + r] = (uint8_t)fits;
        t->q[q][BLOCK + 4 * lane + r] = (uint8_t)(w[r] - fits);
    }
}

CRL_INLINE void add_term(vec acc[QUARTERS], const column *c, const term *t, sum_mode mode)
{
    for (int q = 0; q < QUARTERS; q++) {
        acc[q] = _mm512_dpbusd_epi32(acc[q], c->q[q], vec_load(t->q[q]));
        if (mode == SUM_SAFE) acc[q] = _mm512_dpbusd_epi32(acc[q], c->q[q], vec_load(t->q[q] + BLOCK));
    }
}

CRL_INLINE void add_three_terms(vec acc[QUARTERS], const column *c0, const column *c1, const column *c2, const term *t,
                                sum_mode mode)
{
    add_term(acc, c0, t, mode);
    add_term(acc, c1, t + 1, mode);
    add_term(acc, c2, t + 2, mode);
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

CRL_INLINE vec load_halves(const uint8_t *a, const uint8_t *b)
{
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)a)),
                              _mm256_loadu_si256((const __m256i *)b), 1);
}

CRL_INLINE vec load_quarters(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d)
{
    const __m256i ab = _mm256_loadu2_m128i((const __m128i *)b, (const __m128i *)a);
    const __m256i cd = _mm256_loadu2_m128i((const __m128i *)d, (const __m128i *)c);
    return _mm512_inserti64x4(_mm512_castsi256_si512(ab), cd, 1);
}

CRL_INLINE __mmask64 first_bytes(int32_t width)
{
    return ~UINT64_C(0) >> (BLOCK - width);
}

CRL_INLINE vec load_masked(const uint8_t *p, int32_t width)
{
    return _mm512_maskz_loadu_epi8(first_bytes(width), p);
}

CRL_INLINE void store_halves(uint8_t *a, uint8_t *b, vec v)
{
    _mm256_storeu_si256((__m256i *)a, _mm512_castsi512_si256(v));
    _mm256_storeu_si256((__m256i *)b, _mm512_extracti64x4_epi64(v, 1));
}

CRL_INLINE void store_quarters(uint8_t *a, uint8_t *b, uint8_t *c, uint8_t *d, vec v)
{
    _mm_storeu_si128((__m128i *)a, _mm512_castsi512_si128(v));
    _mm_storeu_si128((__m128i *)b, _mm512_extracti32x4_epi32(v, 1));
    _mm_storeu_si128((__m128i *)c, _mm512_extracti32x4_epi32(v, 2));
    _mm_storeu_si128((__m128i *)d, _mm512_extracti32x4_epi32(v, 3));
}

CRL_INLINE void store_masked(uint8_t *p, int32_t width, vec v)
{
    _mm512_mask_storeu_epi8(p, first_bytes(width), v);
}

CRL_INLINE column interleave(vec a, vec b, vec c, vec d)
{
    const vec ab0 = _mm512_unpacklo_epi8(a, b), ab1 = _mm512_unpackhi_epi8(a, b);
    const vec cd0 = _mm512_unpacklo_epi8(c, d), cd1 = _mm512_unpackhi_epi8(c, d);
    return (column){ { _mm512_unpacklo_epi16(ab0, cd0), _mm512_unpackhi_epi16(ab0, cd0), _mm512_unpacklo_epi16(ab1, cd1),
                       _mm512_unpackhi_epi16(ab1, cd1) } };
}

CRL_INLINE vec finish_as(const vec acc[QUARTERS], const block *b, int32_t zero_point, crl_requant_form form)
{
    return crl_requant_pack_avx512(crl_requant_x16_avx512(acc[0], &b->requant[0], form, zero_point),
                                   crl_requant_x16_avx512(acc[1], &b->requant[1], form, zero_point),
                                   crl_requant_x16_avx512(acc[2], &b->requant[2], form, zero_point),
                                   crl_requant_x16_avx512(acc[3], &b->requant[3], form, zero_point));
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
