/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of one column that are laid down: every output sees as many taps as before. */
#include "checks.h"
#include "kernels/window.h"

static int32_t taps_seen(const crl_window *w, int32_t y, int32_t x)
{
    const crl_taps v = crl_window_taps_y(w, y), h = crl_window_taps_x(w, x);
    return (v.end - v.first) * (h.end - h.first);
}

void check_window(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 600); round++) {
        const crl_window up = { .batch = 1,
                                .in_h = check_range(t, 1, 9),
                                .in_w = 1,
                                .in_c = 1,
                                .out_h = check_range(t, 1, 9),
                                .out_w = 1,
                                .out_c = 1,
                                .filter_h = check_range(t, 1, 4),
                                .filter_w = 1,
                                .stride_h = check_range(t, 1, 3),
                                .stride_w = check_range(t, 1, 3),
                                .dilation_h = check_range(t, 1, 4),
                                .dilation_w = 1,
                                .pad_top = check_range(t, 0, 3),
                                .pad_left = check_range(t, 0, 2) };
        crl_window down = up;
        crl_window_lay_down(&down);
        const bool lies = down.out_h == 1;
        for (int32_t o = 0; o < up.out_h; o++) {
            const int32_t want = taps_seen(&up, o, 0), got = taps_seen(&down, lies ? 0 : o, lies ? o : 0);
            if (!check_that(t, want == got, "pad %d,%d: output %d sees %d taps, and %d when laid down", up.pad_top,
                            up.pad_left, o, want, got))
                return;
        }
    }
}
