/* SPDX-License-Identifier: Apache-2.0 */
/* See codegen.h. */
#include "compile/codegen/codegen.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"

void crl_form_text(const crl_form *f, char *text)
{
    static const char *const activations[] = { "", ", RELU", ", RELU_N1_TO_1", ", RELU6" };
    const char *host = f->is_signed ? "int8" : "uint8", *bias = f->zero_bias ? ", a bias of zeros" : f->bias ? ", a bias" : "";
    const char *activation = activations[f->activation];
    if (f->family == CRL_FAMILY_DENSE)
        snprintf(text, CRL_FORM_TEXT, "a dense layer of %d to %d, %s%s%s", f->inputs, f->outputs, host, bias, activation);
    else
        snprintf(text, CRL_FORM_TEXT, "a 3x3 convolution, SAME, of %dx%dx%d to %d, %s%s%s", f->height, f->width, f->inputs, f->outputs, host, bias,
                 activation);
}

static crl_status refuse(crl_error *err, int32_t op, const char *name, const char *why)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "op %d %s: %s; name a compiled model of the same form with --template", op, name, why);
}

/* A QUANTIZE between signed and unsigned bytes of the same scale, which the chip has nothing to do for. */
static bool is_sign_change(const crl_subgraph *g, const crl_operator *op)
{
    if (op->code != CRL_OP_QUANTIZE || op->n_inputs != 1 || op->n_outputs != 1 || op->inputs[0] < 0) return false;
    const crl_tensor_def *a = &g->tensors[op->inputs[0]], *b = &g->tensors[op->outputs[0]];
    const bool bytes = (a->type == CRL_UINT8 && b->type == CRL_INT8) || (a->type == CRL_INT8 && b->type == CRL_UINT8);
    bool same = a->shape.rank == b->shape.rank;
    for (int32_t i = 0; same && i < a->shape.rank; i++) same = a->shape.dim[i] == b->shape.dim[i];
    return bytes && same && a->quant.n == 1 && b->quant.n == 1 && a->quant.scale[0] == b->quant.scale[0] && crl_stored_zero(a) == crl_stored_zero(b);
}

static bool is_activation(const crl_tensor_def *t)
{
    return (t->type == CRL_INT8 || t->type == CRL_UINT8) && t->quant.n == 1 && isfinite(t->quant.scale[0]) && t->quant.scale[0] > 0 &&
           t->quant.zero_point && crl_stored_zero(t) >= 0 && crl_stored_zero(t) <= 255 && !t->data && !t->is_variable;
}

/* The operators in their order have to be a chain from the only input to the only output. */
static crl_status check_chain(const crl_subgraph *g, crl_error *err)
{
    if (g->n_inputs != 1 || g->n_outputs != 1 || g->n_operators < 1)
        return crl_fail(
            err, CRL_ERR_UNSUPPORTED,
            "without a template only models of one input, one output and at least one operator are compiled; this "
            "has %d, %d and %d; name a compiled model of the same form with --template",
            g->n_inputs, g->n_outputs, g->n_operators);
    int32_t at = g->inputs[0];
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        if (op->n_inputs < 1 || op->n_outputs != 1 || op->inputs[0] != at)
            return refuse(err, i, op->name, "without a template only chains of operators are compiled");
        if (!is_activation(&g->tensors[at])) return refuse(err, i, op->name, "its input is not of bytes with one scale and zero point");
        at = op->outputs[0];
    }
    if (at != g->outputs[0] || !is_activation(&g->tensors[at]))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the output is not what the last operator computes, of bytes with one scale and zero point");
    return CRL_OK;
}

/* All of them numbers that a multiplier can be made of. */
static bool scales_are_usable(const crl_layer_view *v)
{
    for (int32_t i = 0; i < v->n_scales; i++)
        if (!isfinite(v->scale[i]) || v->scale[i] <= 0 || v->zero[i] + v->zero_more < 0 || v->zero[i] + v->zero_more > 255) return false;
    return true;
}

/* What both families want of a layer's weights, bias and tensors. */
static crl_status check_layer(crl_form *f, const crl_twin *w, crl_layer_view *v, crl_error *err)
{
    enum { RELU6 = 3 };
    const crl_subgraph *g = w->side[0];
    const crl_operator *op = &g->operators[f->op];
    if (!crl_layer_of(v, w, CRL_SIDE_A, f->op) || !v->flip) return refuse(err, f->op, op->name, "its weights are no constants of int8 with scales");
    if (g->tensors[op->inputs[0]].type != CRL_INT8 || g->tensors[op->outputs[0]].type != CRL_INT8)
        return refuse(err, f->op, op->name, "layers of int8 are compiled without a template");
    if (!scales_are_usable(v)) return refuse(err, f->op, op->name, "its weights have a scale or a zero point that is none");
    if (v->n_scales != v->outputs || !v->scales_differ)
        return refuse(err, f->op, op->name, "layers are compiled without a template where each output has a scale of its own");
    const int64_t activation = crl_twin_option(op, "fused_activation_function");
    if (activation < 0 || activation > RELU6) return refuse(err, f->op, op->name, "layers with such an activation are not compiled");
    f->activation = (int32_t)activation;
    f->inputs = v->inputs;
    f->outputs = v->outputs;
    f->zero_bias = v->bias && v->zero_bias;
    f->bias = v->bias && !v->zero_bias;
    return CRL_OK;
}

