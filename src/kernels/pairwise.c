/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of functions of two numbers. */
#include "kernels/pairwise.h"

#include <float.h>
#include <math.h>

#include "base/half.h"
#include "kernels/element.h"

static float floor_mod_f32(float a, float b)
{
    const float r = fmodf(a, b);
    return r != 0 && (b < 0) != (r < 0) ? r + b : r;
}

static int64_t floor_mod(int64_t a, int64_t b)
{
    const int64_t r = b == -1 ? 0 : a % b; /* the smallest number divided by -1 overflows */
    return r != 0 && (b < 0) != (r < 0) ? r + b : r;
}

static int64_t power(int64_t a, int64_t b)
{
    const double p = pow((double)a, (double)b);
    return p > -2147483649.0 && p < 2147483648.0 ? (int64_t)p : INT32_MIN;
}

static float number_f32(crl_pair op, float a, float b)
{
    switch (op) {
    case CRL_PAIR_MAX: return a > b ? a : b;
    case CRL_PAIR_MIN: return a < b ? a : b;
    case CRL_PAIR_SQUARED_DIFFERENCE: return (a - b) * (a - b);
    case CRL_PAIR_POW: return powf(a, b);
    case CRL_PAIR_ATAN2: return atan2f(a, b);
    default: return floor_mod_f32(a, b);
    }
}

static int64_t number(crl_pair op, int64_t a, int64_t b)
{
    const uint64_t difference = (uint64_t)a - (uint64_t)b;
    switch (op) {
    case CRL_PAIR_MAX: return a > b ? a : b;
    case CRL_PAIR_MIN: return a < b ? a : b;
    case CRL_PAIR_SQUARED_DIFFERENCE: return (int64_t)(difference * difference);
    case CRL_PAIR_POW: return power(a, b);
    default: return floor_mod(a, b);
    }
}

static bool truth_f32(crl_pair op, float a, float b)
{
    switch (op) {
    case CRL_PAIR_EQUAL: return a == b;
    case CRL_PAIR_NOT_EQUAL: return a != b;
    case CRL_PAIR_GREATER: return a > b;
    case CRL_PAIR_GREATER_EQUAL: return a >= b;
    case CRL_PAIR_LESS: return a < b;
    default: return a <= b;
    }
}

static bool truth(crl_pair op, int64_t a, int64_t b)
{
    switch (op) {
    case CRL_PAIR_EQUAL: return a == b;
    case CRL_PAIR_NOT_EQUAL: return a != b;
    case CRL_PAIR_GREATER: return a > b;
    case CRL_PAIR_GREATER_EQUAL: return a >= b;
    case CRL_PAIR_LESS: return a < b;
    case CRL_PAIR_LESS_EQUAL: return a <= b;
    case CRL_PAIR_AND: return a && b;
    default: return a || b;
    }
}

static int64_t load(const void *p, size_t i, crl_type type)
{
    return type == CRL_INT64 ? ((const int64_t *)p)[i] : crl_load(p, i, type == CRL_BOOL ? CRL_UINT8 : type);
}

static void pair_f16(const crl_pairwise *p, void *out, size_t i, uint16_t a, uint16_t b)
{
    const float x = crl_half_to_float(a), y = crl_half_to_float(b);
    if (p->op < CRL_PAIR_EQUAL)
        ((uint16_t *)out)[i] = crl_half_from_float(number_f32(p->op, x, y));
    else
        ((uint8_t *)out)[i] = truth_f32(p->op, x, y);
}

static int32_t refine(int64_t x, int32_t zero, crl_scale scale)
{
    return crl_scale_apply(((int32_t)x - zero) * 256, scale);
}

void crl_pairwise_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n,
                      const void *params)
{
    const crl_pairwise *p = params;
    for (size_t i = 0; i < n; i++) {
        if (p->type == CRL_FLOAT32) {
            const float x = ((const float *)a)[i * step_a], y = ((const float *)b)[i * step_b];
            if (p->op < CRL_PAIR_EQUAL)
                ((float *)out)[i] = number_f32(p->op, x, y);
            else
                ((uint8_t *)out)[i] = truth_f32(p->op, x, y);
            continue;
        }
        if (p->type == CRL_FLOAT16) {
            pair_f16(p, out, i, ((const uint16_t *)a)[i * step_a], ((const uint16_t *)b)[i * step_b]);
            continue;
        }
        int64_t x = load(a, i * step_a, p->type), y = load(b, i * step_b, p->type);
        if (p->rescale) {
            x = refine(x, p->a_zero, p->a_scale);
            y = refine(y, p->b_zero, p->b_scale);
        }
        if (p->op >= CRL_PAIR_EQUAL)
            ((uint8_t *)out)[i] = truth(p->op, x, y);
        else if (p->type == CRL_INT64)
            ((int64_t *)out)[i] = number(p->op, x, y);
        else
            crl_store(out, i, p->type, (int32_t)(uint32_t)(uint64_t)number(p->op, x, y));
    }
}

static float finite_product(float a, float b)
{
    const float v = a * b;
    return v < -FLT_MAX ? -FLT_MAX : v > FLT_MAX ? FLT_MAX : v;
}

void crl_power_whole_ref(void *out, const void *a, crl_type type, size_t n, int32_t exponent)
{
    const int32_t top = 31 - __builtin_clz((unsigned)exponent); /* the bits below the highest say when to multiply */
    for (size_t i = 0; i < n; i++) {
        if (type == CRL_FLOAT32) {
            const float x = ((const float *)a)[i];
            float y = x;
            for (int32_t b = top - 1; b >= 0; b--) {
                y = finite_product(y, y);
                if (exponent >> b & 1) y = finite_product(x, y);
            }
            ((float *)out)[i] = y;
        } else {
            const int32_t x = ((const int32_t *)a)[i];
            int32_t y = x;
            for (int32_t b = top - 1; b >= 0; b--) {
                y = crl_wrap_mul(y, y);
                if (exponent >> b & 1) y = crl_wrap_mul(x, y);
            }
            ((int32_t *)out)[i] = y;
        }
    }
}
