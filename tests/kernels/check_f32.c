/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of convolutions, pools and functions of floats against the definitions: the same bytes, whatever the numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/depthwise.h"
#include "kernels/dw_f32.h"
#include "kernels/activation.h"
#include "kernels/gemm_f32.h"
#include "kernels/map_f32.h"
#include "kernels/pool_f32.h"
#include "kernels/resize_f32.h"
#include "kernels/unary.h"
#include "windows.h"

/* Mostly numbers near one, whose sums depend on their order; some tiny, huge, denormal, or zeros of both signs. */
static void fill_floats(check *t, float *x, size_t n)
{
    static const float odd[] = { 0, -0.0f, 1e-40f, -1e-42f, 1e-30f, 3e20f, -1, 1 };
    for (size_t i = 0; i < n; i++)
        x[i] = check_range(t, 0, 30) ? ldexpf((float)check_range(t, -(1 << 23), 1 << 23), check_range(t, -25, -20))
                                     : odd[check_range(t, 0, 7)];
}

static float *floats(check *t, size_t n)
{
    float *x = check_guarded(t, n * sizeof *x);
    fill_floats(t, x, n);
    return x;
}

typedef struct layer {
    crl_conv conv;
    const float *in, *filter, *bias; /* bias NULL: none */
    size_t n_out;
} layer;

static void fill_layer(check *t, layer *l, size_t weights)
{
    const crl_window *w = &l->conv.window;
    l->in = floats(t, crl_window_in(w, w->batch, 0, 0));
    l->filter = floats(t, weights);
    l->bias = check_range(t, 0, 5) ? floats(t, (size_t)w->out_c) : NULL;
    l->n_out = crl_window_out(w, w->batch, 0, 0);
    l->conv.min_f32 = check_range(t, 0, 1) ? 0 : -INFINITY;
    l->conv.max_f32 = check_range(t, 0, 1) ? 6 : INFINITY;
}

static bool agree(check *t, const layer *l, const float *want, const float *got)
{
    const crl_window *w = &l->conv.window;
    return check_equal(t, want, got, l->n_out * sizeof *got, "%dx%dx%dx%d -> %dx%dx%d filter %dx%d stride %d,%d pad %d,%d", w->batch,
                       w->in_h, w->in_w, w->in_c, w->out_h, w->out_w, w->out_c, w->filter_h, w->filter_w, w->stride_h,
                       w->stride_w, w->pad_top, w->pad_left);
}

/* Fused, as written in gemm_f32.h; a tap outside the picture is a 0. */
static void gemm_fused(float *out, const layer *l)
{
    const crl_window *w = &l->conv.window;
    for (size_t i = 0; i < l->n_out; i++) {
        const int32_t o = (int32_t)(i % (size_t)w->out_c), x = (int32_t)(i / (size_t)w->out_c) % w->out_w;
        const int32_t y = (int32_t)(i / (size_t)w->out_c) / w->out_w % w->out_h, b = (int32_t)(i / (size_t)w->out_c) / w->out_w / w->out_h;
        const float *f = l->filter + (size_t)o * (size_t)(w->filter_h * w->filter_w * w->in_c);
        float acc = 0;
        for (int32_t tap = 0; tap < w->filter_h * w->filter_w; tap++) {
            const int32_t iy = y * w->stride_h - w->pad_top + tap / w->filter_w * w->dilation_h;
            const int32_t ix = x * w->stride_w - w->pad_left + tap % w->filter_w * w->dilation_w;
            const bool inside = iy >= 0 && iy < w->in_h && ix >= 0 && ix < w->in_w;
            for (int32_t c = 0; c < w->in_c; c++, f++)
                acc = fmaf(inside ? l->in[crl_window_in(w, b, iy, ix) + (size_t)c] : 0, *f, acc);
        }
        out[i] = crl_conv_clamp_f32(acc + (l->bias ? l->bias[o] : 0), &l->conv);
    }
}

