/* SPDX-License-Identifier: Apache-2.0 */
/* Four rows by 16 columns at a time. Past the last row its results are computed again. */
#include "kernels/matmul8.h"

#include <immintrin.h>
#include <string.h>

static void pack_rows(int16_t *to, const int8_t *a, const crl_matmul *m)
{
    const int16_t zero = (int16_t)m->a_zero;
    for (size_t i = 0; i < m->rows; i++) {
        for (size_t k = 0; k < m->depth; k++) *to++ = (int16_t)(a[i * m->row_a + k * m->k_a] - zero);
        if (m->depth % 2) *to++ = 0;
    }
}

static void pack_columns(int16_t *to, const int8_t *b, const crl_matmul *m, size_t columns)
{
    const int16_t zero = (int16_t)m->b_zero;
    for (size_t k = 0; k < m->depth; k += 2, to += 2 * columns) {
        const int8_t *even = b + k * m->k_b, *odd = k + 1 < m->depth ? even + m->k_b : NULL;
        for (size_t j = 0; j < m->cols; j++) {
            to[2 * j] = (int16_t)(even[j * m->col_b] - zero);
            to[2 * j + 1] = odd ? (int16_t)(odd[j * m->col_b] - zero) : 0;
        }
        memset(to + 2 * m->cols, 0, (columns - m->cols) * 2 * sizeof *to);
    }
}

typedef struct scaling {
    __m256i mult, right, half, zero;
    __m128i left, min, max;
} scaling;

/* The roundings of crl_requant_x8_avx2, form EXACT_ANY. */
static inline __m256i scaled(__m256i acc, const scaling *s)
{
    const __m256i x = _mm256_sll_epi32(acc, s->left), nudge = _mm256_set1_epi64x(1 << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, s->mult), nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), s->mult), nudge);
    __m256i v = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
    v = _mm256_sub_epi32(v, _mm256_min_epi32(_mm256_srli_epi32(acc, 31), s->half));
    return _mm256_add_epi32(_mm256_srav_epi32(_mm256_add_epi32(v, s->half), s->right), s->zero);
}

static inline void store16(int8_t *out, __m256i lo, __m256i hi, size_t n, const scaling *s)
{
    const __m256i w = _mm256_permute4x64_epi64(_mm256_packs_epi32(scaled(lo, s), scaled(hi, s)), 0xD8);
    const __m128i v = _mm_packs_epi16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
    const __m128i y = _mm_min_epi8(_mm_max_epi8(v, s->min), s->max);
    if (n == 16) {
        _mm_storeu_si128((__m128i *)out, y);
    } else {
        int8_t part[16];
        _mm_storeu_si128((__m128i *)part, y);
        memcpy(out, part, n);
    }
}

static inline __m256i pair_of(const int16_t *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm256_set1_epi32(pair);
}

/* `a` and `out` of four rows; n of 16 columns are wanted. */
static void block(int8_t *const out[4], const int16_t *const a[4], const int16_t *b, size_t pairs, size_t columns, size_t n,
                  const scaling *s)
{
    __m256i l0 = _mm256_setzero_si256(), h0 = l0, l1 = l0, h1 = l0, l2 = l0, h2 = l0, l3 = l0, h3 = l0;
    const int16_t *const a0 = a[0], *const a1 = a[1], *const a2 = a[2], *const a3 = a[3];
    for (size_t k = 0; k < pairs; k++, b += 2 * columns) {
        const __m256i lo = _mm256_loadu_si256((const __m256i *)b), hi = _mm256_loadu_si256((const __m256i *)(b + 16));
        const __m256i x0 = pair_of(a0 + 2 * k), x1 = pair_of(a1 + 2 * k), x2 = pair_of(a2 + 2 * k), x3 = pair_of(a3 + 2 * k);
        l0 = _mm256_add_epi32(l0, _mm256_madd_epi16(lo, x0));
        h0 = _mm256_add_epi32(h0, _mm256_madd_epi16(hi, x0));
        l1 = _mm256_add_epi32(l1, _mm256_madd_epi16(lo, x1));
        h1 = _mm256_add_epi32(h1, _mm256_madd_epi16(hi, x1));
        l2 = _mm256_add_epi32(l2, _mm256_madd_epi16(lo, x2));
        h2 = _mm256_add_epi32(h2, _mm256_madd_epi16(hi, x2));
        l3 = _mm256_add_epi32(l3, _mm256_madd_epi16(lo, x3));
        h3 = _mm256_add_epi32(h3, _mm256_madd_epi16(hi, x3));
    }
    store16(out[0], l0, h0, n, s);
    store16(out[1], l1, h1, n, s);
    store16(out[2], l2, h2, n, s);
    store16(out[3], l3, h3, n, s);
}

static void product(int8_t *out, const int16_t *a, const int16_t *b, const crl_matmul *m, size_t columns, const scaling *s)
{
    const size_t pairs = (m->depth + 1) / 2;
    for (size_t i = 0; i < m->rows; i += 4)
        for (size_t j = 0; j < m->cols; j += 16) {
            int8_t *to[4];
            const int16_t *from[4];
            for (size_t r = 0; r < 4; r++) {
                const size_t row = i + r < m->rows ? i + r : m->rows - 1;
                to[r] = out + row * m->cols + j;
                from[r] = a + row * pairs * 2;
            }
            block(to, from, b + 2 * j, pairs, columns, m->cols - j < 16 ? m->cols - j : 16, s);
        }
}

static size_t offset(const crl_matmul *m, const size_t *step, size_t index)
{
    size_t at = 0;
    for (int32_t d = m->rank - 1; d >= 0; d--) {
        at += index % m->dim[d] * step[d];
        index /= m->dim[d];
    }
    return at;
}

void crl_matmul8_avx2(int8_t *out, const int8_t *a, const int8_t *b, const crl_matmul *m, size_t first, size_t end, void *scratch)
{
    const size_t pairs = (m->depth + 1) / 2, columns = (m->cols + 15) / 16 * 16;
    int16_t *packed_a = scratch, *packed_b = packed_a + m->rows * pairs * 2;
    const int32_t left = m->scale.shift > 0 ? m->scale.shift : 0, right = m->scale.shift > 0 ? 0 : -m->scale.shift;
    const scaling s = { _mm256_set1_epi32(m->scale.mult), _mm256_set1_epi32(right),
                        _mm256_set1_epi32(right ? (int32_t)(UINT32_C(1) << (right - 1)) : 0), _mm256_set1_epi32(m->out_zero),
                        _mm_cvtsi32_si128(left), _mm_set1_epi8((char)m->min), _mm_set1_epi8((char)m->max) };
    size_t last_a = 0, last_b = 0;
    for (size_t i = first; i < end; i++) {
        const size_t at_a = offset(m, m->batch_a, i), at_b = offset(m, m->batch_b, i);
        if (i == first || at_a != last_a) pack_rows(packed_a, a + at_a, m);
        if (i == first || at_b != last_b) pack_columns(packed_b, b + at_b, m, columns);
        last_a = at_a;
        last_b = at_b;
        product(out + i * m->rows * m->cols, packed_a, packed_b, m, columns, &s);
    }
}
