/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 256-bit VNNI: as dwpack_avx512vnni.c, with 32 channels a block. */
#include "kernels/dwpack_ymm.h"

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
        acc[q] = _mm256_dpbusd_avx_epi32(acc[q], c->q[q], vec_load(t->q[q]));
        if (mode == SUM_SAFE) acc[q] = _mm256_dpbusd_avx_epi32(acc[q], c->q[q], vec_load(t->q[q] + BLOCK));
    }
}

CRL_INLINE void add_three_terms(vec acc[QUARTERS], const column *c0, const column *c1, const column *c2, const term *t,
                                sum_mode mode)
{
    add_term(acc, c0, t, mode);
    add_term(acc, c1, t + 1, mode);
    add_term(acc, c2, t + 2, mode);
}

size_t crl_dwpack_bytes_avxvnni(const crl_dwpack_spec *spec)
{
    return packed_bytes(spec);
}

void crl_dwpack_pack_avxvnni(void *packed, const crl_dwpack_spec *spec)
{
    pack(packed, spec);
}

size_t crl_dwpack_scratch_avxvnni(const crl_dwpack_spec *spec)
{
    return scratch_bytes(spec);
}

void crl_dwpack_run_avxvnni(const void *packed, uint8_t *out, const uint8_t *in, int32_t first_row, int32_t last_row,
                               void *scratch)
{
    run_rows(packed, out, in, first_row, last_row, scratch);
}
