/* SPDX-License-Identifier: Apache-2.0 */
/* What the Edge TPU does that TensorFlow Lite does not: tables of its non-linear unit, softmax in floats, averages of windows. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/average_chip.h"
#include "kernels/softmax_chip.h"
#include "kernels/spline.h"

void check_spline(check *t, unsigned cpu)
{
    (void)cpu;
    /* No more than the pieces are off: 0.0076 of a step. */
    float worst = 0;
    for (int i = -10396; i <= 10396; i++) {
        const float x = (float)i / 1000, off = fabsf(crl_spline_logistic(x) - (float)(256 / (1 + exp(-(double)x))));
        worst = off > worst ? off : worst;
    }
    check_that(t, worst > 0.005f && worst < 0.0077f, "logistic is off by up to %g", (double)worst);
    check_that(t, crl_spline_logistic(-50) == crl_spline_logistic(-10.396732f), "no lower limit");
    check_that(t, crl_spline_logistic(50) == crl_spline_logistic(10.396732f), "no upper limit");
    for (int round = 0; round < check_rounds(t, 2000); round++) {
        const float x = ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -60, 30));
        const double want = 1000 / sqrt((double)x), got = (double)crl_spline_inverse_root(x, 1000);
        if (!check_that(t, fabs(got / want - 1) < 1e-6, "1000 / sqrt(%a): %g, not %g", (double)x, got, want)) return;
    }
    static const float bad[] = { 1e-45f, 3.4e38f, 1e-30f, 1 };
    for (size_t i = 0; i < 4; i++) { /* any scale that a file may have: sanitizers look on */
        uint8_t table[256];
        for (size_t k = 0; k < 4; k++) crl_spline_table_tanh(table, CRL_INT8, bad[i], -128, bad[k], 127);
        crl_spline_table_logistic(table, CRL_UINT8, bad[i], 255, 0);
    }
    uint8_t table[256];
    crl_spline_table_logistic(table, CRL_INT8, 0.1f, 5, -128);
    for (int i = 0; i < 256; i++) {
        const int q = (int8_t)i, want = (int)rint((double)crl_spline_logistic((float)(q - 5) * 0.1f)) - 128;
        check_that(t, (int8_t)table[i] == (want > 127 ? 127 : want), "logistic of %d: %d, not %d", q, (int8_t)table[i], want);
    }
}

/* Near the real functions. That it is the chip's to the last bit, the emulator tells, of real packages (tests/emulator). */
static void softmax_of_tiles_is_one(check *t)
{
    static const uint8_t in[] = { 200, 190, 100, 199, 0, 200 }, want[] = { 78, 29, 0, 71, 0, 78 };
    uint8_t out[sizeof in];
    int32_t e[CRL_SOFTMAX_TILES_BYTES];
    const float scale = 0.1f;
    crl_softmax_tiles_exponentials(e, scale);
    for (int32_t i = 0; i < CRL_SOFTMAX_TILES_BYTES; i++) {
        const double exact = 65535 * exp(-(double)((float)i * scale)), least = 65535 * exp(-13.0380983);
        check_that(t, fabs(e[i] - fmax(exact, least)) < 0.51 + 4e-5 * 65535, "exponential of -%d: %d, not %g", i, e[i], exact);
    }
    crl_softmax_tiles_ref(out, in, &(crl_softmax_chip){ .rows = 1, .depth = sizeof in, .type = CRL_UINT8, .tiles = e });
    check_equal(t, want, out, sizeof in, "softmax of tiles");
}

