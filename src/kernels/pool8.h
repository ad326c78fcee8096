/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of bytes in kernel form (uint8), as pool.h defines them for the model's type, which lies `lift` below (128: int8).
 *
 *   max      the largest of the window, clamped
 *   average  (sum +- count / 2) / count of the model's numbers, towards zero, clamped
 *
 * Contract: as in pool.h; min and max are those of the kernel form; windows of an average have at most 32,767 taps. */
#ifndef CRL_KERNELS_POOL8_H
#define CRL_KERNELS_POOL8_H

#include "kernels/window.h"

typedef struct crl_pool8 {
    crl_window window;
    int32_t lift, min, max;
} crl_pool8;

/* Rows first .. end - 1 of the output; pictures of a batch lie one below the other. */
typedef void crl_pool8_fn(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end);

typedef struct crl_pool8_kernels {
    const char *name;
    crl_pool8_fn *average, *max;
} crl_pool8_kernels;

void crl_pool8_kernels_init(crl_pool8_kernels *k, unsigned cpu);

crl_pool8_fn crl_average_pool8_ref, crl_average_pool8_avx2, crl_average_pool8_neon;
crl_pool8_fn crl_max_pool8_ref, crl_max_pool8_avx2, crl_max_pool8_neon;

#endif
