/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of the activations of activation.h. */
#include "kernels/activation.h"

#include "kernels/element.h"

void crl_leaky_relu_ref(void *out, const void *in, crl_type type, size_t n, const crl_leaky *p)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(in, i, type) - p->in_zero;
        int32_t v = crl_scale_apply(x, x >= 0 ? p->scale : p->negative);
        if (x < 0 && p->flip) v = crl_wrap_sub(0, v);
        v = crl_wrap_add(v, p->out_zero);
        crl_store(out, i, type, crl_clamp(v, crl_type_min(type), crl_type_max(type)));
    }
}

void crl_leaky_relu_f32_ref(float *out, const float *in, size_t n, float alpha)
{
    for (size_t i = 0; i < n; i++) out[i] = in[i] > 0 ? in[i] : in[i] * alpha;
}

CRL_INLINE void prelu(void *out, const void *in, size_t step_in, const void *alpha, size_t step_alpha, size_t n,
                      const crl_leaky *p, crl_type type, crl_type alpha_type)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(in, i * step_in, type) - p->in_zero;
        const int32_t slope = crl_load(alpha, i * step_alpha, alpha_type) - p->alpha_zero;
        int32_t v = x >= 0 ? crl_scale_apply(x, p->scale) : crl_scale_apply(crl_wrap_mul(x, slope), p->negative);
        v = crl_wrap_add(v, p->out_zero);
        crl_store(out, i, type, crl_clamp(v, crl_type_min(type), crl_type_max(type)));
    }
}

void crl_prelu_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                      const void *params)
{
    prelu(out, a, step_a, b, step_b, n, params, CRL_UINT8, CRL_UINT8);
}

void crl_prelu_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                      const void *params)
{
    prelu(out, a, step_a, b, step_b, n, params, CRL_INT8, CRL_INT8);
}

void crl_prelu_s16_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                       const void *params)
{
    prelu(out, a, step_a, b, step_b, n, params, CRL_INT16, CRL_INT8);
}

void crl_prelu_f32_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                       const void *params)
{
    (void)params;
    for (size_t i = 0; i < n; i++) {
        const float x = ((const float *)a)[i * step_a], slope = ((const float *)b)[i * step_b];
        ((float *)out)[i] = x >= 0.0f ? x : x * slope;
    }
}

/* High half of 2*a*b in 16 bits, ties away from zero in the product; saturates -1 * -1. */
static int16_t mul_high16(int16_t a, int16_t b)
{
    if (a == INT16_MIN && b == INT16_MIN) return INT16_MAX;
    const int32_t product = a * b;
    return (int16_t)((product + (product >= 0 ? 1 << 14 : 1 - (1 << 14))) / (1 << 15));
}

/* The same, cut toward zero. */
static int16_t mul_high16_cut(int16_t a, int16_t b)
{
    return a == INT16_MIN && b == INT16_MIN ? INT16_MAX : (int16_t)(a * b / (1 << 15));
}

static int16_t shift_left16(int16_t x, int32_t n)
{
    /* 16 places are as good as more. */
    const int64_t v = (int64_t)x * (INT64_C(1) << (n < 16 ? n : 16));
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

void crl_hard_swish_ref(void *out, const void *in, crl_type type, size_t n, const crl_hard_swish *p)
{
    for (size_t i = 0; i < n; i++) {
        const int16_t fine = (int16_t)((crl_load(in, i, type) - p->in_zero) * 128);
        const int16_t wide = mul_high16(fine, p->out_mult);
        /* All left shifts but one come before the multiplication: only the last one's saturation counts. */
        int16_t ramp = p->ramp_shift > 0 ? shift_left16(fine, p->ramp_shift - 1) : fine;
        ramp = mul_high16(ramp, p->ramp_mult);
        if (p->ramp_shift > 0) ramp = shift_left16(ramp, 1);
        if (p->ramp_shift < 0) ramp = (int16_t)crl_shift_right(ramp, -p->ramp_shift);
        ramp = (int16_t)((ramp + (1 << 15)) >> 1);
        int16_t v = (int16_t)crl_shift_right(mul_high16_cut(ramp, wide), p->out_right);
        v = (int16_t)(v + p->out_zero);
        crl_store(out, i, type, crl_clamp(v, crl_type_min(type), crl_type_max(type)));
    }
}

void crl_hard_swish_f32_ref(float *out, const float *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float up = in[i] + 3, ramp = 0.0f < up ? up : 0.0f;
        out[i] = in[i] * (ramp < 6.0f ? ramp : 6.0f) / 6;
    }
}
