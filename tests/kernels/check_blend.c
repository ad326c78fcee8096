/* SPDX-License-Identifier: Apache-2.0 */
/* The fit against the definition of ADD on all pairs; every variant against the plain one. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/blend.h"

/* ADD as the reference kernels define it: inputs shifted left by 20 bits, three scales. true: they are powers of two. */
static bool draw_target(check *t, crl_blend_target *target, int32_t fa[256], int32_t fb[256])
{
    const bool powers = check_range(t, 0, 2) == 0; /* of two: half of all sums are ties */
    const double sa = powers ? ldexp(1, -check_range(t, 0, 4)) : check_range(t, 1, 1000) / 1000.0;
    const double sb = powers ? ldexp(1, -check_range(t, 0, 4)) : check_range(t, 1, 1000) / 1000.0;
    const double most = sa > sb ? sa : sb, twice = 2 * most;
    const double so = most * (powers ? ldexp(1, check_range(t, -2, 1)) : check_range(t, 300, 2000) / 1000.0);
    const crl_scale ka = crl_scale_from_real(sa / twice), kb = crl_scale_from_real(sb / twice);
    const int32_t za = check_edgy(t, 0, 255), zb = check_edgy(t, 0, 255), sign = check_range(t, 0, 1) ? 1 : -1;
    for (int32_t i = 0; i < 256; i++) {
        fa[i] = crl_scale_apply((i - za) * (1 << 20), ka);
        fb[i] = sign * crl_scale_apply((i - zb) * (1 << 20), kb);
    }
    const int32_t min = check_range(t, 0, 1) ? 0 : check_range(t, 0, 200);
    *target = (crl_blend_target){ fa, fb, crl_scale_from_real(twice / (so * (1 << 20))), check_edgy(t, 0, 255), min,
                                  check_range(t, 0, 1) ? 255 : check_range(t, min, 255) };
    return powers;
}

void check_blend_fit(check *t, unsigned cpu)
{
    crl_blend_kernels k;
    crl_blend_kernels_init(&k, cpu);
    if (!check_variant(t, k.bounds, "blend_bounds")) return;
    int found = 0;
    const int rounds = 30;
    for (int round = 0; round < rounds; round++) {
        int32_t fa[256], fb[256];
        crl_blend_target target;
        const bool powers = draw_target(t, &target, fa, fb);
        crl_blend c;
        const bool fits = crl_blend_fit(&c, &target, &k);
        if (round == 0) check_bench(t, 1, (void)crl_blend_fit(&c, &target, &k));
        if (!check_that(t, fits || !powers || !crl_blend_sum_fits(&target), "scales that are powers of two do not fit")) return;
        if (!fits) continue;
        found++;
        for (int i = 0; i < 65536; i++) {
            const uint8_t a = (uint8_t)(i >> 8), b = (uint8_t)i;
            uint8_t got;
            crl_blend_u8_ref(&got, &a, &b, 1, &c);
            const int32_t v = crl_scale_apply(fa[a] + fb[b], target.scale) + target.zero;
            const int32_t want = v < target.min ? target.min : v > target.max ? target.max : v;
            if (!check_that(t, got == want, "a=%d b=%d: want %d, got %d", a, b, want, got)) return;
        }
    }
    for (int round = 0; round < check_rounds(t, 1000); round++) {
        int32_t fa[256], fb[256];
        crl_blend_target target;
        draw_target(t, &target, fa, fb);
        /* Small steps in any direction: bounds that do not meet, and those of outputs that are clamped all over. */
        const crl_blend c = { check_edgy(t, -(1 << 18), 1 << 18), check_edgy(t, -(1 << 18), 1 << 18), 0, check_range(t, 8, 20), 0, 0 };
        int64_t low, high, want_low, want_high;
        if (!crl_blend_sum_fits(&target)) continue;
        crl_blend_bounds_ref(&c, &target, &want_low, &want_high);
        k.bounds(&c, &target, &low, &high);
        if (!check_that(t, (low > high) == (want_low > want_high) && (low > high || (low == want_low && high == want_high)),
                        "ka=%d kb=%d shift=%d: want %lld..%lld, got %lld..%lld", c.ka, c.kb, c.shift, (long long)want_low,
                        (long long)want_high, (long long)low, (long long)high))
            return;
    }
    check_that(t, found > rounds / 2, "only %d of %d functions were found", found, rounds);
}

void check_blend_sum(check *t, unsigned cpu)
{
    crl_blend_kernels k;
    crl_blend_kernels_init(&k, cpu);
    if (!check_variant(t, k.sum, "blend_sum_u8")) return;
    for (int round = 0; round < check_rounds(t, 200); round++) {
        int32_t fa[256], fb[256];
        crl_blend_target target;
        draw_target(t, &target, fa, fb);
        if (!crl_blend_sum_fits(&target)) continue;
        const bool bent = check_range(t, 0, 4) == 0; /* a function that no scale makes */
        if (bent) fa[check_range(t, 1, 254)] += check_range(t, -300, 300);
        const size_t n = (size_t)check_range(t, 0, 300) + (size_t)check_range(t, 0, 1) * 600;
        uint8_t *a = check_guarded(t, n), *b = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        crl_blend_sum_u8_ref(want, a, b, n, &target);
        k.sum(got, a, b, n, &target);
        if (!check_equal(t, want, got, n, "n=%zu scale %d, %d", n, target.scale.mult, target.scale.shift)) return;
    }
    int32_t fa[256], fb[256];
    crl_blend_target target;
    static uint8_t a[65536], b[65536];
    draw_target(t, &target, fa, fb);
    check_bench(t, sizeof a, k.sum(a, a, b, sizeof a, &target));
}

void check_blend(check *t, unsigned cpu)
{
    crl_blend_kernels k;
    crl_blend_kernels_init(&k, cpu);
    if (!check_variant(t, k.u8, "blend_u8")) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t n = (size_t)check_range(t, 0, 300);
        uint8_t *a = check_guarded(t, n), *b = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        check_fill_edgy_u8(t, a, n);
        check_fill_edgy_u8(t, b, n);
        const int32_t min = check_range(t, 0, 255);
        const crl_blend c = { check_edgy(t, -(1 << 20), 1 << 20), check_edgy(t, -(1 << 20), 1 << 20),
                              check_edgy(t, -(1 << 28), 1 << 28), check_range(t, 8, 22), min, check_range(t, min, 255) };
        crl_blend_u8_ref(want, a, b, n, &c);
        k.u8(got, a, b, n, &c);
        if (!check_equal(t, want, got, n, "n=%zu ka=%d kb=%d offset=%d shift=%d", n, c.ka, c.kb, c.offset, c.shift)) return;
        k.u8(a, a, b, n, &c);
        if (!check_equal(t, want, a, n, "in place, n=%zu", n)) return;
    }
    static uint8_t a[65536], b[65536];
    const crl_blend c = { 1 << 20, 1 << 20, 1 << 19, 21, 0, 255 };
    check_bench(t, sizeof a, k.u8(a, a, b, sizeof a, &c));
}
