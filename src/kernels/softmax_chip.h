/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX of 8 bits as the Edge TPU's scalar core computes it, in float32 and in this order:
 *
 *   x[i] = (float)(in[i] - in_zero) * scale          max = the largest x
 *   e[i] = exp2((x[i] - max) * factor)               factor = (float)(beta * log2(e))
 *   r    = 1 / (e[0] + e[1] + ...)                   one after the other
 *   y[i] = e[i] * r * unit                           unit = 1 / out_scale
 *   out  = y, rounded, + out_zero, clamped           half to even
 *
 * Compilers of 2021 have it on the tiles instead (`tiles`), in whole numbers of 16 bits, each step rounded half to even:
 *
 *   e[i] = 65535 * exp((in[i] - max) * scale)        eight polynomials (spline.h)
 *   root = 46340 / sqrt((e[0] + e[1] + ...) / 65535) polynomials as well
 *   r    = root * root / 65535                       at most 32768
 *   out  = e[i] * r * 0x1.0002aep-23                 nearly 256 / 2^31; at most 255; - 128 for INT8
 *
 * The chip's exp2 is within a unit in the last place of the exact one, and the same nearly always; here it is rounded
 * correctly, by operations that every machine has. */
#ifndef CRL_KERNELS_SOFTMAX_CHIP_H
#define CRL_KERNELS_SOFTMAX_CHIP_H

#include <corallite/tensor.h>

#include "kernels/lut.h"

typedef struct crl_softmax_chip {
    size_t rows, depth;
    float scale, factor, unit;
    int32_t in_zero, out_zero;
    crl_type type; /* of both: UINT8, INT8 */
    const int32_t *tiles; /* [CRL_SOFTMAX_TILES_BYTES] exponentials of 0, -1, ... times the scale: it is computed on the tiles; NULL: it is not */
} crl_softmax_chip;

/* What a number means. */
static inline float crl_softmax_chip_real(int32_t q, const crl_softmax_chip *p)
{
    return (float)(q - p->in_zero) * p->scale;
}

/* 2^t for t of at most 0, rounded correctly; 0 below -150. */
float crl_softmax_chip_exp2(float t);

/* in, out [rows, depth], depth >= 1. `out` may be `in`. The definition. */
void crl_softmax_chip_ref(void *out, const void *in, const crl_softmax_chip *p);

enum { CRL_SOFTMAX_TILES_BYTES = 256, CRL_SOFTMAX_TILES_DEPTH = 32768 /* at most: sums have 31 bits */ };

/* What `tiles` leads to. */
void crl_softmax_tiles_exponentials(int32_t e[CRL_SOFTMAX_TILES_BYTES], float scale);

/* On the tiles: the definition, and by a table of the values that a byte has, rows first .. end - 1. Scale, factor, unit and zero points
 * are not looked at. */
void crl_softmax_tiles_ref(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p);
void crl_softmax_tiles_rows(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p, crl_lut_u8_fn *lut, size_t first, size_t end);

enum { CRL_SOFTMAX_CHIP_STEPS = 1 << 24, CRL_SOFTMAX_CHIP_LANES = 8, CRL_SOFTMAX_CHIP_FAR = -200 /* powers of two are 0 long before */ };

/* Of a level, for n in whole CRL_SOFTMAX_CHIP_LANES: exponentials e[i] of the numbers first + i, and outputs of such. */
typedef void crl_softmax_chip_exponentials_fn(float *e, int32_t first, int32_t n, float max, const crl_softmax_chip *p);
typedef void crl_softmax_chip_outputs_fn(uint8_t *out, const float *e, int32_t n, float r, const crl_softmax_chip *p);

/* step[i] = e[i] * scale, rounded, at most CRL_SOFTMAX_CHIP_STEPS. false: one is halfway between whole numbers. */
typedef bool crl_softmax_chip_steps_fn(int32_t *step, const float *e, int32_t n, float scale);

typedef struct crl_softmax_chip_kernels {
    const char *name;
    crl_lut_u8_fn *lut;
    crl_softmax_chip_exponentials_fn *exponentials;
    crl_softmax_chip_steps_fn *steps;
    crl_softmax_chip_outputs_fn *outputs;
} crl_softmax_chip_kernels;

void crl_softmax_chip_kernels_init(crl_softmax_chip_kernels *k, unsigned cpu);

/* The same bytes as the definition, rows first .. end - 1, by a table of the values that a byte has. */
void crl_softmax_chip_rows(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p, const crl_softmax_chip_kernels *k,
                           size_t first, size_t end);

crl_softmax_chip_exponentials_fn crl_softmax_chip_exponentials_ref, crl_softmax_chip_exponentials_avx2;
crl_softmax_chip_steps_fn crl_softmax_chip_steps_ref, crl_softmax_chip_steps_avx2;
crl_softmax_chip_outputs_fn crl_softmax_chip_outputs_ref, crl_softmax_chip_outputs_avx2;

#endif
