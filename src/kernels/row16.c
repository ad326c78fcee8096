/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of rows of 16-bit numbers, and the dispatch. */
#include "kernels/row16.h"

#include "base/cpu.h"

void crl_row16_kernels_init(crl_row16_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_row16_kernels){ 0 };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_row16_kernels){ "row16 avx2", crl_sum16_avx2, crl_product16_avx2, crl_sigmoid16_logistic_avx2, crl_sigmoid16_tanh_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_row16_kernels){ "row16 neon", crl_sum16_neon, crl_product16_neon, NULL, NULL };
#endif
}

/* One scale for all lanes. false: it does not fit numbers up to `most`. */
static bool spread(crl_requant_lanes *lanes, const crl_scale *scale, int64_t most)
{
    const crl_requant q = { .scale = scale };
    const crl_requant_proof none[1] = { { 0 } };
    const int32_t channel[16] = { 0 };
    if (most > INT32_MAX || !crl_requant_fits(&q, 0, (crl_requant_range){ -(int32_t)most, (int32_t)most })) return false;
    crl_requant_lanes_init(lanes, &q, none, channel);
    return true;
}

static int64_t largest(crl_scale s, int32_t left)
{
    const int64_t v = crl_scale_apply(-(1 << (15 + left)), s);
    return v < 0 ? -v : v;
}

bool crl_row16_init_sum(crl_row16 *r, const crl_sum *sum)
{
    enum { LEFT = 15 };
    if (sum->a_zero || sum->b_zero || sum->left != LEFT || !sum->out.scale || sum->out.zero_point) return false;
    r->u.sum = *sum;
    r->min = sum->out.min;
    r->max = sum->out.max;
    return spread(&r->a, &sum->a_scale, INT64_C(1) << 30) && spread(&r->b, &sum->b_scale, INT64_C(1) << 30) &&
           spread(&r->out, sum->out.scale, largest(sum->a_scale, LEFT) + largest(sum->b_scale, LEFT));
}

bool crl_row16_init_product(crl_row16 *r, const crl_product *product)
{
    if (product->a_zero || product->b_zero || !product->out.scale || product->out.zero_point) return false;
    r->u.product = *product;
    r->min = product->out.min;
    r->max = product->out.max;
    return spread(&r->out, product->out.scale, INT64_C(1) << 30);
}