static bool gemm_agrees(check *t, const layer *l, unsigned cpu)
{
    crl_pile pile = { 0 };
    const crl_gemm_f32_mode mode = (crl_gemm_f32_mode)check_range(t, CRL_GEMM_F32_EXACT, CRL_GEMM_F32_FUSED);
    const crl_gemm_f32_spec spec = { .window = l->conv.window, .filter = l->filter, .bias = l->bias, .min = l->conv.min_f32,
                                     .max = l->conv.max_f32, .pile = &pile, .mode = mode };
    crl_gemm_f32 *g;
    crl_error err;
    if (!check_that(t, crl_gemm_f32_new(&g, &spec, cpu, &err) == CRL_OK, "%s", err.text)) return false;
    float *want = check_guarded(t, l->n_out * sizeof *want), *got = check_guarded(t, l->n_out * sizeof *got);
    void *scratch = check_guarded(t, crl_size_align(crl_gemm_f32_scratch_bytes(g), 64));
    if (mode == CRL_GEMM_F32_EXACT)
        crl_conv_f32_ref(want, l->in, l->filter, l->bias, &l->conv);
    else
        gemm_fused(want, l);
    /* In three rectangles. */
    const int32_t rows = crl_gemm_f32_rows(g), panels = crl_gemm_f32_panels(g);
    const int32_t row = check_range(t, 0, rows), panel = check_range(t, 0, panels);
    crl_gemm_f32_run(g, got, l->in, row, rows, panel, panels, scratch);
    crl_gemm_f32_run(g, got, l->in, 0, row, 0, panels, scratch);
    crl_gemm_f32_run(g, got, l->in, row, rows, 0, panel, scratch);
    const bool ok = agree(t, l, want, got);
    crl_pile_free(&pile);
    return ok;
}

static void bench_gemm(check *t, unsigned cpu, int32_t size, int32_t in_c, int32_t out_c)
{
    layer l = { .conv = { .window = { 1, size, size, in_c, size, size, out_c, 1, 1, 1, 1, 1, 1, 0, 0 }, .groups = 1 } };
    const size_t weights = (size_t)in_c * (size_t)out_c;
    fill_layer(t, &l, weights);
    crl_pile pile = { 0 };
    const crl_gemm_f32_spec spec = { .window = l.conv.window, .filter = l.filter, .bias = l.bias,
                                     .min = l.conv.min_f32, .max = l.conv.max_f32, .pile = &pile };
    crl_gemm_f32 *g;
    if (crl_gemm_f32_new(&g, &spec, cpu, NULL)) return;
    float *out = check_guarded(t, l.n_out * sizeof *out);
    void *scratch = check_guarded(t, crl_size_align(crl_gemm_f32_scratch_bytes(g), 64));
    check_bench(t, weights * (size_t)(size * size) / 1000,
                crl_gemm_f32_run(g, out, l.in, 0, size * size, 0, crl_gemm_f32_panels(g), scratch));
    crl_pile_free(&pile);
}

void check_gemm_f32(check *t, unsigned cpu)
{
    crl_pile pile = { 0 };
    const float one = 1;
    const crl_gemm_f32_spec probe = { .window = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 }, .filter = &one, .max = 1,
                                      .pile = &pile };
    crl_gemm_f32 *g;
    const crl_status s = crl_gemm_f32_new(&g, &probe, cpu, NULL);
    const char *name = s ? NULL : crl_gemm_f32_name(g);
    crl_pile_free(&pile);
    if (!name) return;
    check_name(t, name);
    for (int round = 0; round < check_rounds(t, 400); round++) {
        check_release(t);
        layer l = { .conv = { .groups = 1 } };
        crl_window *w = &l.conv.window;
        if (!check_random_window(t, w)) continue;
        fill_layer(t, &l, (size_t)w->out_c * (size_t)(w->filter_h * w->filter_w * w->in_c));
        if (!gemm_agrees(t, &l, cpu)) return;
    }
    bench_gemm(t, cpu, 14, 576, 96);
    bench_gemm(t, cpu, 56, 24, 144);
}

