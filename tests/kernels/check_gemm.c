/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of the gemm family against the definition: windows of all shapes, saturating rows, every tail, any
 * split of the work, all in guarded memory. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "check.h"
#include "checks.h"
#include "kernels/gemm.h"

/* A layer, its input, and where its output goes. */
typedef struct layer {
    crl_gemm_spec spec;
    const uint8_t *in;
    size_t n_out;
} layer;

static int32_t weight(const crl_gemm_spec *s, size_t at)
{
    return (s->filter_signed ? ((const int8_t *)s->filter)[at] : ((const uint8_t *)s->filter)[at]) - s->filter_zero;
}

/* The accumulator of one output, from the formula in gemm.h. */
static int32_t accumulate(const layer *l, int32_t b, int32_t y, int32_t x, int32_t o)
{
    const crl_gemm_spec *s = &l->spec;
    const crl_window *w = &s->window;
    const crl_taps ty = crl_window_taps_y(w, y), tx = crl_window_taps_x(w, x);
    uint32_t acc = s->bias ? (uint32_t)s->bias[o] : 0;
    for (int32_t fy = ty.first; fy < ty.end; fy++)
        for (int32_t fx = tx.first; fx < tx.end; fx++)
            for (int32_t c = 0; c < w->in_c; c++) {
                const size_t at = (size_t)(((o * w->filter_h + fy) * w->filter_w + fx) * w->in_c + c);
                const uint8_t *pixel =
                    l->in + crl_window_in(w, b, ty.origin + fy * w->dilation_h, tx.origin + fx * w->dilation_w);
                acc += (uint32_t)((pixel[c] - s->in_zero) * weight(s, at));
            }
    return (int32_t)acc;
}

static void define(uint8_t *out, const layer *l)
{
    const crl_window *w = &l->spec.window;
    for (int32_t b = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++)
                    *out++ = crl_requant_u8_ref(accumulate(l, b, y, x, o), &l->spec.requant, (size_t)o);
}

/* Weights as trained models have them (small, few large), or the worst there are. */
static void fill_filter(check *t, uint8_t *filter, size_t n, bool is_signed, int32_t zero)
{
    const int32_t lo = is_signed ? -128 : 0, hi = lo + 255, kind = check_range(t, 0, 3);
    for (size_t i = 0; i < n; i++) {
        int32_t v = zero + (check_range(t, -60, 60) * check_range(t, -60, 60)) / 60;
        if (kind == 0 || check_range(t, 0, 200) == 0) v = check_edgy(t, lo, hi);
        if (kind == 1) v = lo;
        filter[i] = (uint8_t)(v < lo ? lo : v > hi ? hi : v);
    }
}

/* Scales that spread the accumulators over some 300 outputs, so that all of the clamp's range occurs. */
static void fit_requant(check *t, layer *l, double reach, bool per_channel, bool real)
{
    crl_requant *q = &l->spec.requant;
    const size_t n = (size_t)l->spec.window.out_c;
    crl_scale *scale = check_guarded(t, n * sizeof *scale);
    double *reals = check_guarded(t, n * sizeof *reals);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || per_channel)
            reals[i] = 300 / (reach + 1) * ldexp(check_range(t, 1 << 20, 1 << 22), -21);
        else
            reals[i] = reals[0];
        scale[i] = crl_scale_from_real(reals[i]);
    }
    q->scale = real ? NULL : scale;
    q->real = real ? reals : NULL;
    q->zero_point = check_edgy(t, 0, 255);
    q->min = check_range(t, 0, 1) ? q->zero_point : 0;
    q->max = check_range(t, 0, 2) ? 255 : check_range(t, q->min, 255);
}

static void fill_layer(check *t, layer *l)
{
    crl_gemm_spec *s = &l->spec;
    const crl_window *w = &s->window;
    const size_t length = (size_t)(w->filter_h * w->filter_w * w->in_c), n_in = crl_window_in(w, w->batch, 0, 0);
    s->filter_signed = check_range(t, 0, 1);
    s->filter_zero = s->filter_signed ? 0 : check_edgy(t, 0, 255);
    s->in_zero = check_edgy(t, 0, 255);
    uint8_t *filter = check_guarded(t, (size_t)w->out_c * length), *in = check_guarded(t, n_in);
    fill_filter(t, filter, (size_t)w->out_c * length, s->filter_signed, s->filter_zero);
    if (check_range(t, 0, 1)) check_fill_edgy_u8(t, in, n_in);
    if (check_range(t, 0, 5) == 0) memset(in, 255, n_in);
    int32_t *bias = check_guarded(t, (size_t)w->out_c * sizeof *bias);
    const int32_t reach = (int32_t)(sqrt((double)length) * 4000);
    for (int32_t i = 0; i < w->out_c; i++) bias[i] = check_range(t, -reach / 4, reach / 4);
    s->filter = filter;
    s->bias = check_range(t, 0, 7) ? bias : NULL;
    l->in = in;
    l->n_out = crl_window_out(w, w->batch, 0, 0);
    fit_requant(t, l, reach, check_range(t, 0, 1), check_range(t, 0, 5) == 0);
}

/* The outputs of a window along one axis, as many as fit without asking for more than `pad` at the end. */
static int32_t outputs(int32_t in, int32_t filter, int32_t dilation, int32_t stride, int32_t pad)
{
    const int32_t span = (filter - 1) * dilation + 1;
    return (in + pad - span) / stride + 1;
}

