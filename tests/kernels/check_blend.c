/* SPDX-License-Identifier: Apache-2.0 */
/* The fit against the definition of ADD on all pairs; every variant against the plain one. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/blend.h"

static double draw_scale(check *t, bool powers)
{
    return powers ? ldexp(1, -check_range(t, 0, 4)) : check_range(t, 1, 1000) / 1000.0;
}

/* Scales whose ratio is one of small numbers, but for the rounding to floats: many sums are nearly ties. */
static void draw_ratio(check *t, double *sa, double *sb, double *so)
{
    static const int8_t parts[] = { 3, 5, 6, 7, 8, 9 };
    *sa = (float)parts[check_range(t, 0, 5)] / 255.0F;
    *sb = check_range(t, 0, 1) ? *sa : (double)((float)parts[check_range(t, 0, 5)] / 255.0F);
    *so = (float)(2 << check_range(t, 0, 2)) / 255.0F;
}

/* ADD as the reference kernels define it: inputs shifted left by 20 bits, three scales. true: they are powers of two. */
static bool draw_target(check *t, crl_blend_target *target, int32_t fa[256], int32_t fb[256])
{
    const bool powers = check_range(t, 0, 2) == 0; /* of two: half of all sums are ties */
    double sa = draw_scale(t, powers), sb = draw_scale(t, powers);
    double so = (sa > sb ? sa : sb) * (powers ? ldexp(1, check_range(t, -2, 1)) : check_range(t, 300, 2000) / 1000.0);
    if (!powers && check_range(t, 0, 1)) draw_ratio(t, &sa, &sb, &so);
    const double twice = 2 * (sa > sb ? sa : sb);
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

/* 3/4 and 3/2, as floats have them: the fit needs two offsets. */
static void draw_halves(check *t, crl_blend_target *target, int32_t fa[256], int32_t fb[256])
{
    const double sa = 6 / 255.0F, so = check_range(t, 0, 1) ? 8 / 255.0F : 4 / 255.0F;
    const crl_scale half = crl_scale_from_real(0.5);
    const int32_t zero = check_edgy(t, 0, 255), sign = check_range(t, 0, 1) ? 1 : -1;
    for (int32_t i = 0; i < 256; i++) {
        fa[i] = crl_scale_apply((i - 128) * (1 << 20), half);
        fb[i] = sign * fa[i];
    }
    *target = (crl_blend_target){ fa, fb, crl_scale_from_real(2 * sa / (so * (1 << 20))), zero, 0, 255 };
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
        const bool ratio = round % 4 == 3;
        const bool powers = !ratio && draw_target(t, &target, fa, fb);
        if (ratio) draw_halves(t, &target, fa, fb);
        crl_blend c;
        const bool fits = crl_blend_fit(&c, &target, &k);
        if (round == 0) check_bench(t, 1, (void)crl_blend_fit(&c, &target, &k));
        if (!check_that(t, fits || !powers || !crl_blend_sum_fits(&target), "scales that are powers of two do not fit")) return;
        if (!check_that(t, fits || !ratio, "a ratio of small numbers does not fit")) return;
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
        const crl_blend c = { check_edgy(t, -(1 << 18), 1 << 18), check_edgy(t, -(1 << 18), 1 << 18), 0, check_range(t, 8, 20),
                              0, 0, false, 0, 0 };
        const crl_blend_side side = (crl_blend_side)check_range(t, CRL_BLEND_ALL, CRL_BLEND_ABOVE);
        int64_t low, high, want_low, want_high;
        if (!crl_blend_sum_fits(&target)) continue;
        crl_blend_bounds_ref(&c, &target, side, &want_low, &want_high);
        k.bounds(&c, &target, side, &low, &high);
        if (!check_that(t, (low > high) == (want_low > want_high) && (low > high || (low == want_low && high == want_high)),
                        "ka=%d kb=%d shift=%d: want %lld..%lld, got %lld..%lld", c.ka, c.kb, c.shift, (long long)want_low,
                        (long long)want_high, (long long)low, (long long)high))
            return;
    }
    check_that(t, found > rounds / 2, "only %d of %d functions were found", found, rounds);
}

