/* SPDX-License-Identifier: Apache-2.0 */
/* REAL, IMAG, COMPLEX_ABS: parts and absolute values of complex numbers, COMPLEX64 -> FLOAT32, COMPLEX128 -> FLOAT64. */
#include <math.h>

#include "ops/shapes.h"

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_COMPLEX64) | CRL_TYPE(CRL_COMPLEX128), err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE(in->type == CRL_COMPLEX64 ? CRL_FLOAT32 : CRL_FLOAT64), err);
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status part(const crl_node *node, size_t which)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t n = crl_shape_count(&out->shape);
    for (size_t i = 0; i < n; i++) {
        if (in->type == CRL_COMPLEX64)
            ((float *)out->data)[i] = ((const float *)in->data)[2 * i + which];
        else
            ((double *)out->data)[i] = ((const double *)in->data)[2 * i + which];
    }
    return CRL_OK;
}

static crl_status invoke_real(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return part(node, 0);
}

static crl_status invoke_imag(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return part(node, 1);
}

static crl_status invoke_abs(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t n = crl_shape_count(&out->shape);
    for (size_t i = 0; i < n; i++) {
        if (in->type == CRL_COMPLEX64)
            ((float *)out->data)[i] = hypotf(((const float *)in->data)[2 * i], ((const float *)in->data)[2 * i + 1]);
        else
            ((double *)out->data)[i] = hypot(((const double *)in->data)[2 * i], ((const double *)in->data)[2 * i + 1]);
    }
    return CRL_OK;
}

const crl_op_type crl_op_real = {
    .name = "REAL", .code = CRL_OP_REAL, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke_real,
};

const crl_op_type crl_op_imag = {
    .name = "IMAG", .code = CRL_OP_IMAG, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke_imag,
};

const crl_op_type crl_op_complex_abs = {
    .name = "COMPLEX_ABS", .code = CRL_OP_COMPLEX_ABS, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare, .invoke = invoke_abs,
};
