/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of SOFTMAX. */
#include "kernels/softmax.h"

#include <float.h>
#include <math.h>

#include "kernels/element.h"
#include "kernels/fixed_exp.h"

enum { SUM_INTEGER_BITS = 12 };

/* exp of a difference <= 0, in units of the input, as Q0.31. */
CRL_INLINE int32_t exp_of(int32_t diff, const crl_softmax *s)
{
    return crl_fixed_exp(crl_scale_apply(diff, s->scale));
}

CRL_INLINE void softmax8(void *out, crl_type out_type, const void *in, crl_type type, const crl_softmax *s)
{
    const int32_t lowest = crl_type_min(out_type), highest = crl_type_max(out_type);
    for (size_t r = 0; r < s->rows; r++) {
        const size_t at = r * s->depth;
        int32_t max = crl_type_min(type);
        for (size_t i = 0; i < s->depth; i++) {
            const int32_t x = crl_load(in, at + i, type);
            max = x > max ? x : max;
        }
        /* Past 2^32 (8192 equal values, and more) the sum saturates, where the reference gives up. */
        uint64_t sum = 0;
        for (size_t i = 0; i < s->depth; i++) {
            const int32_t diff = crl_load(in, at + i, type) - max;
            if (diff >= s->diff_min) sum += (uint64_t)crl_shift_right(exp_of(diff, s), SUM_INTEGER_BITS);
        }
        int32_t bits;
        const int32_t scale = crl_fixed_reciprocal(sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum, SUM_INTEGER_BITS,
                                                   &bits);
        const int32_t shift = bits + 31 - (out_type == CRL_INT16 ? 16 : 8);
        for (size_t i = 0; i < s->depth; i++) {
            const int32_t diff = crl_load(in, at + i, type) - max;
            int32_t v = lowest;
            /* From 32 bits on nothing is left of the quotient; the reference ends the process there. */
            if (diff >= s->diff_min && shift <= 31) v += crl_shift_right(crl_mul_high(scale, exp_of(diff, s)), shift);
            crl_store(out, at + i, out_type, crl_clamp(v, lowest, highest));
        }
    }
}

void crl_softmax_u8_ref(void *out, const void *in, const crl_softmax *s)
{
    softmax8(out, CRL_UINT8, in, CRL_UINT8, s);
}

void crl_softmax_s8_ref(void *out, const void *in, const crl_softmax *s)
{
    softmax8(out, CRL_INT8, in, CRL_INT8, s);
}

void crl_softmax_u8s16_ref(void *out, const void *in, const crl_softmax *s)
{
    softmax8(out, CRL_INT16, in, CRL_UINT8, s);
}

void crl_softmax_s8s16_ref(void *out, const void *in, const crl_softmax *s)
{
    softmax8(out, CRL_INT16, in, CRL_INT8, s);
}

void crl_softmax_s16_ref(void *out, const void *in, const crl_softmax *s)
{
    for (size_t r = 0; r < s->rows; r++) {
        const int16_t *x = (const int16_t *)in + r * s->depth;
        int16_t *y = (int16_t *)out + r * s->depth;
        int16_t max = INT16_MIN;
        for (size_t i = 0; i < s->depth; i++) max = x[i] > max ? x[i] : max;
        uint32_t sum = 0; /* Q16.15 */
        for (size_t i = 0; i < s->depth; i++) {
            const int32_t diff = crl_wrap_add(crl_scale_apply(x[i] - max, s->scale), INT16_MAX);
            y[i] = crl_table16_at(s->exp, (int16_t)crl_clamp(diff, INT16_MIN, INT16_MAX));
            sum += (uint32_t)y[i];
        }
        /* The maximum itself gives exp(0) = 32767; more than 65536 values wrap, which may leave 0. */
        const int32_t zeros = sum ? __builtin_clz(sum) : 31;
        /* The sum between 1 and 2, in 17 bits, then 1 / (1 + x) with x from the middle of the table. */
        const int32_t x1 = (int32_t)((((int64_t)sum << zeros >> 1) + (1 << 13)) >> 14) - (1 << 15) - (1 << 16);
        const int64_t scale = crl_table16_at(s->reciprocal, (int16_t)crl_clamp(x1, INT16_MIN, INT16_MAX));
        const int32_t right = 31 - zeros; /* at least 0 */
        for (size_t i = 0; i < s->depth; i++) {
            const int64_t round = right > 0 ? INT64_C(1) << (right - 1) : 0;
            const int64_t v = right > 0 ? (y[i] * scale + round) >> right : y[i] * scale;
            y[i] = (int16_t)(v < 0 ? 0 : v > INT16_MAX ? INT16_MAX : v);
        }
    }
}

void crl_softmax_f32_ref(void *out, const void *in, const crl_softmax *s)
{
    for (size_t r = 0; r < s->rows; r++) {
        const float *x = (const float *)in + r * s->depth;
        float *y = (float *)out + r * s->depth;
        float max = -FLT_MAX, sum = 0;
        for (size_t i = 0; i < s->depth; i++) max = max < x[i] ? x[i] : max;
        for (size_t i = 0; i < s->depth; i++) {
            y[i] = expf((x[i] - max) * s->beta);
            sum += y[i];
        }
        for (size_t i = 0; i < s->depth; i++) y[i] /= sum;
    }
}
