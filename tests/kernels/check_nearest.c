/* SPDX-License-Identifier: Apache-2.0 */
/* Nearest pixels by rows against the definition: pixels of every size that is spelled out and some that are not, rows that
 * repeat, parts that begin in the middle of a repetition. */
#include "check.h"
#include "checks.h"
#include "kernels/nearest.h"
#include "kernels/resize.h"

void check_nearest(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const crl_resize r = { .batch = check_range(t, 1, 2), .channels = check_edgy(t, 1, 65), .in_h = check_range(t, 1, 9),
                               .in_w = check_range(t, 1, 9), .out_h = check_range(t, 1, 20), .out_w = check_range(t, 1, 20),
                               .align_corners = check_range(t, 0, 1), .half_pixel_centers = check_range(t, 0, 1) };
        int32_t down[20], across[20];
        for (int32_t i = 0; i < r.out_h; i++) down[i] = crl_resize_nearest_at(i, r.in_h, r.out_h, &r);
        for (int32_t i = 0; i < r.out_w; i++) across[i] = crl_resize_nearest_at(i, r.in_w, r.out_w, &r);
        const crl_nearest p = { (size_t)r.channels, r.in_h, r.in_w, r.out_h, r.out_w, down, across };
        const size_t rows = (size_t)(r.batch * r.out_h), n = rows * (size_t)(r.out_w * r.channels);
        uint8_t *in = check_guarded(t, (size_t)(r.batch * r.in_h * r.in_w * r.channels));
        uint8_t *want = check_guarded(t, n), *got = check_guarded(t, n);
        crl_resize_nearest_ref(want, in, 1, &r);
        const size_t half = (size_t)check_range(t, 0, (int32_t)rows);
        crl_nearest_rows(got, in, &p, half, rows);
        crl_nearest_rows(got, in, &p, 0, half);
        if (!check_equal(t, want, got, n, "%dx%d to %dx%d, %d channels", r.in_h, r.in_w, r.out_h, r.out_w, r.channels)) return;
        check_release(t);
    }
}
