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
 * `real` rounds once, ties away from zero, but its scale has 53 bits, so that the product is rounded before. Its steps are
 * estimated like those for r == 0, and moved to where the definition itself has them.
 *
 * The float form rounds x * a + b to a float and that to an integer, ties to even; FLOAT_CUT with outputs counted from its
 * centre on, which keeps floats small and so the rounding fine. It gives k or more where the real number x * a + b lies above
 *
 *   k - 1/2 - h   for even k: of floats, k - 1/2 itself still goes up, and what is less than h below rounds to it
 *   k - 1/2 + h   for odd k: k - 1/2 goes down
 *
 * h being half the distance of floats at k - 1/2. So every step T of the exact function allows an interval of b: the
 * form has to reach the step at T and not at T - 1. A float within the intervals of all steps is a proof, as long as
 * x itself is a float (24 bits); `bounds` works in double, whose own rounding the margin covers. For the few layers
 * with larger x, or a scale of 1 and more, `check` evaluates the form at each T and T - 1.
 *
 * Where the intervals have no float in common, other a next to S are tried. If these fail, one that misses little is
 * patched: what the intervals of all steps but one or two have in common. */
#include <math.h>

#include "base/alloc.h"
#include "base/threads.h"
#include "kernels/requant.h"

static const crl_requant_proof NOT_FOUND = { 0, 0, CRL_REQUANT_NONE, CRL_REQUANT_NONE, false, false };

/* One evaluation, as the kernels do it, with the zero point. */
static int32_t form_apply(int32_t x, float a, float b, crl_requant_form form, int32_t zero_point)
{
    const float f = (float)x;
    if (form == CRL_REQUANT_FLOAT_CUT) return (int32_t)lrintf(fmaf(f, a, b)) + CRL_REQUANT_CENTRE;
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
            if (clamped != crl_requant_apply((int32_t)x, q, c)) return false;
        }
    return true;
}

static bool is_float(int32_t x)
{
    return x >= -(1 << 24) && x <= 1 << 24;
}

/* A channel under proof. */
typedef struct subject {
    const crl_requant *q;
    size_t c;
    const crl_requant_kernels *k;
    crl_requant_range range;
    crl_requant_form form;
    int32_t low, high; /* outputs at the ends of the range */
    bool exact;        /* `bounds` decides: x is a float at all steps */
    crl_requant_steps steps;
} subject;

/* Tries a and b. *patched gets the form if it misses little. */
static bool serves(const subject *s, float a, float b, crl_requant_proof *proof, crl_requant_proof *patched)
{
    if (!ends_agree(s->q, s->range, s->low, s->high, a, b, s->form)) return false;
    *proof = (crl_requant_proof){ a, b, CRL_REQUANT_NONE, CRL_REQUANT_NONE, true, false };
    const int misses = s->k->check(&s->steps, proof, s->form);
    if (misses == 0) return true;
    if (misses < 3 && !patched->found && patches_agree(s->q, s->c, s->range, proof, s->form)) *patched = *proof;
    return false;
}

/* The middle of an interval: if any float lies within, the one next to it does. FLOAT_ANY knows no negative b. */
static float middle(const subject *s, double lo, double hi)
{
    const float b = (float)(lo + (hi - lo) / 2);
    return s->form == CRL_REQUANT_FLOAT_ANY ? fabsf(b) : b;
}

