/* SPDX-License-Identifier: Apache-2.0 */
/* The definitions, the plain loop, the dispatch. */
#include "kernels/affine8.h"

#include "base/cpu.h"
#include "kernels/element.h"

/* Both operands, in the order x, y. */
typedef struct operands {
    const void *x, *y;
    size_t step_x, step_y;
} operands;

static operands order(const void *a, size_t step_a, const void *b, size_t step_b, const crl_affine8 *p)
{
    return p->turned ? (operands){ b, a, step_b, step_a } : (operands){ a, b, step_a, step_b };
}

CRL_INLINE void scaled(void *out, operands o, size_t n, const crl_affine8 *p, crl_type type)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(o.x, i * o.step_x, type) - p->zero, y = crl_load(o.y, i * o.step_y, type);
        crl_store(out, i, type, crl_requant_place_single((float)x * crl_affine8_factor(p, y), &p->out));
    }
}

CRL_INLINE void shifted(void *out, operands o, size_t n, const crl_affine8 *p, crl_type type)
{
    const crl_requant_one one = crl_requant_one_of(&p->out);
    for (size_t i = 0; i < n; i++) {
        const int32_t x = crl_load(o.x, i * o.step_x, type) - p->zero, y = crl_load(o.y, i * o.step_y, type);
        crl_store(out, i, type, crl_requant_apply_one(x + crl_affine8_bias(p, y), &one));
    }
}

void crl_scaled_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    scaled(out, order(a, step_a, b, step_b, params), n, params, CRL_UINT8);
}

void crl_scaled_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    scaled(out, order(a, step_a, b, step_b, params), n, params, CRL_INT8);
}

void crl_shifted_u8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    shifted(out, order(a, step_a, b, step_b, params), n, params, CRL_UINT8);
}

void crl_shifted_s8_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    shifted(out, order(a, step_a, b, step_b, params), n, params, CRL_INT8);
}

void crl_affine8_ref(uint8_t *out, const uint8_t *x, size_t n, const crl_affine8_row *row)
{
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)crl_requant_place_single((float)(x[i] + row->bias[i]) * row->factor[i], &row->out);
}

void crl_affine8_kernels_init(crl_affine8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_affine8_kernels){ "affine8 ref", crl_affine8_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_affine8_kernels){ "affine8 avx2", crl_affine8_avx2 };
    if (cpu & CRL_CPU_AVX512VNNI) *k = (crl_affine8_kernels){ "affine8 avx512vnni", crl_affine8_avx512vnni };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_affine8_kernels){ "affine8 neon", crl_affine8_neon };
#endif
}
