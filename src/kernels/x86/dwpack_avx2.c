/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with AVX2, which has no dot product of bytes into 32 bits.
 *
 *   SUM_FAST  vpmaddubsw adds two rows of a column in 16 bits, three columns are added there, and one vpmaddwd
 *             joins the pairs of rows: seven instructions for nine taps of eight channels. No sum may leave 16
 *             bits: 255 * 128 does not, so the positive weights of what is summed may reach 128 together, and
 *             the negative ones -128.
 *   SUM_SPLIT the same, but the sums of each column are widened on their own, so that only they have to fit.
 *   SUM_SAFE  bytes widened to 16 bits, vpmaddwd: any weights. */
enum { OTHER_SUMS = 0x55 /* ALL_SPLIT */, THIRD_SUMS = 0, FIVE = 1 };

#include "kernels/x86/dwpack_ymm.h"

#include "kernels/dwpack_lanes.h"

/* Whether 16 bits hold what is summed there: rows r and r + 1 of all columns. */
static bool pair_fits(const int32_t (*w)[4], int columns, int r)
{
    int32_t up = 0, down = 0;
    for (int i = 0; i < columns; i++)
        for (int k = r; k < r + 2; k++) {
            if (w[i][k] < -128 || w[i][k] > 127) return false;
            *(w[i][k] > 0 ? &up : &down) += w[i][k];
        }
    return up <= 128 && down >= -128;
}

static bool fast_enough(const int32_t w[4])
{
    const int32_t(*one)[4] = (const int32_t(*)[4])w;
    return pair_fits(one, 1, 0) && pair_fits(one, 1, 2);
}

static int32_t within(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* Columns whose sums are added in 16 bits. What of the doubled row does not fit beside its neighbour goes to the other
 * pair, unless that is its own. */
static bool columns_fit(int32_t (*w)[4], int columns, int fourth)
{
    int32_t up = 128, down = -128;
    for (int i = 0; i < columns; i++) *(w[i][fourth ^ 1] > 0 ? &up : &down) -= w[i][fourth ^ 1];
    for (int i = 0; i < columns && fourth < 2; i++) {
        const int32_t all = w[i][fourth], part = within(all, within(down, -128, 0), within(up, 0, 127));
        *(part > 0 ? &up : &down) -= part;
        w[i][fourth] = part;
        w[i][3] = all - part;
    }
    const int32_t(*all)[4] = (const int32_t(*)[4])w;
    return pair_fits(all, columns, 0) && pair_fits(all, columns, 2);
}

static bool three_fit(int32_t w[3][4], int fourth, sum_mode mode)
{
    if (mode == SUM_FAST) return columns_fit(w, 3, fourth);
    return columns_fit(w, 1, fourth) && columns_fit(w + 1, 1, fourth) && columns_fit(w + 2, 1, fourth);
}

static void put_weights(term *t, int q, int lane, const int32_t w[4], sum_mode mode)
{
    if (mode != SUM_SAFE) {
        for (int r = 0; r < 4; r++) t->q[q][4 * lane + r] = (uint8_t)w[r];
    } else {
        const int16_t even[2] = { (int16_t)w[0], (int16_t)w[2] }, odd[2] = { (int16_t)w[1], (int16_t)w[3] };
        memcpy(&t->q[q][4 * lane], even, sizeof even);
        memcpy(&t->q[q][BLOCK + 4 * lane], odd, sizeof odd);
    }
}

CRL_INLINE lanes add_pairs(lanes acc, vec pairs)
{
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

CRL_INLINE lanes add_term(lanes acc, vec rows, const term *t, int q, sum_mode mode)
{
    if (mode != SUM_SAFE) return add_pairs(acc, _mm256_maddubs_epi16(rows, vec_load(t->q[q])));
    const vec even = _mm256_and_si256(rows, _mm256_set1_epi16(0xff)), odd = _mm256_srli_epi16(rows, 8);
    const vec sum = _mm256_add_epi32(_mm256_madd_epi16(even, vec_load(t->q[q])),
                                     _mm256_madd_epi16(odd, vec_load(t->q[q] + BLOCK)));
    return _mm256_add_epi32(acc, sum);
}

CRL_INLINE void add_three(lanes acc[QUARTERS], const column *c0, const column *c1, const column *c2, const column w[3],
                          const term *t, uint32_t sums)
{
    (void)w; /* there are not enough registers for them */
    for (int q = 0; q < QUARTERS; q++) {
        const sum_mode mode = mode_of(sums, q);
        if (mode == SUM_SAFE) {
            acc[q] = add_term(acc[q], c0->q[q], t, q, SUM_SAFE);
            acc[q] = add_term(acc[q], c1->q[q], t + 1, q, SUM_SAFE);
            acc[q] = add_term(acc[q], c2->q[q], t + 2, q, SUM_SAFE);
            continue;
        }
        const vec a = _mm256_maddubs_epi16(c0->q[q], vec_load(t[0].q[q]));
        const vec b = _mm256_maddubs_epi16(c1->q[q], vec_load(t[1].q[q]));
        const vec c = _mm256_maddubs_epi16(c2->q[q], vec_load(t[2].q[q]));
        if (mode == SUM_FAST)
            acc[q] = add_pairs(acc[q], _mm256_add_epi16(_mm256_add_epi16(a, b), c));
        else
            acc[q] = add_pairs(add_pairs(add_pairs(acc[q], a), b), c);
    }
}

const crl_dwpack_kernels crl_dwpack_avx2 = { "dwpack avx2", packed_bytes, pack, scratch_bytes, run_rows };
