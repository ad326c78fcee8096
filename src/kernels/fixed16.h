/* SPDX-License-Identifier: Apache-2.0 */
/* Logistic function and tanh in 16-bit fixed point, to the last bit those of gemmlowp (fixedpoint/fixedpoint.h):
 * what integer LSTMs apply to their gates.
 *
 * Qm.n is a signed number of m integer and n = 15 - m fraction bits. One in Q0.15 is INT16_MAX. */
#ifndef CRL_KERNELS_FIXED16_H
#define CRL_KERNELS_FIXED16_H

#include <stdint.h>

/* 1 / (1 + exp(-x)) as Q0.15; x has `integer_bits` of 0..6. */
int16_t crl_logistic_s16(int16_t x, int32_t integer_bits);
int16_t crl_tanh_s16(int16_t x, int32_t integer_bits);

#endif