void check_softmax_chip(check *t, unsigned cpu)
{
    softmax_of_tiles_is_one(t);
    crl_softmax_chip_kernels k;
    crl_softmax_chip_kernels_init(&k, cpu);
    if (!check_variant(t, k.exponentials, "softmax_chip")) return;
    for (int i = 0; i < 1000; i++) { /* as an exponential in twice the precision, rounded */
        const float x = -(float)check_range(t, 0, 1 << 24) / (float)(1 << check_range(t, 10, 24));
        check_that(t, crl_softmax_chip_exp2(x) == (float)exp2((double)x), "2^%a", (double)x);
    }
    for (int round = 0; round < check_rounds(t, 200); round++) {
        const crl_type type = check_range(t, 0, 1) ? CRL_INT8 : CRL_UINT8;
        const int32_t lift = type == CRL_INT8 ? 128 : 0;
        const bool plain = check_range(t, 0, 2) > 0;
        crl_softmax_chip p = { .rows = (size_t)check_range(t, 1, 5), .depth = (size_t)check_range(t, 1, round % 8 ? 300 : 2000),
                                     .scale = 0.001f * (float)check_range(t, 1, 400), .factor = 1.442695f * (plain ? 1 : 0.3f),
                                     .unit = plain ? 256 : (float)check_range(t, 1, 100000), .in_zero = check_edgy(t, 0, 255) - lift,
                                     .out_zero = (plain ? 0 : check_range(t, 0, 255)) - lift, .type = type };
        const size_t n = p.rows * p.depth;
        uint8_t *in = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        int32_t e[CRL_SOFTMAX_TILES_BYTES];
        crl_softmax_tiles_exponentials(e, p.scale);
        if (check_range(t, 0, 1)) p.tiles = e;
        check_fill_edgy_u8(t, in, n);
        crl_softmax_chip_ref(want, in, &p);
        crl_softmax_chip_rows(got, in, &p, &k, 0, p.rows);
        if (!check_equal(t, want, got, n, "%zu rows of %zu, scale %g%s", p.rows, p.depth, (double)p.scale, p.tiles ? ", on tiles" : "")) return;
        if (round) continue;
        static uint8_t x[1001], y[1001];
        crl_softmax_chip usual = p;
        usual.tiles = NULL;
        usual.depth = 1001;
        for (size_t i = 0; i < sizeof x; i++) x[i] = (uint8_t)check_range(t, 60, 200);
        check_bench(t, sizeof x, crl_softmax_chip_rows(y, x, &usual, &k, 0, 1));
    }
}

/* Multipliers of averages in compiled models; with 36 places it is not the nearest float to 1 / 36. */
static void has_the_compilers_factors(check *t)
{
    static const struct {
        float scale, factor;
        int32_t taps;
    } seen[] = { { 0.0235284772f, 0x1p-4f, 16 }, { 0.0235284772f, 0x1.47ae14p-5f, 25 }, { 0.0235284772f, 0x1.c71c74p-6f, 36 },
                 { 0.0235284772f, 0x1.4e5e0ap-6f, 49 }, { 0.17391631f, 0x1.e1709ap-11f, 1089 } };
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        const crl_average_on_chip p = { .in_scale = seen[i].scale, .unit = 1 / seen[i].scale };
        const float got = crl_average_chip_factor(&p, seen[i].taps);
        check_that(t, got == seen[i].factor, "%d places: %a, not %a", seen[i].taps, (double)got, (double)seen[i].factor);
    }
}

void check_average_chip(check *t, unsigned cpu)
{
    has_the_compilers_factors(t);
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 200); round++) {
        crl_window w = { .batch = check_range(t, 1, 2), .in_h = check_range(t, 1, 9), .in_w = check_range(t, 1, 9), .in_c = check_range(t, 1, 70),
                         .dilation_h = 1, .dilation_w = 1, .stride_h = check_range(t, 1, 3), .stride_w = check_range(t, 1, 3) };
        w.filter_h = check_range(t, 1, w.in_h);
        w.filter_w = check_range(t, 1, w.in_w);
        w.pad_top = check_range(t, 0, w.filter_h - 1);
        w.pad_left = check_range(t, 0, w.filter_w - 1);
        w.out_c = w.in_c;
        w.out_h = (w.in_h - 1 + w.pad_top) / w.stride_h + 1;
        w.out_w = (w.in_w - 1 + w.pad_left) / w.stride_w + 1;
        const int32_t min = check_range(t, 0, 60), max = check_range(t, 200, 255);
        const crl_average_on_chip on_chip = { .in_scale = (float)check_range(t, 1, 20) / 8, .unit = 1, .in_zero = check_edgy(t, 0, 255),
                                              .out_zero = check_edgy(t, 0, 255), .whole = check_range(t, 0, 9), .factor = 0.1f };
        const crl_pool2d def = { .window = w, .min = min, .max = max, .on_chip = on_chip };
        const crl_average_chip p = { w, on_chip, min, max };
        const size_t n_in = (size_t)(w.batch * w.in_h * w.in_w * w.in_c), n_out = (size_t)(w.batch * w.out_h * w.out_w * w.in_c);
        uint8_t *in = check_guarded(t, n_in), *want = check_guarded(t, n_out), *got = check_guarded(t, n_out);
        check_fill_edgy_u8(t, in, n_in);
        crl_average_pool_u8_ref(want, in, &def);
        crl_average_chip_rows(got, in, &p, 0, w.batch * w.out_h);
        if (!check_equal(t, want, got, n_out, "%dx%dx%d, filter %dx%d", w.in_h, w.in_w, w.in_c, w.filter_h, w.filter_w)) return;
    }
}
