/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds the products of float layers with weights of 8 bits, and sums that come out of products as they are: every
 * level against the definition. */
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "check.h"
#include "checks.h"
#include "kernels/gemm.h"
#include "kernels/hybrid.h"
#include "windows.h"

/* Numbers of one size, numbers of all sizes, or few of them; now and then what is no number. */
static void fill_row(check *t, float *x, size_t n)
{
    static const float odd[] = { 0, -0.0f, 1e-45f, 3e38f, -3e38f, INFINITY, -INFINITY, NAN };
    const int kind = check_range(t, 0, 4), size = check_range(t, -140, 120);
    for (size_t i = 0; i < n; i++) {
        x[i] = kind == 0 ? 0 : ldexpf((float)check_range(t, kind == 1 ? 0 : -1000, 1000), kind == 2 ? check_range(t, -140, 110) : size);
        if (kind == 4 && check_range(t, 0, 9) == 0) x[i] = odd[check_range(t, 0, 7)];
    }
}

static bool scales_agree(check *t, const crl_hybrid_kernels *k, const float *x, size_t n, bool asymmetric, crl_hybrid_scale *s)
{
    const crl_hybrid_kernels plain = { .range = crl_hybrid_range_ref };
    const crl_hybrid_scale want = crl_hybrid_find_scale(&plain, x, n, asymmetric), got = crl_hybrid_find_scale(k, x, n, asymmetric);
    *s = want;
    /* NaN is not equal to itself. */
    return check_that(t, !memcmp(&want.scale, &got.scale, sizeof want.scale) && !memcmp(&want.inverse, &got.inverse, sizeof want.inverse) &&
                             want.zero == got.zero && want.min == got.min && want.none == got.none,
                      "%zu numbers: scale %g, zero %d; want %g, %d", n, (double)got.scale, got.zero, (double)want.scale, want.zero);
}

static bool rows_agree(check *t, const crl_hybrid_kernels *k)
{
    const size_t n = (size_t)check_range(t, 0, 90);
    float *x = check_guarded(t, n * sizeof *x);
    fill_row(t, x, n);
    crl_hybrid_scale s;
    if (!scales_agree(t, k, x, n, check_range(t, 0, 1), &s)) return false;
    uint8_t *want = check_guarded(t, n), *got = check_guarded(t, n);
    crl_hybrid_bytes_ref(want, x, n, &s);
    k->bytes(got, x, n, &s);
    if (!check_equal(t, want, got, n, "bytes of %zu numbers, scale %g", n, (double)s.scale)) return false;
    float *want_f = check_guarded(t, n * sizeof *want_f), *got_f = check_guarded(t, n * sizeof *got_f);
    crl_hybrid_whole_ref(want_f, x, n, &s);
    k->whole(got_f, x, n, &s);
    return check_equal(t, want_f, got_f, n * sizeof *got_f, "whole numbers of %zu, scale %g", n, (double)s.scale);
}

static float *floats(check *t, size_t n)
{
    float *x = check_guarded(t, n * sizeof *x);
    for (size_t i = 0; i < n; i++) x[i] = ldexpf((float)check_range(t, -1000, 1000), check_range(t, -20, 0));
    return x;
}

static bool finish_agrees(check *t, const crl_hybrid_kernels *k)
{
    const size_t rows = (size_t)check_range(t, 1, 4), columns = (size_t)check_range(t, 1, 40), n = rows * columns;
    int32_t *weights = check_guarded(t, columns * sizeof *weights);
    float *want = check_guarded(t, n * sizeof *want), *got = check_guarded(t, n * sizeof *got);
    for (size_t c = 0; c < columns; c++) weights[c] = check_edgy(t, INT32_MIN, INT32_MAX);
    /* Zeros of both signs, and what is no number, come out of rounds in which all sums are 0. */
    const bool nothing = check_range(t, 0, 3) == 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t sum = nothing ? 0 : check_edgy(t, INT32_MIN, INT32_MAX);
        memcpy(want + i, &sum, sizeof sum);
        memcpy(got + i, &sum, sizeof sum);
    }
    float *bias = floats(t, columns);
    for (size_t c = 0; nothing && c < columns; c++) bias[c] = check_range(t, 0, 2) ? -0.0f : NAN;
    const crl_hybrid_finish f = { .weights = weights, .zero = nothing ? -128 : check_range(t, -128, 127), .scale = floats(t, columns),
                                  .in_scale = ldexpf((float)check_range(t, 1, 1000), -12), .scales_first = check_range(t, 0, 1),
                                  .bias = bias, .min = check_range(t, 0, 1) ? 0 : -INFINITY,
                                  .max = check_range(t, 0, 1) ? 6 : INFINITY, .min_wins = check_range(t, 0, 1) };
    crl_hybrid_finish_ref(want, rows, columns, &f);
    k->finish(got, rows, columns, &f);
    return check_equal(t, want, got, n * sizeof *got, "%zu rows of %zu", rows, columns);
}

