/* SPDX-License-Identifier: Apache-2.0 */
/* L2_NORMALIZATION (UINT8, INT8, FLOAT32; the output's quantisation is fixed: 1/128 and the middle) and
 * LOCAL_RESPONSE_NORMALIZATION (FLOAT32, rank 4), over the last dimension. */
#include "kernels/norm.h"

#include "ops/shapes.h"
#include "ops/work.h"

static crl_status prepare_rows(crl_node *node, unsigned types, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_params(node, sizeof(crl_norm), err);
    if (!s) s = crl_node_accept(node, in, types, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    if (in->shape.rank < 1) return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "a scalar has no dimension to sum over");
    crl_norm *p = node->params;
    p->depth = (size_t)in->shape.dim[in->shape.rank - 1];
    p->rows = crl_shape_span(&in->shape, 0, in->shape.rank - 1);
    return crl_node_same_shape(node, 0, 0, err);
}

static crl_status prepare_l2(crl_node *node, crl_error *err)
{
    crl_status s = prepare_rows(node, CRL_TYPE_8BIT | CRL_TYPE(CRL_FLOAT32), err);
    if (s) return s;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (crl_node_int(node, "fused_activation_function") != CRL_ACT_NONE)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "fused activation %d, only NONE is supported",
                        crl_node_int(node, "fused_activation_function"));
    if (in->type == CRL_FLOAT32) return CRL_OK;
    s = crl_node_check_quant_in(node, in, err);
    if (s) return s;
    const int32_t zero = in->type == CRL_UINT8 ? 128 : 0;
    if (crl_tensor_scale(out) != 1.0f / 128 || crl_tensor_zero(out) != zero)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "scale %g and zero point %d, they have to be %g and %d",
                            (double)crl_tensor_scale(out), crl_tensor_zero(out), 1.0 / 128, zero);
    crl_norm *p = node->params;
    p->in_zero = in->quant.zero_point[0];
    if (!node->on_chip) return CRL_OK;
    p->on_chip = in->quant.scale[0];
    if (p->on_chip > 1e-12f && p->on_chip < 1e12f) return CRL_OK; /* its square and what is made of that are numbers */
    return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "scale %g is out of proportion", (double)p->on_chip);
}

static crl_status prepare_local_response(crl_node *node, crl_error *err)
{
    crl_status s = prepare_rows(node, CRL_TYPE(CRL_FLOAT32), err);
    if (s) return s;
    crl_norm *p = node->params;
    p->radius = crl_node_int(node, "radius");
    p->bias = crl_node_float(node, "bias");
    p->alpha = crl_node_float(node, "alpha");
    p->beta = crl_node_float(node, "beta");
    if (node->in[0]->shape.rank != 4)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "rank %d, it has to be 4", node->in[0]->shape.rank);
    if (p->radius < 0) return crl_fail(err, CRL_ERR_FORMAT, "radius %d, it has to be at least 0", p->radius);
    const uint64_t channels = (uint64_t)node->in[0]->shape.dim[3], width = 2 * (uint64_t)p->radius + 1;
    node->more_work = crl_work_mul(crl_shape_count(&node->in[0]->shape), width < channels ? width : channels);
    return CRL_OK;
}

static crl_status invoke_l2(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0];
    if (in->type == CRL_FLOAT32)
        crl_l2_norm_f32_ref(node->out[0]->data, in->data, node->params);
    else
        (node->on_chip ? crl_l2_norm_chip_ref : crl_l2_norm_ref)(node->out[0]->data, in->data, in->type, node->params);
    return CRL_OK;
}

static crl_status invoke_local_response(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    crl_local_response_f32_ref(node->out[0]->data, node->in[0]->data, node->params);
    return CRL_OK;
}

const crl_op_type crl_op_l2_normalization = {
    .name = "L2_NORMALIZATION", .code = CRL_OP_L2_NORMALIZATION, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_l2,
    .invoke = invoke_l2,
};

const crl_op_type crl_op_local_response_normalization = {
    .name = "LOCAL_RESPONSE_NORMALIZATION", .code = CRL_OP_LOCAL_RESPONSE_NORMALIZATION, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_local_response, .invoke = invoke_local_response,
};
