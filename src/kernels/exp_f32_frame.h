/* SPDX-License-Identifier: Apache-2.0 */
/* Loops around expf, written once for all vectors; to be included after one of f32_*.h. The file that includes it defines
 * exp_near and logistic_near. */
#ifndef CRL_KERNELS_EXP_F32_FRAME_H
#define CRL_KERNELS_EXP_F32_FRAME_H

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/exp_f32.h"
#include "kernels/unary.h"

/* e^x and the logistic function of each lane. *doubt gets a bit for each lane that the C library has to decide. */
CRL_INLINE f32s exp_near(f32s x, uint32_t *doubt);
CRL_INLINE f32s logistic_near(f32s x, uint32_t *doubt);

/* Of the doubles of one float's unit in the last place, those around the middle, in 2^-32 of it: 0.0029. */
enum { EXP_MARGIN = 12 << 20 };

/* e^r by Taylor's series to r^9 / 9!: of |r| < ln(2) / 2 the error is below 2^-36. */
static const double exp_terms[] = { 1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880 };

typedef struct exp_of {
    float less, beta;
    bool logistic;
} exp_of;

CRL_INLINE f32s exp_argument(f32s x, const exp_of *e)
{
    return f32_mul(f32_add(x, f32_fill(-e->less)), f32_fill(e->beta));
}

CRL_INLINE f32s exp_vector(f32s x, const exp_of *e, uint32_t *doubt)
{
    return e->logistic ? logistic_near(x, doubt) : exp_near(exp_argument(x, e), doubt);
}

/* `x` are the arguments of all lanes. */
static inline void decide(float *out, f32s x, uint32_t doubt, const exp_of *e)
{
    float in[F32_LANES];
    f32_store(in, x);
    for (; doubt; doubt &= doubt - 1) {
        const int i = __builtin_ctz(doubt);
        out[i] = e->logistic ? crl_logistic_f32(in[i]) : expf((in[i] - e->less) * e->beta);
    }
}

/* `e->logistic` is a constant where this is called. */
CRL_INLINE void exp_all(float *out, const float *in, size_t n, const exp_of *e)
{
    size_t i = 0;
    for (; i + F32_LANES <= n; i += F32_LANES) {
        const f32s x = f32_load(in + i);
        uint32_t doubt;
        f32_store(out + i, exp_vector(x, e, &doubt));
        if (doubt) decide(out + i, x, doubt, e);
    }
    if (i < n) {
        float part[F32_LANES] = { 0 };
        memcpy(part, in + i, (n - i) * sizeof *part);
        const f32s x = f32_load(part);
        uint32_t doubt;
        f32_store(part, exp_vector(x, e, &doubt));
        if (doubt) decide(part, x, doubt, e);
        memcpy(out + i, part, (n - i) * sizeof *part);
    }
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
