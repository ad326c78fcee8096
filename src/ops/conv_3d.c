/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_3D: in [b,d,h,w,c], filter [fd,fh,fw,c,out_c], bias [out_c] (may be left out) -> [b,od,oh,ow,out_c].
 * CONV_3D_TRANSPOSE: shape [5], filter [fd,fh,fw,out_c,c], in, bias -> shape. FLOAT32. */
#include "kernels/conv_3d.h"

#include "ops/convolution.h"
#include "ops/shapes.h"
#include "ops/window.h"

/* Types, ranks, and the sizes in c that are not the output's; the filter's channels are the last two of its dimensions. */
static crl_status check_tensors(const crl_node *node, crl_conv_3d *c, const crl_conv_tensors *t, bool transposed, crl_error *err)
{
    const crl_tensor *in = t->in, *filter = t->filter, *bias = t->bias;
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, filter, in, err);
    if (!s && bias) s = crl_node_same_type(node, bias, in, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    const int32_t *d = in->shape.dim, *f = filter->shape.dim;
    const int32_t in_c = f[transposed ? 4 : 3], out_c = f[transposed ? 3 : 4];
    if (in->shape.rank != 5 || d[1] < 1 || d[2] < 1 || d[3] < 1 || d[4] < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "it has to be [batch,depth,height,width,channels]");
    if (filter->shape.rank != 5 || in_c != d[4] || out_c < 1)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err,
                            transposed ? "it has to be [depth,height,width,outputs,%d]"
                                       : "it has to be [depth,height,width,%d,outputs]",
                            d[4]);
    if (bias && crl_shape_count(&bias->shape) != (size_t)out_c)
        return crl_node_bad(node, CRL_ERR_FORMAT, bias, err, "%zu elements for %d channels",
                            crl_shape_count(&bias->shape), out_c);
    c->batch = d[0];
    c->in_c = in_c;
    c->out_c = out_c;
    for (int i = 0; i < 3; i++) {
        c->in[i] = d[1 + i];
        c->filter[i] = f[i];
    }
    return CRL_OK;
}

/* Positions of the window along each axis: how many there are in `from`, into `to`. */
static crl_status fit(const crl_node *node, crl_conv_3d *c, const int32_t from[3], int32_t to[3], crl_error *err)
{
    static const char *const axis[3] = { "depth", "height", "width" };
    static const char *const stride[3] = { "stride_d", "stride_h", "stride_w" };
    static const char *const dilation[3] = { "dilation_d_factor", "dilation_h_factor", "dilation_w_factor" };
    crl_padding padding;
    crl_status s = crl_node_padding(node, &padding, err);
    for (int i = 0; i < 3 && !s; i++) {
        c->stride[i] = crl_node_int(node, stride[i]);
        c->dilation[i] = crl_node_int(node, dilation[i]);
        s = crl_window_fit_axis(axis[i], from[i], c->filter[i], c->stride[i], c->dilation[i], padding, CRL_WINDOW_REFUSE,
                                &to[i], &c->pad[i], err);
    }
    if (!s)
        s = crl_node_activation_range_f32(node, crl_node_int(node, "fused_activation_function"), &c->min, &c->max, err);
    return s;
}

static uint64_t taps(const crl_conv_3d *c)
{
    return (uint64_t)c->filter[0] * (uint64_t)c->filter[1] * (uint64_t)c->filter[2];
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(crl_conv_3d), err);
    if (s) return s;
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    crl_conv_3d *c = node->params;
    s = check_tensors(node, c, &t, false, err);
    if (!s) s = fit(node, c, c->in, c->out, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 5, { c->batch, c->out[0], c->out[1], c->out[2], c->out_c } }, err);
    if (s) return s;
    node->macs = (uint64_t)crl_shape_count(&node->out[0]->shape) * taps(c) * (uint64_t)c->in_c;
    return CRL_OK;
}

static crl_status prepare_transpose(crl_node *node, crl_error *err)
{
    int64_t wanted[5];
    int32_t n, found[3];
    crl_status s = crl_node_params(node, sizeof(crl_conv_3d), err);
    if (s) return s;
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    const crl_tensor *shape = node->in[0];
    crl_conv_3d *c = node->params;
    s = check_tensors(node, c, &t, true, err);
    if (!s) s = crl_node_const_ints(node, shape, CRL_TYPE(CRL_INT32), wanted, 5, &n, err);
    if (s) return s;
    if (n != 5 || wanted[0] != c->batch || wanted[1] < 1 || wanted[2] < 1 || wanted[3] < 1 || wanted[4] != c->out_c)
        return crl_node_bad(node, CRL_ERR_FORMAT, shape, err, "the output has to be [%d,depth,height,width,%d]", c->batch,
                            c->out_c);
    for (int i = 0; i < 3; i++) c->out[i] = (int32_t)wanted[1 + i];
    s = fit(node, c, c->out, found, err);
    for (int i = 0; i < 3 && !s; i++)
        if (found[i] != c->in[i])
            s = crl_node_bad(node, CRL_ERR_FORMAT, shape, err,
                             "dimension %d of the output is %d, which takes an input of %d, not %d", 1 + i, c->out[i],
                             found[i], c->in[i]);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 5, { c->batch, c->out[0], c->out[1], c->out[2], c->out_c } }, err);
    if (s) return s;
    node->macs = (uint64_t)crl_shape_count(&t.in->shape) * taps(c) * (uint64_t)c->out_c;
    return CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    crl_conv_3d_f32_ref(t.out->data, t.in->data, t.filter->data, t.bias ? t.bias->data : NULL, node->params);
    return CRL_OK;
}

static crl_status invoke_transpose(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_conv_tensors t = crl_transpose_conv_tensors_of(node);
    crl_conv_3d_transpose_f32_ref(t.out->data, t.in->data, t.filter->data, t.bias ? t.bias->data : NULL, node->params);
    return CRL_OK;
}

const crl_op_type crl_op_conv_3d = {
    .name = "CONV_3D", .code = CRL_OP_CONV_3D, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};

const crl_op_type crl_op_conv_3d_transpose = {
    .name = "CONV_3D_TRANSPOSE", .code = CRL_OP_CONV_3D_TRANSPOSE, .in_min = 3, .in_max = 4, .out_min = 1, .out_max = 1,
    .prepare = prepare_transpose, .invoke = invoke_transpose,
};
