/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_3D: in [b,d,h,w,c], filter [fd,fh,fw,c,out_c], bias [out_c] (may be left out) -> [b,od,oh,ow,out_c]. FLOAT32. */
#include "kernels/conv_3d.h"

#include "ops/shapes.h"
#include "ops/window.h"

static crl_status check_tensors(const crl_node *node, crl_conv_3d *c, crl_error *err)
{
    const crl_tensor *in = node->in[0], *filter = node->in[1], *bias = node->n_in > 2 ? node->in[2] : NULL;
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, filter, in, err);
    if (!s && bias) s = crl_node_same_type(node, bias, in, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    const int32_t *d = in->shape.dim, *f = filter->shape.dim;
    if (in->shape.rank != 5 || d[1] < 1 || d[2] < 1 || d[3] < 1 || d[4] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "it has to be [batch,depth,height,width,channels]");
    if (filter->shape.rank != 5 || f[3] != d[4] || f[4] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "it has to be [depth,height,width,%d,outputs]", d[4]);
    if (bias && crl_shape_count(&bias->shape) != (size_t)f[4])
        return crl_node_bad(node, CRL_ERR_FORMAT, bias, err, "%zu elements for %d channels",
                            crl_shape_count(&bias->shape), f[4]);
    c->batch = d[0];
    c->in_c = d[4];
    c->out_c = f[4];
    for (int i = 0; i < 3; i++) {
        c->in[i] = d[1 + i];
        c->filter[i] = f[i];
    }
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    static const char *const axis[3] = { "depth", "height", "width" };
    static const char *const stride[3] = { "stride_d", "stride_h", "stride_w" };
    static const char *const dilation[3] = { "dilation_d_factor", "dilation_h_factor", "dilation_w_factor" };
    crl_status s = crl_node_params(node, sizeof(crl_conv_3d), err);
    if (s) return s;
    crl_conv_3d *c = node->params;
    crl_padding padding;
    s = check_tensors(node, c, err);
    if (!s) s = crl_node_padding(node, &padding, err);
    for (int i = 0; i < 3 && !s; i++) {
        c->stride[i] = crl_node_int(node, stride[i]);
        c->dilation[i] = crl_node_int(node, dilation[i]);
        s = crl_window_fit_axis(axis[i], c->in[i], c->filter[i], c->stride[i], c->dilation[i], padding,
                                CRL_WINDOW_REFUSE, &c->out[i], &c->pad[i], err);
    }
    if (!s)
        s = crl_node_activation_range_f32(node, crl_node_int(node, "fused_activation_function"), &c->min, &c->max, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 5, { c->batch, c->out[0], c->out[1], c->out[2], c->out_c } }, err);
    if (s) return s;
    node->macs = (uint64_t)crl_shape_count(&node->out[0]->shape) * (uint64_t)c->filter[0] * (uint64_t)c->filter[1] *
                 (uint64_t)c->filter[2] * (uint64_t)c->in_c;
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const float *bias = node->n_in > 2 && node->in[2] ? node->in[2]->data : NULL;
    crl_conv_3d_f32_ref(node->out[0]->data, node->in[0]->data, node->in[1]->data, bias, node->params);
    return CRL_OK;
}

const crl_op_type crl_op_conv_3d = {
    .name = "CONV_3D", .code = CRL_OP_CONV_3D, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
