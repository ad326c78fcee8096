/* SPDX-License-Identifier: Apache-2.0 */
/* 16 look-ups a step, AArch64 only: TBL looks up in 64 bytes and gives 0 beyond them, TBX in the next 64 and leaves the
 * rest alone. Those of ARMv7 have 32 bytes, and all its registers would not hold more than the table. */
#include "kernels/lut.h"

#include <arm_neon.h>

void crl_lut_u8_neon(uint8_t *out, const uint8_t *in, size_t n, const uint8_t table[256])
{
    size_t i = 0;
    if (n >= 16) {
        const uint8x16x4_t t0 = vld1q_u8_x4(table), t1 = vld1q_u8_x4(table + 64);
        const uint8x16x4_t t2 = vld1q_u8_x4(table + 128), t3 = vld1q_u8_x4(table + 192);
        const uint8x16_t step = vdupq_n_u8(64);
        for (; i + 16 <= n; i += 16) {
            const uint8x16_t x0 = vld1q_u8(in + i), x1 = vsubq_u8(x0, step), x2 = vsubq_u8(x1, step);
            uint8x16_t y = vqtbl4q_u8(t0, x0);
            y = vqtbx4q_u8(y, t1, x1);
            y = vqtbx4q_u8(y, t2, x2);
            vst1q_u8(out + i, vqtbx4q_u8(y, t3, vsubq_u8(x2, step)));
        }
    }
    crl_lut_u8_ref(out + i, in + i, n - i, table);
}
