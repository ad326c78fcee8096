/* SPDX-License-Identifier: Apache-2.0 */
/* The search for a float form that equals the exact function (requant.h says why that can be proved).
 *
 * Let S be the scale as a real number, r its shift to the right. Written as one floor, the two roundings are
 *
 *   y(x) = floor(x * S + 1/2 + 2^-(r+1) - (x < 0 ? 2^-r : 0))        for r >= 1
 *   y(x) = floor(x * S + 1/2)                                        for r == 0, shifts to the left included
 *
 * so output k (zero point not counted) begins at the smallest x with x * S >= k - 1/2 - offset for k >= 1, and
 * k - 1/2 + offset for k <= 0, where offset is 2^-(r+1), or 0. All of it is exact in double: S has 31 bits, the
 * right-hand side at most 42.
 *
 * The float form has two numbers to choose. Every step T of the exact function allows an interval of b: the form
 * has to reach the step at T and not at T - 1. The middle of what all steps allow is the safest b, since rounding
 * disturbs each comparison a little; its neighbours are tried when it fails, then other a next to S. If all fail, one
 * that misses little is patched. */
#include <math.h>

#include "kernels/requant.h"

static const crl_requant_proof NOT_FOUND = { 0, 0, CRL_REQUANT_NONE, CRL_REQUANT_NONE, false };

/* One evaluation, as the kernels do it: the zero point counts in both forms. */
static int32_t form_apply(int32_t x, float a, float b, crl_requant_form form, int32_t zero_point)
{
    const float f = (float)x;
    if (form == CRL_REQUANT_FLOAT_CUT) return (int32_t)lrintf(fmaf(f, a, b));
    return (int32_t)lrintf(fmaf(f, a, copysignf(b, f))) + zero_point;
}

/* Between the outermost steps and the ends of the range the exact function is constant, and monotone forms can
 * leave it at the very ends only. A result that the clamp gives anyway is always right. */
static bool ends_agree(const crl_requant *q, crl_requant_range range, int32_t low, int32_t high, float a, float b,
                       crl_requant_form form)
{
    return (low == q->min || form_apply(range.min, a, b, form, q->zero_point) >= low) &&
           (high == q->max || form_apply(range.max, a, b, form, q->zero_point) <= high);
}

int crl_requant_miss(crl_requant_proof *proof, int misses, int32_t x, bool low)
{
    int32_t *patch = low ? &proof->up : &proof->down;
    if (misses > 2 || *patch != CRL_REQUANT_NONE) return 3;
    *patch = x;
    return misses + 1;
}

/* Do the patches make the form right? Where a step is missed, monotony no longer speaks for the neighbour. */
static bool patches_agree(const crl_requant *q, size_t c, crl_requant_range range, const crl_requant_proof *p,
                          crl_requant_form form)
{
    const int32_t at[2] = { p->up, p->down };
    for (int i = 0; i < 2; i++)
        for (int64_t x = (int64_t)at[i] - 1; at[i] != CRL_REQUANT_NONE && x <= (int64_t)at[i] + 1; x++) {
            if (x < range.min || x > range.max) continue;
            const int32_t y = form_apply((int32_t)x, p->a, p->b, form, q->zero_point) + (x == p->up) - (x == p->down);
            const int32_t clamped = y < q->min ? q->min : y > q->max ? q->max : y;
            if (clamped != crl_requant_u8_ref((int32_t)x, q, c)) return false;
        }
    return true;
}

static crl_requant_proof prove(const crl_requant *q, size_t c, crl_requant_range range, const crl_requant_kernels *k)
{
    const crl_requant_form form = q->min >= q->zero_point ? CRL_REQUANT_FLOAT_CUT : CRL_REQUANT_FLOAT_ANY;
    const crl_scale s = q->scale[c];
    const int32_t low = crl_requant_u8_ref(range.min, q, c), high = crl_requant_u8_ref(range.max, q, c);
    crl_requant_steps steps;
    steps.scale = (double)s.mult * ldexp(1, s.shift - 31);
    steps.offset = s.shift < 0 ? ldexp(1, s.shift - 1) : 0;
    steps.zero_point = q->zero_point;
    steps.first = low + 1;
    steps.n = high - low;
    k->steps(&steps);

    const double zero = form == CRL_REQUANT_FLOAT_CUT ? q->zero_point : 0;
    const float nearest = (float)steps.scale, ulp = nextafterf(nearest, INFINITY) - nearest;
    enum { ENOUGH = 3 }; /* neighbours, where patching one will do */
    static const signed char neighbour[] = { 0, 1, -1, 2, -2, 3, -3, 4, -4 };
    static const double place[] = { 0.5, 0.35, 0.65, 0.2, 0.8 };
    crl_requant_proof patched = NOT_FOUND;
    for (size_t i = 0; i < (patched.found ? ENOUGH : sizeof neighbour); i++) {
        const float a = nearest + (float)neighbour[i] * ulp;
        double lo, hi;
        k->bounds(&steps, a, &lo, &hi);
        if (steps.n == 0) lo = hi = steps.offset;
        for (size_t p = 0; p < (lo > hi ? 1 : sizeof place / sizeof place[0]); p++) {
            const float b = (float)(zero + lo + (hi - lo) * place[p]);
            crl_requant_proof proof = { a, b, CRL_REQUANT_NONE, CRL_REQUANT_NONE, true };
            if (!ends_agree(q, range, low, high, a, b, form)) continue;
            const int misses = k->check(&steps, &proof, form);
            if (misses == 0) return proof;
            if (misses < 3 && !patched.found && patches_agree(q, c, range, &proof, form)) patched = proof;
        }
    }
    return patched;
}

static bool one_scale(const crl_requant *q, size_t n)
{
    for (size_t c = 1; c < n; c++)
        if (q->scale[c].mult != q->scale[0].mult || q->scale[c].shift != q->scale[0].shift) return false;
    return true;
}

void crl_requant_prove(crl_requant_proof *proof, const crl_requant *q, size_t n, const crl_requant_range *range,
                       const crl_requant_kernels *k)
{
    for (size_t c = 0; c < n; c++) proof[c] = NOT_FOUND;
    if (n == 0 || q->real || !k || !k->check) return;
    if (one_scale(q, n)) {
        crl_requant_range all = range[0];
        for (size_t c = 1; c < n; c++) {
            if (range[c].min < all.min) all.min = range[c].min;
            if (range[c].max > all.max) all.max = range[c].max;
        }
        const crl_requant_proof common = prove(q, 0, all, k);
        for (size_t c = 0; c < n; c++) proof[c] = common;
        if (common.found) return;
    }
    /* A search that fails takes twenty times as long as one that finds; and where one channel in eight fails,
     * hardly any lanes are left that profit. */
    size_t failed = 0;
    for (size_t c = 0; c < n && failed * 8 <= c + 16; c++) {
        proof[c] = prove(q, c, range[c], k);
        failed += !proof[c].found;
    }
}
