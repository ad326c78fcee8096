/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of FULLY_CONNECTED, for every type. As in conv.c, 64-bit sums serve 32-bit ones. */
#include "kernels/fully_connected.h"

#include "kernels/element.h"

CRL_INLINE uint64_t dot(const void *in, size_t at, crl_type in_type, const void *filter, crl_type filter_type, size_t o,
                        const crl_fully *f)
{
    uint64_t acc = 0;
    for (size_t i = 0; i < (size_t)f->in_n; i++) {
        const int32_t x = crl_load(in, at + i, in_type) - f->in_zero;
        const int32_t y = crl_load(filter, o * (size_t)f->in_n + i, filter_type) - f->filter_zero;
        acc += (uint64_t)(int64_t)(x * y);
    }
    return acc;
}

CRL_INLINE void fully(void *out, const void *in, crl_type type, const void *filter, crl_type filter_type,
                      const int32_t *bias, const crl_fully *f)
{
    for (size_t b = 0; b < (size_t)f->batch; b++)
        for (size_t o = 0; o < (size_t)f->out_n; o++) {
            const uint64_t sum = dot(in, b * (size_t)f->in_n, type, filter, filter_type, o, f);
            const int32_t acc = (int32_t)((uint32_t)sum + (bias ? (uint32_t)bias[o] : 0));
            crl_store(out, b * (size_t)f->out_n + o, type, crl_requant_apply(acc, &f->out, o));
        }
}

void crl_fully_u8_ref(uint8_t *out, const uint8_t *in, const uint8_t *filter, const int32_t *bias, const crl_fully *f)
{
    fully(out, in, CRL_UINT8, filter, CRL_UINT8, bias, f);
}

void crl_fully_s8_ref(int8_t *out, const int8_t *in, const int8_t *filter, const int32_t *bias, const crl_fully *f)
{
    fully(out, in, CRL_INT8, filter, CRL_INT8, bias, f);
}

void crl_fully_s16_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int32_t *bias, const crl_fully *f)
{
    fully(out, in, CRL_INT16, filter, CRL_INT8, bias, f);
}

void crl_fully_s16_wide_ref(int16_t *out, const int16_t *in, const int8_t *filter, const int64_t *bias,
                            const crl_fully *f)
{
    for (size_t b = 0; b < (size_t)f->batch; b++)
        for (size_t o = 0; o < (size_t)f->out_n; o++) {
            uint64_t acc = dot(in, b * (size_t)f->in_n, CRL_INT16, filter, CRL_INT8, o, f);
            if (bias) acc += (uint64_t)bias[o];
            out[b * (size_t)f->out_n + o] = (int16_t)crl_requant_apply_wide((int64_t)acc, &f->out, o);
        }
}

void crl_fully_s16s16_ref(int16_t *out, const int16_t *in, const int16_t *filter, const int32_t *bias, const int64_t *wide_bias,
                          const crl_fully *f)
{
    for (size_t b = 0; b < (size_t)f->batch; b++)
        for (size_t o = 0; o < (size_t)f->out_n; o++) {
            uint64_t acc = dot(in, b * (size_t)f->in_n, CRL_INT16, filter, CRL_INT16, o, f);
            acc += wide_bias ? (uint64_t)wide_bias[o] : bias ? (uint64_t)(int64_t)bias[o] : 0;
            out[b * (size_t)f->out_n + o] = (int16_t)crl_requant_apply_wide((int64_t)acc, &f->out, o);
        }
}

void crl_fully_f32_ref(float *out, const float *in, const float *filter, const float *bias, const crl_fully *f)
{
    for (size_t b = 0; b < (size_t)f->batch; b++)
        for (size_t o = 0; o < (size_t)f->out_n; o++) {
            float acc = 0;
            for (size_t i = 0; i < (size_t)f->in_n; i++)
                acc += in[b * (size_t)f->in_n + i] * filter[o * (size_t)f->in_n + i];
            acc += bias ? bias[o] : 0.0f;
            acc = acc < f->min_f32 ? f->min_f32 : acc;
            out[b * (size_t)f->out_n + o] = acc > f->max_f32 ? f->max_f32 : acc;
        }
}
