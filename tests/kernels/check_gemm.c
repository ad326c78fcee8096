/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of the gemm family against the definition: windows of all shapes, saturating rows, every tail, any
 * split of the work, all in guarded memory. */
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "check.h"
#include "checks.h"
#include "kernels/conv.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm.h"
#include "kernels/gemm_panel.h"
#include "kernels/move.h"
#include "windows.h"

/* A layer, its input, and where its output goes. */
typedef struct layer {
    crl_gemm_spec spec;
    const uint8_t *in;
    size_t n_in, n_out;
} layer;

static int32_t weights(const crl_window *w)
{
    return w->filter_h * w->filter_w * w->in_c;
}

static crl_requant lowered(crl_requant q, int32_t flip)
{
    q.zero_point -= flip;
    q.min -= flip;
    q.max -= flip;
    return q;
}

static void define_convolution(uint8_t *out, const uint8_t *in, const layer *l, int32_t flip)
{
    const crl_gemm_spec *s = &l->spec;
    const crl_conv c = { .window = s->window,
                         .groups = 1,
                         .in_zero = s->in_zero - flip,
                         .filter_zero = s->filter_zero,
                         .out = lowered(s->requant, flip) };
    if (flip)
        crl_conv_s8_ref((int8_t *)out, (const int8_t *)in, s->filter, s->bias, &c);
    else
        crl_conv_u8_ref(out, in, s->filter, s->bias, &c);
}

static void define_fully_connected(uint8_t *out, const uint8_t *in, const layer *l, int32_t flip)
{
    const crl_gemm_spec *s = &l->spec;
    const crl_fully f = { .batch = s->window.batch,
                          .in_n = s->window.in_c,
                          .out_n = s->window.out_c,
                          .in_zero = s->in_zero - flip,
                          .filter_zero = s->filter_zero,
                          .out = lowered(s->requant, flip) };
    if (flip)
        crl_fully_s8_ref((int8_t *)out, (const int8_t *)in, s->filter, s->bias, &f);
    else
        crl_fully_u8_ref(out, in, s->filter, s->bias, &f);
}

/* The definition. With int8 weights it is that of int8 layers, whose activations have bit 7 flipped. */
static void define(check *t, uint8_t *out, const layer *l)
{
    const uint8_t *in = l->in;
    const int32_t flip = l->spec.filter_signed ? 128 : 0;
    if (flip) {
        uint8_t *flipped = check_guarded(t, l->n_in);
        crl_flip8(flipped, in, l->n_in);
        in = flipped;
    }
    if (l->spec.requant.real)
        define_fully_connected(out, in, l, flip);
    else
        define_convolution(out, in, l, flip);
    if (flip) crl_flip8(out, out, l->n_out);
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

typedef enum kind { FIXED, REAL, SINGLE } kind;

/* Scales that spread the accumulators over some 300 outputs, so that all of the clamp's range occurs. */
static void fit_requant(check *t, layer *l, double reach, bool per_channel, kind k)
{
    crl_requant *q = &l->spec.requant;
    const size_t n = (size_t)l->spec.window.out_c;
    crl_scale *scale = check_guarded(t, n * sizeof *scale);
    double *reals = check_guarded(t, n * sizeof *reals);
    float *singles = check_guarded(t, n * sizeof *singles);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || per_channel)
            reals[i] = 300 / (reach + 1) * ldexp(check_range(t, 1 << 20, 1 << 22), -21);
        else
            reals[i] = reals[0];
        scale[i] = crl_scale_from_real(reals[i]);
        singles[i] = (float)reals[i];
    }
    q->scale = k == FIXED ? scale : NULL;
    q->real = k == REAL ? reals : NULL;
    q->single = k == SINGLE ? singles : NULL;
    q->zero_point = check_edgy(t, 0, 255);
    q->min = check_range(t, 0, 1) ? q->zero_point : 0;
    q->max = check_range(t, 0, 2) ? 255 : check_range(t, q->min, 255);
}

