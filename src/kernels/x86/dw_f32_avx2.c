/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions of floats at this level: dw_f32_frame.h. */
#include "kernels/x86/f32_avx2.h"

#include "kernels/dw_f32_frame.h"

void crl_dw_f32_avx2(float *out, const float *in, const crl_dw_f32 *d, int32_t row0, int32_t row1)
{
    all_rows(out, in, d, row0, row1);
}
