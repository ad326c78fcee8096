/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D: in [b,h,w,c], filter [1,fh,fw,c*m], bias [c*m] (may be left out) -> [b,oh,ow,c*m].
 * UINT8, INT8 (one scale or one per output channel), INT16 with INT8 filters and a bias of INT64, FLOAT32, FLOAT32
 * with INT8 filters. The option depth_multiplier is not looked at: the shapes say it. */
#include "kernels/depthwise.h"

#include "ops/convolution.h"
#include "ops/shapes.h"
#include "ops/window.h"

static crl_status check_filter(const crl_node *node, crl_conv *c, crl_error *err)
{
    const crl_tensor *filter = node->in[1];
    const int32_t *d = filter->shape.dim;
    if (filter->shape.rank != 4 || d[0] != 1 || d[3] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "it has to be [1,height,width,outputs]");
    c->window.out_c = d[3];
    c->window.filter_h = d[1];
    c->window.filter_w = d[2];
    c->groups = c->window.in_c;
    if (d[3] % c->window.in_c)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "%d outputs are no multiple of %d input channels", d[3],
                            c->window.in_c);
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const bool hybrid = crl_conv_is_hybrid(node);
    crl_status s = crl_node_params(node, hybrid ? sizeof(crl_conv_hybrid) : sizeof(crl_conv), err);
    if (s) return s;
    crl_conv *c = node->params;
    crl_window *w = &c->window;
    crl_padding padding;
    s = crl_window_input(node, w, t.in, CRL_WINDOW_SOME, err);
    if (!s) s = check_filter(node, c, err);
    if (!s && !hybrid) s = crl_conv_check_types(node, &t, w->out_c, err);
    if (!s && t.in->type == CRL_INT16 && t.bias) s = crl_node_accept(node, t.bias, CRL_TYPE(CRL_INT64), err);
    if (!s) s = crl_node_padding(node, &padding, err);
    if (s) return s;
    w->stride_h = crl_node_int(node, "stride_h");
    w->stride_w = crl_node_int(node, "stride_w");
    w->dilation_h = crl_node_int(node, "dilation_h_factor");
    w->dilation_w = crl_node_int(node, "dilation_w_factor");
    s = crl_window_fit(w, padding, CRL_WINDOW_REFUSE, err);
    if (!s) s = hybrid ? crl_conv_finish_hybrid(node, &t, 3, true, node->params, err) : crl_conv_finish(node, &t, 3, c, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 4, { w->batch, w->out_h, w->out_w, w->out_c } }, err);
    if (s) return s;
    node->macs = (uint64_t)crl_shape_count(&node->out[0]->shape) * (uint64_t)w->filter_h * (uint64_t)w->filter_w;
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const void *in = node->in[0]->data, *filter = node->in[1]->data;
    const crl_tensor *b = crl_conv_tensors_of(node).bias;
    const void *bias = b ? b->data : NULL;
    void *out = node->out[0]->data;
    switch (node->in[0]->type) {
    case CRL_UINT8: crl_depthwise_u8_ref(out, in, filter, bias, node->params); break;
    case CRL_INT8: crl_depthwise_s8_ref(out, in, filter, bias, node->params); break;
    case CRL_INT16: crl_depthwise_s16_wide_ref(out, in, filter, bias, node->params); break;
    default:
        if (crl_conv_is_hybrid(node))
            crl_depthwise_hybrid_ref(out, in, bias, node->params, work->scratch);
        else
            crl_depthwise_f32_ref(out, in, filter, bias, node->params);
        break;
    }
    return CRL_OK;
}

const crl_op_type crl_op_depthwise_conv_2d = {
    .name = "DEPTHWISE_CONV_2D", .code = CRL_OP_DEPTHWISE_CONV_2D, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
