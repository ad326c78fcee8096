/* SPDX-License-Identifier: Apache-2.0 */
/* The recurrent kernels of this level: recurrent_frame.h. */
#include "kernels/arm/f32_neon.h"

CRL_INLINE f32s f32_floor(f32s v)
{
    return vrndmq_f32(v);
}

/* 2^m of whole numbers that a float's exponent can have. */
CRL_INLINE f32s f32_to_power(f32s m)
{
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(m), vdupq_n_s32(127)), 23));
}

/* y, but 0 where x < least, and x where that is no number. */
CRL_INLINE f32s f32_without(f32s y, f32s x, f32s least)
{
    return vbslq_f32(vceqq_f32(x, x), vbslq_f32(vcltq_f32(x, least), vdupq_n_f32(0), y), x);
}

#include "kernels/recurrent_frame.h"

void crl_recurrent_dot_neon(float *out, const float *weights, const float *x, size_t n, size_t rows)
{
    dot_rows(out, weights, x, n, rows);
}

void crl_recurrent_products_neon(float *out, const float *weights, const float *x, size_t x_step, size_t n, size_t rows)
{
    product_rows(out, weights, x, x_step, n, rows);
}

void crl_recurrent_logistic4_neon(float *x, size_t n)
{
    function_of_all(x, n, false);
}

void crl_recurrent_tanh_neon(float *x, size_t n)
{
    function_of_all(x, n, true);
}
