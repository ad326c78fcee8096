/* SPDX-License-Identifier: Apache-2.0 */
/* The most multiply-accumulates of 8-bit numbers that a level can do: loops of its instruction on registers alone,
 * with as many independent sums as hide its latency. What a profile measures kernels against. */
#ifndef CRL_KERNELS_PEAK_H
#define CRL_KERNELS_PEAK_H

#include <stdint.h>

/* Does at least `macs` of them, and returns how many. */
typedef uint64_t crl_peak_fn(uint64_t macs);

/* The loop of the best level in `cpu`; NULL where plain C multiplies: there is no limit to tell. */
crl_peak_fn *crl_peak_of(unsigned cpu);

/* Measures a level: multiply-accumulates a second of one thread, the best of many short loops in about 3 ms. 0 where
 * there is no loop. */
double crl_peak_measure(unsigned cpu);

crl_peak_fn crl_peak_avx2, crl_peak_avxvnni, crl_peak_avx512vnni, crl_peak_amx;
crl_peak_fn crl_peak_neon, crl_peak_neondot, crl_peak_i8mm;

#endif
