/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm_s16 kernels of this level: tiles of 6 rows x 16 columns, by vpmaddwd. */
#include "kernels/x86/s16_avx2.h"

#include "kernels/gemm_s16_frame.h"

void crl_gemm_s16_block_avx2(const crl_gemm_s16 *g, const crl_gemm_s16_block *block, int32_t panel0, int32_t panel1)
{
    multiply_panels(g, block, panel0, panel1, 1);
}