static void fill_layer(check *t, layer *l)
{
    crl_gemm_spec *s = &l->spec;
    const crl_window *w = &s->window;
    const size_t length = (size_t)weights(w), n_in = crl_window_in(w, w->batch, 0, 0);
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
    l->n_in = n_in;
    l->n_out = crl_window_out(w, w->batch, 0, 0);
    const bool fully = n_in == (size_t)(w->batch * w->in_c) && weights(w) == w->in_c && !w->pad_top && !w->pad_left;
    const kind k = fully && check_range(t, 0, 1) ? REAL : check_range(t, 0, 5) == 0 ? SINGLE : FIXED;
    fit_requant(t, l, reach, check_range(t, 0, 1), k);
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

/* The level at hand, or NULL for the one that the library chooses. */
static crl_status prepare(crl_gemm **g, const layer *l, const crl_gemm_level *level, unsigned cpu, crl_error *err)
{
    return level ? crl_gemm_new_at(g, &l->spec, level, cpu, err) : crl_gemm_new(g, &l->spec, cpu, err);
}

static uint8_t *scratch_of(check *t, const crl_gemm *g)
{
    return check_guarded(t, (crl_gemm_scratch_bytes(g) + 7) / 8 * 8);
}

static bool layer_agrees(check *t, const layer *l, const crl_gemm_level *level, unsigned cpu)
{
    const crl_window *w = &l->spec.window;
    crl_gemm *g;
    crl_error err;
    const crl_status s = prepare(&g, l, level, cpu, &err);
    if (s == CRL_ERR_UNSUPPORTED) return true; /* accumulators of 32 bits do not suffice */
    if (!check_that(t, s == CRL_OK, "%s", err.text)) return false;
    uint8_t *want = check_guarded(t, l->n_out), *got = check_guarded(t, l->n_out);
    define(t, want, l);
    if (check_range(t, 0, 1))
        crl_gemm_run(g, got, l->in, 0, crl_gemm_rows(g), 0, crl_gemm_panels(g), scratch_of(t, g));
    else
        run_split(t, g, got, l->in, scratch_of(t, g));
    const bool ok = check_equal(
        t, want, got, l->n_out, "%dx%dx%dx%d -> %dx%dx%d filter %dx%d stride %d,%d dilation %d,%d pad %d,%d %s zero %d",
        w->batch, w->in_h, w->in_w, w->in_c, w->out_h, w->out_w, w->out_c, w->filter_h, w->filter_w, w->stride_h,
        w->stride_w, w->dilation_h, w->dilation_w, w->pad_top, w->pad_left, l->spec.filter_signed ? "s8" : "u8",
        l->spec.filter_zero);
    crl_gemm_free(g);
    return ok;
}

/* Two halves of the channels, in and out, of wider pictures: as groups and concatenations need it. */
static bool strides_agree(check *t, const layer *whole, const crl_gemm_level *level, unsigned cpu)
{
    const crl_window *w = &whole->spec.window;
    layer half = *whole;
    half.spec.window.in_c = w->in_c / 2;
    half.spec.window.out_c = w->out_c / 2;
    if (half.spec.window.in_c == 0 || half.spec.window.out_c == 0) return true;
    half.n_in = crl_window_in(&half.spec.window, w->batch, 0, 0);
    half.n_out = crl_window_out(&half.spec.window, w->batch, 0, 0);
    const size_t in_c = (size_t)half.spec.window.in_c, out_c = (size_t)half.spec.window.out_c;
    const size_t pixels = half.n_in / in_c, out_pixels = half.n_out / out_c;
    uint8_t *in = check_guarded(t, half.n_in), *want = check_guarded(t, half.n_out);
    const size_t in_at = (size_t)w->in_c - in_c, out_at = (size_t)w->out_c - out_c;
    crl_copy_rows(in, in_c, whole->in + in_at, (size_t)w->in_c, pixels, in_c);
    half.in = in;
    define(t, want, &half);

    half.spec.in_stride = (size_t)w->in_c;
    half.spec.out_stride = (size_t)w->out_c;
    crl_gemm *g;
    if (prepare(&g, &half, level, cpu, NULL)) return true;
    uint8_t *got = check_guarded(t, whole->n_out), *expected = check_guarded(t, whole->n_out);
    memcpy(expected, got, whole->n_out);
    crl_copy_rows(expected + out_at, (size_t)w->out_c, want, out_c, out_pixels, out_c);
    crl_gemm_run(g, got + out_at, whole->in + in_at, 0, crl_gemm_rows(g), 0, crl_gemm_panels(g), scratch_of(t, g));
    crl_gemm_free(g);
    return check_equal(t, expected, got, whole->n_out, "strides %d and %d", w->in_c, w->out_c);
}

static void bench_layer(check *t, const crl_gemm_level *level, unsigned cpu, int32_t size, int32_t in_c, int32_t out_c,
                        int32_t filter)
{
    const int32_t pad = filter / 2;
    layer l = { .spec.window = { 1, size, size, in_c, size, size, out_c, filter, filter, 1, 1, 1, 1, pad, pad } };
    fill_layer(t, &l);
    crl_gemm *g;
    if (prepare(&g, &l, level, cpu, NULL)) return;
    uint8_t *out = check_guarded(t, l.n_out), *scratch = scratch_of(t, g);
    check_bench(t, crl_gemm_macs(g) / 1000, crl_gemm_run(g, out, l.in, 0, size * size, 0, crl_gemm_panels(g), scratch));
    crl_gemm_free(g);
}

/* Channels without a scale, whose biases send their sums beyond 32 bits, do not keep a layer from its kernel. */
static void silent_channels(check *t, const crl_gemm_level *level, unsigned cpu)
{
    layer l = { .spec.window = { 1, 4, 4, 8, 4, 4, 20, 3, 3, 1, 1, 1, 1, 1, 1 } };
    crl_scale scale[20];
    int32_t bias[20];
    fill_layer(t, &l);
    fit_requant(t, &l, 50000, true, FIXED);
    for (int c = 0; c < 20; c++) {
        const bool silent = c % 7 == 3;
        scale[c] = silent ? (crl_scale){ 0, 0 } : l.spec.requant.scale[c];
        bias[c] = !silent ? 100 * c : c % 2 ? INT32_MAX : -INT32_MAX;
    }
    l.spec.requant.scale = scale;
    l.spec.bias = bias;
    crl_gemm *g;
    crl_error err;
    if (!check_that(t, !prepare(&g, &l, level, cpu, &err), "silent channels: %s", err.text)) return;
    crl_gemm_free(g);
    layer_agrees(t, &l, level, cpu);
}

/* Nor do dead ones: a filter of 0, a scale that is small, and a bias at an end of int32. */
static void dead_channels(check *t, const crl_gemm_level *level, unsigned cpu)
{
    enum { OUTPUTS = 20, WEIGHTS = 4 * 3 * 3 };
    layer l = { .spec.window = { 1, 4, 4, 4, 4, 4, OUTPUTS, 3, 3, 1, 1, 1, 1, 1, 1 } };
    crl_scale scale[OUTPUTS];
    int32_t bias[OUTPUTS];
    fill_layer(t, &l);
    fit_requant(t, &l, 50000, true, FIXED);
    for (int c = 0; c < OUTPUTS; c++) {
        const bool dead = c % 3 == 1;
        scale[c] = dead ? (crl_scale){ 1 << 30, check_range(t, -30, -26) } : l.spec.requant.scale[c];
        bias[c] = !dead ? 100 * c : check_range(t, 0, 1) ? INT32_MAX : INT32_MIN;
        if (dead) memset((uint8_t *)(uintptr_t)l.spec.filter + c * WEIGHTS, l.spec.filter_zero, WEIGHTS);
    }
    l.spec.requant.scale = scale;
    l.spec.bias = bias;
    crl_gemm *g;
    crl_error err;
    if (!check_that(t, !prepare(&g, &l, level, cpu, &err), "dead channels: %s", err.text)) return;
    crl_gemm_free(g);
    layer_agrees(t, &l, level, cpu);
}

/* Maps wide enough for whole tiles of windows that lie in the picture, in one row and away from its sides; some of them of several
 * bands. */
static bool wide_window(check *t, crl_window *w)
{
    *w = (crl_window){ .batch = check_range(t, 0, 4) ? 1 : 2, .in_h = check_range(t, 1, 5), .in_w = check_range(t, 10, 70) };
    if (check_range(t, 0, 7) == 0) w->in_h = check_range(t, 10, 25);
    w->in_c = check_range(t, 0, 4) ? 4 * check_range(t, 1, 12) : check_range(t, 1, 24);
    w->out_c = check_range(t, 0, 2) ? check_range(t, 1, 80) : 8 * check_range(t, 1, 16);
    w->filter_h = check_range(t, 1, 3);
    w->filter_w = check_range(t, 1, 4);
    w->stride_h = check_range(t, 1, 2);
    w->stride_w = check_range(t, 0, 3) ? 1 : 2;
    w->dilation_h = check_range(t, 0, 3) ? 1 : 2;
    w->dilation_w = check_range(t, 0, 3) ? 1 : 3;
    w->pad_top = check_range(t, 0, w->filter_h - 1);
    w->pad_left = check_range(t, 0, w->filter_w - 1);
    w->out_h = (w->in_h + 2 * w->pad_top - (w->filter_h - 1) * w->dilation_h - 1) / w->stride_h + 1;
    w->out_w = (w->in_w + 2 * w->pad_left - (w->filter_w - 1) * w->dilation_w - 1) / w->stride_w + 1;
    return w->in_h + 2 * w->pad_top > (w->filter_h - 1) * w->dilation_h && w->out_w > 0;
}

/* Pictures of one column have the outputs of the definition when they are laid down. */
static void column_agrees(check *t, const crl_gemm_level *level, unsigned cpu)
{
    layer l = { .spec.window = { check_range(t, 1, 2), check_range(t, 9, 40), 1, check_range(t, 1, 24), 0, 1, check_range(t, 1, 40),
                                 check_range(t, 1, 9), 1, check_range(t, 1, 2), check_range(t, 1, 2), 1, 1, 0, 0 } };
    crl_window *w = &l.spec.window;
    w->pad_top = check_range(t, 0, w->filter_h - 1);
    w->out_h = (w->in_h + 2 * w->pad_top - w->filter_h) / w->stride_h + 1;
    fill_layer(t, &l);
    uint8_t *want = check_guarded(t, l.n_out), *got = check_guarded(t, l.n_out);
    define(t, want, &l);
    crl_window_lay_down(w);
    crl_gemm *g;
    if (prepare(&g, &l, level, cpu, NULL)) return;
    crl_gemm_run(g, got, l.in, 0, crl_gemm_rows(g), 0, crl_gemm_panels(g), scratch_of(t, g));
    crl_gemm_free(g);
    check_equal(t, want, got, l.n_out, "a column of %d, filter %d", w->in_w, w->filter_w);
}

static void check_level(check *t, const crl_gemm_level *level, unsigned cpu)
{
    layer l = { 0 };
    for (int round = 0; round < 8; round++) silent_channels(t, level, cpu);
    for (int round = 0; round < 8; round++) dead_channels(t, level, cpu);
    for (int round = 0; round < 40; round++) column_agrees(t, level, cpu);
    for (int round = 0; round < check_rounds(t, 800); round++) {
        check_release(t);
        if (!(round % 5 ? check_random_window : wide_window)(t, &l.spec.window)) continue;
        fill_layer(t, &l);
        if (!layer_agrees(t, &l, level, cpu)) return;
        if (round % 8 == 0 && !strides_agree(t, &l, level, cpu)) return;
    }
    bench_layer(t, level, cpu, 14, 576, 96, 1);
    bench_layer(t, level, cpu, 56, 24, 144, 1);
    bench_layer(t, level, cpu, 64, 32, 16, 3);
    bench_layer(t, level, cpu, 56, 64, 64, 3);
}

void check_gemm(check *t, unsigned cpu)
{
    layer l = { .spec.window = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 } };
    fill_layer(t, &l);
    crl_gemm *g;
    if (crl_gemm_new(&g, &l.spec, cpu, NULL)) return;
    crl_gemm_block_fn *block = g->level.block;
    crl_gemm_free(g);
    if (check_variant(t, block, "gemm_u8")) check_level(t, NULL, cpu);
}