void check_hybrid(check *t, unsigned cpu)
{
    crl_hybrid_kernels k;
    crl_hybrid_kernels_init(&k, cpu);
    if (!check_variant(t, k.bytes, "hybrid")) return;
    for (int round = 0; round < check_rounds(t, 1000); round++) {
        check_release(t);
        if (!rows_agree(t, &k) || !finish_agrees(t, &k)) return;
    }
    enum { N = 4096 };
    float *x = floats(t, N);
    uint8_t *q = check_guarded(t, N);
    crl_hybrid_scale s;
    check_bench(t, N, (s = crl_hybrid_find_scale(&k, x, N, true), k.bytes(q, x, N, &s)));
}

static int32_t sum_of(const crl_window *w, const uint8_t *in, uint8_t outside, const int8_t *filter, int32_t b, int32_t y, int32_t x,
                      int32_t o)
{
    uint32_t sum = 0;
    for (int32_t fy = 0; fy < w->filter_h; fy++)
        for (int32_t fx = 0; fx < w->filter_w; fx++)
            for (int32_t c = 0; c < w->in_c; c++) {
                const int32_t iy = y * w->stride_h - w->pad_top + fy * w->dilation_h;
                const int32_t ix = x * w->stride_w - w->pad_left + fx * w->dilation_w;
                const bool inside = iy >= 0 && iy < w->in_h && ix >= 0 && ix < w->in_w;
                const uint8_t v = inside ? in[crl_window_in(w, b, iy, ix) + (size_t)c] : outside;
                sum += (uint32_t)(v * filter[((o * w->filter_h + fy) * w->filter_w + fx) * w->in_c + c]);
            }
    return (int32_t)sum;
}

static bool sums_agree(check *t, const crl_window *w, unsigned cpu)
{
    const size_t n_in = crl_window_in(w, w->batch, 0, 0), n_out = crl_window_out(w, w->batch, 0, 0);
    const size_t n_filter = (size_t)w->out_c * (size_t)(w->filter_h * w->filter_w * w->in_c);
    uint8_t *in = check_guarded(t, n_in);
    int8_t *filter = check_guarded(t, n_filter);
    check_fill_edgy_u8(t, in, n_in);
    check_fill_edgy_s8(t, filter, n_filter);
    const crl_gemm_spec spec = { .window = *w, .filter = filter, .filter_signed = true, .sums = true };
    crl_gemm *g;
    crl_error err;
    const crl_status s = crl_gemm_new(&g, &spec, cpu, &err);
    if (!check_that(t, !s || s == CRL_ERR_UNSUPPORTED, "%s", err.text) || s) return !s;
    const uint8_t outside = (uint8_t)check_range(t, 0, 255);
    crl_gemm_set_outside(g, outside);
    int32_t *want = check_guarded(t, n_out * sizeof *want), *got = check_guarded(t, n_out * sizeof *got);
    for (int32_t b = 0, i = 0; b < w->batch; b++)
        for (int32_t y = 0; y < w->out_h; y++)
            for (int32_t x = 0; x < w->out_w; x++)
                for (int32_t o = 0; o < w->out_c; o++) want[i++] = sum_of(w, in, outside, filter, b, y, x, o);
    crl_gemm_run(g, (uint8_t *)got, in, 0, crl_gemm_rows(g), 0, crl_gemm_panels(g),
                 check_guarded(t, (crl_gemm_scratch_bytes(g) + 7) / 8 * 8));
    crl_gemm_free(g);
    return check_equal_s32(t, want, got, n_out, "%dx%dx%d -> %dx%dx%d filter %dx%d", w->in_h, w->in_w, w->in_c, w->out_h, w->out_w,
                           w->out_c, w->filter_h, w->filter_w);
}

void check_gemm_sums(check *t, unsigned cpu)
{
    check_name(t, crl_cpu_name(cpu));
    for (int round = 0; round < check_rounds(t, 300); round++) {
        check_release(t);
        crl_window w;
        if (check_random_window(t, &w) && !sums_agree(t, &w, cpu)) return;
    }
}
