/* SPDX-License-Identifier: Apache-2.0 */
/* Averages of windows of uint8 in kernel form, as the Edge TPU makes them: kind `single` of requant.h, with a factor for each
 * number of taps.
 *
 *   out = requantised sum - taps * in_zero,  factor (in_scale * (1 / taps)) * (1 / out_scale)
 *
 * Contract: as in pool.h; windows have at most 32,767 taps. */
#ifndef CRL_KERNELS_AVERAGE_CHIP_H
#define CRL_KERNELS_AVERAGE_CHIP_H

#include "kernels/pool.h"

/* The factor of a window that sees so many. */
static inline float crl_average_chip_factor(const crl_average_on_chip *p, int32_t taps)
{
    return taps == p->whole ? p->factor : p->in_scale * (1.0f / (float)taps) * p->unit;
}

typedef struct crl_average_chip {
    crl_window window;
    crl_average_on_chip on_chip; /* kernel form, */
    int32_t min, max;            /* and these */
} crl_average_chip;

/* Rows first .. end - 1 of the output; pictures of a batch lie one below the other. */
void crl_average_chip_rows(uint8_t *out, const uint8_t *in, const crl_average_chip *p, int32_t first, int32_t end);

#endif