/* Every way to multiply with avx2, whatever the weights; the level itself chooses one of them. */
void check_gemm_avx2(check *t, unsigned cpu)
{
#if CRL_ARCH_X86_64
    static const crl_gemm_level pairs_1 = { "avx2", CRL_GEMM_PAIRS, 1, 8, 1, 12, crl_gemm_block_avx2, true };
    static const crl_gemm_level pairs_2 = { "avx2", CRL_GEMM_PAIRS, 2, 8, 1, 10, crl_gemm_block_avx2, true };
    static const crl_gemm_level pairs_4 = { "avx2", CRL_GEMM_PAIRS, 4, 8, 1, 8, crl_gemm_block_avx2, true };
    static const crl_gemm_level wide = { "avx2", CRL_GEMM_WIDE, 1, 8, 2, 6, crl_gemm_wide_avx2, true };
    if (cpu & CRL_CPU_AVX2) {
        if (check_variant(t, pairs_1.block, "gemm_u8_pairs_1")) check_level(t, &pairs_1, cpu);
        check_level(t, &pairs_2, cpu);
        check_level(t, &pairs_4, cpu);
        if (check_variant(t, wide.block, "gemm_u8_wide")) check_level(t, &wide, cpu);
        return;
    }
#endif
    check_skip(t, "no avx2 here, cpu %u", cpu);
}

