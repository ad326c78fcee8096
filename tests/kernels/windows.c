/* SPDX-License-Identifier: Apache-2.0 */
/* Random windows for checks of convolutions. */
#include "windows.h"

/* The outputs of a window along one axis, as many as fit without asking for more than `pad` at the end. */
static int32_t outputs(int32_t in, int32_t filter, int32_t dilation, int32_t stride, int32_t pad)
{
    const int32_t span = (filter - 1) * dilation + 1;
    return (in + pad - span) / stride + 1;
}

bool check_random_window(check *t, crl_window *w)
{
    *w = (crl_window){ .batch = check_range(t, 0, 3) ? 1 : check_range(t, 2, 3) };
    w->out_c = check_range(t, 0, 3) ? check_range(t, 1, 70) : check_range(t, 71, 200);
    switch (check_range(t, 0, 5)) {
    case 0: /* fully connected */
        w->batch = check_range(t, 1, 30);
        w->in_c = check_range(t, 1, 300);
        w->in_h = w->in_w = w->filter_h = w->filter_w = w->stride_h = w->stride_w = w->dilation_h = w->dilation_w = 1;
        break;
    case 1: /* 1 x 1 */
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
