/* SPDX-License-Identifier: Apache-2.0 */
/* Two passes over a line of 16 bytes or more: its largest byte, then where that is first. The last vector of a line
 * begins earlier and looks at some bytes twice, which changes neither. */
#include "kernels/argmax8.h"

#include <arm_neon.h>

#include "base/cpu.h"

static inline uint8_t largest(uint8x16_t v)
{
#if CRL_ARCH_ARM64
    return vmaxvq_u8(v);
#else
    uint8x8_t m = vpmax_u8(vget_low_u8(v), vget_high_u8(v));
    m = vpmax_u8(m, m);
    m = vpmax_u8(m, m);
    return vget_lane_u8(vpmax_u8(m, m), 0);
#endif
}

/* Of a line of 16 bytes or more. */
static inline uint8_t largest_of(const uint8_t *line, size_t n)
{
    uint8x16_t most = vld1q_u8(line + n - 16);
    for (size_t k = 0; k + 16 < n; k += 16) most = vmaxq_u8(most, vld1q_u8(line + k));
    return largest(most);
}

/* Four bits for each byte, set where it is `most`. */
static inline uint64_t hits_of(const uint8_t *p, uint8x16_t most)
{
    const uint16x8_t equal = vreinterpretq_u16_u8(vceqq_u8(vld1q_u8(p), most));
    return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(equal, 4)), 0);
}

static inline size_t first_of(uint64_t hits)
{
    return (size_t)__builtin_ctzll(hits) / 4;
}

static inline size_t find(const uint8_t *line, size_t n)
{
    const uint8x16_t most = vdupq_n_u8(largest_of(line, n));
    for (size_t k = 0; k + 16 < n; k += 16) {
        const uint64_t hits = hits_of(line + k, most);
        if (hits) return k + first_of(hits);
    }
    return n - 16 + first_of(hits_of(line + n - 16, most));
}

void crl_argmax8_u8_neon(int32_t *index, const uint8_t *in, size_t lines, size_t n)
{
    if (n < 16) {
        crl_argmax8_u8_ref(index, in, lines, n);
        return;
    }
    for (size_t i = 0; i < lines; i++) index[i] = (int32_t)find(in + i * n, n);
}

/* 16 columns: their largest bytes, then the first row with each; mostly all are found long before the last row. */
static void find_columns(int32_t index[16], const uint8_t *in, size_t n, size_t width)
{
    uint8x16_t most = vld1q_u8(in), other = vld1q_u8(in + (n - 1) * width);
    size_t k = 1;
    for (; k + 2 < n; k += 2) {
        most = vmaxq_u8(most, vld1q_u8(in + k * width));
        other = vmaxq_u8(other, vld1q_u8(in + (k + 1) * width));
    }
    if (k + 1 < n) most = vmaxq_u8(most, vld1q_u8(in + k * width));
    most = vmaxq_u8(most, other);
    uint64_t open = UINT64_MAX;
    for (k = 0; open; k++)
        for (uint64_t hits = open & hits_of(in + k * width, most); hits;) {
            const size_t c = first_of(hits);
            const uint64_t four = UINT64_C(15) << (4 * c);
            index[c] = (int32_t)k;
            hits &= ~four;
            open &= ~four;
        }
}

void crl_argmax8_columns_neon(int32_t *index, const uint8_t *in, size_t n, size_t width)
{
    if (width < 16) {
        crl_argmax8_columns_ref(index, in, n, width);
        return;
    }
    for (size_t c = 0; c + 16 <= width; c += 16) find_columns(index + c, in + c, n, width);
    if (width % 16) find_columns(index + width - 16, in + width - 16, n, width);
}

void crl_argmax8_maxima_neon(uint8_t *max, const uint8_t *in, size_t lines, size_t n, size_t step)
{
    static const uint8_t count[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    size_t i = 0;
    if (n >= 16) {
        for (; i < lines; i++, in += step) max[i] = largest_of(in, n);
        return;
    }
    /* Short lines: 16 bytes from the beginning of one, as long as other lines follow, without those that are not its own. */
    const uint8x16_t own = vcgtq_u8(vdupq_n_u8((uint8_t)n), vld1q_u8(count));
    for (; i < lines && (lines - 1 - i) * step + n >= 16; i++, in += step) max[i] = largest(vandq_u8(vld1q_u8(in), own));
    crl_argmax8_maxima_ref(max + i, in, lines - i, n, step);
}
