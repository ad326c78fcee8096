/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of LOG_SOFTMAX. */
#include "kernels/log_softmax.h"

#include <float.h>
#include <math.h>

#include "kernels/element.h"
#include "kernels/fixed_exp.h"

enum { SUM_INTEGER_BITS = 12, DIFF_INTEGER_BITS = 5, OUT_INTEGER_BITS = 4 };

static void log_softmax_row(void *out, const void *in, size_t at, crl_type type, const crl_log_softmax *s)
{
    const int32_t lowest = crl_type_min(type), highest = crl_type_max(type);
    int32_t max = lowest;
    for (size_t i = 0; i < s->depth; i++) {
        const int32_t x = crl_load(in, at + i, type);
        max = x > max ? x : max;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < s->depth; i++) {
        const int32_t diff = crl_load(in, at + i, type) - max;
        if (diff >= s->diff_min)
            sum += (uint64_t)crl_shift_right(crl_fixed_exp(crl_scale_apply(diff, s->scale)), SUM_INTEGER_BITS);
    }
    const int32_t log_sum = crl_fixed_log(sum > INT32_MAX ? INT32_MAX : (int32_t)sum, SUM_INTEGER_BITS);
    /* Below this the difference to the logarithm does not fit Q5.26. */
    const int32_t smallest = crl_scale_apply(log_sum + INT32_MIN, s->back);
    const int32_t limit = smallest > s->diff_min - 1 ? smallest : s->diff_min - 1;
    for (size_t i = 0; i < s->depth; i++) {
        const int32_t diff = crl_load(in, at + i, type) - max;
        int32_t v = lowest;
        if (diff > limit)
            v = crl_shift_right(crl_wrap_sub(crl_scale_apply(diff, s->scale), log_sum),
                                31 - DIFF_INTEGER_BITS - OUT_INTEGER_BITS) + highest;
        crl_store(out, at + i, type, crl_clamp(v, lowest, highest));
    }
}

void crl_log_softmax_ref(void *out, const void *in, crl_type type, const crl_log_softmax *s)
{
    for (size_t r = 0; r < s->rows; r++) log_softmax_row(out, in, r * s->depth, type, s);
}

void crl_log_softmax_f32_ref(float *out, const float *in, const crl_log_softmax *s)
{
    for (size_t r = 0; r < s->rows; r++) {
        const float *x = in + r * s->depth;
        float *y = out + r * s->depth;
        float max = -FLT_MAX, sum = 0;
        for (size_t i = 0; i < s->depth; i++) max = max < x[i] ? x[i] : max;
        for (size_t i = 0; i < s->depth; i++) sum += expf(x[i] - max);
        const float log_sum = logf(sum);
        for (size_t i = 0; i < s->depth; i++) y[i] = x[i] - max - log_sum;
    }
}
