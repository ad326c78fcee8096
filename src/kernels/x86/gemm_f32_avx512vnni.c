/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm_f32 kernels of this level: tiles of 6 rows x 64 columns, 6 x 32 and 6 x 16. Half a vector is one of
 * gemm_f32_avx2.c. */
#include "kernels/x86/f32_avx512.h"

#include "kernels/gemm_f32_frame.h"

void crl_gemm_f32_block_avx512vnni(const crl_gemm_f32 *g, const crl_gemm_f32_block *block, int32_t panel0, int32_t panel1)
{
    const int32_t last = panel1 > panel0 && g->panel[panel1 - 1].half ? panel1 - 1 : panel1;
    multiply_mode(g, block, panel0, last, 4);
    if (last < panel1) crl_gemm_f32_block_avx2(g, block, last, panel1);
}
