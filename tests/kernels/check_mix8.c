/* SPDX-License-Identifier: Apache-2.0 */
/* Sums by whole factors at every level against the definition, and the factors themselves. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/mix8.h"

/* The definition once more, by hand. */
static uint8_t by_hand(uint8_t a, uint8_t b, const crl_mix *m)
{
    const float v = (float)(m->ka * (a - m->a_zero) + m->kb * (b - m->b_zero)) * *m->out.single;
    const double r = rint((double)v) + m->out.zero_point;
    return (uint8_t)(r < m->out.min ? m->out.min : r > m->out.max ? m->out.max : r);
}

void check_mix8(check *t, unsigned cpu)
{
    crl_mix8_kernels k;
    crl_mix8_kernels_init(&k, cpu);
    if (!check_variant(t, k.u8, "mix8")) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t n = (size_t)check_range(t, 0, 200);
        uint8_t *a = check_guarded(t, n), *b = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        check_fill_edgy_u8(t, a, n);
        check_fill_edgy_u8(t, b, n);
        const int32_t zero = check_edgy(t, 0, 255), min = check_range(t, 0, zero);
        /* Small factors and a power of two make ties. */
        const bool ties = check_range(t, 0, 2) == 0;
        const int32_t most = ties ? 8 : 32767;
        const float single = ties ? ldexpf(1, check_range(t, -6, 0))
                                  : ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -44, -18));
        const crl_mix m = { check_edgy(t, 0, 255), check_edgy(t, 0, 255), check_edgy(t, -most, most), check_edgy(t, -most, most),
                            { .single = &single, .zero_point = zero, .min = min, .max = check_range(t, min, 255) } };
        if (!check_that(t, crl_mix8_fits(&m), "refused")) return;
        crl_mix8_ref(want, a, b, n, &m);
        for (size_t i = 0; i < n; i++)
            if (!check_that(t, want[i] == by_hand(a[i], b[i], &m), "the definition at %zu: %d, by hand %d", i, want[i], by_hand(a[i], b[i], &m)))
                return;
        k.u8(got, a, b, n, &m);
        if (!check_equal(t, want, got, n, "n=%zu zeros %d %d %d factors %d %d, %g", n, m.a_zero, m.b_zero, zero, m.ka, m.kb, (double)single))
            return;
        if (round == 0) {
            static uint8_t x[4096], y[4096];
            check_bench(t, sizeof x, k.u8(x, x, y, sizeof x, &m));
        }
    }
}

/* No fraction with terms that small may be nearer. */
static bool is_nearest(float a, float b, int32_t ka, int32_t kb)
{
    const double r = a < b ? (double)a / (double)b : (double)b / (double)a;
    const double p = a < b ? ka : kb, q = a < b ? kb : ka, error = fabs(p / q - r);
    for (int32_t d = 1; d <= 32767; d++)
        if (fabs(rint(r * d) / d - r) < error * (1 - 1e-9)) return false;
    return true;
}

void check_mix_factors(check *t, unsigned cpu)
{
    (void)cpu;
    /* Ratios seen in compiled models, with the factors there. Source: docs/chip-exact.md. */
    static const struct {
        float b;
        int32_t ka, kb;
    } seen[] = { { 0.3f, 10, 3 },           { 0.37f, 100, 37 },    { 0.0039f, 10000, 39 },
                 { 1.001f, 20999, 21020 }, { 0.6180339f, 25319, 15648 }, { 1, 1, 1 } };
    int32_t ka, kb;
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        crl_mix_factors(1, seen[i].b, &ka, &kb);
        check_that(t, ka == seen[i].ka && kb == seen[i].kb, "%g: %d and %d, not %d and %d", (double)seen[i].b, ka, kb, seen[i].ka, seen[i].kb);
    }
    for (int round = 0; round < check_rounds(t, 40); round++) {
        const float a = ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -40, -20));
        const float b = a * ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -30, -16));
        crl_mix_factors(a, b, &ka, &kb);
        check_that(t, ka >= 0 && kb >= 0 && ka <= 32767 && kb <= 32767 && is_nearest(a, b, ka, kb),
                   "%a and %a: %d and %d", (double)a, (double)b, ka, kb);
    }
    static const float far[][2] = { { 1e-38f, 1e38f }, { 1e38f, 1e-45f }, { 1e-45f, 1e-45f }, { 1, 1e-6f }, { 1.5e-5f, 1 }, { 1, 1.6e-5f } };
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        crl_mix_factors(far[i][0], far[i][1], &ka, &kb);
        const int32_t most = ka > kb ? ka : kb;
        check_that(t, ka >= 0 && kb >= 0 && most >= 1 && most <= 32767, "%g and %g: %d and %d", (double)far[i][0], (double)far[i][1], ka, kb);
    }
}
