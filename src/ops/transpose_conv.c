/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV: output shape [4] (constant), filter [out_c,fh,fw,c], in [b,h,w,c], bias [out_c] (may be left out)
 * -> [b,oh,ow,out_c]. UINT8, INT8 (one scale or one per output channel), INT16 with INT8 filters, FLOAT32, FLOAT32 with
 * INT8 filters. */
#include "kernels/transpose_conv.h"

#include "ops/convolution.h"
#include "ops/shapes.h"
#include "ops/window.h"

enum { SHAPE, FILTER, IN, BIAS }; /* inputs */

static crl_status check_shapes(const crl_node *node, crl_window *w, crl_error *err)
{
    const crl_tensor *shape = node->in[SHAPE], *filter = node->in[FILTER], *in = node->in[IN];
    crl_status s = crl_window_input(node, w, in, CRL_WINDOW_SOME, err);
    if (s) return s;
    const int32_t *f = filter->shape.dim;
    if (filter->shape.rank != 4 || f[0] < 1 || f[3] != w->in_c)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "it has to be [outputs,height,width,%d]", w->in_c);
    int64_t wanted[4];
    int32_t n;
    s = crl_node_const_ints(node, shape, CRL_TYPE(CRL_INT32), wanted, 4, &n, err);
    if (s) return s;
    if (n != 4 || wanted[0] != w->batch || wanted[1] < 1 || wanted[2] < 1 || wanted[3] != f[0])
        return crl_node_bad(node, CRL_ERR_FORMAT, shape, err, "it has to be [%d,height,width,%d]", w->batch, f[0]);
    w->out_c = f[0];
    w->filter_h = f[1];
    w->filter_w = f[2];
    w->out_h = (int32_t)wanted[1];
    w->out_w = (int32_t)wanted[2];
    return CRL_OK;
}

/* The paddings are those of the convolution that leads back. */
static crl_status fit(const crl_node *node, crl_window *w, crl_error *err)
{
    crl_padding padding;
    crl_status s = crl_node_padding(node, &padding, err);
    if (s) return s;
    crl_window back = *w;
    back.in_h = w->out_h;
    back.in_w = w->out_w;
    back.stride_h = crl_node_int(node, "stride_h");
    back.stride_w = crl_node_int(node, "stride_w");
    back.dilation_h = back.dilation_w = 1;
    s = crl_window_fit(&back, padding, CRL_WINDOW_EMPTY, err);
    if (s) return s;
    w->stride_h = back.stride_h;
    w->stride_w = back.stride_w;
    w->dilation_h = w->dilation_w = 1;
    w->pad_top = back.pad_top;
    w->pad_left = back.pad_left;
    if ((int64_t)w->in_h * w->stride_h > INT32_MAX || (int64_t)w->in_w * w->stride_w > INT32_MAX)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "strides %d and %d are too large", w->stride_h, w->stride_w);
    return CRL_OK;
}

static bool is_hybrid(const crl_node *node)
{
    return node->in[IN]->type == CRL_FLOAT32 && node->in[FILTER]->type != CRL_FLOAT32;
}

/* Whatever the filter's scales, pictures are quantised with a zero point, unlike those of CONV_2D. */
static crl_status finish_hybrid(crl_node *node, const crl_conv_tensors *t, crl_error *err)
{
    crl_status s = crl_node_accept(node, t->filter, CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_FLOAT32), err);
    return s ? s : crl_conv_finish_hybrid(node, t, 0, true, node->params, err);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    const bool hybrid = is_hybrid(node);
    crl_status s = crl_node_params(node, hybrid ? sizeof(crl_conv_hybrid) : sizeof(crl_conv), err);
    if (s) return s;
    crl_conv *c = node->params;
    crl_window *w = &c->window;
    c->groups = 1;
    s = check_shapes(node, w, err);
    if (!s && !hybrid) s = crl_conv_check_types(node, &t, w->out_c, err);
    if (!s) s = fit(node, w, err);
    if (!s) s = hybrid ? finish_hybrid(node, &t, err) : crl_conv_finish(node, &t, 0, c, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 4, { w->batch, w->out_h, w->out_w, w->out_c } }, err);
    if (s) return s;
    node->macs = (uint64_t)crl_shape_count(&t.in->shape) * (uint64_t)w->filter_h * (uint64_t)w->filter_w *
                 (uint64_t)w->out_c;
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const void *in = node->in[IN]->data, *filter = node->in[FILTER]->data;
    const crl_tensor *bias = crl_node_input(node, BIAS);
    const void *b = bias ? bias->data : NULL;
    void *out = node->out[0]->data;
    switch (node->in[IN]->type) {
    case CRL_UINT8: crl_transpose_conv_u8_ref(out, in, filter, b, node->params); break;
    case CRL_INT8: crl_transpose_conv_s8_ref(out, in, filter, b, node->params); break;
    case CRL_INT16:
        if (crl_conv_is_narrow(node, bias))
            crl_transpose_conv_s16_ref(out, in, filter, b, node->params);
        else
            crl_transpose_conv_s16_wide_ref(out, in, filter, b, node->params);
        break;
    default:
        if (is_hybrid(node))
            crl_transpose_conv_hybrid_ref(out, in, b, node->params, work->scratch);
        else
            crl_transpose_conv_f32_ref(out, in, filter, b, node->params);
        break;
    }
    return CRL_OK;
}

const crl_op_type crl_op_transpose_conv = {
    .name = "TRANSPOSE_CONV", .code = CRL_OP_TRANSPOSE_CONV, .in_min = 3, .in_max = 4, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
