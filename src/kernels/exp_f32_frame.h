/* SPDX-License-Identifier: Apache-2.0 */
/* Loops around expf, written once for all vectors; to be included after one of f32_*.h. The file that includes it defines
 * exp_known, exp_begin, exp_near, logistic_near and times_power; before it, those that are no functions. */
#ifndef CRL_KERNELS_EXP_F32_FRAME_H
#define CRL_KERNELS_EXP_F32_FRAME_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/exp_f32.h"
#include "kernels/unary.h"

/* What stays in registers. */
CRL_INLINE exp_known exp_begin(void);

/* e^x and the logistic function of each lane. *doubt gets a bit for each lane that the C library has to decide. */
CRL_INLINE f32s exp_near(f32s x, const exp_known *k, uint32_t *doubt);
CRL_INLINE f32s logistic_near(f32s x, const exp_known *k, uint32_t *doubt);

/* y times 2 to the whole number in the lowest bits of `shifted`. */
CRL_INLINE f32s times_power(f32s y, f32s shifted);

/* Below, e^x is 0.35 of the least float's half at most, and 0 therefore: masked rows of SOFTMAX are full of such. */
#define EXP_ZERO (-105.0f)

/* Of the doubles of one float's unit in the last place, those around the middle, in 2^-32 of it: 0.0029. */
enum { EXP_MARGIN = 12 << 20 };

/* e^r by Taylor's series to r^9 / 9!: of |r| < ln(2) / 2 the error is below 2^-36. */
static const double exp_terms[] = { 1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880 };

typedef struct exp_of {
    float less, beta;
    bool logistic, product;      /* product of it and its argument, */
    float min, max;              /* within these */
} exp_of;

CRL_INLINE f32s exp_argument(f32s x, const exp_of *e)
{
    return f32_mul(f32_add(x, f32_fill(-e->less)), f32_fill(e->beta));
}

CRL_INLINE f32s exp_vector(f32s x, const exp_of *e, const exp_known *k, uint32_t *doubt)
{
    return e->logistic ? logistic_near(x, k, doubt) : exp_near(exp_argument(x, e), k, doubt);
}

static inline float decided(float x, const exp_of *e)
{
    if (!e->logistic) return expf((x - e->less) * e->beta);
    if (!e->product) return crl_logistic_f32(x);
    float y = x * crl_logistic_f32(x);
    y = y < e->min ? e->min : y;
    return y > e->max ? e->max : y;
}

/* `in` are the arguments of all lanes. */
static inline void decide(float *out, const float *in, uint32_t doubt, const exp_of *e)
{
    for (; doubt; doubt &= doubt - 1) {
        const int i = __builtin_ctz(doubt);
        out[i] = decided(in[i], e);
    }
}

enum { EXP_BATCH = 16 };

/* Up to EXP_BATCH vectors. What is in doubt waits for all of them, so that a branch which nobody can foretell does not end the
 * computations that would go on beside it. */
CRL_INLINE void exp_batch(float *out, const float *in, size_t vectors, const exp_of *e, const exp_known *k)
{
    float kept[EXP_BATCH * F32_LANES]; /* `out` may be `in` */
    uint32_t doubt[EXP_BATCH];
    const f32s min = f32_fill(e->min), max = f32_fill(e->max);
    for (size_t v = 0; v < vectors; v++) {
        const f32s x = f32_load(in + v * F32_LANES), y = exp_vector(x, e, k, &doubt[v]);
        f32_store(kept + v * F32_LANES, x);
        f32_store(out + v * F32_LANES, e->product ? f32_clamp(f32_mul(x, y), min, max) : y);
    }
    for (size_t v = 0; v < vectors; v++)
        if (doubt[v]) decide(out + v * F32_LANES, kept + v * F32_LANES, doubt[v], e);
}

/* `e->logistic` and `e->product` are constants where this is called. */
CRL_INLINE void exp_all(float *out, const float *in, size_t n, const exp_of *e)
{
    const exp_known k = exp_begin();
    float part[F32_LANES] = { 0 };
    size_t i = 0;
    for (size_t vectors; (vectors = (n - i) / F32_LANES) != 0; i += vectors * F32_LANES) {
        if (vectors > EXP_BATCH) vectors = EXP_BATCH;
        exp_batch(out + i, in + i, vectors, e, &k);
    }
    if (i == n) return;
    memcpy(part, in + i, (n - i) * sizeof *part);
    exp_batch(part, part, 1, e, &k);
    memcpy(out + i, part, (n - i) * sizeof *part);
}

CRL_INLINE void logistic_all(float *out, const float *in, size_t n, const crl_limits *product)
{
    if (product)
        exp_all(out, in, n, &(exp_of){ .logistic = true, .product = true, .min = product->min_f32, .max = product->max_f32 });
    else
        exp_all(out, in, n, &(exp_of){ .logistic = true });
}

/* The logistic function in floats alone: the same bits at every level, and not those of the definition. */
CRL_INLINE f32s logistic_about(f32s x)
{
    const f32s minus = f32_clamp(f32_mul(x, f32_fill(-1)), f32_fill(-87), f32_fill(87)), magic = f32_fill(0x1.8p23f);
    const f32s shifted = f32_fused(minus, f32_fill(0x1.715476p0f), magic); /* 1 / ln(2); magic leaves a whole number below */
    const f32s n = f32_add(shifted, f32_fill(-0x1.8p23f));
    f32s r = f32_fused(n, f32_fill(-0x1.62e4p-1f), minus);                 /* ln(2) in two parts */
    r = f32_fused(n, f32_fill(-0x1.7f7d1cp-20f), r);
    f32s y = f32_fill((float)exp_terms[6]);
    for (int i = 5; i >= 0; i--) y = f32_fused(y, r, f32_fill((float)exp_terms[i]));
    const f32s one = f32_fused(minus, f32_fill(0), f32_fill(1)); /* or NaN, which a power of it may not be */
    return f32_divide(f32_fill(1), f32_add(one, times_power(y, shifted)));
}

CRL_INLINE f32s about_vector(const float *in, const crl_limits *product)
{
    const f32s x = f32_load(in), y = logistic_about(x);
    return product ? f32_clamp(f32_mul(x, y), f32_fill(product->min_f32), f32_fill(product->max_f32)) : y;
}

CRL_INLINE void about_all(float *out, const float *in, size_t n, const crl_limits *product)
{
    float part[F32_LANES] = { 0 };
    size_t i = 0;
    for (; i + F32_LANES <= n; i += F32_LANES) f32_store(out + i, about_vector(in + i, product));
    if (i == n) return;
    memcpy(part, in + i, (n - i) * sizeof *part);
    f32_store(part, about_vector(part, product));
    memcpy(out + i, part, (n - i) * sizeof *part);
}

CRL_INLINE float largest_of(const float *in, size_t n)
{
    float most = -FLT_MAX, lane[F32_LANES];
    f32s v = f32_fill(most);
    size_t i = 0;
    for (; i + F32_LANES <= n; i += F32_LANES) v = f32_larger(v, f32_load(in + i));
    f32_store(lane, v);
    for (int k = 0; k < F32_LANES; k++) most = most < lane[k] ? lane[k] : most;
    for (; i < n; i++) most = most < in[i] ? in[i] : most;
    return most;
}

#endif
