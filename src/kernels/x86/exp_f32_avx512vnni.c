/* SPDX-License-Identifier: Apache-2.0 */
/* 16 floats a step. */
#include "kernels/x86/f32_avx512.h"

/* Tables of 32 powers, and constants that would be loaded again for each vector. */
typedef struct exp_known {
    f32s low, high, low_rest, high_rest, scale, magic, minus_magic, ln2, ln2_rest, r4, r3, half, margin, one;
    __m512i exponent;
} exp_known;

#include "kernels/exp_f32_frame.h"

/* 2^(i/32), and what a float lacks of it. */
static const float powers[32] = {
    0x1.0p+0f,      0x1.059b0ep+0f, 0x1.0b5586p+0f, 0x1.11301ep+0f, 0x1.172b84p+0f, 0x1.1d4874p+0f, 0x1.2387a6p+0f, 0x1.29e9ep+0f,
    0x1.306fep+0f,  0x1.371a74p+0f, 0x1.3dea64p+0f, 0x1.44e086p+0f, 0x1.4bfdaep+0f, 0x1.5342b6p+0f, 0x1.5ab07ep+0f, 0x1.6247ecp+0f,
    0x1.6a09e6p+0f, 0x1.71f75ep+0f, 0x1.7a1148p+0f, 0x1.82589ap+0f, 0x1.8ace54p+0f, 0x1.93737cp+0f, 0x1.9c4918p+0f, 0x1.a5503cp+0f,
    0x1.ae89fap+0f, 0x1.b7f77p+0f,  0x1.c199bep+0f, 0x1.cb720ep+0f, 0x1.d5818ep+0f, 0x1.dfc974p+0f, 0x1.ea4afap+0f, 0x1.f50766p+0f,
};
static const float power_rests[32] = {
    0.0f,            -0x1.9d4f52p-25f, 0x1.9f3122p-25f,  -0x1.fdb496p-25f, -0x1.c15742p-27f, -0x1.d2e8cap-25f, 0x1.ceac48p-25f,  -0x1.5c0424p-25f,
    0x1.4636e2p-25f, -0x1.18aac6p-25f, 0x1.824684p-25f,  0x1.8624b4p-30f,  -0x1.593abcp-25f, -0x1.2c561p-25f,  -0x1.5bd5ecp-27f, -0x1.f8b55p-25f,
    0x1.9fcef4p-26f, 0x1.1d8beep-25f,  -0x1.829fdp-25f,  -0x1.accc7cp-26f, 0x1.15506ep-27f,  -0x1.e64744p-25f, 0x1.51f848p-27f,  -0x1.b83b54p-25f,
    -0x1.a94b14p-26f, -0x1.a09438p-25f, -0x1.3d56b2p-27f, -0x1.8837ccp-27f, -0x1.822dbcp-27f, -0x1.908c94p-25f, 0x1.52486cp-27f, -0x1.246ebp-26f,
};

/* e^x is a power of two times 2^(i/32) times e^r, r = x - n * ln(2), |r| <= h = ln(2) / 64, all of it but the first as a sum of two
 * floats: `most`, and `rest`, of which 2^-34 is lost at most. r is exact; what e^r has beyond 1 + r is below 2^-13, so that a float
 * says it closely enough, and its terms to r^4 are off by 2^-28 of themselves.
 *
 * A unit in the last place is 2^-23, or 2^-24 where the power is 1 and r negative: where EXP_DOUBT more and EXP_DOUBT less than the sum
 * round to the same float, it is the one. */
#define EXP_DOUBT (0.0026f * 0x1p-23f)

/* Compilers know no better than to make a constant again where they need it, by an instruction that takes the place of another. */
CRL_INLINE f32s kept(f32s v)
{
    __asm__("" : "+v"(v));
    return v;
}

CRL_INLINE exp_known exp_begin(void)
{
    const f32s less = f32_fill(-EXP_DOUBT);
    return (exp_known){ .low = kept(f32_load(powers)),
                        .high = kept(f32_load(powers + 16)),
                        .low_rest = kept(f32_add(f32_load(power_rests), less)),
                        .high_rest = kept(f32_add(f32_load(power_rests + 16), less)),
                        .scale = kept(f32_fill(0x1.715476p0f)), /* 1 / ln(2) */
                        .magic = kept(f32_fill(0x1.8p18f)),
                        .minus_magic = kept(f32_fill(-0x1.8p18f)), /* added, it leaves 32 * n in the lowest bits */
                        .ln2 = kept(f32_fill(0x1.62e43p-1f)),
                        .ln2_rest = kept(f32_fill(0x1.05c61p-29f)),
                        .r4 = kept(f32_fill(0x1.555596p-5f)),
                        .r3 = kept(f32_fill(0x1.5555b8p-3f)),
                        .half = kept(f32_fill(0.5f)),
                        .margin = kept(f32_fill(2 * EXP_DOUBT)),
                        .one = kept(f32_fill(1)),
                        .exponent = _mm512_set1_epi32(INT32_MIN >> 8) };
}

