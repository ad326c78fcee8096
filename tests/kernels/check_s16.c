/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of layers with activations of 16 bits against the definitions, with scales and biases that no network has, too. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/depthwise.h"
#include "kernels/dw_s16.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_s16.h"
#include "windows.h"

typedef struct layer {
    crl_conv conv;
    const int16_t *in;
    const int8_t *filter;
    const int32_t *narrow;
    const int64_t *wide; /* biases */
    bool is_wide, real;
    size_t n_out;
} layer;

/* Ends of the type in whole runs, or noise. */
static int16_t *numbers(check *t, size_t n)
{
    int16_t *x = check_guarded(t, n * sizeof *x);
    const int32_t style = check_range(t, 0, 3);
    for (size_t i = 0; i < n; i++)
        x[i] = style == 0 ? INT16_MIN : style == 1 ? (int16_t)check_edgy(t, INT16_MIN, INT16_MAX) : (int16_t)check_range(t, INT16_MIN, INT16_MAX);
    return x;
}

static int8_t *weights(check *t, size_t n)
{
    int8_t *x = check_guarded(t, n);
    const int32_t most = check_range(t, 0, 2) ? 127 : check_range(t, 0, 20);
    if (check_range(t, 0, 3) == 0)
        memset(x, INT8_MIN, n);
    else
        for (size_t i = 0; i < n; i++) x[i] = (int8_t)check_range(t, -most, most);
    return x;
}

/* Mostly those that bring sums of `products` into 16 bits; some silent, some that let everything overflow. */
static double scale_of(check *t, size_t products)
{
    switch (check_range(t, 0, 40)) {
    case 0: return 0;
    case 1: return ldexp(1, check_range(t, -40, 35));
    case 2: return ldexp(1 + check_range(t, 0, 1000) / 1000.0, check_range(t, -33, 0));
    default: return ldexp(1 + check_range(t, 0, 1 << 20) / (double)(1 << 20), check_range(t, -9, -5)) / sqrt((double)products);
    }
}

static void fill_scales(check *t, layer *l, size_t products)
{
    const size_t n = (size_t)l->conv.window.out_c;
    crl_scale *scale = check_guarded(t, n * sizeof *scale);
    double *real = check_guarded(t, n * sizeof *real);
    for (size_t i = 0; i < n; i++) {
        real[i] = scale_of(t, products);
        scale[i] = crl_scale_from_real(real[i]);
    }
    const int32_t min = check_range(t, 0, 2) ? INT16_MIN : check_range(t, -3000, 0),
                  max = check_range(t, 0, 2) ? INT16_MAX : check_range(t, 0, 30000);
    l->conv.out = (crl_requant){ .scale = l->real ? NULL : scale, .real = l->real ? real : NULL, .min = min, .max = max };
}

static void fill_biases(check *t, layer *l)
{
    const size_t n = (size_t)l->conv.window.out_c;
    if (!check_range(t, 0, 5)) return;
    int32_t *narrow = check_guarded(t, n * sizeof *narrow);
    int64_t *wide = check_guarded(t, n * sizeof *wide);
    for (size_t i = 0; i < n; i++) {
        const bool odd = check_range(t, 0, 60) == 0;
        narrow[i] = odd ? check_edgy(t, INT32_MIN, INT32_MAX) : check_range(t, -1000000, 1000000);
        wide[i] = odd ? (int64_t)check_random(t) >> check_range(t, 16, 50) : narrow[i];
    }
    l->narrow = l->is_wide ? NULL : narrow;
    l->wide = l->is_wide ? wide : NULL;
}

static void fill_layer(check *t, layer *l, size_t taps, size_t products)
{
    const crl_window *w = &l->conv.window;
    l->in = numbers(t, crl_window_in(w, w->batch, 0, 0));
    l->filter = weights(t, taps);
    l->n_out = crl_window_out(w, w->batch, 0, 0);
    fill_scales(t, l, products);
    fill_biases(t, l);
}

