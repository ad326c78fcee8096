/* SPDX-License-Identifier: Apache-2.0 */
/* Packed depthwise convolution at every level against depthwise.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "check.h"
#include "checks.h"
#include "kernels/depthwise.h"
#include "kernels/dwpack.h"

/* A layer and the definition's view of it: uint8 filter with filter_zero. */
typedef struct layer {
    crl_conv conv;
    crl_dwpack_spec spec;
    crl_requant_range *range;
    uint8_t *filter, *in, *want, *got;
    size_t in_n, out_n;
} layer;

static void draw_window(check *t, crl_window *w)
{
    static const int32_t channels[] = { 1, 3, 8, 16, 24, 32, 40, 48, 64, 72, 80, 96, 100, 144, 160, 192 };
    w->batch = 1;
    w->in_c = w->out_c = channels[check_range(t, 0, 15)];
    w->filter_h = check_range(t, 0, 2) ? 3 : check_range(t, 1, 7);
    w->filter_w = check_range(t, 0, 2) ? 3 : check_range(t, 1, 7);
    if (check_range(t, 0, 3) == 0) w->filter_h = w->filter_w = 5;
    w->stride_h = w->stride_w = check_range(t, 1, 2);
    if (check_range(t, 0, 9) == 0) w->stride_h = check_range(t, 1, 3);
    w->dilation_h = w->dilation_w = 1;
    if (check_range(t, 0, 4) == 0) w->dilation_h = w->dilation_w = check_range(t, 1, 4);
    w->in_h = check_range(t, 1, 12);
    w->in_w = check_range(t, 1, 20);
    const int32_t eff_h = (w->filter_h - 1) * w->dilation_h + 1, eff_w = (w->filter_w - 1) * w->dilation_w + 1;
    const bool same = check_range(t, 0, 3) || eff_h > w->in_h || eff_w > w->in_w;
    w->out_h = same ? (w->in_h + w->stride_h - 1) / w->stride_h : (w->in_h - eff_h) / w->stride_h + 1;
    w->out_w = same ? (w->in_w + w->stride_w - 1) / w->stride_w : (w->in_w - eff_w) / w->stride_w + 1;
    const int32_t need_h = (w->out_h - 1) * w->stride_h + eff_h - w->in_h, need_w = (w->out_w - 1) * w->stride_w + eff_w - w->in_w;
    w->pad_top = same && need_h > 0 ? need_h / 2 : 0;
    w->pad_left = same && need_w > 0 ? need_w / 2 : 0;
}

static uint8_t within_u8(int32_t w)
{
    return (uint8_t)(w < 0 ? 0 : w > 255 ? 255 : w);
}

/* Channels that want to be summed in different ways: blobs of one sign, and a single weight of about 128. */
static void draw_mixture(check *t, uint8_t *filter, size_t taps, size_t channels, int32_t zero)
{
    for (size_t c = 0; c < channels; c++) {
        const int32_t end = check_range(t, 0, 1) ? check_range(t, 28, 44) : check_range(t, 0, 4);
        for (size_t k = 0; k < taps; k++) filter[k * channels + c] = within_u8(zero + end - check_range(t, 0, 3));
        const size_t k = (size_t)check_range(t, 0, (int32_t)taps - 1);
        if (end <= 4) filter[k * channels + c] = within_u8(zero + check_range(t, 120, 130));
    }
}

/* Any weights; or small ones, often all of the most that a level adds in 16 bits or just beyond. */
static void draw_filter(check *t, uint8_t *filter, size_t taps, size_t channels, int32_t zero)
{
    static const int32_t ends[] = { 1, 14, 28, 29, 42, 43, 64, 85, 86, 126, 127, 128 };
    const size_t n = taps * channels;
    check_fill_edgy_u8(t, filter, n);
    if (check_range(t, 0, 2) == 0) return;
    const int32_t end = ends[check_range(t, 0, 11)], kind = check_range(t, 0, 4);
    if (kind == 4) draw_mixture(t, filter, taps, channels, zero);
    for (size_t i = 0; i < n && kind < 4; i++)
        filter[i] = within_u8(zero + (kind == 0 ? end : kind == 1 ? -end : check_edgy(t, -end, end)));
}

