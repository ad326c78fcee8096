/* SPDX-License-Identifier: Apache-2.0 */
/* Sliding windows: output sizes and paddings. */
#include "ops/window.h"

crl_status crl_node_padding(const crl_node *node, crl_padding *padding, crl_error *err)
{
    const int32_t p = crl_node_int(node, "padding");
    if (p != CRL_PADDING_SAME && p != CRL_PADDING_VALID)
        return crl_fail(err, CRL_ERR_FORMAT, "padding %d: SAME (0) and VALID (1) are known", p);
    *padding = (crl_padding)p;
    return CRL_OK;
}

crl_status crl_window_input(const crl_node *node, crl_window *w, const crl_tensor *in, crl_window_pixels pixels, crl_error *err)
{
    if (in->shape.rank != 4)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "rank %d, it has to be [batch,height,width,channels]",
                            in->shape.rank);
    const int32_t *d = in->shape.dim;
    const int32_t least = pixels == CRL_WINDOW_SOME ? 1 : 0;
    if (d[1] < least || d[2] < least || d[3] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "a picture of %dx%d pixels and %d channels", d[2], d[1], d[3]);
    w->batch = d[0];
    w->in_h = d[1];
    w->in_w = d[2];
    w->in_c = d[3];
    return CRL_OK;
}

crl_status crl_window_fit_axis(const char *axis, int32_t in, int32_t filter, int32_t stride, int32_t dilation,
                               crl_padding padding, crl_window_misfit misfit, int32_t *out, int32_t *pad,
                               crl_error *err)
{
    if (filter < 1 || stride < 1 || dilation < 1)
        return crl_fail(err, CRL_ERR_FORMAT, "%s: filter %d, stride %d, dilation %d: each has to be at least 1", axis,
                        filter, stride, dilation);
    const int64_t reach = ((int64_t)filter - 1) * dilation + 1;
    const int64_t n = ((int64_t)in + stride - (padding == CRL_PADDING_SAME ? 1 : reach)) / stride;
    if (n < 0 && misfit == CRL_WINDOW_REFUSE)
        return crl_fail(err, CRL_ERR_FORMAT, "%s: a filter of %lld does not fit into %d", axis, (long long)reach, in);
    const int64_t total = (n - 1) * stride + reach - in;
    /* Half of the range, so that sums of two such numbers stay in it. */
    if (n * stride + reach > INT32_MAX / 2)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s: filter %d, stride %d, dilation %d are too large", axis, filter,
                        stride, dilation);
    *out = (int32_t)n;
    *pad = total > 0 ? (int32_t)(total / 2) : 0;
    return CRL_OK;
}

crl_status crl_window_fit(crl_window *w, crl_padding padding, crl_window_misfit misfit, crl_error *err)
{
    crl_status s = crl_window_fit_axis("height", w->in_h, w->filter_h, w->stride_h, w->dilation_h, padding, misfit,
                                       &w->out_h, &w->pad_top, err);
    if (s) return s;
    s = crl_window_fit_axis("width", w->in_w, w->filter_w, w->stride_w, w->dilation_w, padding, misfit, &w->out_w,
                            &w->pad_left, err);
    if (s) return s;
    /* The reference looks at the width first, and not at the height when that fails. */
    if (w->out_h < 0 || w->out_w < 0) w->out_h = 0;
    if (w->out_w < 0) w->out_w = 0;
    return CRL_OK;
}
