/* SPDX-License-Identifier: Apache-2.0 */
/* Eight floats a step. */
#include "kernels/x86/f32_avx2.h"

typedef struct exp_known {
    f32s one;
} exp_known;

#include "kernels/exp_f32_frame.h"

CRL_INLINE exp_known exp_begin(void)
{
    return (exp_known){ f32_fill(1) };
}

/* 2^(i/16), and what a float lacks of it. */
static const float powers[16] = {
    0x1.0p+0f,      0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f, 0x1.306fep+0f,  0x1.3dea64p+0f, 0x1.4bfdaep+0f, 0x1.5ab07ep+0f,
    0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f, 0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f,
};
static const float power_rests[16] = {
    0.0f,            0x1.9f3122p-25f,  -0x1.c15742p-27f, 0x1.ceac48p-25f, 0x1.4636e2p-25f,  0x1.824684p-25f,  -0x1.593abcp-25f, -0x1.5bd5ecp-27f,
    0x1.9fcef4p-26f, -0x1.829fdp-25f,  0x1.15506ep-27f,  0x1.51f848p-27f, -0x1.a94b14p-26f, -0x1.3d56b2p-27f, -0x1.822dbcp-27f, 0x1.52486cp-27f,
};

/* Entry i of 16, of which the three lowest bits are those of `i` and the highest is the sign of `upper`. */
CRL_INLINE f32s one_of(const float *table, __m256i i, f32s upper)
{
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(_mm256_loadu_ps(table), i),
                            _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), i), upper);
}

/* As in exp_f32_avx512vnni.c, with half as many powers: |r| <= ln(2) / 32, a term more, and 2^-32.5 of the rest is lost at most. */
#define EXP_DOUBT (0.0036f * 0x1p-23f)

/* e^x of -87 .. 87. */
CRL_INLINE f32s exp_inside(f32s x, f32s *doubt)
{
    const f32s magic = f32_fill(0x1.8p19f), shifted = f32_fused(x, f32_fill(0x1.715476p0f), magic); /* 16 * n in the lowest bits */
    const f32s n = _mm256_sub_ps(shifted, magic), left = f32_mul(n, f32_fill(0x1.05c61p-29f));
    const f32s r = _mm256_fnmadd_ps(n, f32_fill(0x1.62e43p-1f), x);
    f32s terms = f32_fused(f32_fill(0x1.1111dap-7f), r, f32_fill(0x1.5556b4p-5f));
    terms = f32_fused(f32_fused(terms, r, f32_fill(0x1.555556p-3f)), r, f32_fill(0.5f));
    const f32s beyond = f32_fused(f32_fused(terms, r, left), r, left);
    const __m256i bits = _mm256_castps_si256(shifted);
    const f32s upper = _mm256_castsi256_ps(_mm256_slli_epi32(bits, 28));
    const f32s power = one_of(powers, bits, upper), lacks = one_of(power_rests, bits, upper);
    const f32s product = f32_mul(power, r), most = f32_add(power, product);
    const f32s lost = _mm256_sub_ps(product, _mm256_sub_ps(most, power));
    const f32s more = f32_add(_mm256_fmsub_ps(power, r, product), f32_fused(power, beyond, f32_fused(lacks, r, lacks)));
    const f32s rest = f32_add(lost, more), y = f32_add(most, f32_add(rest, f32_fill(EXP_DOUBT)));
    *doubt = _mm256_cmp_ps(y, f32_add(most, f32_add(rest, f32_fill(-EXP_DOUBT))), _CMP_NEQ_UQ);
    const __m256i exponent = _mm256_and_si256(_mm256_slli_epi32(bits, 19), _mm256_set1_epi32(INT32_MIN >> 8));
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(y), exponent));
}

CRL_INLINE f32s beyond_of(f32s x, float limit)
{
    return _mm256_cmp_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), f32_fill(limit), _CMP_NLE_UQ);
}

CRL_INLINE f32s exp_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    (void)k;
    const f32s outside = beyond_of(x, 87), is_zero = _mm256_cmp_ps(x, f32_fill(EXP_ZERO), _CMP_LT_OQ);
    f32s close;
    const f32s y = exp_inside(x, &close);
    *doubt = (uint32_t)_mm256_movemask_ps(_mm256_andnot_ps(is_zero, _mm256_or_ps(outside, close)));
    return _mm256_andnot_ps(is_zero, y);
}

/* Any x: below -9 the definition is e^x. */
static __attribute__((noinline)) f32s logistic_of_all(f32s x, uint32_t *doubt)
{
    const exp_known k = exp_begin();
    const f32s one = k.one, top = f32_fill(16.619047164916992188f);
    const f32s above = _mm256_cmp_ps(x, top, _CMP_GT_OQ), below = _mm256_cmp_ps(x, f32_fill(-9), _CMP_LT_OQ);
    const f32s e = exp_near(_mm256_blendv_ps(f32_negate(x), x, below), &k, doubt);
    *doubt &= ~(uint32_t)_mm256_movemask_ps(above);
    const f32s y = _mm256_blendv_ps(f32_divide(one, f32_add(one, e)), e, below);
    return _mm256_blendv_ps(y, one, above);
}

CRL_INLINE f32s logistic_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    if (_mm256_movemask_ps(beyond_of(x, 9))) return logistic_of_all(x, doubt);
    f32s close;
    const f32s e = exp_inside(f32_negate(x), &close);
    *doubt = (uint32_t)_mm256_movemask_ps(close);
    return f32_divide(k->one, f32_add(k->one, e));
}

CRL_INLINE f32s times_power(f32s y, f32s shifted)
{
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(y), _mm256_slli_epi32(_mm256_castps_si256(shifted), 23)));
}

void crl_exp_f32_avx2(float *out, const float *in, size_t n, float less, float beta)
{
    exp_all(out, in, n, &(exp_of){ .less = less, .beta = beta });
}

void crl_logistic_f32_avx2(float *out, const float *in, size_t n, const crl_limits *product)
{
    logistic_all(out, in, n, product);
}

void crl_about_f32_avx2(float *out, const float *in, size_t n, const crl_limits *product)
{
    about_all(out, in, n, product);
}

float crl_largest_f32_avx2(const float *in, size_t n)
{
    return largest_of(in, n);
}
