/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED: in of any shape, seen as [batch, in_n], filter [out_n, in_n], bias [out_n] (may be left out).
 * The output is [batch, out_n], with the option keep_num_dims the input's shape with out_n as last dimension.
 * UINT8, INT8 (one scale or one per output), INT16 with INT8 or INT16 filters, FLOAT32, and FLOAT32 with INT8 filters, whose inputs are
 * quantised row by row while running. Of those, old converters write the filter's type as UINT8; INT4 ones may have a scale for each
 * block of a row. */
#include "kernels/fully_connected.h"

#include <string.h>

#include "kernels/hybrid.h"
#include "ops/chip.h"
#include "ops/convolution.h"
#include "ops/hybrid.h"
#include "ops/shapes.h"

static crl_status shapes(crl_node *node, crl_fully *f, crl_error *err)
{
    const crl_tensor *in = node->in[0], *filter = node->in[1];
    if (filter->shape.rank != 2)
        return crl_node_bad(node, CRL_ERR_FORMAT, filter, err, "rank %d, it has to be [outputs,inputs]",
                            filter->shape.rank);
    f->out_n = filter->shape.dim[0];
    f->in_n = filter->shape.dim[1];
    size_t count = crl_shape_count(&in->shape), n = (size_t)f->in_n;
    if (n == 0) { /* rows of nothing are told by the other dimensions */
        n = count = 1;
        for (int32_t i = 0; i + 1 < in->shape.rank; i++)
            if (!crl_size_mul(count, (size_t)in->shape.dim[i], &count)) count = SIZE_MAX;
    }
    /* What is left after the last whole row is not read, as in the reference. */
    if (count / n > INT32_MAX)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%zu elements do not fit rows of %d", count, f->in_n);
    f->batch = (int32_t)(count / n);
    crl_shape shape = { 2, { f->batch, f->out_n } };
    if (crl_node_bool(node, "keep_num_dims")) {
        shape = in->shape;
        if (shape.rank < 1 || (f->in_n && shape.dim[shape.rank - 1] != f->in_n))
            return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "its last dimension has to be %d to keep the others",
                                f->in_n);
        shape.dim[shape.rank - 1] = f->out_n;
    }
    return crl_node_shape(node, 0, &shape, err);
}

/* The reference scales products of 16-bit tensors in fixed point. */
static crl_status fix_scales(crl_node *node, crl_fully *f, crl_error *err)
{
    crl_scale *scale = crl_node_alloc(node, (size_t)f->out_n, sizeof *scale, err);
    if (!scale) return CRL_ERR_MEMORY;
    for (int32_t i = 0; i < f->out_n; i++) scale[i] = crl_scale_from_real(f->out.real[i]);
    f->out.scale = scale;
    f->out.real = NULL;
    return CRL_OK;
}

static crl_status quantise(crl_node *node, const crl_conv_tensors *t, crl_fully *f, int32_t activation, crl_error *err)
{
    double *scale = crl_node_alloc(node, (size_t)f->out_n, sizeof *scale, err);
    if (!scale) return CRL_ERR_MEMORY;
    crl_status s = crl_conv_real_scales(node, t, f->out_n, 0, scale, err);
    if (s) return s;
    for (int32_t i = 0; i < f->out_n; i++) {
        /* Double here for every type, unlike convolutions. */
        const float filter = t->filter->quant.scale[t->filter->quant.n == 1 ? 0 : i];
        scale[i] = (double)t->in->quant.scale[0] * (double)filter / (double)t->out->quant.scale[0];
    }
    f->in_zero = t->in->quant.zero_point[0];
    f->filter_zero = t->filter->quant.zero_point[0];
    f->out.zero_point = t->out->quant.zero_point[0];
    s = (node->on_chip ? crl_chip_range : crl_node_activation_range)(node, t->out, activation, &f->out.min, &f->out.max, err);
    if (s) return s;
    if (node->on_chip) return crl_conv_single_scales(node, t, f->out_n, &f->out, err);
    f->out.real = scale;
    return t->filter->type == CRL_INT16 ? fix_scales(node, f, err) : CRL_OK;
}

static bool is_hybrid(const crl_node *node)
{
    return node->in[0]->type == CRL_FLOAT32 && node->in[1]->type != CRL_FLOAT32;
}

/* Whole numbers of 24 bits are exact floats; a product has 11 of them. */
enum { MAX_BLOCK = 1 << 12 };

static crl_status block_weights(const crl_node *node, crl_fully_hybrid *p, crl_error *err)
{
    const crl_tensor *filter = node->in[1];
    crl_status s = crl_node_accept(node, filter, CRL_TYPE(CRL_INT8), err);
    if (!s) s = crl_node_check_const(node, filter, err);
    if (s) return s;
    p->block = (size_t)filter->quant.block;
    p->asymmetric = true;
    p->matrix = (crl_hybrid_matrix){ .weights = filter->data, .rows = (size_t)filter->shape.dim[0],
                                     .columns = (size_t)filter->shape.dim[1], .row_scale = filter->quant.scale };
    if (filter->quant.block > MAX_BLOCK)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, filter, err, "a scale for %d elements, at most %d are supported",
                            filter->quant.block, MAX_BLOCK);
    if (crl_node_int(node, "fused_activation_function") != CRL_ACT_NONE)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "a fused activation behind weights with scales of blocks, which LiteRT leaves out: "
                        "make it an operator");
    return CRL_OK;
}

