/* SPDX-License-Identifier: Apache-2.0 */
/* Constants for each channel: kernels against the plain loop, and both definitions by hand. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/affine8.h"

static uint8_t place(float v, const crl_requant *q)
{
    const double r = rint((double)v) + q->zero_point;
    return (uint8_t)(r < q->min ? q->min : r > q->max ? q->max : r);
}

/* Each float32 operation once, the other way round: in double, rounded. */
static uint8_t by_hand(int32_t x, int32_t y, const crl_affine8 *p, bool sum)
{
    const float real = (float)((double)(y - p->y_zero) * (double)p->y_scale);
    if (!sum) {
        const float product = (float)((double)p->scale * (double)real), factor = (float)((double)product * (double)p->back);
        return place((float)((double)(x - p->zero) * (double)factor), &p->out);
    }
    const int32_t bias = (int32_t)round((double)(float)((double)real / (double)p->scale));
    const int32_t acc = x - p->zero + (p->negative ? -bias : bias);
    return place((float)((double)acc * (double)*p->out.single), &p->out);
}

static bool same_definition(check *t)
{
    const float scale = ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), -28), single = scale * 3;
    const int32_t zero = check_edgy(t, 0, 255), min = check_range(t, 0, zero);
    const crl_affine8 p = { check_range(t, 0, 1), check_range(t, 0, 1), check_edgy(t, 0, 255), check_edgy(t, 0, 255), scale,
                            ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -32, -26)), 1 / ldexpf(3, check_range(t, -8, -3)),
                            { .single = &single, .zero_point = zero, .min = min, .max = check_range(t, min, 255) } };
    uint8_t x[40], y[40], out[40];
    check_fill_edgy_u8(t, x, sizeof x);
    check_fill_edgy_u8(t, y, sizeof y);
    for (int sum = 0; sum < 2; sum++) {
        (sum ? crl_shifted_u8_ref : crl_scaled_u8_ref)(out, p.turned ? y : x, 1, p.turned ? x : y, 1, sizeof x, &p);
        for (size_t i = 0; i < sizeof x; i++)
            if (!check_that(t, out[i] == by_hand(x[i], y[i], &p, sum), "%s %d %d: %d, by hand %d", sum ? "shifted" : "scaled", x[i], y[i], out[i],
                            by_hand(x[i], y[i], &p, sum)))
                return false;
    }
    return true;
}

void check_affine8(check *t, unsigned cpu)
{
    crl_affine8_kernels k;
    crl_affine8_kernels_init(&k, cpu);
    if (!check_variant(t, k.u8, "affine8")) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t n = (size_t)check_range(t, 0, 200);
        uint8_t *x = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        int32_t *bias = check_guarded(t, n * sizeof *bias);
        float *factor = check_guarded(t, n * sizeof *factor);
        check_fill_edgy_u8(t, x, n);
        /* Powers of two make ties; some products are past everything. */
        const bool ties = check_range(t, 0, 2) == 0, far = check_range(t, 0, 9) == 0;
        for (size_t i = 0; i < n; i++) {
            bias[i] = far ? check_edgy(t, -(1 << 30), 1 << 30) : check_range(t, -400, 400);
            factor[i] = ties ? ldexpf(1, check_range(t, -6, 0)) : ldexpf((float)check_range(t, -(1 << 24), 1 << 24), check_range(t, -30, far ? 90 : -22));
        }
        const int32_t zero = check_edgy(t, 0, 255), min = check_range(t, 0, zero);
        const crl_affine8_row row = { bias, factor, { .zero_point = zero, .min = min, .max = check_range(t, min, 255) } };
        for (size_t i = 0; i < n; i++) want[i] = place((float)(x[i] + bias[i]) * factor[i], &row.out);
        k.u8(got, x, n, &row);
        if (!check_equal(t, want, got, n, "n=%zu zero %d", n, zero)) return;
        if (!same_definition(t)) return;
        if (round == 0) {
            static uint8_t bytes[4096];
            static int32_t biases[4096];
            static float factors[4096];
            const crl_affine8_row all = { biases, factors, row.out };
            check_bench(t, sizeof bytes, k.u8(bytes, bytes, sizeof bytes, &all));
        }
    }
}
