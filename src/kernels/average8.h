/* SPDX-License-Identifier: Apache-2.0 */
/* Sums behind averages, uint8 in kernel form: AVERAGE_POOL_2D whose window is the picture, MEAN and SUM over
 * neighbouring dimensions. Sums are one pass over memory; what follows differs.
 *
 *   sums[c] = sum over the pixels of in[pixel, c]           in [pixels, channels]
 *
 * Contract: pixels * 255 < 2^31; exactly pixels * channels bytes are read, channels sums written. */
#ifndef CRL_KERNELS_AVERAGE8_H
#define CRL_KERNELS_AVERAGE8_H

#include <stddef.h>
#include <stdint.h>

typedef void crl_sum_pixels_fn(int32_t *sums, const uint8_t *in, size_t pixels, size_t channels);

typedef struct crl_average8_kernels {
    const char *name;
    crl_sum_pixels_fn *sum;
} crl_average8_kernels;

void crl_average8_kernels_init(crl_average8_kernels *k, unsigned cpu);

crl_sum_pixels_fn crl_sum_pixels_ref, crl_sum_pixels_avx2, crl_sum_pixels_neon;

#endif
