/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN, SUM, REDUCE_PROD, REDUCE_MAX, REDUCE_MIN, REDUCE_ANY, REDUCE_ALL: in, axes (constant) -> in without those
 * dimensions, or with the option keep_dims with ones in their place.
 *
 * MEAN and SUM rescale UINT8, INT8, INT16, REDUCE_PROD INT8 and INT16; MAX and MIN ask for equal scales. */
#include "ops/reduce.h"

#include <math.h>

#include "ops/chip.h"
#include "ops/requant.h"
#include "ops/shapes.h"

/* Shape and plan from the axes. */
static crl_status prepare_plan(crl_node *node, unsigned types, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_params(node, sizeof(crl_reduction), err);
    if (!s) s = crl_node_accept(node, in, types, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    enum { MAX_AXES = 4 * CRL_MAX_RANK }; /* repetitions are legal */
    int64_t axes[MAX_AXES];
    int32_t n;
    if (!s) s = crl_node_const_ints(node, node->in[1], CRL_TYPE(CRL_INT32), axes, MAX_AXES, &n, err);
    if (s) return s;
    bool reduced[CRL_MAX_RANK] = { false };
    for (int32_t i = 0; i < n && in->shape.rank > 0; i++) {
        int32_t axis;
        s = crl_node_axis(axes[i], in->shape.rank, &axis, err);
        if (s) return s;
        reduced[axis] = true;
    }
    crl_reduction *p = node->params;
    crl_reduce_plan_make(&p->plan, &in->shape, reduced);
    const bool keep = crl_node_bool(node, "keep_dims");
    crl_shape shape = { .rank = 0 };
    for (int32_t i = 0; i < in->shape.rank; i++)
        if (!reduced[i] || keep) shape.dim[shape.rank++] = reduced[i] ? 1 : in->shape.dim[i];
    return crl_node_shape(node, 0, &shape, err);
}

static bool is_quantised(const crl_tensor *t)
{
    return t->type == CRL_UINT8 || t->type == CRL_INT8 || t->type == CRL_INT16;
}

static crl_status prepare_quant(crl_node *node, bool mean, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = crl_node_check_quant_in(node, in, err);
    if (!s) s = crl_node_check_quant(node, out, err);
    if (s) return s;
    if (in->type == CRL_INT16 && (in->quant.zero_point[0] || out->quant.zero_point[0]))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in->quant.zero_point[0] ? in : out, err,
                            "zero points of INT16 have to be 0");
    crl_reduction *p = node->params;
    p->rescale = true;
    p->quant.in_zero = in->quant.zero_point[0];
    if (node->on_chip) {
        /* Of one picture: MEAN over the last axis was seen as (in / out) / n, averages over height and width as a layer with weights 1 / n. */
        const float factor = crl_chip_scale(in->quant.scale[0], out->quant.scale[0]);
        const float n = p->plan.count ? (float)p->plan.count : 1, layer = crl_chip_scale(in->quant.scale[0] * (1.0f / n), out->quant.scale[0]);
        const bool last = p->plan.rank > 0 && p->plan.step[p->plan.rank - 1] == 0;
        return crl_chip_requant(node, out, !mean ? factor : last ? factor / n : layer, CRL_ACT_NONE, &p->quant.out, err);
    }
    crl_scale scale = crl_scale_from_real((double)in->quant.scale[0] / (double)out->quant.scale[0]);
    if (mean && p->plan.count) scale = crl_mean_scale(scale, p->plan.count);
    return crl_node_requant(node, out, scale, &p->quant.out, err);
}

static crl_status prepare_sums(crl_node *node, bool mean, crl_error *err)
{
    crl_status s = prepare_plan(node, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s && is_quantised(node->in[0])) s = prepare_quant(node, mean, err);
    if (s) return s;
    const crl_reduction *p = node->params;
    if (!crl_size_mul(p->plan.n_out, sizeof(int64_t), &node->scratch_bytes))
        return crl_fail(err, CRL_ERR_MEMORY, "%zu sums do not fit into memory", p->plan.n_out);
    return CRL_OK;
}

static crl_status prepare_mean(crl_node *node, crl_error *err)
{
    return prepare_sums(node, true, err);
}

static crl_status prepare_sum(crl_node *node, crl_error *err)
{
    crl_status s = prepare_sums(node, false, err);
    if (s || node->on_chip || node->in[0]->type != CRL_INT8) return s;
    crl_requant *out = &((crl_reduction *)node->params)->quant.out; /* of UINT8: see invoke_sum */
    out->min = 0;
    out->max = UINT8_MAX;
    return CRL_OK;
}

