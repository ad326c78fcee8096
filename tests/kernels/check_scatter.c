/* SPDX-License-Identifier: Apache-2.0 */
/* Transposed convolutions of floats with weights of 8 bits: every level against the definition. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/scatter.h"
#include "kernels/transpose_conv.h"

typedef struct layer {
    crl_conv_hybrid conv;
    const float *in, *bias; /* bias NULL: none */
    size_t n_in, n_out;
} layer;

static float *floats(check *t, size_t n, int size)
{
    float *x = check_guarded(t, n * sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = ldexpf((float)check_range(t, -1000, 1000), check_range(t, size - 3, size));
    return x;
}

/* Windows that slide over the output, and inputs of which none, half or all are 0. */
static void fill(check *t, layer *l, int32_t most_channels)
{
    const int32_t fh = check_range(t, 1, 5), fw = check_range(t, 1, 5), sh = check_range(t, 1, 3), sw = check_range(t, 1, 3);
    crl_window *w = &l->conv.conv.window;
    *w = (crl_window){ .batch = 1, .in_h = check_range(t, 1, 5), .in_w = check_range(t, 1, 6), .in_c = check_range(t, 1, most_channels),
                       .out_c = check_range(t, 0, 2) ? check_range(t, 1, 20) : 16 * check_range(t, 1, 6), .filter_h = fh, .filter_w = fw,
                       .stride_h = sh, .stride_w = sw, .dilation_h = 1, .dilation_w = 1, .pad_top = check_range(t, 0, fh - 1),
                       .pad_left = check_range(t, 0, fw - 1) };
    /* A few more than are seen, or fewer. */
    w->out_h = (w->in_h - 1) * sh + fh - w->pad_top + check_range(t, -1, 2);
    w->out_w = (w->in_w - 1) * sw + fw - w->pad_left + check_range(t, -1, 2);
    if (w->out_h < 1) w->out_h = 1;
    if (w->out_w < 1) w->out_w = 1;
    l->n_in = crl_window_in(w, 1, 0, 0);
    l->n_out = crl_window_out(w, 1, 0, 0);
    float *in = floats(t, l->n_in, -8);
    const int zeros = check_range(t, 0, 3);
    for (size_t i = 0; i < l->n_in; i++)
        if (zeros > 2 || (zeros && in[i] < 0)) in[i] = 0;
    l->in = in;
    l->bias = check_range(t, 0, 3) ? floats(t, (size_t)w->out_c, -6) : NULL;
    const size_t weights = (size_t)(w->filter_h * w->filter_w) * (size_t)w->in_c * (size_t)w->out_c;
    int8_t *filter = check_guarded(t, weights);
    for (size_t i = 0; i < weights; i++) filter[i] = (int8_t)check_range(t, -128, 127);
    float *scale = floats(t, (size_t)w->out_c, -12);
    l->conv.filter = (crl_hybrid_matrix){ .weights = filter, .scale = scale[0], .row_scale = check_range(t, 0, 3) ? scale : NULL };
    l->conv.asymmetric = true;
    l->conv.conv.min_f32 = check_range(t, 0, 1) ? 0 : -INFINITY;
    l->conv.conv.max_f32 = check_range(t, 0, 1) ? 6 : INFINITY;
}

static crl_status make(crl_scatter **s, const layer *l, crl_pile *pile, unsigned cpu)
{
    const crl_scatter_spec spec = { .window = l->conv.conv.window, .filter = &l->conv.filter, .bias = l->bias, .min = l->conv.conv.min_f32,
                                    .max = l->conv.conv.max_f32, .pile = pile };
    return crl_scatter_new(s, &spec, cpu, NULL);
}

static float *whole_numbers(check *t, const layer *l, unsigned cpu, float *scale)
{
    crl_hybrid_kernels k;
    crl_hybrid_kernels_init(&k, cpu);
    const crl_hybrid_scale s = crl_hybrid_find_scale(&k, l->in, l->n_in, true);
    float *whole = check_guarded(t, l->n_in * sizeof *whole);
    k.whole(whole, l->in, l->n_in, &s);
    *scale = s.scale;
    return whole;
}

static bool agrees(check *t, const layer *l, const crl_scatter *s, unsigned cpu)
{
    const crl_window *w = &l->conv.conv.window;
    float *want = check_guarded(t, l->n_out * sizeof *want), *got = check_guarded(t, l->n_out * sizeof *got), scale;
    crl_transpose_conv_hybrid_ref(want, l->in, l->bias, &l->conv, check_guarded(t, l->n_in));
    const float *whole = whole_numbers(t, l, cpu, &scale);
    void *scratch = check_guarded(t, crl_size_align(crl_scatter_scratch_bytes(s), 64));
    const int32_t row = check_range(t, 0, w->out_h);
    crl_scatter_run(s, got, whole, scale, row, w->out_h, scratch);
    crl_scatter_run(s, got, whole, scale, 0, row, scratch);
    return check_equal(t, want, got, l->n_out * sizeof *got, "%dx%dx%d -> %dx%dx%d filter %dx%d stride %d,%d pad %d,%d", w->in_h, w->in_w,
                       w->in_c, w->out_h, w->out_w, w->out_c, w->filter_h, w->filter_w, w->stride_h, w->stride_w, w->pad_top, w->pad_left);
}

/* The third of four of a U-Net: 8 million products. */
static void bench(check *t, unsigned cpu)
{
    layer l;
    fill(t, &l, 1);
    l.conv.conv.window = (crl_window){ 1, 32, 32, 64, 64, 64, 32, 2, 2, 2, 2, 1, 1, 0, 0 };
    const crl_window *w = &l.conv.conv.window;
    l.n_in = crl_window_in(w, 1, 0, 0);
    l.bias = NULL;
    float *in = floats(t, l.n_in, -8), scale;
    for (size_t i = 0; i < l.n_in; i++) in[i] = in[i] < 0 ? 0 : in[i];
    l.in = in;
    l.conv.filter = (crl_hybrid_matrix){ .weights = check_guarded(t, 4 * 64 * 32), .scale = 1 };
    crl_pile pile = { 0 };
    crl_scatter *s;
    if (make(&s, &l, &pile, cpu)) return;
    float *out = check_guarded(t, crl_window_out(w, 1, 0, 0) * sizeof *out), *whole = whole_numbers(t, &l, cpu, &scale);
    void *scratch = check_guarded(t, crl_size_align(crl_scatter_scratch_bytes(s), 64));
    check_bench(t, l.n_in * 4 * 32 / 1000, crl_scatter_run(s, out, whole, scale, 0, 64, scratch));
    crl_pile_free(&pile);
}

void check_scatter(check *t, unsigned cpu)
{
    bool named = false;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        check_release(t);
        layer l;
        fill(t, &l, check_range(t, 0, 3) ? 40 : 4);
        crl_pile pile = { 0 };
        crl_scatter *s;
        if (make(&s, &l, &pile, cpu)) return;
        if (!named) check_name(t, crl_scatter_name(s));
        named = true;
        const bool ok = agrees(t, &l, s, cpu);
        crl_pile_free(&pile);
        if (!ok) return;
    }
    bench(t, cpu);
    layer odd;
    fill(t, &odd, 4);
    odd.conv.filter.row_scale = NULL;
    odd.conv.filter.scale = INFINITY;
    crl_pile pile = { 0 };
    crl_scatter *s;
    check_that(t, make(&s, &odd, &pile, cpu) == CRL_ERR_UNSUPPORTED, "an endless scale: 0 times it is no 0");
    crl_pile_free(&pile);
}
