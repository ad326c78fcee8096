/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/x86/f32_avx2.h"

#include "kernels/scatter_frame.h"

void crl_scatter_add_avx2(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale)
{
    add_terms(s, line, row, weights, scale);
}

void crl_scatter_finish_avx2(const crl_scatter *s, float *out, const float *line, size_t n)
{
    finish_line(s, out, line, n);
}