static void draw_layer(check *t, layer *l)
{
    memset(l, 0, sizeof *l);
    crl_window *w = &l->conv.window;
    draw_window(t, w);
    const size_t n = (size_t)w->out_c, taps = (size_t)(w->filter_h * w->filter_w);
    l->conv.groups = w->in_c;
    l->conv.in_zero = check_edgy(t, 0, 255);
    l->conv.filter_zero = check_range(t, 0, 2) ? 128 : check_range(t, 1, 254);
    crl_requant *q = &l->conv.out;
    q->zero_point = check_edgy(t, 0, 255);
    q->min = check_range(t, 0, 1) ? q->zero_point : check_range(t, 0, q->zero_point);
    q->max = check_range(t, q->min, 255);
    l->filter = check_guarded(t, taps * n);
    draw_filter(t, l->filter, taps, n, l->conv.filter_zero);
    int16_t *weights = check_guarded(t, taps * n * 2);
    for (size_t i = 0; i < taps * n; i++) weights[i] = (int16_t)(l->filter[i] - l->conv.filter_zero);
    int32_t *bias = check_guarded(t, n * 4);
    crl_scale *scale = check_guarded(t, n * sizeof *scale);
    float *single = check_guarded(t, n * sizeof *single);
    for (size_t c = 0; c < n; c++) {
        bias[c] = check_range(t, -60000, 60000);
        scale[c] = (crl_scale){ check_edgy(t, 1 << 30, INT32_MAX), check_range(t, 0, 9) ? check_range(t, -12, -6) : check_range(t, -20, 1) };
        single[c] = ldexpf((float)scale[c].mult, scale[c].shift - 31);
    }
    if (check_range(t, 0, 4))
        q->scale = scale;
    else
        q->single = single;
    l->in_n = (size_t)w->in_h * (size_t)w->in_w * n;
    l->out_n = (size_t)w->out_h * (size_t)w->out_w * n;
    l->in = check_guarded(t, l->in_n);
    check_fill_edgy_u8(t, l->in, l->in_n);
    l->want = check_guarded(t, l->out_n);
    l->got = check_guarded(t, l->out_n);
    memcpy(l->got, l->want, l->out_n);
    l->spec = (crl_dwpack_spec){ *w, l->conv.in_zero, weights, bias,
                                 *q, check_guarded(t, n * sizeof(crl_requant_proof)) };
    l->range = check_guarded(t, n * sizeof(crl_requant_range));
}

static bool same_as_definition(check *t, layer *l, const crl_dwpack_kernels *k, const crl_requant_kernels *rk)
{
    const crl_window *w = &l->spec.window;
    if (!crl_dwpack_takes(&l->spec, l->range)) return true;
    crl_requant_prove((crl_requant_proof *)(uintptr_t)l->spec.proof, &l->spec.requant, (size_t)w->out_c, l->range, rk, NULL);
    void *packed = crl_alloc_aligned(k->packed_bytes(&l->spec)), *scratch = crl_alloc_aligned(k->scratch_bytes(&l->spec));
    k->pack(packed, &l->spec);
    const int32_t middle = check_range(t, 0, w->out_h);
    k->run(packed, l->got, l->in, middle, w->out_h, scratch);
    k->run(packed, l->got, l->in, 0, middle, scratch);
    crl_free(packed);
    crl_free(scratch);
    crl_depthwise_u8_ref(l->want, l->in, l->filter, l->spec.bias, &l->conv);
    return check_equal(t, l->want, l->got, l->out_n, "%dx%dx%d filter %dx%d stride %d,%d dilation %d pad %d,%d zero %d rows from %d",
                       w->in_h, w->in_w, w->in_c, w->filter_h, w->filter_w, w->stride_h, w->stride_w, w->dilation_h,
                       w->pad_top, w->pad_left, l->spec.in_zero, middle);
}

/* Every third channel without a scale, and a bias that sends its sums beyond 32 bits: such layers are taken. */
static void silent_channels(check *t, const crl_dwpack_kernels *k, const crl_requant_kernels *rk)
{
    layer l;
    draw_layer(t, &l);
    const crl_requant *q = &l.spec.requant;
    if (!q->scale || !crl_dwpack_takes(&l.spec, l.range)) return;
    for (int32_t c = 0; c < l.spec.window.out_c; c += 3) {
        ((crl_scale *)(uintptr_t)q->scale)[c] = (crl_scale){ 0, 0 };
        ((int32_t *)(uintptr_t)l.spec.bias)[c] = check_range(t, 0, 1) ? INT32_MAX : -INT32_MAX;
    }
    check_that(t, crl_dwpack_takes(&l.spec, l.range), "silent channels");
    same_as_definition(t, &l, k, rk);
}

