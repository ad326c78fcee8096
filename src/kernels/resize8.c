/* SPDX-License-Identifier: Apache-2.0 */
/* Positions and dispatch. The definition is resize.c. */
#include "kernels/resize8.h"

#include "base/alloc.h"
#include "base/cpu.h"

void crl_resize8_places(crl_resize_place *places, int32_t in, int32_t out, bool fixed, const crl_resize *r)
{
    for (int32_t i = 0; i < out; i++) {
        crl_resize_place *p = &places[i];
        if (fixed) {
            const crl_resize_at at = crl_resize_find(i, in, out, r);
            const int32_t far = (int32_t)(at.at - (int64_t)1024 * at.low);
            *p = (crl_resize_place){ .low = at.low, .high = at.high, .near.q = 1024 - far, .far.q = far };
        } else {
            const crl_resize_at_f32 at = crl_resize_find_f32(i, in, out, r);
            const float far = at.at - (float)at.low;
            *p = (crl_resize_place){ .low = at.low, .high = at.high, .near.f = 1 - far, .far.f = far };
        }
    }
}

size_t crl_resize8_scratch(const crl_resize *r)
{
    return crl_size_align(2 * sizeof(float) * (size_t)r->in_w * (size_t)r->channels, 64);
}

void crl_resize8_kernels_init(crl_resize8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_resize8_kernels){ 0 };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_resize8_kernels){ "resize8 avx2", crl_resize8_float_avx2, crl_resize8_fixed_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_resize8_kernels){ "resize8 neon", crl_resize8_float_neon, crl_resize8_fixed_neon };
#endif
}
