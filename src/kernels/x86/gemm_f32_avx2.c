/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm_f32 kernels of this level: tiles of 6 rows x 16 columns and 6 x 8. */
#include "kernels/x86/f32_avx2.h"

#include "kernels/gemm_f32_frame.h"

void crl_gemm_f32_block_avx2(const crl_gemm_f32 *g, const crl_gemm_f32_block *block, int32_t panel0, int32_t panel1)
{
    multiply_mode(g, block, panel0, panel1, 2);
}
