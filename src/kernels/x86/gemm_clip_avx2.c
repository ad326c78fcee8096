/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping, 32 weights a step. Hardly any weight needs it, so that the search for those that do is what counts. */
#include "kernels/gemm_clip.h"

#include <immintrin.h>

static inline int64_t sum_of(__m256i four)
{
    const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(four), _mm256_extracti128_si256(four, 1));
    return _mm_cvtsi128_si64(two) + _mm_extract_epi64(two, 1);
}

/* Whole vectors of signed bytes (unsigned ones with bit 7 flipped) minus `zero`. Saturating subtraction clips, and
 * differs from plain subtraction where it does; then the sums are not those of the weights. */
static inline __attribute__((always_inline)) crl_gemm_sums clip(int8_t *to, const void *from, size_t n, int32_t zero,
                                                                uint8_t flip)
{
    const __m256i f = _mm256_set1_epi8((char)flip), z = _mm256_set1_epi8((char)zero), none = _mm256_setzero_si256();
    __m256i sum = none, magnitude = none, differ = none;
    for (size_t i = 0; i < n; i += 32) {
        const __m256i x = _mm256_xor_si256(f, _mm256_loadu_si256((const __m256i *)((const uint8_t *)from + i)));
        const __m256i v = _mm256_subs_epi8(x, z);
        differ = _mm256_or_si256(differ, _mm256_xor_si256(v, _mm256_sub_epi8(x, z)));
        _mm256_storeu_si256((__m256i *)(to + i), v);
        sum = _mm256_add_epi64(sum, _mm256_sad_epu8(_mm256_xor_si256(v, _mm256_set1_epi8(-128)), none));
        magnitude = _mm256_add_epi64(magnitude, _mm256_sad_epu8(_mm256_abs_epi8(v), none));
    }
    const int64_t s = sum_of(sum) - 128 * (int64_t)n, m = sum_of(magnitude);
    return (crl_gemm_sums){ (s + m) / 2, (s - m) / 2, !_mm256_testz_si256(differ, differ) };
}

static crl_gemm_sums add(crl_gemm_sums a, crl_gemm_sums b)
{
    return (crl_gemm_sums){ a.positive + b.positive, a.negative + b.negative, a.clipped || b.clipped };
}

crl_gemm_sums crl_gemm_clip_u8_avx2(int8_t *to, const uint8_t *from, size_t n, int32_t zero)
{
    const size_t whole = n / 32 * 32;
    const crl_gemm_sums a = clip(to, from, whole, zero - 128, 0x80);
    if (a.clipped) return crl_gemm_clip_u8_ref(to, from, n, zero);
    return add(a, crl_gemm_clip_u8_ref(to + whole, from + whole, n - whole, zero));
}

crl_gemm_sums crl_gemm_clip_s8_avx2(int8_t *to, const int8_t *from, size_t n, int32_t zero)
{
    const size_t whole = n / 32 * 32;
    const crl_gemm_sums a = clip(to, from, whole, zero, 0);
    if (a.clipped) return crl_gemm_clip_s8_ref(to, from, n, zero);
    return add(a, crl_gemm_clip_s8_ref(to + whole, from + whole, n - whole, zero));
}

/* Sums over groups of 1, 2 or 4 steps, in the place of each of their steps: 16 bits for each pair of channels. */
static inline __m256i group_sums(__m256i bytes, int32_t group)
{
    __m256i s = _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1));
    if (group > 1) s = _mm256_add_epi16(s, _mm256_shuffle_epi32(s, _MM_SHUFFLE(2, 3, 0, 1)));
    if (group > 2) s = _mm256_add_epi16(s, _mm256_shuffle_epi32(s, _MM_SHUFFLE(1, 0, 3, 2)));
    return s;
}

void crl_gemm_bound_avx2(int8_t *w, bool *lost, size_t steps, int32_t group)
{
    const __m256i zero = _mm256_setzero_si256(), most = _mm256_set1_epi16(128);
    size_t s = 0;
    for (; s + 8 <= steps; s += 8) { /* a multiple of every group */
        const __m256i v = _mm256_loadu_si256((const __m256i *)(w + 4 * s));
        const __m256i positive = group_sums(_mm256_max_epi8(v, zero), group);
        const __m256i negative = group_sums(_mm256_sub_epi8(zero, _mm256_min_epi8(v, zero)), group);
        const __m256i over = _mm256_or_si256(_mm256_cmpgt_epi16(positive, most), _mm256_cmpgt_epi16(negative, most));
        const uint32_t mask = (uint32_t)_mm256_movemask_epi8(over); /* four bits for each step */
        if (!mask) continue;
        for (size_t i = 0; i < 8; i += (size_t)group)
            if (mask >> (4 * i) & 15) crl_gemm_bound_ref(w + 4 * (s + i), lost + s + i, (size_t)group, group);
    }
    crl_gemm_bound_ref(w + 4 * s, lost + s, steps - s, group);
}

/* Eight steps of eight columns: a transposition of 8 x 8 words of 32 bits. */
static inline void columns8(int8_t *to, size_t stride, const int8_t *const from[8], size_t at)
{
    __m256i r[8], p[8], q[8];
    for (int i = 0; i < 8; i++)
        r[i] = from[i] ? _mm256_loadu_si256((const __m256i *)(from[i] + at)) : _mm256_setzero_si256();
    for (int i = 0; i < 8; i += 2) {
        p[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        p[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        q[i] = _mm256_unpacklo_epi64(p[i], p[i + 2]);
        q[i + 1] = _mm256_unpackhi_epi64(p[i], p[i + 2]);
        q[i + 2] = _mm256_unpacklo_epi64(p[i + 1], p[i + 3]);
        q[i + 3] = _mm256_unpackhi_epi64(p[i + 1], p[i + 3]);
    }
    for (size_t i = 0; i < 4; i++) {
        _mm256_storeu_si256((__m256i *)(to + i * stride), _mm256_permute2x128_si256(q[i], q[i + 4], 0x20));
        _mm256_storeu_si256((__m256i *)(to + (i + 4) * stride), _mm256_permute2x128_si256(q[i], q[i + 4], 0x31));
    }
}

void crl_gemm_columns_avx2(int8_t *to, size_t stride, const int8_t *const from[8], size_t steps)
{
    size_t s = 0;
    for (; s + 8 <= steps; s += 8) columns8(to + s * stride, stride, from, 4 * s);
    const int8_t *rest[8];
    for (int i = 0; i < 8; i++) rest[i] = from[i] ? from[i] + 4 * s : NULL;
    crl_gemm_columns_ref(to + s * stride, stride, rest, steps - s);
}
