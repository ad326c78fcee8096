/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/x86/f32_avx512.h"

#include "kernels/resize_f32_frame.h"

void crl_resize_f32_avx512vnni(float *out, const float *in, const crl_resize *r, const crl_resize_at_f32 *x, int32_t row0, int32_t row1)
{
    resize_rows(out, in, r, x, row0, row1);
}
