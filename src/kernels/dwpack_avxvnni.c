/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 256-bit VNNI: as dwpack_avx512vnni.c, with 32 channels a block. */
#include "kernels/dwpack_ymm.h"

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

CRL_INLINE vec dot(vec acc, vec u8, vec s8)
{
    return _mm256_dpbusd_avx_epi32(acc, u8, s8);
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
