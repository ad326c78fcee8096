/* SPDX-License-Identifier: Apache-2.0 */
/* The gemm_s16 kernels of this level: tiles of 6 rows x 64 columns and 6 x 32, by vpdpwssd. */
#include "kernels/x86/s16_avx512.h"

#include "kernels/gemm_s16_frame.h"

void crl_gemm_s16_block_avx512vnni(const crl_gemm_s16 *g, const crl_gemm_s16_block *block, int32_t panel0, int32_t panel1)
{
    multiply_panels(g, block, panel0, panel1, 2);
}
