/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of bilinear resizing, eight channels a step. Where the channels are no multiple of eight, the last step
 * begins earlier and does some of them twice; below eight they are done one by one. */
#include "kernels/resize8.h"

#include <immintrin.h>

enum { STEP = 8 };

/* Vertical products of the row above (near) and below (far), for every column and channel: [2][in_w * channels]. */
static void float_row(float *rows, const uint8_t *above, const uint8_t *below, size_t n, const crl_resize_place *y)
{
    float *near = rows, *far = rows + n;
    for (size_t i = 0; i < n; i++) {
        near[i] = (float)above[i] * y->near.f;
        far[i] = (float)below[i] * y->far.f;
    }
}

static inline __m256i float_step(const float *rows, size_t n, size_t low, size_t high, __m256 near, __m256 far)
{
    const __m256 a = _mm256_mul_ps(_mm256_loadu_ps(rows + low), near);
    const __m256 b = _mm256_mul_ps(_mm256_loadu_ps(rows + n + low), near);
    const __m256 c = _mm256_mul_ps(_mm256_loadu_ps(rows + high), far);
    const __m256 d = _mm256_mul_ps(_mm256_loadu_ps(rows + n + high), far);
    const __m256 v = _mm256_add_ps(_mm256_add_ps(_mm256_add_ps(a, b), c), d);
    return _mm256_cvttps_epi32(_mm256_add_ps(v, _mm256_set1_ps(0.5f)));
}

static inline void store8(uint8_t *out, __m256i v)
{
    const __m128i w = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    _mm_storel_epi64((__m128i *)out, _mm_packus_epi16(w, w));
}

static void float_pixel(uint8_t *out, const float *rows, size_t n, const crl_resize_place *x, size_t channels)
{
    const size_t low = (size_t)x->low * channels, high = (size_t)x->high * channels;
    if (channels < STEP) {
        for (size_t c = 0; c < channels; c++) {
            const float v = rows[low + c] * x->near.f + rows[n + low + c] * x->near.f +
                            rows[high + c] * x->far.f + rows[n + high + c] * x->far.f;
            out[c] = (uint8_t)(int32_t)(v + 0.5f);
        }
        return;
    }
    const __m256 near = _mm256_set1_ps(x->near.f), far = _mm256_set1_ps(x->far.f);
    for (size_t c = 0; c + STEP <= channels; c += STEP) store8(out + c, float_step(rows, n, low + c, high + c, near, far));
    if (channels % STEP) {
        const size_t c = channels - STEP;
        store8(out + c, float_step(rows, n, low + c, high + c, near, far));
    }
}

void crl_resize8_float_avx2(uint8_t *out, const uint8_t *in, const crl_resize *r, const crl_resize_place *down,
                            const crl_resize_place *across, int32_t row0, int32_t row1, void *scratch)
{
    const size_t channels = (size_t)r->channels, n = (size_t)r->in_w * channels;
    for (int32_t y = row0; y < row1; y++) {
        float_row(scratch, in + (size_t)down[y].low * n, in + (size_t)down[y].high * n, n, &down[y]);
        uint8_t *row = out + (size_t)y * (size_t)r->out_w * channels;
        for (int32_t x = 0; x < r->out_w; x++) float_pixel(row + (size_t)x * channels, scratch, n, &across[x], channels);
    }
}

/* --- positions in 1/1024 ---------------------------------------------------------------------------- */

/* Both rows joined: exact in integers, and below 2^19 in magnitude. */
static void fixed_row(int32_t *row, const uint8_t *above, const uint8_t *below, size_t n, const crl_resize_place *y)
{
    for (size_t i = 0; i < n; i++) row[i] = (above[i] - 128) * y->near.q + (below[i] - 128) * y->far.q;
}

enum { BITS = 20, HALF = 1 << (BITS - 1) };

static inline __m256i fixed_step(const int32_t *row, size_t low, size_t high, __m256i near, __m256i far)
{
    const __m256i v = _mm256_add_epi32(_mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)(row + low)), near),
                                       _mm256_mullo_epi32(_mm256_loadu_si256((const __m256i *)(row + high)), far));
    /* Ties away from zero: a half, less one unless v > 0. */
    const __m256i positive = _mm256_cmpgt_epi32(v, _mm256_setzero_si256());
    const __m256i half = _mm256_sub_epi32(_mm256_set1_epi32(HALF - 1), positive);
    return _mm256_add_epi32(_mm256_srai_epi32(_mm256_add_epi32(v, half), BITS), _mm256_set1_epi32(128));
}

static void fixed_pixel(uint8_t *out, const int32_t *row, const crl_resize_place *x, size_t channels)
{
    const size_t low = (size_t)x->low * channels, high = (size_t)x->high * channels;
    if (channels < STEP) {
        for (size_t c = 0; c < channels; c++) {
            const int32_t v = row[low + c] * x->near.q + row[high + c] * x->far.q;
            out[c] = (uint8_t)(((v + HALF - (v <= 0)) >> BITS) + 128);
        }
        return;
    }
    const __m256i near = _mm256_set1_epi32(x->near.q), far = _mm256_set1_epi32(x->far.q);
    for (size_t c = 0; c + STEP <= channels; c += STEP) store8(out + c, fixed_step(row, low + c, high + c, near, far));
    if (channels % STEP) {
        const size_t c = channels - STEP;
        store8(out + c, fixed_step(row, low + c, high + c, near, far));
    }
}

void crl_resize8_fixed_avx2(uint8_t *out, const uint8_t *in, const crl_resize *r, const crl_resize_place *down,
                            const crl_resize_place *across, int32_t row0, int32_t row1, void *scratch)
{
    const size_t channels = (size_t)r->channels, n = (size_t)r->in_w * channels;
    for (int32_t y = row0; y < row1; y++) {
        fixed_row(scratch, in + (size_t)down[y].low * n, in + (size_t)down[y].high * n, n, &down[y]);
        uint8_t *row = out + (size_t)y * (size_t)r->out_w * channels;
        for (int32_t x = 0; x < r->out_w; x++) fixed_pixel(row + (size_t)x * channels, scratch, &across[x], channels);
    }
}