static crl_requant_proof search(const subject *s)
{
    static const signed char neighbour[] = { 0, 1, -1, 2, -2, 3, -3, 4, -4 };
    enum { NEIGHBOURS = sizeof neighbour, FIRST = 3 /* with more, one channel in a hundred would be patched less */ };
    const float nearest = (float)s->steps.scale, ulp = nextafterf(nearest, INFINITY) - nearest;
    const double margin = ldexp(1, -40);
    double lo, hi;
    crl_requant_proof proof, patched = NOT_FOUND;
    for (int i = 0; i < FIRST; i++) {
        const float a = nearest + (float)neighbour[i] * ulp;
        s->k->bounds(&s->steps, a, s->form, &lo, &hi);
        const float b = middle(s, lo, hi);
        const bool good = b > lo + margin && b < hi - margin;
        if (good && s->exact && a < 1 && ends_agree(s->q, s->range, s->low, s->high, a, b, s->form))
            return (crl_requant_proof){ a, b, CRL_REQUANT_NONE, CRL_REQUANT_NONE, true, false };
        if ((good || !s->exact) && serves(s, a, b, &proof, &patched)) return proof;
    }
    for (int i = 0; i < NEIGHBOURS && !patched.found; i++) {
        const float a = nearest + (float)neighbour[i] * ulp;
        double los[3], his[3];
        s->k->strictest(&s->steps, a, s->form, los, his);
        /* What misses one step, below or above, or two: one at each side, or both at one, since steps of negative accumulators mirror
         * those of positive ones. */
        const double from[] = { los[1], los[0], fmax(los[1], his[0]), los[2], los[0] };
        const double to[] = { his[0], his[1], fmin(los[0], his[1]), his[0], his[2] };
        for (int k = 0; k < 5 && !patched.found; k++) {
            /* Few steps have few bounds. */
            const double low = fmax(from[k], s->form == CRL_REQUANT_FLOAT_ANY ? 0 : to[k] - 1), high = fmin(to[k], low + 1);
            if (low < high && serves(s, a, middle(s, low, high), &proof, &patched)) return proof;
        }
    }
    return patched;
}

/* Whether `real` gives x the output k, zero point not counted, or more. */
static bool reaches(int32_t x, double real, int32_t k)
{
    const double product = (double)x * real;
    return k > 0 ? product >= k - 0.5 : product > k - 0.5;
}

/* Whether the steps of `real` are where they should be, and no rounding of a product leaves a doubt: nearly always. */
static bool is_settled(const subject *s)
{
    const double real = s->steps.scale, margin = ldexp(1, -40), most = real - margin;
    double goal = s->steps.first - s->q->zero_point - 0.5;
    int doubts = 0;
    for (int32_t i = 0; i < s->steps.n; i++, goal++) {
        const double beyond = s->steps.at[i] * real - goal;
        doubts += !(beyond > margin) + !(beyond < most);
    }
    return doubts == 0;
}

/* Moves the steps of `real` to where they are; false: the estimate was far off. */
static bool settle(subject *s)
{
    enum { NEAR = 4 };
    if (is_settled(s)) return true;
    for (int32_t i = 0; i < s->steps.n; i++) {
        const int32_t k = s->steps.first + i - s->q->zero_point, estimate = s->steps.at[i];
        int32_t x = estimate <= s->range.min ? s->range.min + 1 : estimate > s->range.max ? s->range.max : estimate;
        for (int moves = 0; reaches(x - 1, s->steps.scale, k); x--)
            if (moves++ == NEAR) return false;
        for (int moves = 0; !reaches(x, s->steps.scale, k); x++)
            if (moves++ == NEAR) return false;
        s->steps.at[i] = x;
    }
    return true;
}

static crl_requant_proof prove(const crl_requant *q, size_t c, crl_requant_range range, const crl_requant_kernels *k, crl_requant_form form)
{
    const crl_scale scale = q->scale ? q->scale[c] : (crl_scale){ 0, 0 };
    if (q->real && !(q->real[c] > 0)) return NOT_FOUND;
    subject s; /* not zeroed: the steps are a kilobyte */
    s.q = q;
    s.c = c;
    s.k = k;
    s.range = range;
    s.form = form;
    s.low = crl_requant_apply(range.min, q, c);
    s.high = crl_requant_apply(range.max, q, c);
    crl_requant_steps *steps = &s.steps;
    steps->scale = q->real ? q->real[c] : (double)scale.mult * ldexp(1, scale.shift - 31);
    steps->offset = scale.shift < 0 ? ldexp(1, scale.shift - 1) : 0;
    steps->zero_point = q->zero_point;
    steps->first = s.low + 1;
    steps->n = s.high - s.low;
    if (steps->n == 0) {
        const double b = steps->offset + (s.form == CRL_REQUANT_FLOAT_CUT ? q->zero_point - CRL_REQUANT_CENTRE : 0);
        const crl_requant_proof p = { (float)steps->scale, (float)b, CRL_REQUANT_NONE, CRL_REQUANT_NONE, true, false };
        return ends_agree(q, range, s.low, s.high, p.a, p.b, s.form) ? p : NOT_FOUND;
    }
    k->steps(steps);
    if (q->real && !settle(&s)) return NOT_FOUND;
    s.exact = is_float(steps->at[0] - 1) && is_float(steps->at[steps->n - 1]);
    return search(&s);
}