/* e^x, or e^-x, of -87 .. 87. */
CRL_INLINE f32s exp_inside(f32s x, bool minus, const exp_known *k, __mmask16 *doubt)
{
    const f32s shifted = minus ? _mm512_fnmadd_ps(x, k->scale, k->magic) : f32_fused(x, k->scale, k->magic);
    const f32s n = f32_add(shifted, k->minus_magic);
    const f32s r = minus ? _mm512_fnmsub_ps(n, k->ln2, x) : _mm512_fnmadd_ps(n, k->ln2, x), left = f32_mul(n, k->ln2_rest);
    const f32s terms = f32_fused(f32_fused(k->r4, r, k->r3), r, k->half);
    const f32s beyond = f32_fused(f32_fused(terms, r, left), r, left);
    const __m512i bits = _mm512_castps_si512(shifted);
    const f32s power = _mm512_permutex2var_ps(k->low, bits, k->high), lacks = _mm512_permutex2var_ps(k->low_rest, bits, k->high_rest);
    const f32s product = f32_mul(power, r), most = f32_add(power, product);
    const f32s lost = _mm512_sub_ps(product, _mm512_sub_ps(most, power));
    const f32s more = f32_add(_mm512_fmsub_ps(power, r, product), f32_fused(power, beyond, f32_fused(lacks, r, lacks)));
    const f32s less = f32_add(lost, more), y = f32_add(most, less);
    *doubt = _mm512_cmp_ps_mask(y, f32_add(most, f32_add(less, k->margin)), _CMP_NEQ_UQ);
    const __m512i exponent = _mm512_and_si512(_mm512_slli_epi32(bits, 18), k->exponent);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(y), exponent));
}

CRL_INLINE f32s exp_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    const __mmask16 outside = _mm512_cmp_ps_mask(_mm512_abs_ps(x), _mm512_set1_ps(87), _CMP_NLE_UQ);
    const __mmask16 is_zero = _mm512_cmp_ps_mask(x, _mm512_set1_ps(EXP_ZERO), _CMP_LT_OQ);
    __mmask16 close;
    const f32s y = exp_inside(x, false, k, &close);
    *doubt = (__mmask16)((outside | close) & ~is_zero);
    return _mm512_maskz_mov_ps((__mmask16)~is_zero, y);
}

/* Any x: below -9 the definition is e^x. */
static __attribute__((noinline)) f32s logistic_of_all(f32s x, uint32_t *doubt)
{
    const exp_known k = exp_begin();
    const f32s top = f32_fill(16.619047164916992188f);
    const __mmask16 above = _mm512_cmp_ps_mask(x, top, _CMP_GT_OQ), below = _mm512_cmp_ps_mask(x, f32_fill(-9), _CMP_LT_OQ);
    const f32s minus = _mm512_xor_ps(x, f32_fill(-0.0f)), e = exp_near(_mm512_mask_mov_ps(minus, below, x), &k, doubt);
    *doubt &= ~(uint32_t)above;
    const f32s y = _mm512_mask_mov_ps(f32_divide(k.one, f32_add(k.one, e)), below, e);
    return _mm512_mask_mov_ps(y, above, k.one);
}

CRL_INLINE f32s logistic_near(f32s x, const exp_known *k, uint32_t *doubt)
{
    if (_mm512_cmp_ps_mask(_mm512_abs_ps(x), f32_fill(9), _CMP_NLE_UQ)) return logistic_of_all(x, doubt);
    __mmask16 close;
    const f32s e = exp_inside(x, true, k, &close);
    *doubt = close;
    return f32_divide(k->one, f32_add(k->one, e));
}

CRL_INLINE f32s times_power(f32s y, f32s shifted)
{
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(y), _mm512_slli_epi32(_mm512_castps_si512(shifted), 23)));
}

void crl_exp_f32_avx512vnni(float *out, const float *in, size_t n, float less, float beta)
{
    exp_all(out, in, n, &(exp_of){ .less = less, .beta = beta });
}

void crl_logistic_f32_avx512vnni(float *out, const float *in, size_t n, const crl_limits *product)
{
    logistic_all(out, in, n, product);
}

void crl_about_f32_avx512vnni(float *out, const float *in, size_t n, const crl_limits *product)
{
    about_all(out, in, n, product);
}

float crl_largest_f32_avx512vnni(const float *in, size_t n)
{
    return largest_of(in, n);
}