/* A filter of many more taps than the picture has pixels: scratch is in proportion to the filter at most. */
void check_gemm_f32_scratch(check *t, unsigned cpu)
{
    enum { SIDE = 1024 };
    check_name(t, "gemm_f32");
    crl_pile pile = { 0 };
    float *filter = calloc((size_t)SIDE * SIDE, sizeof *filter);
    const crl_gemm_f32_spec spec = { .window = { 1, 1, 1, 1, 1, 1, 1, SIDE, SIDE, 1, 1, 1, 1, SIDE / 2, SIDE / 2 },
                                     .filter = filter, .max = 1, .pile = &pile };
    crl_gemm_f32 *g;
    if (filter && !crl_gemm_f32_new(&g, &spec, cpu, NULL))
        check_that(t, crl_gemm_f32_scratch_bytes(g) <= (size_t)SIDE * SIDE * 2 * sizeof(void *), "%zu bytes of scratch",
                   crl_gemm_f32_scratch_bytes(g));
    crl_pile_free(&pile);
    free(filter);
}

void check_dw_f32(check *t, unsigned cpu)
{
    crl_dw_f32_kernels k;
    crl_dw_f32_kernels_init(&k, cpu, INT32_MAX);
    if (!k.run || !check_variant(t, k.run, k.name)) return;
    for (int round = 0; round < check_rounds(t, 400); round++) {
        check_release(t);
        layer l = { 0 };
        crl_window *w = &l.conv.window;
        if (!check_random_window(t, w)) continue;
        const int32_t multiplier = check_range(t, 0, 1) ? 1 : check_range(t, 2, 9);
        if (multiplier > 1) w->in_c = check_range(t, 0, 1) ? 1 : check_range(t, 2, 20);
        w->out_c = w->in_c * multiplier;
        crl_dw_f32_kernels_init(&k, cpu, w->out_c);
        if (!k.run) continue;
        l.conv.groups = w->in_c;
        fill_layer(t, &l, (size_t)(w->filter_h * w->filter_w) * (size_t)w->out_c);
        float *want = check_guarded(t, l.n_out * sizeof *want), *got = check_guarded(t, l.n_out * sizeof *got);
        const crl_dw_f32 d = { .window = *w, .filter = l.filter, .bias = l.bias, .min = l.conv.min_f32, .max = l.conv.max_f32,
                               .finite = check_range(t, 0, 7) > 0 };
        const int32_t rows = w->batch * w->out_h, row = check_range(t, 0, rows);
        crl_depthwise_f32_ref(want, l.in, l.filter, l.bias, &l.conv);
        k.run(got, l.in, &d, row, rows);
        k.run(got, l.in, &d, 0, row);
        if (!agree(t, &l, want, got)) return;
    }
}

void check_pool_f32(check *t, unsigned cpu)
{
    crl_pool_f32_kernels k;
    crl_pool_f32_kernels_init(&k, cpu, INT32_MAX);
    if (!k.name || !check_variant(t, k.max, k.name)) return;
    for (int round = 0; round < check_rounds(t, 400); round++) {
        check_release(t);
        layer l = { 0 };
        crl_window *w = &l.conv.window;
        if (!check_random_window(t, w)) continue;
        w->out_c = w->in_c;
        w->dilation_h = w->dilation_w = 1;
        crl_pool_f32_kernels_init(&k, cpu, w->out_c);
        /* Every window has a tap inside the picture. */
        if (!k.name || w->pad_top >= w->filter_h || w->pad_left >= w->filter_w ||
            (w->out_h - 1) * w->stride_h - w->pad_top >= w->in_h || (w->out_w - 1) * w->stride_w - w->pad_left >= w->in_w)
            continue;
        fill_layer(t, &l, 1);
        const crl_pool2d p = { .window = *w, .min_f32 = l.conv.min_f32, .max_f32 = l.conv.max_f32 };
        float *want = check_guarded(t, l.n_out * sizeof *want), *got = check_guarded(t, l.n_out * sizeof *got);
        const int32_t rows = w->batch * w->out_h, row = check_range(t, 0, rows);
        const bool max = check_range(t, 0, 1);
        (max ? crl_max_pool_f32_ref : crl_average_pool_f32_ref)(want, l.in, &p);
        (max ? k.max : k.average)(got, l.in, &p, row, rows);
        (max ? k.max : k.average)(got, l.in, &p, 0, row);
        if (!agree(t, &l, want, got)) return;
    }
}