static bool agree(check *t, const layer *l, const int16_t *want, const int16_t *got)
{
    const crl_window *w = &l->conv.window;
    return check_equal(t, want, got, l->n_out * sizeof *got, "%dx%dx%dx%d -> %dx%dx%d filter %dx%d stride %d,%d pad %d,%d%s%s", w->batch,
                       w->in_h, w->in_w, w->in_c, w->out_h, w->out_w, w->out_c, w->filter_h, w->filter_w, w->stride_h,
                       w->stride_w, w->pad_top, w->pad_left, l->is_wide ? ", wide" : "", l->real ? ", real" : "");
}

static crl_unit16_spec out_of(const layer *l)
{
    return (crl_unit16_spec){ .requant = l->conv.out, .wide = l->is_wide, .narrow_bias = l->narrow, .wide_bias = l->wide };
}

static void define(int16_t *want, const layer *l)
{
    const crl_window *w = &l->conv.window;
    const crl_fully f = { .batch = w->batch * w->in_h * w->in_w, .in_n = w->in_c, .out_n = w->out_c, .out = l->conv.out };
    if (l->real && l->is_wide)
        crl_fully_s16_wide_ref(want, l->in, l->filter, l->wide, &f);
    else if (l->real)
        crl_fully_s16_ref(want, l->in, l->filter, l->narrow, &f);
    else if (l->is_wide)
        crl_conv_s16_wide_ref(want, l->in, l->filter, l->wide, &l->conv);
    else
        crl_conv_s16_ref(want, l->in, l->filter, l->narrow, &l->conv);
}

static bool gemm_agrees(check *t, const layer *l, unsigned cpu)
{
    crl_pile pile = { 0 };
    const crl_gemm_s16_spec spec = { .window = l->conv.window, .filter = l->filter, .out = out_of(l), .pile = &pile };
    crl_gemm_s16 *g;
    crl_error err;
    if (!check_that(t, crl_gemm_s16_new(&g, &spec, cpu, &err) == CRL_OK, "%s", err.text)) return false;
    int16_t *want = check_guarded(t, l->n_out * sizeof *want), *got = check_guarded(t, l->n_out * sizeof *got);
    void *scratch = check_guarded(t, crl_gemm_s16_scratch_bytes(g));
    define(want, l);
    /* In three rectangles. */
    const int32_t rows = crl_gemm_s16_rows(g), panels = crl_gemm_s16_panels(g);
    const int32_t row = check_range(t, 0, rows), panel = check_range(t, 0, panels);
    crl_gemm_s16_run(g, got, l->in, row, rows, panel, panels, scratch);
    crl_gemm_s16_run(g, got, l->in, 0, row, 0, panels, scratch);
    crl_gemm_s16_run(g, got, l->in, row, rows, 0, panel, scratch);
    const bool ok = agree(t, l, want, got);
    crl_pile_free(&pile);
    return ok;
}

static const char *gemm_level(unsigned cpu)
{
    crl_pile pile = { 0 };
    const int8_t one[64] = { 1 };
    const crl_scale scale[64] = { { 0, 0 } };
    const crl_gemm_s16_spec probe = { .window = crl_window_of_rows(1, 1, 64), .filter = one, .out = { .requant.scale = scale }, .pile = &pile };
    crl_gemm_s16 *g;
    const char *name = crl_gemm_s16_new(&g, &probe, cpu, NULL) ? NULL : crl_gemm_s16_name(g);
    crl_pile_free(&pile);
    return name;
}

