/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of quantising, dequantising and requantising. */
#include "kernels/quantize.h"

#include <math.h>

#include "kernels/element.h"

void crl_quantize_ref(void *out, crl_type type, const float *in, size_t n, float scale, int32_t zero)
{
    const int32_t min = crl_type_min(type), max = crl_type_max(type);
    for (size_t i = 0; i < n; i++) {
        const float r = roundf(in[i] / scale);
        const int32_t q = r >= -2147483648.0f && r < 2147483648.0f ? (int32_t)r : INT32_MIN;
        crl_store(out, i, type, crl_clamp(crl_wrap_add(q, zero), min, max));
    }
}

void crl_dequantize_ref(float *out, const void *in, crl_type type, size_t n, float scale, int32_t zero)
{
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)scale * crl_wrap_sub(crl_load(in, i, type), zero));
}

void crl_dequantize_channel_ref(float *out, const void *in, crl_type type, size_t n, float scale, int32_t zero)
{
    for (size_t i = 0; i < n; i++) out[i] = scale * (float)crl_wrap_sub(crl_load(in, i, type), zero);
}

void crl_requantize_ref(void *out, crl_type out_type, const void *in, crl_type in_type, size_t n,
                        const crl_requantize *q)
{
    const crl_requant_one one = crl_requant_one_of(&q->out);
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_wrap_sub(crl_load(in, i, in_type), q->in_zero);
        crl_store(out, i, out_type, crl_requant_apply_one(x, &one));
    }
}
