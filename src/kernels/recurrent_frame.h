/* SPDX-License-Identifier: Apache-2.0 */
/* The recurrent kernels, written once for all vectors; to be included after one of f32_*.h by the file of a level, which defines
 * f32_floor, f32_to_power and f32_without. */
#ifndef CRL_KERNELS_RECURRENT_FRAME_H
#define CRL_KERNELS_RECURRENT_FRAME_H

#include <string.h>

#include "kernels/recurrent.h"

/* Vectors of 4, whatever the level has: sums have four lanes. */
typedef float four __attribute__((vector_size(16)));

CRL_INLINE four load_four(const float *p)
{
    four v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* What is left over of a row is added to the sum of its lanes. */
CRL_INLINE float add_rest(float sum, const float *a, const float *b, size_t n)
{
    for (size_t i = n - n % 4; i < n; i++) sum += a[i] * b[i];
    return sum;
}

CRL_INLINE float in_pairs(four v)
{
    return (v[0] + v[2]) + (v[1] + v[3]);
}

CRL_INLINE float in_turn(four v)
{
    return v[0] + v[1] + v[2] + v[3];
}

/* Eight rows: a sum waits for each addition, and eight of them wait together. */
typedef struct eight {
    four r0, r1, r2, r3, r4, r5, r6, r7;
} eight;

CRL_INLINE eight sums_of_eight(const float *w, const float *x, size_t x_step, size_t n)
{
    const four zero = { 0 };
    eight s = { zero, zero, zero, zero, zero, zero, zero, zero };
    const float *w4 = w + 4 * n, *x4 = x + 4 * x_step;
    for (size_t i = 0; i + 4 <= n; i += 4) {
        s.r0 += load_four(w + i) * load_four(x + i);
        s.r1 += load_four(w + n + i) * load_four(x + x_step + i);
        s.r2 += load_four(w + 2 * n + i) * load_four(x + 2 * x_step + i);
        s.r3 += load_four(w + 3 * n + i) * load_four(x + 3 * x_step + i);
        s.r4 += load_four(w4 + i) * load_four(x4 + i);
        s.r5 += load_four(w4 + n + i) * load_four(x4 + x_step + i);
        s.r6 += load_four(w4 + 2 * n + i) * load_four(x4 + 2 * x_step + i);
        s.r7 += load_four(w4 + 3 * n + i) * load_four(x4 + 3 * x_step + i);
    }
    return s;
}

CRL_INLINE four sum_of_one(const float *w, const float *x, size_t n)
{
    four s = { 0 };
    for (size_t i = 0; i + 4 <= n; i += 4) s += load_four(w + i) * load_four(x + i);
    return s;
}

CRL_INLINE void dot_rows(float *out, const float *w, const float *x, size_t n, size_t rows)
{
    size_t r = 0;
    for (; r + 8 <= rows; r += 8, w += 8 * n) {
        const eight s = sums_of_eight(w, x, 0, n);
        out[r] += add_rest(in_pairs(s.r0), w, x, n);
        out[r + 1] += add_rest(in_pairs(s.r1), w + n, x, n);
        out[r + 2] += add_rest(in_pairs(s.r2), w + 2 * n, x, n);
        out[r + 3] += add_rest(in_pairs(s.r3), w + 3 * n, x, n);
        out[r + 4] += add_rest(in_pairs(s.r4), w + 4 * n, x, n);
        out[r + 5] += add_rest(in_pairs(s.r5), w + 5 * n, x, n);
        out[r + 6] += add_rest(in_pairs(s.r6), w + 6 * n, x, n);
        out[r + 7] += add_rest(in_pairs(s.r7), w + 7 * n, x, n);
    }
    for (; r < rows; r++, w += n) out[r] += add_rest(in_pairs(sum_of_one(w, x, n)), w, x, n);
}

CRL_INLINE void product_rows(float *out, const float *w, const float *x, size_t x_step, size_t n, size_t rows)
{
    size_t r = 0;
    for (; r + 8 <= rows; r += 8, w += 8 * n, x += 8 * x_step) {
        const eight s = sums_of_eight(w, x, x_step, n);
        out[r] = add_rest(in_turn(s.r0), w, x, n);
        out[r + 1] = add_rest(in_turn(s.r1), w + n, x + x_step, n);
        out[r + 2] = add_rest(in_turn(s.r2), w + 2 * n, x + 2 * x_step, n);
        out[r + 3] = add_rest(in_turn(s.r3), w + 3 * n, x + 3 * x_step, n);
        out[r + 4] = add_rest(in_turn(s.r4), w + 4 * n, x + 4 * x_step, n);
        out[r + 5] = add_rest(in_turn(s.r5), w + 5 * n, x + 5 * x_step, n);
        out[r + 6] = add_rest(in_turn(s.r6), w + 6 * n, x + 6 * x_step, n);
        out[r + 7] = add_rest(in_turn(s.r7), w + 7 * n, x + 7 * x_step, n);
    }
    for (; r < rows; r++, w += n, x += x_step) out[r] = add_rest(in_turn(sum_of_one(w, x, n)), w, x, n);
}

/* v * x + c, rounded twice. */
CRL_INLINE f32s times_plus(f32s v, f32s x, f32s c)
{
    return f32_add(f32_mul(v, x), c);
}

/* Numbers below -104 give 0; what is no number stays so. */
CRL_INLINE f32s logistic4_of(f32s x)
{
    const f32s one = f32_fill(1), half = f32_fill(0.5f);
    const f32s end = f32_fill(16.6355324f), inside = f32_mul(f32_clamp(x, f32_fill(-104), end), half);
    const f32s m = f32_floor(times_plus(inside, f32_fill(1.44269504088896341f), half));
    const f32s r = f32_add(f32_mul(m, f32_fill(2.12194440e-4f)), times_plus(m, f32_fill(-0.693359375f), inside));
    const f32s r2 = f32_mul(r, r);
    const f32s even = times_plus(r2, f32_fill(4.1898667812347412109375e-2f), f32_fill(0.49999141693115234375f));
    const f32s odd = times_plus(r2, f32_fill(8.33471305668354034423828125e-3f), f32_fill(0.16666877269744873046875f));
    const f32s root = f32_mul(f32_add(f32_mul(r2, times_plus(r, odd, even)), f32_add(r, one)), f32_to_power(m));
    const f32s e = f32_mul(root, root);
    return f32_without(f32_divide(e, f32_add(one, e)), x, f32_fill(-104));
}

CRL_INLINE f32s tanh_of(f32s x)
{
    const f32s in = f32_clamp(x, f32_fill(-7.90738964080810547f), f32_fill(7.90738964080810547f)), x2 = f32_mul(in, in);
    f32s over = f32_fill(1.394553628e-8f), under = f32_fill(8.015776984e-7f);
    over = times_plus(over, x2, f32_fill(2.102733560e-5f));
    over = times_plus(over, x2, f32_fill(3.520756727e-3f));
    over = times_plus(over, x2, f32_fill(1.340216100e-1f));
    under = times_plus(under, x2, f32_fill(3.326951409e-4f));
    under = times_plus(under, x2, f32_fill(2.597254514e-2f));
    under = times_plus(under, x2, f32_fill(4.673548340e-1f));
    under = times_plus(under, x2, f32_fill(1));
    return f32_divide(f32_add(f32_mul(f32_mul(x2, in), over), in), under);
}

/* `tanh` is constant. */
CRL_INLINE void function_of_all(float *x, size_t n, bool tanh)
{
    float part[F32_LANES] = { 0 };
    size_t i = 0;
    for (; i + F32_LANES <= n; i += F32_LANES) {
        const f32s v = f32_load(x + i);
        f32_store(x + i, tanh ? tanh_of(v) : logistic4_of(v));
    }
    if (i == n) return;
    memcpy(part, x + i, (n - i) * sizeof *part);
    f32_store(part, tanh ? tanh_of(f32_load(part)) : logistic4_of(f32_load(part)));
    memcpy(x + i, part, (n - i) * sizeof *part);
}

#endif