void check_resize_f32(check *t, unsigned cpu)
{
    crl_resize_f32_kernels k;
    crl_resize_f32_kernels_init(&k, cpu, INT32_MAX);
    if (!k.name || !check_variant(t, k.bilinear, k.name)) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        check_release(t);
        const int kind = check_range(t, 0, 2);
        const crl_resize r = { .batch = check_range(t, 1, 2), .channels = check_range(t, 4, 70), .in_h = check_range(t, 1, 6),
                               .in_w = check_range(t, 1, 6), .out_h = check_range(t, 1, 12), .out_w = check_range(t, 1, 12),
                               .align_corners = kind == 1, .half_pixel_centers = kind == 2 };
        crl_resize_f32_kernels_init(&k, cpu, r.channels);
        if (!k.name) continue;
        const size_t n = (size_t)(r.batch * r.out_h * r.out_w * r.channels);
        const float *in = floats(t, (size_t)(r.batch * r.in_h * r.in_w * r.channels));
        float *want = check_guarded(t, n * sizeof *want), *got = check_guarded(t, n * sizeof *got);
        crl_resize_at_f32 *x = check_guarded(t, (size_t)r.out_w * sizeof *x);
        for (int32_t i = 0; i < r.out_w; i++) x[i] = crl_resize_find_f32(i, r.in_w, r.out_w, &r);
        const int32_t rows = r.batch * r.out_h, row = check_range(t, 0, rows);
        crl_resize_bilinear_f32_ref(want, in, &r);
        k.bilinear(got, in, &r, x, row, rows);
        k.bilinear(got, in, &r, x, 0, row);
        if (!check_equal(t, want, got, n * sizeof *got, "%dx%dx%dx%d -> %dx%d, kind %d", r.batch, r.in_h, r.in_w, r.channels, r.out_h,
                         r.out_w, kind))
            return;
    }
}

void check_map_f32(check *t, unsigned cpu)
{
    const char *name;
    crl_map_f32_fn *map = crl_map_f32_of(cpu, &name);
    if (!map || !check_variant(t, map, name)) return;
    static const float odd[] = { 0, -0.0f, INFINITY, -INFINITY, NAN, -1, 1, 6 };
    for (int round = 0; round < check_rounds(t, 300); round++) {
        check_release(t);
        const size_t n = (size_t)check_range(t, 0, 70);
        float *in = floats(t, n), *want = check_guarded(t, n * sizeof *want), *got = check_guarded(t, n * sizeof *got);
        for (size_t i = 0; i < n; i++)
            if (check_range(t, 0, 9) == 0) in[i] = odd[check_range(t, 0, 7)];
        const float alpha = ldexpf((float)check_range(t, -1000, 1000), -10);
        const crl_map_f32 maps[] = { { CRL_MAP_CLAMP, 0, INFINITY, 0 }, { CRL_MAP_CLAMP, 0, 6, 0 }, { CRL_MAP_CLAMP, -1, 1, 0 },
                                     { CRL_MAP_NEG, 0, 0, 0 },          { CRL_MAP_ABS, 0, 0, 0 },       { CRL_MAP_SQUARE, 0, 0, 0 },
                                     { CRL_MAP_ROOT, 0, 0, 0 },         { CRL_MAP_RSQRT, 0, 0, 0 },     { CRL_MAP_LEAKY, 0, 0, alpha },
                                     { CRL_MAP_SWISH, 0, 0, 0 } };
        crl_unary_f32 *const definitions[] = { crl_relu_f32, crl_relu6_f32, crl_relu_n1_to_1_f32, crl_neg_f32,
                                               fabsf,        crl_square_f32, sqrtf,               crl_rsqrt_f32 };
        const int which = check_range(t, 0, 9);
        if (which == 8)
            crl_leaky_relu_f32_ref(want, in, n, alpha);
        else if (which == 9)
            crl_hard_swish_f32_ref(want, in, n);
        else
            crl_unary_f32_ref(want, in, n, definitions[which]);
        map(got, in, n, &maps[which]);
        if (!check_equal(t, want, got, n * sizeof *got, "function %d of %zu numbers, alpha %g", which, n, (double)alpha)) return;
    }
}
