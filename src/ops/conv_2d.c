/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D: in [b,h,w,c], filter [out_c,fh,fw,c/groups], bias [out_c] (may be left out) -> [b,oh,ow,out_c].
 * UINT8, INT8 (one scale or one per output channel), INT16 with INT8 filters, FLOAT32, FLOAT32 with INT8 filters. */
#include "ops/convolution.h"
#include "ops/window.h"

static crl_status check_filter(const crl_node *node, crl_conv *c, crl_error *err)
{
    const crl_tensor *filter = node->in[1];
    const int32_t *d = filter->shape.dim;
    if (filter->shape.rank != 4 || d[0] < 1 || d[3] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "it has to be [outputs,height,width,inputs]");
    c->window.out_c = d[0];
    c->window.filter_h = d[1];
    c->window.filter_w = d[2];
    c->groups = c->window.in_c / d[3];
    if (c->window.in_c % d[3] || d[0] % c->groups)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "%d outputs of %d channels do not divide an input of %d",
                            d[0], d[3], c->window.in_c);
    return CRL_OK;
}

/* Scales of channels that differ, and groups, make pictures be quantised with a zero point: the reference has another
 * kernel for them. */
static bool is_asymmetric(const crl_conv *c, const crl_quant *q)
{
    bool differ = c->groups != 1;
    for (int32_t i = 1; i < q->n; i++) differ = differ || q->scale[i] != q->scale[0];
    return differ;
}

static crl_status finish_hybrid(crl_node *node, const crl_conv_tensors *t, crl_error *err)
{
    crl_conv_hybrid *c = node->params;
    const bool asymmetric = is_asymmetric(&c->conv, &t->filter->quant);
    crl_status s = crl_conv_finish_hybrid(node, t, 0, asymmetric, c, err);
    if (!asymmetric) c->filter.row_scale = NULL;
    return s;
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
    if (!s) s = crl_node_padding(node, &padding, err);
    if (s) return s;
    w->stride_h = crl_node_int(node, "stride_h");
    w->stride_w = crl_node_int(node, "stride_w");
    w->dilation_h = crl_node_int(node, "dilation_h_factor");
    w->dilation_w = crl_node_int(node, "dilation_w_factor");
    s = crl_window_fit(w, padding, CRL_WINDOW_REFUSE, err);
    if (!s) s = hybrid ? finish_hybrid(node, &t, err) : crl_conv_finish(node, &t, 0, c, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 4, { w->batch, w->out_h, w->out_w, w->out_c } }, err);
    if (s) return s;
    node->macs = (uint64_t)crl_shape_count(&node->out[0]->shape) * (uint64_t)w->filter_h * (uint64_t)w->filter_w *
                 (uint64_t)(w->in_c / c->groups);
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const void *in = node->in[0]->data, *filter = node->in[1]->data;
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    const void *b = bias ? bias->data : NULL;
    void *out = node->out[0]->data;
    switch (node->in[0]->type) {
    case CRL_UINT8: crl_conv_u8_ref(out, in, filter, b, node->params); break;
    case CRL_INT8: crl_conv_s8_ref(out, in, filter, b, node->params); break;
    case CRL_INT16:
        if (bias && bias->type == CRL_INT32)
            crl_conv_s16_ref(out, in, filter, b, node->params);
        else
            crl_conv_s16_wide_ref(out, in, filter, b, node->params);
        break;
    default:
        if (crl_conv_is_hybrid(node))
            crl_conv_hybrid_ref(out, in, b, node->params, work->scratch);
        else
            crl_conv_f32_ref(out, in, filter, b, node->params);
        break;
    }
    return CRL_OK;
}

const crl_op_type crl_op_conv_2d = {
    .name = "CONV_2D", .code = CRL_OP_CONV_2D, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
