/* SPDX-License-Identifier: Apache-2.0 */
/* Between real numbers and quantised ones, and between quantisations.
 *
 *   quantize     q = clamp(zero + round(x / scale))               round: ties away from zero
 *   dequantize   x = scale * (q - zero)                           in double, cut to float
 *   requantize   out = requantised in - in_zero                   scale = in_scale / out_scale, requant.h
 *
 * Clamps are those of the output's type, or narrower for activations. Quantities beyond int32 become INT32_MIN before `zero` is added, as the
 * conversion instruction of x86 has it: a float too large becomes the smallest value. */
#ifndef CRL_KERNELS_QUANTIZE_H
#define CRL_KERNELS_QUANTIZE_H

#include <corallite/tensor.h>

#include "kernels/requant.h"

/* `type` is UINT8, INT8 or INT16. */
void crl_quantize_ref(void *out, crl_type type, const float *in, size_t n, float scale, int32_t zero);

/* `type` is UINT8, INT8, INT16 or INT32. */
void crl_dequantize_ref(float *out, const void *in, crl_type type, size_t n, float scale, int32_t zero);
/* Channels with a scale each: the product is made in float. */
void crl_dequantize_channel_ref(float *out, const void *in, crl_type type, size_t n, float scale, int32_t zero);

typedef struct crl_requantize {
    int32_t in_zero;
    crl_requant out; /* one scale; limits of the output's type, or narrower */
} crl_requantize;

/* Types are UINT8, INT8, INT16 and INT32. */
void crl_requantize_ref(void *out, crl_type out_type, const void *in, crl_type in_type, size_t n,
                        const crl_requantize *q);

#endif
