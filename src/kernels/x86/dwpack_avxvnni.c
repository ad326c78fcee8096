/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with 256-bit VNNI: as dwpack_avx512vnni.c, with 32 channels a block. */
enum { OTHER_SUMS = 0, THIRD_SUMS = 0 };

#include "kernels/x86/dwpack_ymm.h"

#include "kernels/dwpack_dot.h"

CRL_INLINE lanes dot(lanes acc, vec bytes, vec s8)
{
    return _mm256_dpbusd_avx_epi32(acc, bytes, s8);
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