#ifdef CHECK_EVEX
crl_gemm_block_fn crl_gemm_block_evex;
#endif

/* The kernels of avxvnni on a machine that has the instruction in the encoding of AVX-512 only. */
void check_gemm_evex(check *t, unsigned cpu)
{
#ifdef CHECK_EVEX
    static const crl_gemm_level evex = { "avxvnni", CRL_GEMM_DOT, 1, 8, 2, 12, crl_gemm_block_evex, true,
                                         .runs = true };
    if ((cpu & CRL_CPU_AVX512VNNI) && check_variant(t, evex.block, "gemm_u8_avxvnni")) {
        check_level(t, &evex, cpu);
        return;
    }
#endif
    check_skip(t, "needs 256-bit VNNI in the encoding of AVX-512, cpu %u", cpu);
}

#ifdef CHECK_TILES
crl_gemm_block_fn crl_gemm_block_tiles;
void crl_gemm_begin_tiles(const crl_gemm *g);
void crl_gemm_end_tiles(void);

/* Layers as the level takes them: channels that fill tiles, and all others besides. */
static bool deep_window(check *t, crl_window *w)
{
    if (check_range(t, 0, 2) == 0) return check_random_window(t, w);
    const int32_t filter = check_range(t, 0, 2) ? 1 : 3;
    *w = (crl_window){ .batch = check_range(t, 1, 2), .in_h = check_range(t, 3, 9), .in_w = check_range(t, 3, 9),
                       .in_c = 4 * check_range(t, 4, 60), .out_c = check_range(t, 1, 150), .filter_h = filter,
                       .filter_w = filter, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1 };
    w->pad_top = w->pad_left = filter / 2;
    w->out_h = w->in_h;
    w->out_w = w->in_w;
    return true;
}

