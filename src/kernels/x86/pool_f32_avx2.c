/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of floats at this level: pool_f32_frame.h. */
#include "kernels/x86/f32_avx2.h"

#include "kernels/pool_f32_frame.h"

void crl_average_pool_f32_avx2(float *out, const float *in, const crl_pool2d *p, int32_t row0, int32_t row1)
{
    pool_rows(out, in, p, row0, row1, false);
}

void crl_max_pool_f32_avx2(float *out, const float *in, const crl_pool2d *p, int32_t row0, int32_t row1)
{
    pool_rows(out, in, p, row0, row1, true);
}
