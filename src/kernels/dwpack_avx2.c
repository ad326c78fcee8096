/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with AVX2, which has no dot product of bytes into 32 bits.
 *
 *   SUM_FAST  vpmaddubsw adds two rows of a column in 16 bits, three columns are added there, and one vpmaddwd
 *             joins the pairs of rows: seven instructions for nine taps of eight channels. No sum may leave 16
 *             bits: 255 * 128 does not, so the positive weights of what is summed may reach 128 together, and
 *             the negative ones -128.
 *   SUM_SAFE  bytes widened to 16 bits, vpmaddwd: any weights. */
#include "kernels/dwpack_ymm.h"

static bool fast_enough(const int32_t w[][4], int32_t columns)
{
    for (int r = 0; r < 4; r += 2) {
        int32_t up = 0, down = 0;
        for (int32_t i = 0; i < columns; i++)
            for (int k = r; k < r + 2; k++) {
                if (w[i][k] < -128 || w[i][k] > 127) return false;
                up += w[i][k] > 0 ? w[i][k] : 0;
                down += w[i][k] < 0 ? w[i][k] : 0;
            }
        if (up > 128 || down < -128) return false;
    }
    return true;
}

static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode)
{
    if (mode == SUM_FAST) {
        for (int r = 0; r < 4; r++) t->q[q][4 * lane + r] = (uint8_t)w[r];
    } else {
        const int16_t even[2] = { (int16_t)w[0], (int16_t)w[2] }, odd[2] = { (int16_t)w[1], (int16_t)w[3] };
        memcpy(&t->q[q][4 * lane], even, sizeof even);
        memcpy(&t->q[q][BLOCK + 4 * lane], odd, sizeof odd);
    }
}

CRL_INLINE void add_term(vec acc[QUARTERS], const column *c, const term *t, sum_mode mode)
{
    for (int q = 0; q < QUARTERS; q++) {
        if (mode == SUM_FAST) {
            const vec pairs = _mm256_maddubs_epi16(c->q[q], vec_load(t->q[q]));
            acc[q] = _mm256_add_epi32(acc[q], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
        } else {
            const vec even = _mm256_and_si256(c->q[q], _mm256_set1_epi16(0xff)), odd = _mm256_srli_epi16(c->q[q], 8);
            const vec sum = _mm256_add_epi32(_mm256_madd_epi16(even, vec_load(t->q[q])),
                                             _mm256_madd_epi16(odd, vec_load(t->q[q] + BLOCK)));
            acc[q] = _mm256_add_epi32(acc[q], sum);
        }
    }
}

CRL_INLINE void add_three_terms(vec acc[QUARTERS], const column *c0, const column *c1, const column *c2, const term *t,
                                sum_mode mode)
{
    if (mode == SUM_SAFE) {
        add_term(acc, c0, t, mode);
        add_term(acc, c1, t + 1, mode);
        add_term(acc, c2, t + 2, mode);
        return;
    }
    for (int q = 0; q < QUARTERS; q++) {
        const vec a = _mm256_maddubs_epi16(c0->q[q], vec_load(t[0].q[q]));
        const vec b = _mm256_maddubs_epi16(c1->q[q], vec_load(t[1].q[q]));
        const vec c = _mm256_maddubs_epi16(c2->q[q], vec_load(t[2].q[q]));
        const vec pairs = _mm256_add_epi16(_mm256_add_epi16(a, b), c);
        acc[q] = _mm256_add_epi32(acc[q], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
}

size_t crl_dwpack_bytes_avx2(const crl_dwpack_spec *spec)
{
    return packed_bytes(spec);
}

void crl_dwpack_pack_avx2(void *packed, const crl_dwpack_spec *spec)
{
    pack(packed, spec);
}

size_t crl_dwpack_scratch_avx2(const crl_dwpack_spec *spec)
{
    return scratch_bytes(spec);
}

void crl_dwpack_run_avx2(const void *packed, uint8_t *out, const uint8_t *in, int32_t first_row, int32_t last_row,
                               void *scratch)
{
    run_rows(packed, out, in, first_row, last_row, scratch);
}
