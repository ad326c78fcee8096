/* SPDX-License-Identifier: Apache-2.0 */
/* Products and sums of an 8-bit tensor with a constant one that has a value for each channel, as the Edge TPU computes them: as a layer
 * whose weights are 1, of which the constant is the scale, or the bias.
 *
 *   scaled    out[i] = requantised (x - zero) * M(y),         M(y) = (scale * ((y - y_zero) * y_scale)) * back
 *   shifted   out[i] = requantised (x - zero) + bias(y),      bias(y) = round(((y - y_zero) * y_scale) / scale), times `out`'s factor
 *
 * by requant.h, kind `single`; M and the bias are made in float32, every operation rounded. Source: constants of compiled models
 * (docs/chip-exact.md).
 *
 * Kernels take bytes in kernel form (uint8), and what the constant gives for each of them:
 *
 *   out[i] = requantised x[i] + bias[i], by factor[i]
 *
 * Contract: factors are finite, |bias| at most 2^30 and a byte more; zeros within the type. Exactly n elements of each; `out` may be `x`. */
#ifndef CRL_KERNELS_AFFINE8_H
#define CRL_KERNELS_AFFINE8_H

#include "kernels/broadcast.h"
#include "kernels/requant.h"

typedef struct crl_affine8 {
    bool turned;          /* operand b is x, and a is the constant y */
    bool negative;        /* shifted: less the constant */
    int32_t zero, y_zero;
    float scale, y_scale; /* of x, of y */
    float back;           /* 1 / the output's scale */
    crl_requant out;      /* one factor, of `shifted`, and the fused activation */
} crl_affine8;

static inline float crl_affine8_factor(const crl_affine8 *p, int32_t y)
{
    const float real = (float)(y - p->y_zero) * p->y_scale, product = p->scale * real;
    return product * p->back;
}

/* A bias that no int32 holds is far beyond every clamp, and the compiler has to say something, too. */
static inline int32_t crl_affine8_bias(const crl_affine8 *p, int32_t y)
{
    const float real = (float)(y - p->y_zero) * p->y_scale, steps = roundf(real / p->scale), most = 0x1p30f;
    const int32_t bias = (int32_t)(steps < -most ? -most : steps > most ? most : steps);
    return p->negative ? -bias : bias;
}

/* Rows of the definitions, for broadcast.h. */
crl_row_fn crl_scaled_u8_ref, crl_scaled_s8_ref, crl_shifted_u8_ref, crl_shifted_s8_ref;

typedef struct crl_affine8_row {
    const int32_t *bias; /* that of x's zero point, too */
    const float *factor;
    crl_requant out;     /* zero point and limits */
} crl_affine8_row;

typedef void crl_affine8_fn(uint8_t *out, const uint8_t *x, size_t n, const crl_affine8_row *row);

typedef struct crl_affine8_kernels {
    const char *name;
    crl_affine8_fn *u8;
} crl_affine8_kernels;

void crl_affine8_kernels_init(crl_affine8_kernels *k, unsigned cpu);

/* The same from element `first` on. */
static inline crl_affine8_row crl_affine8_row_from(const crl_affine8_row *row, size_t first)
{
    return (crl_affine8_row){ row->bias + first, row->factor + first, row->out };
}

crl_affine8_fn crl_affine8_ref, crl_affine8_avx2, crl_affine8_avx512vnni, crl_affine8_neon;

#endif