static void bench_gemm(check *t, unsigned cpu, int32_t size, int32_t k, int32_t in_c, int32_t out_c)
{
    layer l = { .conv = { .window = { 1, size, size, in_c, size, size, out_c, k, k, 1, 1, 1, 1, k / 2, k / 2 }, .groups = 1 }, .is_wide = true };
    const size_t taps = (size_t)(k * k * in_c) * (size_t)out_c;
    l.in = numbers(t, (size_t)(size * size * in_c));
    int8_t *filter = check_guarded(t, taps);
    for (size_t i = 0; i < taps; i++) filter[i] = (int8_t)(check_range(t, -60, 60) * check_range(t, 0, 2) / 2);
    l.filter = filter;
    crl_scale *scale = check_guarded(t, (size_t)out_c * sizeof *scale);
    for (int32_t i = 0; i < out_c; i++) scale[i] = crl_scale_from_real(0.001);
    l.conv.out = (crl_requant){ .scale = scale, .min = 0, .max = INT16_MAX };
    crl_pile pile = { 0 };
    const crl_gemm_s16_spec spec = { .window = l.conv.window, .filter = l.filter, .out = out_of(&l), .pile = &pile };
    crl_gemm_s16 *g;
    if (crl_gemm_s16_new(&g, &spec, cpu, NULL)) return;
    int16_t *out = check_guarded(t, (size_t)(size * size * out_c) * sizeof *out);
    void *scratch = check_guarded(t, crl_gemm_s16_scratch_bytes(g));
    check_bench(t, taps * (size_t)(size * size) / 1000,
                crl_gemm_s16_run(g, out, l.in, 0, size * size, 0, crl_gemm_s16_panels(g), scratch));
    crl_pile_free(&pile);
}

void check_gemm_s16(check *t, unsigned cpu)
{
    const char *name = gemm_level(cpu);
    if (!name) return;
    check_name(t, name);
    for (int round = 0; round < check_rounds(t, 600); round++) {
        check_release(t);
        layer l = { .conv = { .groups = 1 }, .is_wide = check_range(t, 0, 1) };
        crl_window *w = &l.conv.window;
        if (!check_random_window(t, w)) continue;
        if (check_range(t, 0, 12) == 0) *w = crl_window_of_rows(check_range(t, 1, 8), check_range(t, 500, 3000), check_range(t, 1, 80));
        const size_t products = (size_t)(w->filter_h * w->filter_w * w->in_c);
        l.real = crl_window_is_plain(w) && check_range(t, 0, 1);
        fill_layer(t, &l, products * (size_t)w->out_c, products);
        if (!gemm_agrees(t, &l, cpu)) return;
    }
    bench_gemm(t, cpu, 14, 1, 576, 96);
    bench_gemm(t, cpu, 56, 1, 24, 144);
    bench_gemm(t, cpu, 28, 3, 64, 64);
    bench_gemm(t, cpu, 14, 3, 256, 256);
}

void check_dw_s16(check *t, unsigned cpu)
{
    const char *name = gemm_level(cpu);
    if (!name) return;
    for (int round = 0; round < check_rounds(t, 600); round++) {
        check_release(t);
        layer l = { .is_wide = true };
        crl_window *w = &l.conv.window;
        if (!check_random_window(t, w)) continue;
        const int32_t multiplier = check_range(t, 0, 2) ? 1 : check_range(t, 2, 9);
        if (multiplier > 1) w->in_c = check_range(t, 0, 1) ? 1 : check_range(t, 2, 20);
        w->out_c = w->in_c * multiplier;
        l.conv.groups = w->in_c;
        const size_t taps = (size_t)(w->filter_h * w->filter_w);
        fill_layer(t, &l, taps * (size_t)w->out_c, taps);
        crl_pile pile = { 0 };
        const crl_dw_s16_spec spec = { .window = *w, .filter = l.filter, .out = out_of(&l), .pile = &pile };
        crl_dw_s16 *d;
        crl_error err;
        if (!check_that(t, crl_dw_s16_new(&d, &spec, cpu, &err) == CRL_OK, "%s", err.text)) return;
        if (w->out_c >= 32) check_name(t, crl_dw_s16_name(d));
        int16_t *want = check_guarded(t, l.n_out * sizeof *want), *got = check_guarded(t, l.n_out * sizeof *got);
        const int32_t rows = w->batch * w->out_h, row = check_range(t, 0, rows);
        crl_depthwise_s16_wide_ref(want, l.in, l.filter, l.wide, &l.conv);
        crl_dw_s16_run(d, got, l.in, row, rows);
        crl_dw_s16_run(d, got, l.in, 0, row);
        const bool ok = agree(t, &l, want, got);
        crl_pile_free(&pile);
        if (!ok) return;
    }
}
