/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one float at this level: map_f32_frame.h. */
#include "kernels/arm/f32_neon.h"

#include "kernels/map_f32_frame.h"

void crl_map_f32_neon(float *out, const float *in, size_t n, const crl_map_f32 *m)
{
    map_kind(out, in, n, m);
}