/* What the tables say of all pairs is the definition; and every variant against the plain one. */
void check_blend_tables(check *t, unsigned cpu)
{
    crl_blend_kernels k;
    crl_blend_kernels_init(&k, cpu);
    if (!check_variant(t, k.tables ? k.tables : crl_blend_tables_u8_ref, "blend_tables_u8")) return;
    crl_blend_tables_u8_fn *run = k.tables ? k.tables : crl_blend_tables_u8_ref;
    k.tables = run;
    static uint8_t a[65536], b[65536], want[65536], got[65536];
    for (int i = 0; i < 65536; i++) a[i] = (uint8_t)(i >> 8), b[i] = (uint8_t)i;
    int found = 0;
    const int rounds = check_rounds(t, 24);
    for (int round = 0; round < rounds; round++) {
        int32_t fa[256], fb[256];
        crl_blend_target target;
        if (round % 4 == 3)
            draw_halves(t, &target, fa, fb);
        else
            draw_target(t, &target, fa, fb);
        crl_blend_tables tables;
        bool fits;
        crl_error err;
        if (!check_that(t, !crl_blend_fit_tables(&tables, &fits, &target, &k, &err), "no memory")) return;
        if (round == 0) check_bench(t, 1, (void)crl_blend_fit_tables(&tables, &fits, &target, &k, &err));
        if (!fits) continue;
        found++;
        crl_blend_sum_u8_ref(want, a, b, sizeof a, &target);
        run(got, a, b, sizeof a, &tables);
        if (!check_equal(t, want, got, sizeof a, "scale %d, %d", target.scale.mult, target.scale.shift)) return;
    }
    check_that(t, found > 0 || rounds < 12, "none of %d functions was found", rounds); /* of a sample of two, none may be */
    for (int round = 0; round < check_rounds(t, 100); round++) {
        const size_t n = (size_t)check_range(t, 0, 300);
        uint8_t *x = check_guarded(t, n), *y = check_guarded(t, n), *right = check_guarded(t, n), *out = check_guarded(t, n);
        check_fill_edgy_u8(t, x, n);
        check_fill_edgy_u8(t, y, n);
        crl_blend_tables tables = { .min = check_range(t, 0, 255) };
        tables.max = check_range(t, tables.min, 255);
        for (int i = 0; i < 256; i++) {
            tables.a[i] = (int16_t)check_edgy(t, -16000, 16000);
            tables.b[i] = (int16_t)check_edgy(t, -16000, 16000);
        }
        crl_blend_tables_u8_ref(right, x, y, n, &tables);
        run(out, x, y, n, &tables);
        if (!check_equal(t, right, out, n, "n=%zu", n)) return;
        run(x, x, y, n, &tables);
        if (!check_equal(t, right, x, n, "in place, n=%zu", n)) return;
    }
    crl_blend_tables tables = { .max = 255 };
    check_bench(t, sizeof a, run(got, a, b, sizeof a, &tables));
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
                              check_edgy(t, -(1 << 28), 1 << 28), check_range(t, 8, 22), min, check_range(t, min, 255),
                              check_range(t, 0, 1), check_edgy(t, -(1 << 28), 1 << 28), check_edgy(t, -(1 << 28), 1 << 28) };
        crl_blend_u8_ref(want, a, b, n, &c);
        k.u8(got, a, b, n, &c);
        if (!check_equal(t, want, got, n, "n=%zu ka=%d kb=%d offset=%d shift=%d", n, c.ka, c.kb, c.offset, c.shift)) return;
        k.u8(a, a, b, n, &c);
        if (!check_equal(t, want, a, n, "in place, n=%zu", n)) return;
    }
    static uint8_t a[65536], b[65536];
    const crl_blend c = { 1 << 20, 1 << 20, 1 << 19, 21, 0, 255, false, 0, 0 };
    check_bench(t, sizeof a, k.u8(a, a, b, sizeof a, &c));
}
