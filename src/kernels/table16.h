/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of a 16-bit value by linear interpolation between 513 samples.
 *
 *   x = -32768 .. 32767;  i = (x + 32768) / 128,  f = (x + 32768) % 128
 *   y = value[i] + ((value[i + 1] - value[i]) * f + 64) / 128      (floor)
 *
 * Source: TensorFlow Lite, kernels/internal/common.h: LUTPopulate, LUTLookup. The reference fills its tables in
 * float for operators of one tensor and in double for SOFTMAX; results differ in places, hence two functions. */
#ifndef CRL_KERNELS_TABLE16_H
#define CRL_KERNELS_TABLE16_H

#include "kernels/table8.h"

enum { CRL_TABLE16_STEPS = 512 };

typedef struct crl_table16 {
    int16_t value[CRL_TABLE16_STEPS + 1];
} crl_table16;

/* Samples `f`: input = in_scale * (x - in_zero), output = f(input) / out_scale + out_zero. Each sample is moved by
 * half the error of the interpolation at the middle of its interval. */
void crl_table16_fill(crl_table16 *t, double (*f)(double), double in_scale, int32_t in_zero, double out_scale,
                      int32_t out_zero);
void crl_table16_fill_f32(crl_table16 *t, crl_table_fn *f, float limit, float in_scale, int32_t in_zero,
                          float out_scale, int32_t out_zero);

static inline int16_t crl_table16_at(const crl_table16 *t, int16_t x)
{
    const int32_t u = x + 32768, i = u >> 7;
    /* The difference of two samples is kept in 16 bits, as in the reference. */
    const int16_t slope = (int16_t)(t->value[i + 1] - t->value[i]);
    return (int16_t)(t->value[i] + ((slope * (u & 127) + 64) >> 7));
}

#endif
