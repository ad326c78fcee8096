/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 256-bit VNNI: as dwpack_avx512vnni.c, with 32 channels a block. */
enum { OTHER_SUMS = 0, THIRD_SUMS = 0, FIVE = 1 };

#include "kernels/x86/dwpack_ymm.h"

#include "kernels/dwpack_dot.h"

CRL_INLINE lanes dot(lanes acc, vec bytes, vec s8)
{
    return _mm256_dpbusd_avx_epi32(acc, bytes, s8);
}

const crl_dwpack_kernels crl_dwpack_avxvnni = { "dwpack avxvnni", packed_bytes, pack, scratch_bytes, run_rows };
