/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that the reference's matrix library computes by quotients of polynomials: within 5 units in the last place of
 * the real functions, and equal to it in every bit on any machine, as no fused operation is inside.
 *
 * The library takes four elements at a time where it can. Those that are left over go through the C library in some of its
 * functions; which they are is up to the caller: crl_*4 stands for one of a group of four, the plain name for one alone.
 * NaN passes through all of them.
 * Source: Eigen, GenericPacketMathFunctions.h and SpecialFunctionsImpl.h, in the state of LiteRT 2.3, without FMA. */
#ifndef CRL_KERNELS_QUOTIENT_H
#define CRL_KERNELS_QUOTIENT_H

float crl_quotient_tanh(float x);
float crl_quotient_logistic4(float x);
float crl_quotient_logistic(float x);
float crl_quotient_erfc4(float x);
float crl_quotient_erfc(float x);

#endif
