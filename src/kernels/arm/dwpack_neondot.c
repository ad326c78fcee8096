/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with SDOT: 16 channels a block, a term in one instruction per quarter. */
enum { OTHER_SUMS = 0, THIRD_SUMS = 0, FIVE = 0 };

#include "kernels/arm/dwpack_neon.h"

#include "kernels/dwpack_dot.h"

CRL_INLINE lanes dot(lanes acc, vec bytes, vec s8)
{
    return vdotq_s32(acc, vreinterpretq_s8_u8(bytes), vreinterpretq_s8_u8(s8));
}

CRL_INLINE column make_column(vec a, vec b, vec c, vec d)
{
    const uint8x16x2_t ab = vzipq_u8(flipped(a), flipped(b)), cd = vzipq_u8(flipped(c), flipped(d));
    const uint16x8x2_t lo = vzipq_u16(vreinterpretq_u16_u8(ab.val[0]), vreinterpretq_u16_u8(cd.val[0]));
    const uint16x8x2_t hi = vzipq_u16(vreinterpretq_u16_u8(ab.val[1]), vreinterpretq_u16_u8(cd.val[1]));
    return (column){ { vreinterpretq_u8_u16(lo.val[0]), vreinterpretq_u8_u16(lo.val[1]), vreinterpretq_u8_u16(hi.val[0]),
                       vreinterpretq_u8_u16(hi.val[1]) } };
}

const crl_dwpack_kernels crl_dwpack_neondot = { "dwpack neondot", packed_bytes, pack, scratch_bytes, run_rows };
