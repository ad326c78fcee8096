/* SPDX-License-Identifier: Apache-2.0 */
/* Bilinear resizing by rows against resize.c: uint8 with float weights, int8 in kernel form with integers. */
#include <string.h>

#include "base/alloc.h"
#include "check.h"
#include "checks.h"
#include "kernels/resize8.h"

static void draw(check *t, crl_resize *r)
{
    *r = (crl_resize){ .batch = 1, .channels = check_range(t, 1, 40), .in_h = check_range(t, 1, 9), .in_w = check_range(t, 1, 9),
                       .out_h = check_range(t, 1, 20), .out_w = check_range(t, 1, 20) };
    if (check_range(t, 0, 99) == 0) { /* so many that positions run far past the last pixel */
        r->channels = check_range(t, 7, 9);
        *(check_range(t, 0, 1) ? &r->out_h : &r->out_w) = 70000;
        r->in_h = r->in_w = 100;
        *(r->out_h > r->out_w ? &r->out_w : &r->out_h) = 1;
    }
    const int corners = check_range(t, 0, 2);
    r->align_corners = corners == 1;
    r->half_pixel_centers = corners == 2;
}

static void places(crl_resize_place **down, crl_resize_place **across, check *t, bool fixed, const crl_resize *r)
{
    *down = check_guarded(t, (size_t)r->out_h * sizeof **down);
    *across = check_guarded(t, (size_t)r->out_w * sizeof **across);
    crl_resize8_places(*down, r->in_h, r->out_h, fixed, r);
    crl_resize8_places(*across, r->in_w, r->out_w, fixed, r);
}

void check_resize8(check *t, unsigned cpu)
{
    crl_resize8_kernels k;
    crl_resize8_kernels_init(&k, cpu);
    if (!k.name || !check_variant(t, k.bilinear_float, "resize8")) return;
    for (int round = 0; round < check_rounds(t, 400); round++) {
        crl_resize r;
        draw(t, &r);
        const size_t in_n = (size_t)(r.in_h * r.in_w * r.channels), out_n = (size_t)(r.out_h * r.out_w * r.channels);
        uint8_t *in = check_guarded(t, in_n), *flipped = check_guarded(t, in_n), *want = check_guarded(t, out_n);
        uint8_t *got = check_guarded(t, out_n);
        check_fill_edgy_u8(t, in, in_n);
        for (size_t i = 0; i < in_n; i++) flipped[i] = in[i] ^ 0x80;
        void *scratch = crl_alloc_aligned(crl_resize8_scratch(&r));
        const int32_t middle = check_range(t, 0, r.out_h);
        for (int fixed = 0; fixed < 2; fixed++) {
            crl_resize_place *down, *across;
            places(&down, &across, t, fixed, &r);
            crl_resize8_fn *run = fixed ? k.bilinear_fixed : k.bilinear_float;
            run(got, in, &r, down, across, middle, r.out_h, scratch);
            run(got, in, &r, down, across, 0, middle, scratch);
            if (fixed) {
                crl_resize_bilinear_s8_ref(want, flipped, &r);
                for (size_t i = 0; i < out_n; i++) want[i] ^= 0x80;
            } else {
                crl_resize_bilinear_u8_ref(want, in, &r);
            }
            if (!check_equal(t, want, got, out_n, "%s %dx%dx%d to %dx%d, corners %d, centres %d", fixed ? "fixed" : "float",
                             r.in_h, r.in_w, r.channels, r.out_h, r.out_w, r.align_corners, r.half_pixel_centers))
                break;
        }
        crl_free(scratch);
        if (check_failed(t)) return;
    }
}
