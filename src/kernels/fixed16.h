/* SPDX-License-Identifier: Apache-2.0 */
/* Logistic function and tanh in 16-bit fixed point, to the last bit those of gemmlowp (fixedpoint/fixedpoint.h):
 * what integer LSTMs apply to their gates.
 *
 * Qm.n is a signed number of m integer and n = 15 - m fraction bits. One in Q0.15 is INT16_MAX. */
#ifndef CRL_KERNELS_FIXED16_H
#define CRL_KERNELS_FIXED16_H

#include <stddef.h>
#include <stdint.h>

/* 1 / (1 + exp(-x)) as Q0.15; x has `integer_bits` of 0..6. */
int16_t crl_logistic_s16(int16_t x, int32_t integer_bits);
int16_t crl_tanh_s16(int16_t x, int32_t integer_bits);

/* The same for n numbers. `out` may be `in`; a variant touches nothing else. */
typedef void crl_fixed16_fn(int16_t *out, const int16_t *in, size_t n, int32_t integer_bits);

typedef struct crl_fixed16_kernels {
    crl_fixed16_fn *logistic, *tanh;
} crl_fixed16_kernels;

void crl_fixed16_kernels_init(crl_fixed16_kernels *k, unsigned cpu);

crl_fixed16_fn crl_logistic16_ref, crl_logistic16_avx2, crl_logistic16_neon;
crl_fixed16_fn crl_tanh16_ref, crl_tanh16_avx2, crl_tanh16_neon;

/* High half of 2ab, ties up; -1 times -1 saturates. */
int16_t crl_mul_s16(int16_t a, int16_t b);
/* x / 2^n, ties away from zero; n of 1..15. */
int16_t crl_shift_right_s16(int16_t x, int32_t n);

#endif
