/* SPDX-License-Identifier: Apache-2.0 */
/* expf in vectors against the C library's, bit for bit, and what is made of it against the definitions. All 2^32 floats take a
 * minute or two: check kernels --match exp_f32 --bench goes through them. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/exp_f32.h"
#include "kernels/softmax.h"
#include "kernels/unary.h"

enum { CHUNK = 4096 };

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Of two NaN it matters only that they are. */
static bool agree(check *t, const char *what, const float *x, const float *want, const float *got, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(want + i, got + i, sizeof *want) && !(isnan(want[i]) && isnan(got[i])))
            return check_that(t, false, "%s, element %zu of %zu, %a: want %a, got %a", what, i, n, (double)x[i], (double)want[i],
                              (double)got[i]);
    return true;
}

static bool both_agree(check *t, const float *x, size_t n, float less, float beta, const crl_exp_f32_kernels *k)
{
    float want[CHUNK] = { 0 }, *got = check_guarded(t, n * sizeof *got);
    for (size_t i = 0; i < n; i++) want[i] = expf((x[i] - less) * beta);
    k->exp(got, x, n, less, beta);
    if (!agree(t, "expf", x, want, got, n)) return false;
    for (size_t i = 0; i < n; i++) want[i] = crl_logistic_f32(x[i]);
    memcpy(got, x, n * sizeof *got);
    k->logistic(got, got, n, NULL);
    if (!agree(t, "logistic", x, want, got, n)) return false;
    const crl_limits limits = { .min_f32 = less != 0 ? 0 : -INFINITY, .max_f32 = less != 0 ? 6 : INFINITY };
    crl_mul_f32_ref(want, x, 1, got, 1, n, &limits);
    memcpy(got, x, n * sizeof *got);
    k->logistic(got, got, n, &limits);
    return agree(t, "x * logistic", x, want, got, n);
}

/* Nearly the logistic function, whose own bits nobody states; and what is no number stays so. */
static bool is_about(check *t, const float *x, size_t n, const crl_exp_f32_kernels *k)
{
    const crl_limits limits = { .min_f32 = -3, .max_f32 = 6 };
    float *y = check_guarded(t, n * sizeof *y), *product = check_guarded(t, n * sizeof *product), want[CHUNK];
    k->about(y, x, n, NULL);
    memcpy(product, x, n * sizeof *product);
    k->about(product, product, n, &limits);
    crl_mul_f32_ref(want, x, 1, y, 1, n, &limits);
    for (size_t i = 0; i < n; i++) {
        const double exact = 1 / (1 + exp(-(double)x[i])), error = fabs((double)y[i] - exact);
        if (!check_that(t, isnan(x[i]) ? isnan(y[i]) : error <= 4e-7 * exact + 2e-38, "the logistic of %a: %a, not %a", (double)x[i],
                        (double)y[i], exact))
            return false;
    }
    return agree(t, "x * nearly logistic", x, want, product, n);
}

static void all_floats(check *t, const crl_exp_f32_kernels *k)
{
    static float x[CHUNK];
    for (uint32_t bits = 0;; bits += CHUNK) {
        for (uint32_t i = 0; i < CHUNK; i++) x[i] = from_bits(bits + i);
        if (!both_agree(t, x, CHUNK, 0, 1, k) || bits == UINT32_MAX - CHUNK + 1) return;
        check_release(t);
    }
}

void check_exp_f32(check *t, unsigned cpu)
{
    crl_exp_f32_kernels k;
    crl_exp_f32_kernels_init(&k, cpu);
    if (!k.name || !check_variant(t, k.exp, k.name)) return;
    for (int round = 0; round < check_rounds(t, 600); round++) {
        const size_t n = (size_t)check_range(t, 1, 300);
        float *x = check_guarded(t, n * sizeof *x);
        for (size_t i = 0; i < n; i++)
            x[i] = round % 3 ? ldexpf((float)check_range(t, -(1 << 24), 1 << 24), check_range(t, -30, -17)) : from_bits((uint32_t)check_random(t));
        const bool plain = check_range(t, 0, 1);
        if (!both_agree(t, x, n, plain ? 0 : x[0], plain ? 1 : 0.7f, &k) || !is_about(t, x, n, &k)) return;
        check_release(t);
    }
    bool every = false;
    check_bench(t, 1, every = true);
    if (every) all_floats(t, &k);
}

void check_softmax_f32(check *t, unsigned cpu)
{
    crl_exp_f32_kernels k;
    crl_exp_f32_kernels_init(&k, cpu);
    if (!k.name || !check_variant(t, k.largest, k.softmax_name)) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const crl_softmax s = { .rows = (size_t)check_range(t, 0, 20), .depth = (size_t)check_edgy(t, 1, 200),
                                .beta = check_range(t, 0, 1) ? 1 : 0.3f };
        const size_t n = s.rows * s.depth;
        float *x = check_guarded(t, n * sizeof *x), *want = check_guarded(t, n * sizeof *x), *got = check_guarded(t, n * sizeof *x);
        for (size_t i = 0; i < n; i++)
            x[i] = check_range(t, 0, 99) ? ldexpf((float)check_range(t, -(1 << 24), 1 << 24), -21) : check_range(t, 0, 1) ? -INFINITY : NAN;
        crl_softmax_f32_ref(want, x, &s);
        crl_softmax_f32(got, x, s.rows, s.depth, s.beta, &k);
        if (!agree(t, "softmax", x, want, got, n)) return;
        check_release(t);
    }
    static float x[196 * 50];
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = ldexpf((float)check_range(t, -(1 << 24), 1 << 24), -22);
    static float y[196 * 50];
    check_bench(t, sizeof x / sizeof *x, crl_softmax_f32(y, x, 50, 196, 1, &k));
    check_name(t, k.logistic_name);
    check_bench(t, sizeof x / sizeof *x, k.logistic(y, x, sizeof x / sizeof *x, NULL));
    check_name(t, "nearly logistic");
    check_bench(t, sizeof x / sizeof *x, k.about(y, x, sizeof x / sizeof *x, NULL));
    check_name(t, "logistic of the C library");
    check_bench(t, sizeof x / sizeof *x, crl_unary_f32_ref(y, x, sizeof x / sizeof *x, crl_logistic_f32));
}