static void check_deep_level(check *t, const crl_gemm_level *level, unsigned cpu)
{
    layer l = { 0 };
    for (int round = 0; round < check_rounds(t, 400); round++) {
        check_release(t);
        if (!deep_window(t, &l.spec.window)) continue;
        fill_layer(t, &l);
        if (!layer_agrees(t, &l, level, cpu)) return;
        if (round % 8 == 0 && !strides_agree(t, &l, level, cpu)) return;
    }
    bench_layer(t, level, cpu, 14, 576, 96, 1);
}
#endif

#ifdef CHECK_TILES
/* Which layers the level gives to tiles. Packing needs none. */
static void check_choice(check *t, unsigned cpu, int32_t size, int32_t in_c, int32_t filter, const char *want)
{
    layer l = { .spec.window = { 1, size, size, in_c, size, size, 24, filter, filter, 1, 1, 1, 1, filter / 2, filter / 2 } };
    fill_layer(t, &l);
    crl_gemm *g;
    if (crl_gemm_new(&g, &l.spec, cpu | CRL_CPU_AMX, NULL)) return;
    check_that(t, !strcmp(crl_gemm_name(g), want), "%dx%dx%d filter %d: %s, not %s", size, size, in_c, filter,
               crl_gemm_name(g), want);
    crl_gemm_free(g);
}
#endif

