/* SPDX-License-Identifier: Apache-2.0 */
/* tdpbusd on full tiles, four tiles of sums. */
#include "kernels/peak.h"

#include <immintrin.h>

uint64_t crl_peak_amx(uint64_t macs)
{
    enum { STEP = 4 * 16 * 16 * 64 };
    const uint64_t steps = macs / STEP + 1;
    /* Palette 1; from byte 16 on the bytes of a row, two each; from byte 48 on the rows. */
    _Alignas(64) uint8_t configuration[64] = { 1 };
    for (int i = 0; i < 8; i++) {
        configuration[16 + 2 * i] = 64;
        configuration[48 + i] = 16;
    }
    __asm__ volatile("" : : "r"(configuration) : "memory"); /* see gemm_amx.c */
    _tile_loadconfig(configuration);
    for (uint64_t i = 0; i < steps; i++) {
        _tile_dpbusd(0, 4, 6);
        _tile_dpbusd(1, 4, 7);
        _tile_dpbusd(2, 5, 6);
        _tile_dpbusd(3, 5, 7);
    }
    _tile_release();
    return steps * STEP;
}
