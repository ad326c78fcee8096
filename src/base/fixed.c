/* SPDX-License-Identifier: Apache-2.0 */
/* Real scales to fixed point. */
#include "base/fixed.h"

#include <math.h>

crl_scale crl_scale_from_real(double real)
{
    if (real == 0.0 || !isfinite(real)) return (crl_scale){ 0, 0 };
    int shift;
    int64_t mult = (int64_t)round(frexp(real, &shift) * (double)(INT64_C(1) << 31));
    if (mult == INT64_C(1) << 31) {
        mult /= 2;
        shift++;
    }
    if (shift < -31) return (crl_scale){ 0, 0 };
    if (shift > 30) shift &= 31; /* the x86 instruction looks at five bits; traffic_model has a scale of 2^101 */
    return (crl_scale){ (int32_t)mult, shift };
}

bool crl_is_power_of_two(float x, int32_t *exponent)
{
    *exponent = 0;
    if (!(x > 0) || isinf(x)) return false;
    const float log2 = logf(x) * (1.0f / logf(2.0f)), rounded = roundf(log2);
    *exponent = (int32_t)rounded;
    return fabsf(log2 - rounded) < 1e-3f;
}
