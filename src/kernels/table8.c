/* SPDX-License-Identifier: Apache-2.0 */
/* Filling tables of functions of one 8-bit value. */
#include "kernels/table8.h"

#include <math.h>

#include "base/fixed.h"
#include "kernels/element.h"

void crl_table8_fill(uint8_t table[256], crl_type type, crl_table_fn *f, float limit, float in_scale, int32_t in_zero,
                     float out_scale, int32_t out_zero)
{
    const float inverse = 1 / out_scale;
    for (int32_t i = 0; i < 256; i++) {
        const int32_t q = type == CRL_INT8 ? (int8_t)i : i;
        const float v = roundf(f(in_scale * (float)(q - in_zero), limit) * inverse) + (float)out_zero;
        const int32_t r = v >= 2147483648.0f ? INT32_MAX : v >= -2147483648.0f ? (int32_t)v : INT32_MIN; /* EXP may give anything */
        table[i] = (uint8_t)crl_clamp(r, crl_type_min(type), crl_type_max(type));
    }
}
