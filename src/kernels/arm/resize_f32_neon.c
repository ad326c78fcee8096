/* SPDX-License-Identifier: Apache-2.0 */
/* AArch64 only. */
#include "kernels/arm/f32_neon.h"

#include "kernels/resize_f32_frame.h"

void crl_resize_f32_neon(float *out, const float *in, const crl_resize *r, const crl_resize_at_f32 *x, int32_t row0, int32_t row1)
{
    resize_rows(out, in, r, x, row0, row1);
}