/* Every third channel with a filter of 0 and a bias at an end of int32, as converters write it for dead channels. */
static void dead_channels(check *t, const crl_dwpack_kernels *k, const crl_requant_kernels *rk)
{
    layer l;
    draw_layer(t, &l);
    const crl_requant *q = &l.spec.requant;
    if (!q->scale || !crl_dwpack_takes(&l.spec, l.range)) return;
    const size_t n = (size_t)l.spec.window.out_c, taps = (size_t)l.spec.window.filter_h * (size_t)l.spec.window.filter_w;
    for (size_t c = 0; c < n; c += 3) {
        ((crl_scale *)(uintptr_t)q->scale)[c] = (crl_scale){ 1 << 30, check_range(t, -30, -26) };
        ((int32_t *)(uintptr_t)l.spec.bias)[c] = check_range(t, 0, 1) ? INT32_MAX : INT32_MIN;
        for (size_t i = c; i < taps * n; i += n) {
            l.filter[i] = (uint8_t)l.conv.filter_zero;
            ((int16_t *)(uintptr_t)l.spec.weights)[i] = 0;
        }
    }
    check_that(t, crl_dwpack_takes(&l.spec, l.range), "dead channels");
    same_as_definition(t, &l, k, rk);
}

static void bench(check *t, const char *name, const crl_dwpack_kernels *k, const crl_requant_kernels *rk,
                  int32_t size, int32_t channels, int32_t stride)
{
    const size_t n = (size_t)channels, in_n = (size_t)(size * size) * n;
    const int32_t out = (size + stride - 1) / stride;
    int16_t *weights = calloc(9 * n, 2);
    int32_t *bias = calloc(n, 4);
    crl_scale *scale = calloc(n, sizeof *scale);
    crl_requant_range *range = calloc(n, sizeof *range);
    crl_requant_proof *proof = calloc(n, sizeof *proof);
    uint8_t *in = calloc(in_n, 1), *result = calloc(in_n, 1);
    for (size_t i = 0; i < 9 * n; i++) weights[i] = (int16_t)check_range(t, -100, 100);
    for (size_t c = 0; c < n; c++) scale[c] = (crl_scale){ 1500000000, -8 };
    crl_dwpack_spec s = { { 1, size, size, channels, out, out, channels, 3, 3, stride, stride, 1, 1, 2 - stride, 2 - stride },
                          0, weights, bias, { scale, NULL, 0, 0, 255 }, proof };
    crl_dwpack_takes(&s, range);
    crl_requant_prove(proof, &s.requant, n, range, rk, NULL);
    void *packed = crl_alloc_aligned(k->packed_bytes(&s)), *scratch = crl_alloc_aligned(k->scratch_bytes(&s));
    k->pack(packed, &s);
    check_name(t, name);
    check_bench(t, (size_t)(out * out) * n, k->run(packed, result, in, 0, out, scratch));
    free(weights), free(bias), free(scale), free(range), free(proof), free(in), free(result), crl_free(packed), crl_free(scratch);
}

void check_dwpack(check *t, unsigned cpu)
{
    crl_dwpack_kernels k;
    crl_requant_kernels rk;
    crl_dwpack_kernels_init(&k, cpu);
    crl_requant_kernels_init(&rk, cpu);
    if (!k.name || !check_variant(t, k.run, "dwpack")) return;
    for (int round = 0; round < check_rounds(t, 1500); round++) {
        check_release(t);
        layer l;
        draw_layer(t, &l);
        if (!same_as_definition(t, &l, &k, &rk)) return;
        if (round % 20 == 0) silent_channels(t, &k, &rk);
        if (round % 20 == 10) dead_channels(t, &k, &rk);
    }
    bench(t, "dwpack 112x112x32/1", &k, &rk, 112, 32, 1);
    bench(t, "dwpack 112x112x96/2", &k, &rk, 112, 96, 2);
    bench(t, "dwpack 56x56x144/1", &k, &rk, 56, 144, 1);
    bench(t, "dwpack 28x28x192/1", &k, &rk, 28, 192, 1);
    bench(t, "dwpack 14x14x384/1", &k, &rk, 14, 384, 1);
    bench(t, "dwpack 14x14x576/2", &k, &rk, 14, 576, 2);
    bench(t, "dwpack 7x7x960/1", &k, &rk, 7, 960, 1);
}