static bool one_scale(const crl_requant *q, size_t n)
{
    for (size_t c = 1; c < n; c++)
        if (q->real ? q->real[c] != q->real[0] : q->scale[c].mult != q->scale[0].mult || q->scale[c].shift != q->scale[0].shift)
            return false;
    return true;
}

typedef struct proving {
    crl_requant_proof *proof;
    const crl_requant *q;
    size_t n;
    const crl_requant_range *range;
    const crl_requant_kernels *k;
    crl_requant_form form;
} proving;

enum { TOGETHER = 128 }; /* channels of a task */

/* A search that fails takes five times as long as one that finds; and where one channel in eight fails, hardly any lanes are
 * left that profit. */
static void prove_some(void *ctx, int task, int thread)
{
    (void)thread;
    const proving *s = ctx;
    const size_t first = (size_t)task * TOGETHER, end = s->n - first < TOGETHER ? s->n : first + TOGETHER;
    size_t failed = 0;
    for (size_t c = first; c < end && failed * 8 <= c - first + 16; c++) {
        s->proof[c] = prove(s->q, c, s->range[c], s->k, s->form);
        failed += !s->proof[c].found;
    }
}

/* How many channels have no form. */
static size_t prove_all(const proving *s, crl_pool *pool)
{
    crl_pool_run(pool, (int)((s->n - 1) / TOGETHER + 1), prove_some, (void *)(uintptr_t)s);
    size_t failed = 0;
    for (size_t c = 0; c < s->n; c++) failed += !s->proof[c].found;
    return failed;
}

/* By FLOAT_ANY, if fewer fail then. Without memory for it, the proofs that are there serve. */
static void prove_better(const proving *s, size_t failed, crl_pool *pool)
{
    proving other = *s;
    other.form = CRL_REQUANT_FLOAT_ANY;
    other.proof = crl_alloc_array(s->n, sizeof *other.proof);
    if (!other.proof) return;
    for (size_t c = 0; c < s->n; c++) other.proof[c] = NOT_FOUND;
    if (prove_all(&other, pool) < failed)
        for (size_t c = 0; c < s->n; c++) {
            s->proof[c] = other.proof[c];
            s->proof[c].any = true;
        }
    crl_free(other.proof);
}

void crl_requant_prove(crl_requant_proof *proof, const crl_requant *q, size_t n, const crl_requant_range *range,
                       const crl_requant_kernels *k, crl_pool *pool)
{
    for (size_t c = 0; c < n; c++) proof[c] = NOT_FOUND;
    if (n == 0 || q->single || !k || !k->check) return;
    const crl_requant_form form = q->min >= q->zero_point ? CRL_REQUANT_FLOAT_CUT : CRL_REQUANT_FLOAT_ANY;
    if (one_scale(q, n)) {
        crl_requant_range all = range[0];
        for (size_t c = 1; c < n; c++) {
            if (range[c].min < all.min) all.min = range[c].min;
            if (range[c].max > all.max) all.max = range[c].max;
        }
        const crl_requant_proof common = prove(q, 0, all, k, form);
        for (size_t c = 0; c < n; c++) proof[c] = common;
        if (common.found) return;
    }
    const proving s = { proof, q, n, range, k, form };
    const size_t failed = prove_all(&s, pool);
    if (form == CRL_REQUANT_FLOAT_CUT && failed && failed * 8 <= n) prove_better(&s, failed, pool);
}
