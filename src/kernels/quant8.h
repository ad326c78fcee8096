/* SPDX-License-Identifier: Apache-2.0 */
/* Between floats and bytes, as quantize.h defines it.
 *
 *   quantize     out[i] = clamp(zero + round(in[i] / scale)) + lift, clamped to the model's type
 *   dequantize   out[i] = scale * ((in[i] ^ flip) - zero)
 *
 * Bytes come from quantize as uint8: `lift` is 128 for a model's int8, 0 for its uint8, and `zero` that of the model, since
 * sums may wrap. To dequantize they come in either form, with a `flip` of 0x80 where they are signed; `zero` lies within
 * 0..255, so that the product of a float and nine bits, made in float, is the one made in double and cut.
 *
 * Contract: no alignment; exactly n elements of each; no overlap. */
#ifndef CRL_KERNELS_QUANT8_H
#define CRL_KERNELS_QUANT8_H

#include <stddef.h>
#include <stdint.h>

typedef void crl_quantize8_fn(uint8_t *out, const float *in, size_t n, float scale, int32_t zero, int32_t lift);
typedef void crl_dequantize8_fn(float *out, const uint8_t *in, size_t n, float scale, int32_t zero, uint8_t flip);

typedef struct crl_quant8_kernels {
    crl_quantize8_fn *quantize;
    crl_dequantize8_fn *dequantize;
    const char *name;
} crl_quant8_kernels;

void crl_quant8_kernels_init(crl_quant8_kernels *k, unsigned cpu);

crl_quantize8_fn crl_quantize8_ref, crl_quantize8_avx2, crl_quantize8_neon;
crl_dequantize8_fn crl_dequantize8_ref, crl_dequantize8_avx2, crl_dequantize8_neon;

#endif
