/* SPDX-License-Identifier: Apache-2.0 */
/* 16 columns a step for the gates, 8 cells a step for what follows. */
#include <immintrin.h>

#include "kernels/lstm8_room.h"

/* (acc * mult + 2^30) >> 31 in even and odd lanes, then the shift to the right with its own rounding, ties away from zero:
 * crl_requant_x8_avx2, form EXACT_ANY. */
static inline __m256i scale8(__m256i acc, __m256i m, __m256i left, __m256i right, __m256i half)
{
    const __m256i x = _mm256_sllv_epi32(acc, left), nudge = _mm256_set1_epi64x(1 << 30);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, m), nudge);
    const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(m, 32)), nudge);
    __m256i v = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);
    v = _mm256_sub_epi32(v, _mm256_min_epi32(_mm256_srli_epi32(acc, 31), half));
    return _mm256_srav_epi32(_mm256_add_epi32(v, half), right);
}

static inline __m256i load(const void *p)
{
    return _mm256_loadu_si256(p);
}

static inline __m256i saturated16(__m256i x)
{
    return _mm256_min_epi32(_mm256_max_epi32(x, _mm256_set1_epi32(INT16_MIN)), _mm256_set1_epi32(INT16_MAX));
}

/* The scaled product of columns c .. c + 15 with a vector, in two halves. */
static inline void product16(__m256i out[2], const crl_lstm8_product *p, const int16_t *x, size_t columns, size_t c)
{
    __m256i lo = load(p->bias + c), hi = load(p->bias + c + 8);
    const int16_t *w = p->weights + 2 * c;
    for (int32_t k = 0; k < p->pairs; k++, w += 2 * columns) {
        int32_t pair;
        memcpy(&pair, x + 2 * k, sizeof pair);
        const __m256i both = _mm256_set1_epi32(pair);
        lo = _mm256_add_epi32(lo, _mm256_madd_epi16(load(w), both));
        hi = _mm256_add_epi32(hi, _mm256_madd_epi16(load(w + 16), both));
    }
    out[0] = scale8(lo, load(p->mult + c), load(p->left + c), load(p->right + c), load(p->half + c));
    out[1] = scale8(hi, load(p->mult + c + 8), load(p->left + c + 8), load(p->right + c + 8), load(p->half + c + 8));
}

static inline __m256i pack16(__m256i lo, __m256i hi)
{
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(lo, hi), 0xD8);
}

static void find_gates(const crl_lstm8 *p, const room *r)
{
    for (size_t c = 0; c < (size_t)p->columns; c += 16) {
        __m256i a[2], b[2];
        product16(a, &p->input, r->input, (size_t)p->columns, c);
        product16(b, &p->recurrent, r->state, (size_t)p->columns, c);
        const __m256i lo = _mm256_add_epi32(saturated16(a[0]), b[0]), hi = _mm256_add_epi32(saturated16(a[1]), b[1]);
        _mm256_storeu_si256((__m256i *)(r->gates + c), pack16(lo, hi));
    }
}

static inline __m256i widened(const int16_t *p)
{
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)p));
}

/* x / 2^n, ties away from zero; n > 0. */
static inline __m256i shift_right(__m256i x, int32_t n)
{
    const __m256i half = _mm256_set1_epi32(1 << (n - 1));
    return _mm256_sra_epi32(_mm256_add_epi32(_mm256_add_epi32(x, half), _mm256_srai_epi32(x, 31)), _mm_cvtsi32_si128(n));
}

/* The low 16 bits, with their sign. */
static inline __m256i cut16(__m256i x)
{
    return _mm256_srai_epi32(_mm256_slli_epi32(x, 16), 16);
}

static void update_cells(const crl_lstm8 *p, const room *r)
{
    const crl_lstm_s8 *l = p->lstm;
    const int16_t *forget = r->open + (l->no_input_gate ? 0 : l->n_cell);
    const __m256i clip = _mm256_set1_epi32(l->cell_clip > 0 ? l->cell_clip : INT16_MAX);
    const __m256i least = _mm256_set1_epi32(l->cell_clip > 0 ? -l->cell_clip : INT16_MIN);
    for (int32_t i = 0; i < l->n_cell; i += 8) {
        const __m256i f = widened(forget + i);
        const __m256i share = l->no_input_gate ? _mm256_sub_epi32(_mm256_set1_epi32(INT16_MAX), f) : widened(r->open + i);
        const __m256i kept = cut16(shift_right(_mm256_mullo_epi32(f, widened(r->cell + i)), 15));
        const __m256i added = cut16(shift_right(_mm256_mullo_epi32(share, widened(r->level + i)), 30 + l->cell_log2));
        const __m256i sum = _mm256_max_epi32(_mm256_min_epi32(_mm256_add_epi32(kept, added), clip), least);
        _mm_storeu_si128((__m128i *)(r->cell + i), _mm256_castsi256_si128(pack16(sum, sum)));
    }
}

static void write_state(const crl_lstm8 *p, const room *r, int8_t *state)
{
    const crl_lstm_s8 *l = p->lstm;
    const int16_t *output = r->open + (l->no_input_gate ? 1 : 2) * l->n_cell;
    const __m256i mult = _mm256_set1_epi32(l->hidden_scale.mult), right = _mm256_set1_epi32(-l->hidden_scale.shift);
    const __m256i half = _mm256_set1_epi32(p->hidden_half), zero = _mm256_set1_epi32(l->hidden_zero);
    for (int32_t i = 0; i < l->n_cell; i += 8) {
        const __m256i m = _mm256_mullo_epi32(widened(output + i), widened(r->level + i));
        const __m256i v = _mm256_add_epi32(scale8(m, mult, _mm256_setzero_si256(), right, half), zero);
        const __m128i w = _mm256_castsi256_si128(pack16(v, v));
        int8_t eight[16];
        _mm_storeu_si128((__m128i *)eight, _mm_packs_epi16(w, w));
        memcpy(state + i, eight, l->n_cell - i < 8 ? (size_t)(l->n_cell - i) : 8);
    }
}

void crl_lstm8_step_avx2(const void *layer, const int8_t *input, size_t n_batch, int8_t *state, int16_t *cell, void *scratch)
{
    static const stages all = { find_gates, update_cells, write_state, crl_logistic16_avx2, crl_tanh16_avx2 };
    step(layer, input, n_batch, state, cell, scratch, &all);
}