static crl_status of_dense(crl_form *f, const crl_twin *w, crl_error *err)
{
    enum { MOST = 1024, GROUP = 64 };
    const crl_subgraph *g = w->side[0];
    const crl_operator *op = &g->operators[f->op];
    const crl_shape *in = &g->tensors[op->inputs[0]].shape, *out = &g->tensors[op->outputs[0]].shape;
    crl_layer_view v;
    f->family = CRL_FAMILY_DENSE;
    const crl_status s = check_layer(f, w, &v, err);
    if (s) return s;
    if (in->rank != 2 || in->dim[0] != 1 || in->dim[1] != v.inputs || out->rank != 2 || out->dim[0] != 1 || out->dim[1] != v.outputs)
        return refuse(err, f->op, op->name, "only one row, [1,n] to [1,m], is compiled without a template");
    if (crl_twin_option(op, "weights_format") || crl_twin_option(op, "keep_num_dims"))
        return refuse(err, f->op, op->name, "dense layers with such options are not compiled without a template");
    if (v.inputs % GROUP || v.outputs % GROUP || v.inputs < 2 * GROUP || v.outputs < 2 * GROUP || v.inputs > MOST || v.outputs > MOST)
        return refuse(err, f->op, op->name, "sizes of dense layers that are compiled without a template are multiples of 64 from 128 to 1024");
    return CRL_OK;
}

static crl_status of_conv(crl_form *f, const crl_twin *w, crl_error *err)
{
    enum { SAME = 0, MOST = 4096, LEAST_ROWS = 12 };
    const crl_subgraph *g = w->side[0];
    const crl_operator *op = &g->operators[f->op];
    const crl_shape *in = &g->tensors[op->inputs[0]].shape, *out = &g->tensors[op->outputs[0]].shape;
    crl_layer_view v;
    f->family = CRL_FAMILY_CONV;
    const crl_status s = check_layer(f, w, &v, err);
    if (s) return s;
    if (v.kh != 3 || v.kw != 3 || crl_twin_option(op, "stride_w") != 1 || crl_twin_option(op, "stride_h") != 1 ||
        crl_twin_option(op, "padding") != SAME || crl_twin_option(op, "dilation_w_factor") != 1 || crl_twin_option(op, "dilation_h_factor") != 1)
        return refuse(err, f->op, op->name, "convolutions are compiled without a template that are 3x3, of stride 1, SAME, without dilation");
    if (in->rank != 4 || out->rank != 4 || in->dim[0] != 1 || out->dim[0] != 1 || in->dim[3] != v.inputs || out->dim[3] != v.outputs ||
        in->dim[1] != out->dim[1] || in->dim[2] != out->dim[2])
        return refuse(err, f->op, op->name, "its shapes are not those of a SAME convolution of one picture");
    f->height = in->dim[1];
    f->width = in->dim[2];
    if (f->height % 4 || f->width % 4 || f->height < LEAST_ROWS || f->width < 8 || f->height > MOST || f->width > MOST)
        return refuse(err, f->op, op->name,
                      "pictures of convolutions that are compiled without a template have multiples of 4 rows and "
                      "columns, from 12 "
                      "rows and 8 columns to 4096");
    const bool channels = v.inputs >= 16 && v.inputs <= MOST && (v.inputs % 64 == 0 || (v.inputs < 64 && v.inputs % 16 == 0)) && v.outputs >= 16 &&
                          v.outputs <= MOST && (v.outputs % 64 == 0 || (v.outputs < 64 && v.outputs % 16 == 0));
    if (!channels)
        return refuse(err, f->op, op->name, "channels of convolutions that are compiled without a template are 16, 32, 48 or multiples of 64");
    if (f->width * f->inputs % 256 || f->width * f->inputs < 512)
        return refuse(
            err, f->op, op->name,
            "rows of a picture have to be multiples of 256 bytes, and 512 or more, to be compiled without a template");
    if ((int64_t)f->width * f->inputs > 65536 || (int64_t)f->width * f->height * f->outputs > INT32_MAX / 4 || !crl_conv_fits(f))
        return refuse(err, f->op, op->name, "it needs more memory than tiles have at once, which is not compiled without a template");
    return CRL_OK;
}

crl_status crl_form_find(crl_form *f, const crl_twin *w, crl_error *err)
{
    const crl_subgraph *g = w->side[0];
    *f = (crl_form){ .op = -1 };
    crl_status s = check_chain(g, err);
    if (s) return s;
    for (int32_t i = 0; i < g->n_operators; i++) {
        if (is_sign_change(g, &g->operators[i])) continue;
        if (g->operators[i].code != CRL_OP_DENSE && g->operators[i].code != CRL_OP_CONV)
            return refuse(err, i, g->operators[i].name, "no rules are known by which it is compiled without a template");
        if (f->op >= 0) return refuse(err, i, g->operators[i].name, "without a template models of one layer are compiled");
        f->op = i;
    }
    if (f->op < 0) return crl_fail(err, CRL_ERR_UNSUPPORTED, "there is nothing to compute: no operator but changes of sign");
    f->in = g->inputs[0];
    f->out = g->outputs[0];
    f->operators = g->n_operators;
    f->is_signed = g->tensors[f->in].type == CRL_INT8;
    if (g->tensors[f->out].type != g->tensors[f->in].type)
        return crl_fail(
            err, CRL_ERR_UNSUPPORTED,
            "input and output are not both signed or both unsigned bytes, which is not compiled without a template");
    return (g->operators[f->op].code == CRL_OP_DENSE ? of_dense : of_conv)(f, w, err);
}
