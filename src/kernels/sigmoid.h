/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC and TANH of 16-bit values, by interpolation in one table of the logistic function.
 *
 *   LOGISTIC  1 / (1 + exp(-x));   TANH  2 / (1 + exp(-2x)) - 1;   the output's scale is 1/32768, its zero 0
 *
 * x * mult / 2^right is x in units of 1/12288: 512 (TANH: 256) of them are one interval of the table, whose 256
 * samples lie 1/24 apart. Source: TensorFlow Lite, kernels/internal/reference/integer_ops/logistic.h and tanh.h. */
#ifndef CRL_KERNELS_SIGMOID_H
#define CRL_KERNELS_SIGMOID_H

#include <stddef.h>
#include <stdint.h>

typedef struct crl_sigmoid16 {
    int32_t mult;
    int32_t right; /* 0..31 */
    uint16_t table[256]; /* about 2^16 / (1 + exp(-i / 24)) */
} crl_sigmoid16;

void crl_sigmoid16_fill(uint16_t table[256]);

void crl_logistic_s16_ref(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p);
void crl_tanh_s16_ref(int16_t *out, const int16_t *in, size_t n, const crl_sigmoid16 *p);

#endif
