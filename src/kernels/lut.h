/* SPDX-License-Identifier: Apache-2.0 */
/* Look-up: any function of one 8-bit value, exact by construction.
 *
 *   out[i] = table[in[i]]
 *
 * Contract: n >= 0, no alignment, `out` may be `in`. A variant touches exactly n bytes of each. */
#ifndef CRL_KERNELS_LUT_H
#define CRL_KERNELS_LUT_H

#include <stddef.h>
#include <stdint.h>

typedef void crl_lut_u8_fn(uint8_t *out, const uint8_t *in, size_t n, const uint8_t table[256]);

typedef struct crl_lut_kernels {
    crl_lut_u8_fn *u8;
    const char *name; /* "lut_u8 avx2", for profiles */
    uint32_t work;    /* multiply-accumulates of a matrix product in the time of a look-up */
} crl_lut_kernels;

/* Fills every slot with the best variant that `cpu` allows. */
void crl_lut_kernels_init(crl_lut_kernels *k, unsigned cpu);

/* A table for each channel: out[p * channels + c] = tables[c][in[p * channels + c]]. `out` may be `in`. */
void crl_lut_channels_u8(uint8_t *out, const uint8_t *in, size_t pixels, size_t channels, const uint8_t *tables);

crl_lut_u8_fn crl_lut_u8_ref, crl_lut_u8_avx2, crl_lut_u8_vbmi, crl_lut_u8_neon;

#endif
