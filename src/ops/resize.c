/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR: in [b,h,w,c], size [2] (height, width, constant) -> [b,h',w',c].
 * UINT8, INT8, INT16, FLOAT32. */
#include "kernels/resize.h"

#include "ops/shapes.h"

static crl_status prepare_kind(crl_node *node, bool exclusive, crl_error *err)
{
    const crl_tensor *in = node->in[0], *size = node->in[1];
    crl_status s = crl_node_params(node, sizeof(crl_resize), err);
    if (!s) s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    if (in->shape.rank != 4)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "rank %d, it has to be [batch,height,width,channels]",
                            in->shape.rank);
    int64_t wanted[2];
    int32_t n;
    s = crl_node_const_ints(node, size, CRL_TYPE(CRL_INT32), wanted, 2, &n, err);
    if (s) return s;
    const int32_t least = exclusive ? 1 : 0; /* nearest makes pictures without pixels, too, as the reference does */
    if (n != 2 || wanted[0] < least || wanted[1] < least)
        return crl_node_bad(node, CRL_ERR_FORMAT, size, err, "it has to be a height and a width, at least %d each", least);
    const int32_t *d = in->shape.dim;
    crl_resize *r = node->params;
    *r = (crl_resize){ .batch = d[0], .in_h = d[1], .in_w = d[2], .channels = d[3], .out_h = (int32_t)wanted[0],
                       .out_w = (int32_t)wanted[1], .align_corners = crl_node_bool(node, "align_corners"),
                       .half_pixel_centers = crl_node_bool(node, "half_pixel_centers") };
    if (r->out_h > 0 && r->out_w > 0 && (r->in_h < 1 || r->in_w < 1))
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "a picture without pixels");
    if (exclusive && r->align_corners && r->half_pixel_centers)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "align_corners and half_pixel_centers exclude each other");
    return crl_node_shape(node, 0, &(crl_shape){ 4, { r->batch, r->out_h, r->out_w, r->channels } }, err);
}

static crl_status prepare_bilinear(crl_node *node, crl_error *err)
{
    return prepare_kind(node, true, err);
}

static crl_status prepare_nearest(crl_node *node, crl_error *err)
{
    return prepare_kind(node, false, err);
}

static crl_status invoke_bilinear(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const void *in = node->in[0]->data;
    void *out = node->out[0]->data;
    switch (node->in[0]->type) {
    case CRL_UINT8: crl_resize_bilinear_u8_ref(out, in, node->params); break;
    case CRL_INT8: crl_resize_bilinear_s8_ref(out, in, node->params); break;
    case CRL_INT16: crl_resize_bilinear_s16_ref(out, in, node->params); break;
    default: crl_resize_bilinear_f32_ref(out, in, node->params); break;
    }
    return CRL_OK;
}

static crl_status invoke_nearest(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    crl_resize_nearest_ref(node->out[0]->data, node->in[0]->data, crl_type_bytes(node->in[0]->type), node->params);
    return CRL_OK;
}

const crl_op_type crl_op_resize_bilinear = {
    .name = "RESIZE_BILINEAR", .code = CRL_OP_RESIZE_BILINEAR, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_bilinear, .invoke = invoke_bilinear,
};

const crl_op_type crl_op_resize_nearest_neighbor = {
    .name = "RESIZE_NEAREST_NEIGHBOR", .code = CRL_OP_RESIZE_NEAREST_NEIGHBOR, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_nearest, .invoke = invoke_nearest,
};
