/* SPDX-License-Identifier: Apache-2.0 */
/* The softmax of the tiles: see softmax_chip.h. */
#include <math.h>

#include "kernels/element.h"
#include "kernels/softmax_chip.h"
#include "kernels/spline.h"

enum { BYTES = CRL_SOFTMAX_TILES_BYTES, MOST = 65535, MOST_RECIPROCAL = 32768, ROOT = 46340 /* of 2^31 */ };

static int32_t whole(float x, int32_t most)
{
    const float top = (float)most;
    return (int32_t)lrintf(x < 0 ? 0 : x > top ? top : x);
}

void crl_softmax_tiles_exponentials(int32_t e[CRL_SOFTMAX_TILES_BYTES], float scale)
{
    for (int32_t i = 0; i < BYTES; i++) e[i] = whole(crl_spline_exponential((float)-i * scale), MOST);
}

static int32_t reciprocal_of(int32_t sum)
{
    const float unit = 0x1.0001p-16f /* 1 / 65535 */;
    const int32_t root = whole(crl_spline_inverse_root((float)sum * unit, ROOT), MOST);
    return whole((float)((int64_t)root * root) * unit, MOST_RECIPROCAL);
}

static uint8_t output_of(int32_t e, int32_t reciprocal)
{
    const float unit = 0x1.0002aep-23f /* near 256 / 2^31 */;
    return (uint8_t)whole((float)(e * reciprocal) * unit, UINT8_MAX);
}

static uint8_t flip_of(const crl_softmax_chip *p)
{
    return p->type == CRL_INT8 ? 0x80 : 0;
}

void crl_softmax_tiles_ref(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p)
{
    const uint8_t flip = flip_of(p);
    for (size_t row = 0; row < p->rows; row++, in += p->depth, out += p->depth) {
        int32_t top = 0, sum = 0;
        for (size_t i = 0; i < p->depth; i++) top = (in[i] ^ flip) > top ? in[i] ^ flip : top;
        for (size_t i = 0; i < p->depth; i++) sum += p->tiles[top - (in[i] ^ flip)];
        const int32_t reciprocal = reciprocal_of(sum);
        for (size_t i = 0; i < p->depth; i++) out[i] = output_of(p->tiles[top - (in[i] ^ flip)], reciprocal) ^ flip;
    }
}

/* Outputs of the bytes from `low` on; `e` has the exponentials of all up to the greatest. */
static void one_row(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p, crl_lut_u8_fn *lut)
{
    const uint8_t flip = flip_of(p);
    uint8_t low = UINT8_MAX, high = 0, table[BYTES] = { 0 };
    for (size_t i = 0; i < p->depth; i++) {
        const uint8_t x = in[i] ^ flip;
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    int32_t e[BYTES]; /* of bytes as they are */
    for (int32_t b = low; b <= high; b++) e[b ^ flip] = p->tiles[high - b];
    int32_t sum[4] = { 0 };
    size_t i = 0;
    for (; i + 4 <= p->depth; i += 4)
        for (size_t k = 0; k < 4; k++) sum[k] += e[in[i + k]];
    for (; i < p->depth; i++) sum[0] += e[in[i]];
    const int32_t reciprocal = reciprocal_of(sum[0] + sum[1] + sum[2] + sum[3]);
    for (int32_t b = low; b <= high; b++) table[b ^ flip] = output_of(e[b ^ flip], reciprocal) ^ flip;
    lut(out, in, p->depth, table);
}

void crl_softmax_tiles_rows(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p, crl_lut_u8_fn *lut, size_t first, size_t end)
{
    for (size_t row = first; row < end; row++) one_row(out + row * p->depth, in + row * p->depth, p, lut);
}