static crl_status prepare_choice(crl_node *node, crl_error *err)
{
    crl_status s = prepare_plan(node, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    return !s && is_quantised(node->in[0]) ? crl_node_same_quant(node, node->out[0], node->in[0], err) : s;
}

/* Quantised products scale by the root of the output's scale at each step. Source: TensorFlow Lite,
 * kernels/reduce.cc: GetQuantProdScaling. */
static crl_status prepare_prod(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    crl_status s = prepare_plan(node, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (s || in->quant.n == 0) return s;
    s = crl_node_accept(node, in, CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16), err);
    if (!s) s = prepare_quant(node, false, err);
    if (s) return s;
    crl_reduction *p = node->params;
    const double count = p->plan.count ? (double)p->plan.count : 1;
    const double real = (double)in->quant.scale[0] / pow((double)out->quant.scale[0], 1.0 / count);
    if (!isfinite(real))
        return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "scale %g is out of proportion", (double)out->quant.scale[0]);
    s = crl_node_requant(node, out, crl_scale_from_real(real), &p->quant.out, err);
    if (s) return s;
    if (!crl_size_mul(p->plan.n_out, sizeof(int32_t), &node->scratch_bytes))
        return crl_fail(err, CRL_ERR_MEMORY, "%zu products do not fit into memory", p->plan.n_out);
    return CRL_OK;
}

static crl_status prepare_bool(crl_node *node, crl_error *err)
{
    return prepare_plan(node, CRL_TYPE(CRL_BOOL), err);
}

static crl_status invoke_mean(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const crl_reduction *p = node->params;
    const crl_tensor *in = node->in[0];
    if (p->rescale)
        crl_reduce_quant_ref(node->out[0]->data, in->data, in->type, work->scratch, &p->quant, &p->plan);
    else
        crl_mean_ref(node->out[0]->data, in->data, in->type, work->scratch, &p->plan);
    return CRL_OK;
}

static crl_status run(const crl_node *node, crl_reduce_kind kind)
{
    const crl_reduction *p = node->params;
    crl_reduce_ref(node->out[0]->data, node->in[0]->data, node->in[0]->type, kind, &p->plan);
    return CRL_OK;
}

static crl_status invoke_sum(const crl_node *node, crl_work *work, crl_error *err)
{
    const crl_reduction *p = node->params;
    const crl_tensor *in = node->in[0];
    if (!p->rescale) return run(node, CRL_REDUCE_SUM);
    if (node->on_chip || in->type != CRL_INT8) return invoke_mean(node, work, err);
    /* LiteRT's reference takes the bytes of INT8 for UINT8 here, at both ends (kernels/reduce.cc: QuantizedMeanOrSum).
     * Its bytes are what is promised. Of INT16 it reads and writes only a part: there we do what was meant. */
    crl_reduce_quant_ref(node->out[0]->data, in->data, CRL_UINT8, work->scratch, &p->quant, &p->plan);
    return CRL_OK;
}

static crl_status invoke_prod(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const crl_reduction *p = node->params;
    const crl_tensor *in = node->in[0];
    if (!p->rescale) return run(node, CRL_REDUCE_PROD);
    crl_reduce_prod_quant_ref(node->out[0]->data, in->data, in->type, work->scratch, &p->quant, &p->plan);
    return CRL_OK;
}

static crl_status invoke_max(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, CRL_REDUCE_MAX);
}

static crl_status invoke_min(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, CRL_REDUCE_MIN);
}

static crl_status invoke_any(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, CRL_REDUCE_ANY);
}

static crl_status invoke_all(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    return run(node, CRL_REDUCE_ALL);
}

const crl_op_type crl_op_mean = {
    .name = "MEAN", .code = CRL_OP_MEAN, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_mean,
    .invoke = invoke_mean,
};

const crl_op_type crl_op_sum = {
    .name = "SUM", .code = CRL_OP_SUM, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_sum,
    .invoke = invoke_sum,
};

const crl_op_type crl_op_reduce_prod = {
    .name = "REDUCE_PROD", .code = CRL_OP_REDUCE_PROD, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_prod,
    .invoke = invoke_prod,
};

const crl_op_type crl_op_reduce_max = {
    .name = "REDUCE_MAX", .code = CRL_OP_REDUCE_MAX, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_choice,
    .invoke = invoke_max,
};

const crl_op_type crl_op_reduce_min = {
    .name = "REDUCE_MIN", .code = CRL_OP_REDUCE_MIN, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_choice,
    .invoke = invoke_min,
};

const crl_op_type crl_op_reduce_any = {
    .name = "REDUCE_ANY", .code = CRL_OP_REDUCE_ANY, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_bool,
    .invoke = invoke_any,
};

const crl_op_type crl_op_reduce_all = {
    .name = "REDUCE_ALL", .code = CRL_OP_REDUCE_ALL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare_bool,
    .invoke = invoke_all,
};
