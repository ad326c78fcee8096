/* SPDX-License-Identifier: Apache-2.0 */
/* See tile_softmax.h. Exponentials have 16 bits and come of polynomials; the reciprocal of their sum is the square of an inverse root. */
#include "tile_softmax.h"

#include <math.h>

#include "kernels/spline.h"

enum { PIECES = 8, DEGREE = 4, MOST = 65535, ROOT = 46340 /* of 2^31 */ };

/* 65535 * exp(x) on [-13.04, 0]. Source: ten loads in compiled models, bit for bit the same. */
static const float place[PIECES - 1] = { -0x1.ff28eap+2f, -0x1.5ec0ap+2f,  -0x1.f76112p+1f, -0x1.5969d8p+1f,
                                         -0x1.c1f352p+0f, -0x1.d57b2ap-1f, -0x1.64ce3ep-3f };
static const float coefficient[PIECES][DEGREE + 1] = {
    { 0x1.cbeab8p+10f, 0x1.3b1b92p+9f, 0x1.455f5p+6f, 0x1.2b9568p+2f, 0x1.9e8b84p-4f },
    { 0x1.b342dp+13f, 0x1.aaa9ecp+12f, 0x1.408254p+10f, 0x1.b36b0ap+6f, 0x1.c1b03ep+1f },
    { 0x1.02437cp+15f, 0x1.44802ep+14f, 0x1.3fd2c8p+12f, 0x1.225f7cp+9f, 0x1.96bba6p+4f },
    { 0x1.893fep+15f, 0x1.2bc984p+15f, 0x1.738194p+13f, 0x1.b46de2p+10f, 0x1.943b1ap+6f },
    { 0x1.db37fp+15f, 0x1.a38a58p+15f, 0x1.3e138ep+14f, 0x1.e05d1ap+11f, 0x1.29743ap+8f },
    { 0x1.fa94aep+15f, 0x1.e9ab28p+15f, 0x1.b54d4cp+14f, 0x1.a6e4bcp+12f, 0x1.69a67ap+9f },
    { 0x1.ffecc2p+15f, 0x1.ff2868p+15f, 0x1.f85422p+14f, 0x1.340c82p+13f, 0x1.8e55d4p+10f },
    { 0x1.fffep+15f, 0x1.fffde6p+15f, 0x1.fff53cp+14f, 0x1.5440f8p+13f, 0x1.38f8c6p+11f },
};

static int32_t whole(float x, int32_t most)
{
    const float top = (float)most;
    return (int32_t)lrintf(x < 0 ? 0 : x > top ? top : x);
}

static int32_t exponential(int32_t below, float scale)
{
    const float least = -0x1.a1381ap+3f, at = (float)-below * scale, x = at < least ? least : at;
    int32_t i = 0;
    while (i < PIECES - 1 && x >= place[i]) i++;
    float v = coefficient[i][DEGREE];
    for (int32_t k = DEGREE - 1; k >= 0; k--) v = v * x + coefficient[i][k];
    return whole(v, MOST);
}

void tile_softmax(uint8_t *out, const uint8_t *in, size_t n, uint8_t flip, float scale)
{
    const float unit = 0x1.0001p-16f /* 1 / 65535 */, last = 0x1.0002aep-23f /* near 256 / 2^31 */;
    int32_t most = 0, sum = 0;
    for (size_t i = 0; i < n; i++) most = (in[i] ^ flip) > most ? in[i] ^ flip : most;
    for (size_t i = 0; i < n; i++) sum += exponential(most - (in[i] ^ flip), scale);
    const int32_t root = whole(crl_spline_inverse_root((float)sum * unit, ROOT), MOST);
    const int32_t reciprocal = whole((float)((int64_t)root * root) * unit, 32768);
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)whole((float)(exponential(most - (in[i] ^ flip), scale) * reciprocal) * last, 255) ^ flip;
}
