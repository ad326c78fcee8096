/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of sums, products, logistic function and tanh of 16-bit numbers against the definitions. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/row16.h"

static int16_t *numbers(check *t, size_t n)
{
    int16_t *x = check_guarded(t, n * sizeof *x);
    const bool edgy = check_range(t, 0, 1);
    for (size_t i = 0; i < n; i++) x[i] = (int16_t)(edgy ? check_edgy(t, INT16_MIN, INT16_MAX) : check_range(t, INT16_MIN, INT16_MAX));
    return x;
}

static crl_scale scale_of(check *t, int32_t low, int32_t high)
{
    return crl_scale_from_real(ldexp(1 + (check_range(t, 0, 3) ? check_range(t, 0, 1 << 24) / (double)(1 << 24) : 0), check_range(t, low, high)));
}

static void clamps(check *t, crl_requant *q)
{
    q->min = check_range(t, 0, 1) ? INT16_MIN : check_range(t, -2000, 0);
    q->max = check_range(t, 0, 1) ? INT16_MAX : check_range(t, 0, 30000);
}

static bool rows_agree(check *t, const crl_row16 *r, crl_row_fn *row, crl_row_fn *definition, const void *params)
{
    const size_t n = (size_t)check_range(t, 0, 100), step_a = (size_t)check_range(t, 0, 3) ? 1 : 0, step_b = check_range(t, 0, 3) ? 1 : 0;
    const int16_t *a = numbers(t, step_a ? n : 1), *b = numbers(t, step_b ? n : 1);
    int16_t *want = check_guarded(t, n * sizeof *want), *got = check_guarded(t, n * sizeof *got);
    definition(want, a, step_a, b, step_b, n, params);
    row(got, a, step_a, b, step_b, n, r);
    return check_equal(t, want, got, n * sizeof *got, "%zu numbers, steps %zu, %zu", n, step_a, step_b);
}

static bool sums_agree(check *t, const crl_row16_kernels *k, int *taken)
{
    const crl_scale out = scale_of(t, -17, -8);
    crl_sum sum = { .a_scale = scale_of(t, -20, -2), .b_scale = scale_of(t, -20, -2), .left = 15, .subtract = check_range(t, 0, 1),
                    .out = { .scale = &out } };
    if (check_range(t, 0, 1)) sum.a_scale = crl_scale_from_real(0.5);
    clamps(t, &sum.out);
    _Alignas(64) crl_row16 r;
    if (!crl_row16_init_sum(&r, &sum)) return true;
    ++*taken;
    return rows_agree(t, &r, k->sum, crl_sum_s16_ref, &sum);
}

static bool products_agree(check *t, const crl_row16_kernels *k, int *taken)
{
    const crl_scale out = scale_of(t, -31, 2);
    crl_product product = { .out = { .scale = &out } };
    clamps(t, &product.out);
    _Alignas(64) crl_row16 r;
    if (!crl_row16_init_product(&r, &product)) return true;
    ++*taken;
    return rows_agree(t, &r, k->product, crl_product_s16_ref, &product);
}

void check_row16(check *t, unsigned cpu)
{
    crl_row16_kernels k;
    crl_row16_kernels_init(&k, cpu);
    if (!k.name || !check_variant(t, k.sum, k.name)) return;
    int taken = 0, rounds = check_rounds(t, 2000);
    for (int round = 0; round < rounds; round++) {
        check_release(t);
        if (!sums_agree(t, &k, &taken) || !products_agree(t, &k, &taken)) return;
    }
    check_that(t, taken > rounds, "%d of %d scales taken", taken, 2 * rounds);
}

/* All 65,536 numbers, with the scales of models and with those that have a way of their own. */
void check_sigmoid16(check *t, unsigned cpu)
{
    enum { ALL = 1 << 16 };
    crl_row16_kernels k;
    crl_row16_kernels_init(&k, cpu);
    if (!k.logistic || !check_variant(t, k.logistic, k.name)) return;
    int16_t *in = check_guarded(t, ALL * sizeof *in), *want = check_guarded(t, ALL * sizeof *want), *got = check_guarded(t, ALL * sizeof *got);
    for (int32_t i = 0; i < ALL; i++) in[i] = (int16_t)(i - 32768);
    for (int round = 0; round < check_rounds(t, 60); round++) {
        crl_sigmoid16 p = { .mult = check_range(t, 0, 1) ? 3 << check_range(t, 0, 8) : check_range(t, 1, INT16_MAX), .right = check_range(t, 0, 31) };
        if (check_range(t, 0, 9) == 0) p.mult = check_edgy(t, INT32_MIN, INT32_MAX);
        crl_sigmoid16_fill(p.table);
        crl_logistic_s16_ref(want, in, ALL, &p);
        k.logistic(got, in, ALL, &p);
        if (!check_equal(t, want, got, ALL * sizeof *got, "logistic, mult %d right %d", p.mult, p.right)) return;
        crl_tanh_s16_ref(want, in, ALL, &p);
        k.tanh(got, in, ALL, &p);
        if (!check_equal(t, want, got, ALL * sizeof *got, "tanh, mult %d right %d", p.mult, p.right)) return;
    }
    const size_t odd = (size_t)check_range(t, 0, 15);
    crl_sigmoid16 p = { .mult = 3 };
    crl_sigmoid16_fill(p.table);
    int16_t *few = numbers(t, odd), *one = check_guarded(t, odd * sizeof *one), *other = check_guarded(t, odd * sizeof *other);
    crl_tanh_s16_ref(one, few, odd, &p);
    k.tanh(other, few, odd, &p);
    check_equal(t, one, other, odd * sizeof *one, "tanh of %zu numbers", odd);
}
