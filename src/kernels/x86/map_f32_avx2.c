/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one float at this level: map_f32_frame.h. */
#include "kernels/x86/f32_avx2.h"

#include "kernels/map_f32_frame.h"

void crl_map_f32_avx2(float *out, const float *in, size_t n, const crl_map_f32 *m)
{
    map_kind(out, in, n, m);
}
