/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU of bytes with a slope for each channel, in vectors over channels:
 *
 *   x = in - in_zero;   out = saturate(out_zero + (x >= 0 ? rint(fma(x, above.a, above.b)) : rint(fma(x, a[c], b[c]))))
 *
 * in float. The definition (activation.h) rounds twice, in integers; constants are searched for at load that give its byte for each
 * of the 256 inputs. */
#ifndef CRL_KERNELS_PRELU8_H
#define CRL_KERNELS_PRELU8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fixed.h"

/* Everything is borrowed, for as long as it is used. */
typedef struct crl_prelu8 {
    int32_t in_zero, out_zero; /* 0..255 */
    float above_a, above_b;
    const float *a, *b;        /* [channels] */
    size_t channels;
    const uint8_t *tables;     /* [channels][256] the definition, for what is left of a pixel behind its last vector */
} crl_prelu8;

/* `out` is not `in`. */
typedef void crl_prelu8_fn(uint8_t *out, const uint8_t *in, size_t pixels, const crl_prelu8 *p);

typedef struct crl_prelu8_kernels {
    const char *name; /* NULL: none at this level, or for so few channels: use crl_lut_channels_u8 */
    crl_prelu8_fn *run;
} crl_prelu8_kernels;

void crl_prelu8_kernels_init(crl_prelu8_kernels *k, unsigned cpu, size_t channels);

/* Looks for constants that say what the table says, for all inputs from in_zero on (`above`) or below it: x * factor, scaled.
 * false: none were found. */
bool crl_prelu8_fit(float *a, float *b, int32_t factor, crl_scale scale, const uint8_t table[256], int32_t in_zero, int32_t out_zero, bool above);

/* Bytes behind the last vector of each pixel. */
static inline void crl_prelu8_rest(uint8_t *out, const uint8_t *in, size_t from, const crl_prelu8 *p)
{
    for (size_t c = from; c < p->channels; c++) out[c] = p->tables[256 * c + in[c]];
}

crl_prelu8_fn crl_prelu8_avx2, crl_prelu8_avx512vnni, crl_prelu8_neon;

#endif