static bool random_window(check *t, crl_window *w)
{
    *w = (crl_window){ .batch = check_range(t, 0, 3) ? 1 : check_range(t, 2, 3) };
    w->out_c = check_range(t, 0, 3) ? check_range(t, 1, 70) : check_range(t, 71, 200);
    switch (check_range(t, 0, 3)) {
    case 0: /* 1 x 1 */
        w->in_h = check_range(t, 1, 9);
        w->in_w = check_range(t, 1, 14);
        w->in_c = check_range(t, 0, 1) ? 4 * check_range(t, 1, 40) : check_range(t, 1, 170);
        w->filter_h = w->filter_w = w->stride_h = w->stride_w = w->dilation_h = w->dilation_w = 1;
        break;
    default:
        w->in_h = check_range(t, 1, 12);
        w->in_w = check_range(t, 1, 16);
        w->in_c = check_range(t, 0, 2) ? check_range(t, 1, 5) : check_range(t, 6, 40);
        w->filter_h = check_range(t, 1, 5);
        w->filter_w = check_range(t, 1, 5);
        w->stride_h = check_range(t, 1, 3);
        w->stride_w = check_range(t, 1, 3);
        w->dilation_h = check_range(t, 0, 2) ? 1 : check_range(t, 2, 4);
        w->dilation_w = check_range(t, 0, 2) ? 1 : check_range(t, 2, 4);
        w->pad_top = check_range(t, 0, w->filter_h);
        w->pad_left = check_range(t, 0, w->filter_w);
    }
    const int32_t pad_h = w->pad_top + check_range(t, 0, w->filter_h - 1);
    const int32_t pad_w = w->pad_left + check_range(t, 0, w->filter_w - 1);
    w->out_h = outputs(w->in_h, w->filter_h, w->dilation_h, w->stride_h, pad_h);
    w->out_w = outputs(w->in_w, w->filter_w, w->dilation_w, w->stride_w, pad_w);
    return w->out_h > 0 && w->out_w > 0;
}

/* The work in random rectangles, in any order; the rest of the output must stay as it is. */
static void run_split(check *t, const crl_gemm *g, uint8_t *out, const uint8_t *in, void *scratch)
{
    const int32_t rows = crl_gemm_rows(g), panels = crl_gemm_panels(g);
    const int32_t row = check_range(t, 0, rows), panel = check_range(t, 0, panels);
    crl_gemm_run(g, out, in, row, rows, panel, panels, scratch);
    crl_gemm_run(g, out, in, 0, row, 0, panels, scratch);
    crl_gemm_run(g, out, in, row, rows, 0, panel, scratch);
}

static bool layer_agrees(check *t, unsigned cpu, const layer *l)
{
    const crl_window *w = &l->spec.window;
    crl_gemm *g;
    crl_error err;
    const crl_status s = crl_gemm_new(&g, &l->spec, cpu, &err);
    if (s == CRL_ERR_UNSUPPORTED) return true;
    if (!check_that(t, s == CRL_OK, "%s", err.text)) return false;
    uint8_t *want = check_guarded(t, l->n_out), *got = check_guarded(t, l->n_out);
    uint8_t *scratch = check_guarded(t, (crl_gemm_scratch_bytes(g) + 7) / 8 * 8);
    define(want, l);
    if (check_range(t, 0, 1))
        crl_gemm_run(g, got, l->in, 0, crl_gemm_rows(g), 0, crl_gemm_panels(g), scratch);
    else
        run_split(t, g, got, l->in, scratch);
    const bool ok = check_equal(
        t, want, got, l->n_out, "%dx%dx%dx%d -> %dx%dx%d filter %dx%d stride %d,%d dilation %d,%d pad %d,%d %s zero %d",
        w->batch, w->in_h, w->in_w, w->in_c, w->out_h, w->out_w, w->out_c, w->filter_h, w->filter_w, w->stride_h,
        w->stride_w, w->dilation_h, w->dilation_w, w->pad_top, w->pad_left, l->spec.filter_signed ? "s8" : "u8",
        l->spec.filter_zero);
    crl_gemm_free(g);
    return ok;
}

static void bench_layer(check *t, unsigned cpu, int32_t size, int32_t in_c, int32_t out_c)
{
    layer l = { .spec.window = { 1, size, size, in_c, size, size, out_c, 1, 1, 1, 1, 1, 1, 0, 0 } };
    fill_layer(t, &l);
    crl_gemm *g;
    if (crl_gemm_new(&g, &l.spec, cpu, NULL)) return;
    uint8_t *out = check_guarded(t, l.n_out), *scratch = check_guarded(t, (crl_gemm_scratch_bytes(g) + 7) / 8 * 8);
    check_bench(t, crl_gemm_macs(g), crl_gemm_run(g, out, l.in, 0, size * size, 0, crl_gemm_panels(g), scratch));
    crl_gemm_free(g);
}

void check_gemm(check *t, unsigned cpu)
{
    layer l = { .spec.window = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 } };
    fill_layer(t, &l);
    crl_gemm *g;
    if (crl_gemm_new(&g, &l.spec, cpu, NULL)) return;
    const char *isa = crl_gemm_isa(g);
    crl_gemm_free(g);
    if (!check_variant(t, (void (*)(void))(uintptr_t)isa, "gemm_u8")) return;
    for (int round = 0; round < 1000; round++) {
        if (!random_window(t, &l.spec.window)) continue;
        fill_layer(t, &l);
        if (!layer_agrees(t, cpu, &l)) return;
    }
    bench_layer(t, cpu, 14, 576, 96);
    bench_layer(t, cpu, 56, 24, 144);
}
