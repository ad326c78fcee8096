/* SPDX-License-Identifier: Apache-2.0 */
/* AArch64 only. */
#include "kernels/arm/f32_neon.h"

#include "kernels/scatter_frame.h"

void crl_scatter_add_neon(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale)
{
    add_terms(s, line, row, weights, scale);
}

void crl_scatter_finish_neon(const crl_scatter *s, float *out, const float *line, size_t n)
{
    finish_line(s, out, line, n);
}