static crl_status prepare_hybrid(crl_node *node, crl_error *err)
{
    crl_fully_hybrid *p = node->params;
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    p->asymmetric = crl_node_bool(node, "asymmetric_quantize_inputs");
    p->min_wins = crl_node_int(node, "fused_activation_function") != CRL_ACT_NONE;
    crl_status s = node->in[1]->quant.block ? block_weights(node, p, err) : crl_hybrid_weights(node, node->in[1], 0, &p->matrix, err);
    if (!s && bias) s = crl_node_accept(node, bias, CRL_TYPE(CRL_FLOAT32), err);
    if (!s && bias && crl_shape_count(&bias->shape) != p->matrix.rows)
        s = crl_node_bad(node, CRL_ERR_FORMAT, bias, err, "%zu elements for %zu outputs", crl_shape_count(&bias->shape),
                         p->matrix.rows);
    if (!s) s = crl_node_same_type(node, node->out[0], node->in[0], err);
    node->scratch_bytes = p->matrix.columns;
    return s;
}

static bool all_zero(const float *x, size_t n)
{
    size_t i = 0;
    while (i < n && x[i] == 0) i++;
    return i == n;
}

static void run_hybrid(const crl_node *node, int8_t *scratch)
{
    const crl_fully_hybrid *p = node->params;
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    const float *in = node->in[0]->data;
    float *out = node->out[0]->data;
    /* The reference adds no products then: a bias of -0 stays what it is. */
    const bool nothing = all_zero(in, (size_t)p->fully.batch * p->matrix.columns);
    for (int32_t b = 0; b < p->fully.batch; b++, in += p->matrix.columns, out += p->matrix.rows) {
        crl_hybrid_vector v = { .q = scratch };
        if (p->block) {
            crl_hybrid_quantize(&v, in, p->matrix.columns, true);
            crl_hybrid_block_products(out, &p->matrix, p->block, bias ? bias->data : NULL, &v);
            continue;
        }
        if (bias)
            memcpy(out, bias->data, p->matrix.rows * sizeof *out);
        else
            for (size_t o = 0; o < p->matrix.rows; o++) out[o] = 0;
        if (!nothing) {
            crl_hybrid_quantize(&v, in, p->matrix.columns, p->asymmetric);
            crl_hybrid_add_products(out, &p->matrix, &v);
        }
        for (size_t o = 0; o < p->matrix.rows; o++)
            out[o] = crl_hybrid_clamp(out[o], p->fully.min_f32, p->fully.max_f32, p->min_wins);
    }
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    crl_status s = crl_node_params(node, is_hybrid(node) ? sizeof(crl_fully_hybrid) : sizeof(crl_fully), err);
    if (s) return s;
    crl_fully *f = node->params;
    if (crl_node_int(node, "weights_format") != 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "shuffled weights (weights_format %d), only DEFAULT (0) is supported",
                        crl_node_int(node, "weights_format"));
    s = shapes(node, f, err);
    if (!s) s = is_hybrid(node) ? prepare_hybrid(node, err) : crl_conv_check_types(node, &t, f->out_n, err);
    if (s) return s;
    node->macs = (uint64_t)f->batch * (uint64_t)f->in_n * (uint64_t)f->out_n;
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    if (t.in->type == CRL_FLOAT32) return crl_node_activation_range_f32(node, activation, &f->min_f32, &f->max_f32, err);
    return quantise(node, &t, f, activation, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const void *in = node->in[0]->data, *filter = node->in[1]->data;
    if (!node->in[1]->shape.dim[1]) { /* rows of nothing: the reference writes zeros, without bias and zero point */
        memset(node->out[0]->data, 0, node->out[0]->bytes);
        return CRL_OK;
    }
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    const void *b = bias ? bias->data : NULL;
    void *out = node->out[0]->data;
    switch (node->in[0]->type) {
    case CRL_UINT8: crl_fully_u8_ref(out, in, filter, b, node->params); break;
    case CRL_INT8: crl_fully_s8_ref(out, in, filter, b, node->params); break;
    case CRL_INT16:
        if (node->in[1]->type == CRL_INT16)
            crl_fully_s16s16_ref(out, in, filter, bias && bias->type == CRL_INT32 ? b : NULL,
                                 bias && bias->type == CRL_INT64 ? b : NULL, node->params);
        else if (crl_conv_is_narrow(node, bias))
            crl_fully_s16_ref(out, in, filter, b, node->params);
        else
            crl_fully_s16_wide_ref(out, in, filter, b, node->params);
        break;
    default:
        if (is_hybrid(node))
            run_hybrid(node, work->scratch);
        else
            crl_fully_f32_ref(out, in, filter, b, node->params);
        break;
    }
    return CRL_OK;
}

const crl_op_type crl_op_fully_connected = {
    .name = "FULLY_CONNECTED", .code = CRL_OP_FULLY_CONNECTED, .in_min = 2, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
