/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D: in [b,h,w,c] -> [b,oh,ow,c]. UINT8, INT8, INT16, FLOAT32; L2 FLOAT32 only.
 * The output's scale is taken to be the input's, as the reference does. */
#include "kernels/pool.h"

#include <math.h>

#include "model/chip.h"
#include "ops/chip.h"
#include "ops/shapes.h"
#include "ops/window.h"
#include "ops/work.h"

/* Whether each window sees a pixel: filters may be larger than the picture, but not lie beside it. */
static bool sees_a_pixel(const crl_window *w)
{
    for (int32_t y = 0; y < w->out_h; y++) {
        const crl_taps t = crl_window_taps_y(w, y);
        if (t.first == t.end) return false;
    }
    for (int32_t x = 0; x < w->out_w; x++) {
        const crl_taps t = crl_window_taps_x(w, x);
        if (t.first == t.end) return false;
    }
    return true;
}

static crl_status prepare_types(crl_node *node, unsigned types, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_params(node, sizeof(crl_pool2d), err);
    if (s) return s;
    crl_pool2d *p = node->params;
    crl_window *w = &p->window;
    crl_padding padding;
    s = crl_node_accept(node, in, types, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_window_input(node, w, in, CRL_WINDOW_ANY, err);
    if (!s) s = crl_node_padding(node, &padding, err);
    if (s) return s;
    w->out_c = w->in_c;
    w->filter_h = crl_node_int(node, "filter_height");
    w->filter_w = crl_node_int(node, "filter_width");
    w->stride_h = crl_node_int(node, "stride_h");
    w->stride_w = crl_node_int(node, "stride_w");
    w->dilation_h = w->dilation_w = 1;
    s = crl_window_fit(w, padding, CRL_WINDOW_EMPTY, err);
    if (s) return s;
    if (!sees_a_pixel(w)) return crl_fail(err, CRL_ERR_FORMAT, "a window lies outside of the picture");
    const int32_t activation = crl_node_int(node, "fused_activation_function");
    if (in->type == CRL_FLOAT32)
        s = crl_node_activation_range_f32(node, activation, &p->min_f32, &p->max_f32, err);
    else
        s = crl_node_activation_range(node, node->out[0], activation, &p->min, &p->max, err);
    if (!s) s = crl_node_shape(node, 0, &(crl_shape){ 4, { w->batch, w->out_h, w->out_w, w->out_c } }, err);
    if (s) return s;
    /* No window sees more than the picture. */
    const uint64_t taps = (uint64_t)(w->filter_h < w->in_h ? w->filter_h : w->in_h) *
                          (uint64_t)(w->filter_w < w->in_w ? w->filter_w : w->in_w);
    enum { TAP = 4 };
    node->more_work = crl_work_mul(crl_work_mul(crl_shape_count(&node->out[0]->shape), taps), TAP);
    return CRL_OK;
}

static crl_status prepare_max(crl_node *node, crl_error *err)
{
    return prepare_types(node, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
}

/* The factor of a package, of whole windows; others have it in proportion. */
static void take_given(crl_average_on_chip *p, const crl_node *node)
{
    const crl_window *w = &((const crl_pool2d *)node->params)->window;
    const int64_t whole = (int64_t)w->filter_h * w->filter_w;
    p->whole = whole < INT32_MAX ? (int32_t)whole : 0;
    p->factor = node->def->chip->multiplier;
    p->in_scale = p->factor * (float)whole;
    p->unit = 1;
}

static crl_status prepare_average(crl_node *node, crl_error *err)
{
    crl_status s = prepare_types(node, CRL_TYPE_QUANT | CRL_TYPE(CRL_FLOAT32), err);
    if (s || !node->on_chip) return s;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    s = crl_node_check_quant(node, in, err);
    if (!s) s = crl_node_check_quant(node, out, err);
    crl_pool2d *p = node->params;
    if (!s) s = crl_chip_range(node, out, crl_node_int(node, "fused_activation_function"), &p->min, &p->max, err);
    if (s) return s;
    p->on_chip = (crl_average_on_chip){ .in_scale = in->quant.scale[0], .unit = 1.0f / out->quant.scale[0],
                                         .in_zero = in->quant.zero_point[0], .out_zero = out->quant.zero_point[0] };
    if (node->def->chip) take_given(&p->on_chip, node);
    const float all = p->on_chip.in_scale * p->on_chip.unit;
    if (isfinite(all) && all > 0) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "scale %g is out of proportion", (double)out->quant.scale[0]);
}

static crl_status prepare_l2(crl_node *node, crl_error *err)
{
    return prepare_types(node, CRL_TYPE(CRL_FLOAT32), err);
}

/* Kernels in the order of types UINT8, INT8, INT16, FLOAT32. */
static crl_status run(const crl_node *node, crl_pool2d_fn *const kernel[4])
{
    const crl_type type = node->in[0]->type;
    const int i = type == CRL_UINT8 ? 0 : type == CRL_INT8 ? 1 : type == CRL_INT16 ? 2 : 3;
    kernel[i](node->out[0]->data, node->in[0]->data, node->params);
    return CRL_OK;
}

static crl_status invoke_average(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    static crl_pool2d_fn *const kernel[4] = { crl_average_pool_u8_ref, crl_average_pool_s8_ref,
                                              crl_average_pool_s16_ref, crl_average_pool_f32_ref };
    return run(node, kernel);
}

static crl_status invoke_max(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    static crl_pool2d_fn *const kernel[4] = { crl_max_pool_u8_ref, crl_max_pool_s8_ref, crl_max_pool_s16_ref,
                                              crl_max_pool_f32_ref };
    return run(node, kernel);
}

static crl_status invoke_l2(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    crl_l2_pool_f32_ref(node->out[0]->data, node->in[0]->data, node->params);
    return CRL_OK;
}

const crl_op_type crl_op_average_pool_2d = {
    .name = "AVERAGE_POOL_2D", .code = CRL_OP_AVERAGE_POOL_2D, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_average,
    .invoke = invoke_average,
};

const crl_op_type crl_op_l2_pool_2d = {
    .name = "L2_POOL_2D", .code = CRL_OP_L2_POOL_2D, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_l2,
    .invoke = invoke_l2,
};

const crl_op_type crl_op_max_pool_2d = {
    .name = "MAX_POOL_2D", .code = CRL_OP_MAX_POOL_2D, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare_max,
    .invoke = invoke_max,
};
