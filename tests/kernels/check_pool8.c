/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of bytes against the definition: both signednesses, windows that hang over every edge, channels around each vector,
 * clamps, rows in two parts. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/move.h"
#include "kernels/pool.h"
#include "kernels/pool8.h"

static void draw_axis(check *t, int32_t *in, int32_t *out, int32_t *filter, int32_t *stride, int32_t *pad)
{
    *in = check_range(t, 1, 20);
    *filter = check_range(t, 1, 9) < 9 ? check_range(t, 1, 4) : check_range(t, 1, 24);
    *stride = check_range(t, 1, 3);
    *pad = check_range(t, 0, *filter - 1);
    /* The last window still sees the last pixel. */
    *out = check_range(t, 1, (*in - 1 + *pad) / *stride + 1);
}

static void one(check *t, crl_pool8_fn *fn, bool average)
{
    for (int round = 0; round < 250 && !check_failed(t); round++) {
        crl_pool2d def = { 0 };
        crl_window *w = &def.window;
        draw_axis(t, &w->in_h, &w->out_h, &w->filter_h, &w->stride_h, &w->pad_top);
        draw_axis(t, &w->in_w, &w->out_w, &w->filter_w, &w->stride_w, &w->pad_left);
        w->batch = check_range(t, 1, 2);
        w->in_c = w->out_c = check_range(t, 1, 70);
        w->dilation_h = w->dilation_w = 1;
        const bool is_signed = check_range(t, 0, 1);
        const int32_t lift = is_signed ? 128 : 0;
        def.min = check_range(t, 0, 1) ? -lift : check_range(t, -lift, 255 - lift);
        def.max = check_range(t, 0, 1) ? 255 - lift : check_range(t, def.min, 255 - lift);
        const size_t n_in = (size_t)(w->batch * w->in_h * w->in_w * w->in_c), n = (size_t)(w->batch * w->out_h * w->out_w * w->out_c);
        uint8_t *in = check_guarded(t, n_in), *want = check_guarded(t, n), *got = check_guarded(t, n);
        if (check_range(t, 0, 1)) check_fill_edgy_u8(t, in, n_in);
        crl_pool2d_fn *const defs[2][2] = { { crl_max_pool_u8_ref, crl_max_pool_s8_ref }, { crl_average_pool_u8_ref, crl_average_pool_s8_ref } };
        defs[average][is_signed](want, in, &def);
        if (is_signed) {
            crl_flip8(in, in, n_in);
            crl_flip8(want, want, n);
        }
        const crl_pool8 p = { *w, lift, def.min + lift, def.max + lift };
        const int32_t rows = w->batch * w->out_h, half = check_range(t, 0, rows);
        fn(got, in, &p, half, rows);
        fn(got, in, &p, 0, half);
        check_equal(t, want, got, n, "[%d,%d,%d,%d] by %dx%d at strides %d, %d, pads %d, %d", w->batch, w->in_h, w->in_w, w->in_c,
                    w->filter_h, w->filter_w, w->stride_h, w->stride_w, w->pad_top, w->pad_left);
        check_release(t);
    }
    static uint8_t in[32 * 32 * 64], out[16 * 16 * 64];
    const crl_pool8 p = { { 1, 32, 32, 64, 16, 16, 64, 2, 2, 2, 2, 1, 1, 0, 0 }, 0, 0, 255 };
    check_bench(t, sizeof out, fn(out, in, &p, 0, 16));
}

void check_pool8(check *t, unsigned cpu)
{
    crl_pool8_kernels k;
    crl_pool8_kernels_init(&k, cpu);
    if (check_variant(t, k.max, "max_pool8")) one(t, k.max, false);
    if (check_variant(t, k.average, "average_pool8")) one(t, k.average, true);
}
