/* SPDX-License-Identifier: Apache-2.0 */
/* Sampling a function for crl_table16. */
#include "kernels/table16.h"

#include <math.h>

/* What is no number becomes 0: the lower half of what x86 converts it to. */
static int16_t saturate(double v)
{
    return isnan(v) ? 0 : (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

void crl_table16_fill(crl_table16 *t, double (*f)(double), double in_scale, int32_t in_zero, double out_scale,
                      int32_t out_zero)
{
    const double in_min = in_scale * (INT16_MIN - in_zero), in_max = in_scale * (INT16_MAX - in_zero);
    const double out_min = out_scale * (INT16_MIN - out_zero), out_max = out_scale * (INT16_MAX - out_zero);
    const double step = (in_max - in_min) / CRL_TABLE16_STEPS, scale = 65536 / (out_max - out_min);
    for (int i = 0; i < CRL_TABLE16_STEPS; i++) {
        const double here = f(in_min + i * step), middle = f(in_min + i * step + step / 2);
        const double next = f(in_min + (i + 1) * step);
        const double sample = round(here * scale);
        const double interpolated = round((next * scale + sample) / 2);
        t->value[i] = saturate(sample - round((interpolated - round(middle * scale)) / 2));
    }
    t->value[CRL_TABLE16_STEPS] = saturate(round(f(in_max) * scale));
}

void crl_table16_fill_f32(crl_table16 *t, crl_table_fn *f, float limit, float in_scale, int32_t in_zero,
                          float out_scale, int32_t out_zero)
{
    const float in_min = in_scale * (float)(INT16_MIN - in_zero), in_max = in_scale * (float)(INT16_MAX - in_zero);
    const float out_min = out_scale * (float)(INT16_MIN - out_zero);
    const float out_max = out_scale * (float)(INT16_MAX - out_zero);
    const float step = (in_max - in_min) / CRL_TABLE16_STEPS, scale = 65536 / (out_max - out_min);
    for (int i = 0; i < CRL_TABLE16_STEPS; i++) {
        const float here = f(in_min + (float)i * step, limit);
        const float middle = f(in_min + (float)i * step + step / 2, limit);
        const float next = f(in_min + (float)(i + 1) * step, limit);
        const float sample = roundf(here * scale);
        const float interpolated = roundf((next * scale + sample) / 2);
        t->value[i] = saturate(sample - roundf((interpolated - roundf(middle * scale)) / 2));
    }
    t->value[CRL_TABLE16_STEPS] = saturate(roundf(f(in_max, limit) * scale));
}