/* The kernels of amx: on tiles in plain C, and where there are any on real ones. */
void check_gemm_tiles(check *t, unsigned cpu)
{
#ifdef CHECK_TILES
    static const crl_gemm_level real = { "amx", CRL_GEMM_DOT, 1, 16, 4, 32, crl_gemm_block_amx, true,
                                         .begin = crl_gemm_begin_amx, .end = crl_gemm_end_amx };
    static const crl_gemm_level tiles = { "amx", CRL_GEMM_DOT, 1, 16, 4, 32, crl_gemm_block_tiles, true,
                                          .begin = crl_gemm_begin_tiles, .end = crl_gemm_end_tiles };
    if ((cpu & CRL_CPU_AMX) && check_variant(t, real.block, "gemm_u8_amx")) check_deep_level(t, &real, cpu);
    if ((cpu & CRL_CPU_AVX512VNNI) && check_variant(t, tiles.block, "gemm_u8_tiles")) {
        check_deep_level(t, &tiles, cpu);
        check_choice(t, cpu, 4, 64, 1, "gemm amx");
        check_choice(t, cpu, 7, 160, 1, "gemm amx");
        check_choice(t, cpu, 9, 32, 3, "gemm amx");
        check_choice(t, cpu, 3, 64, 1, "gemm avx512vnni");  /* too few rows */
        check_choice(t, cpu, 9, 32, 1, "gemm avx512vnni");  /* too few channels */
        check_choice(t, cpu, 9, 124, 1, "gemm avx512vnni"); /* 31 steps make 31 products */
    }
    if (cpu & CRL_CPU_AVX512VNNI) return;
#endif
    check_skip(t, "needs the level avx512vnni, cpu %u", cpu);
}

/* A layer that threads pack gives what it gives packed by one. */
void check_gemm_threads(check *t, unsigned cpu)
{
    check_name(t, "gemm_threads");
    crl_pool *pool;
    crl_error err;
    if (!check_that(t, crl_pool_new(&pool, 3, &err) == CRL_OK, "%s", err.text)) return;
    for (int round = 0; round < check_rounds(t, 24); round++) {
        check_release(t);
        layer l = { .spec.window = crl_window_of_rows(check_range(t, 16, 40), check_range(t, 300, 900), check_range(t, 230, 500)) };
        fill_layer(t, &l);
        crl_gemm *alone, *together;
        const crl_status s = crl_gemm_new(&alone, &l.spec, cpu, NULL);
        l.spec.pool = pool;
        if (!check_that(t, crl_gemm_new(&together, &l.spec, cpu, NULL) == s, "another status")) break;
        if (s) continue;
        uint8_t *want = check_guarded(t, l.n_out), *got = check_guarded(t, l.n_out);
        crl_gemm_run(alone, want, l.in, 0, crl_gemm_rows(alone), 0, crl_gemm_panels(alone), scratch_of(t, alone));
        crl_gemm_run(together, got, l.in, 0, crl_gemm_rows(together), 0, crl_gemm_panels(together), scratch_of(t, together));
        const bool ok = check_equal(t, want, got, l.n_out, "%d rows, %d to %d", l.spec.window.batch, l.spec.window.in_c, l.spec.window.out_c) &&
                        check_that(t, crl_gemm_packed_bytes(alone) == crl_gemm_packed_bytes(together), "another size");
        crl_gemm_free(alone);
        crl_gemm_free(together);
        if (!ok) break;
    }
    crl_pool_free(pool);
}
