/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions of 16-bit activations at this level: dw_s16_frame.h. */
#define S16_VNNI
#include "kernels/x86/s16_avx2.h"

#include "kernels/dw_s16_frame.h"

void crl_dw_s16_rows_avxvnni(const crl_dw_s16 *d, int16_t *out, const int16_t *in, int32_t row0, int32_t row1)
{
    all_rows(d, out, in, row0, row1);
}
