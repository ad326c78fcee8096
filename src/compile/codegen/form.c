/* SPDX-License-Identifier: Apache-2.0 */
/* See codegen.h. */
#include "compile/codegen/codegen.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"

/* What a convolution is, without its sizes: "a 3x3 SAME convolution". */
static void kind_text(const crl_form *f, char *text, size_t n)
{
    char stride[16] = "";
    if (f->stride > 1) snprintf(stride, sizeof stride, "/%d", f->stride);
    snprintf(text, n, "a %dx%d%s %s %s", f->kernel_height, f->kernel_width, stride, f->valid ? "VALID" : "SAME",
             f->depthwise ? "depthwise layer" : "convolution");
}

static const char *each_text(const crl_form *f)
{
    while (f->next) f = f->next;
    switch (f->each) {
    case CRL_OP_LOGISTIC: return ", LOGISTIC";
    case CRL_OP_RELU: return ", then RELU";
    case CRL_OP_RELU6: return ", then RELU6";
    case CRL_OP_RELU_N1_TO_1: return ", then RELU_N1_TO_1";
    default: return "";
    }
}

/* What is computed of the input itself. */
static void alone_text(const crl_form *f, char *text)
{
    static const char *const pools[] = { "", ", mean", ", greatest" };
    char size[48], pool[40] = "";
    if (f->height)
        snprintf(size, sizeof size, "%dx%dx%d", f->height, f->width, f->inputs);
    else
        snprintf(size, sizeof size, "%d", f->inputs);
    if (f->pool) snprintf(pool, sizeof pool, "%s %dx%d", pools[f->pool], f->pool_size, f->pool_size);
    snprintf(text, CRL_FORM_TEXT, "no layer, of %.32s, %s%.20s%s", size, f->is_signed ? "int8" : "uint8", pool, each_text(f));
}

void crl_form_text(const crl_form *f, char *text)
{
    static const char *const activations[] = { "", ", RELU", ", RELU_N1_TO_1", ", RELU6" };
    static const char *const pools[] = { "", ", mean", ", greatest" };
    const char *host = f->is_signed ? "int8" : "uint8", *bias = f->zero_bias ? ", bias of zeros" : f->bias ? ", bias" : "";
    const char *activation = activations[f->activation];
    if (f->alone) {
        alone_text(f, text);
        return;
    }
    if (f->family == CRL_FAMILY_DENSE) {
        snprintf(text, CRL_FORM_TEXT, "a dense layer of %d to %d, %s%s%s%s%s%s", f->inputs, f->outputs, host, bias, activation, each_text(f),
                 f->softmax ? ", SOFTMAX" : "",
                 f->channel_scales ? "" : ", one scale");
        return;
    }
    char kind[64], pool[40] = "";
    kind_text(f, kind, sizeof kind);
    if (f->pool) snprintf(pool, sizeof pool, "%s %dx%d", pools[f->pool], f->pool_size, f->pool_size);
    int more = 0;
    char chain[24] = "";
    for (const crl_form *i = f->next; i; i = i->next) more++;
    if (more) snprintf(chain, sizeof chain, ", and %d more", more);
    const int n = snprintf(text, CRL_FORM_TEXT, "%s of %dx%dx%d to %d, %s%s%s%s%s%s%s", kind, f->height, f->width, f->inputs, f->outputs, host, bias,
                           activation, pool, f->channel_scales ? "" : ", one scale", chain, each_text(f));
    if (n >= CRL_FORM_TEXT) text[CRL_FORM_TEXT - 2] = '.', text[CRL_FORM_TEXT - 3] = '.'; /* of the largest numbers */
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
    const int64_t activation = crl_twin_option(op, "fused_activation_function");
    if (activation < 0 || activation > RELU6) return refuse(err, f->op, op->name, "layers with such an activation are not compiled");
    f->activation = (int32_t)activation;
    f->inputs = v->inputs;
    f->outputs = v->outputs;
    f->zero_bias = v->bias && v->zero_bias;
    f->bias = v->bias && !v->zero_bias;
    f->channel_scales = v->scales_differ;
    f->channel_zeros = v->n_scales > 1;
    return CRL_OK;
}

static crl_status check_softmax(const crl_form *f, const crl_subgraph *g, crl_error *err)
{
    enum { LEAST = 5, MOST = 63 };
    const crl_operator *op = &g->operators[f->softmax_op];
    const crl_tensor_def *out = &g->tensors[op->outputs[0]];
    const crl_option *beta = crl_operator_option(op, "beta");
    if (f->outputs < LEAST || f->outputs > MOST || f->outputs % 4 == 0)
        return refuse(err, f->softmax_op, op->name, "a softmax is compiled without a template that has 5 to 63 classes, no multiple of 4");
    if (out->type != CRL_INT8 || out->quant.scale[0] != 1.0f / 256 || crl_stored_zero(out) || !beta || beta->f != 1)
        return refuse(err, f->softmax_op, op->name, "a softmax is compiled without a template of a beta of 1, to int8 of 1/256");
    return CRL_OK;
}

static crl_status of_dense(crl_form *f, const crl_twin *w, crl_error *err)
{
    enum { MOST = 1024, STREAM = 8 };
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
    if (v.inputs % STREAM || v.inputs > MOST || v.outputs > MOST)
        return refuse(err, f->op, op->name, "dense layers are compiled without a template that have multiples of 8 inputs, and up to 1024 of both");
    return f->softmax ? check_softmax(f, g, err) : CRL_OK;
}

/* What a window's positions are, and how many pixels outside are in front of the picture. */
static int32_t positions_of(int32_t n, int32_t kernel, int32_t stride, bool valid, int32_t *before)
{
    const int32_t out = valid ? (n - kernel) / stride + 1 : (n + stride - 1) / stride, outside = (out - 1) * stride + kernel - n;
    *before = valid || outside < 0 ? 0 : outside / 2;
    return n < kernel && valid ? 0 : out;
}

static crl_status check_pool(crl_form *f, const crl_subgraph *g, crl_error *err)
{
    const crl_operator *op = &g->operators[f->pool_op];
    const int64_t size = crl_twin_option(op, "filter_width");
    const crl_shape *in = &g->tensors[op->inputs[0]].shape, *out = &g->tensors[op->outputs[0]].shape;
    if (g->tensors[op->outputs[0]].type != CRL_INT8 || in->rank != 4 || out->rank != 4 || out->dim[0] != 1 || out->dim[3] != in->dim[3])
        return refuse(err, f->pool_op, op->name, "pools of int8 are compiled without a template");
    if (size < 2 || size > 16 || crl_twin_option(op, "filter_height") != size || crl_twin_option(op, "stride_w") != size ||
        crl_twin_option(op, "stride_h") != size || crl_twin_option(op, "fused_activation_function") || out->dim[1] != in->dim[1] / size ||
        out->dim[2] != in->dim[2] / size)
        return refuse(err, f->pool_op, op->name, "pools are compiled without a template whose windows are squares of up to 16x16, side by side, "
                                                 "without an activation");
    f->pool_size = (int32_t)size;
    f->pool = op->code == CRL_OP_MAX_POOL ? CRL_POOL_MAX : CRL_POOL_AVERAGE;
    return CRL_OK;
}

/* Kernel, stride and padding. */
static crl_status check_windows(crl_form *f, const crl_operator *op, const crl_layer_view *v, crl_error *err)
{
    enum { SAME = 0, VALID = 1, MOST = 16 };
    const int64_t stride = crl_twin_option(op, "stride_w"), padding = crl_twin_option(op, "padding");
    if (v->kh > MOST || v->kw > MOST || stride < 1 || stride > 2 || crl_twin_option(op, "stride_h") != stride ||
        (padding != SAME && padding != VALID) || crl_twin_option(op, "dilation_w_factor") != 1 || crl_twin_option(op, "dilation_h_factor") != 1)
        return refuse(err, f->op, op->name,
                      "convolutions are compiled without a template that are no larger than 16x16, of stride 1 or 2, without dilation");
    f->kernel_height = v->kh;
    f->kernel_width = v->kw;
    f->stride = (int32_t)stride;
    f->valid = padding == VALID;
    return CRL_OK;
}

/* `comes`: from the host. */
static crl_status check_picture(crl_form *f, const crl_operator *op, bool comes, crl_error *err)
{
    enum { MOST = 4096, FEW = 3, MOST_BYTES = 1 << 28 };
    if (f->height > MOST || f->width > MOST)
        return refuse(err, f->op, op->name, "pictures of convolutions that are compiled without a template have up to 4096 rows and columns");
    if (f->inputs > MOST || f->outputs > MOST || (f->inputs > FEW && f->inputs % 4) || (f->outputs <= 4 && !f->alone))
        return refuse(err, f->op, op->name, "channels of convolutions that are compiled without a template are 1, 2, 3 or multiples of 4, and "
                                            "at least 5 come out");
    if (comes && (f->width * f->inputs % 4 || (int64_t)f->height * f->width * f->inputs % 8))
        return refuse(err, f->op, op->name,
                      "rows of a picture have to be multiples of 4 bytes, and the whole of 8, to be compiled without a template");
    if ((int64_t)f->width * f->inputs > 65536 || (int64_t)f->width * f->height * (f->outputs > f->inputs ? f->outputs : f->inputs) > MOST_BYTES)
        return refuse(err, f->op, op->name, "it needs more memory than tiles have at once, which is not compiled without a template");
    return CRL_OK;
}

static crl_status of_conv(crl_form *f, const crl_twin *w, bool comes, crl_error *err)
{
    const crl_subgraph *g = w->side[0];
    const crl_operator *op = &g->operators[f->op];
    const crl_shape *in = &g->tensors[op->inputs[0]].shape, *out = &g->tensors[op->outputs[0]].shape;
    crl_layer_view v;
    f->family = CRL_FAMILY_CONV;
    crl_status s = check_layer(f, w, &v, err);
    if (!s) s = check_windows(f, op, &v, err);
    if (s) return s;
    f->depthwise = op->code == CRL_OP_DEPTHWISE;
    if (v.depthwise) return refuse(err, f->op, op->name, "depthwise layers are compiled without a template that have one channel of input");
    if (in->rank != 4 || out->rank != 4 || in->dim[0] != 1 || out->dim[0] != 1 || in->dim[3] != v.inputs || out->dim[3] != v.outputs)
        return refuse(err, f->op, op->name, "its shapes are not those of a convolution of one picture");
    f->height = in->dim[1];
    f->width = in->dim[2];
    s = check_picture(f, op, comes, err);
    if (s) return s;
    f->out_height = positions_of(f->height, f->kernel_height, f->stride, f->valid, &f->pad_y);
    f->out_width = positions_of(f->width, f->kernel_width, f->stride, f->valid, &f->pad_x);
    if (f->out_height != out->dim[1] || f->out_width != out->dim[2] || f->out_height < 1 || f->out_width < 1)
        return refuse(err, f->op, op->name, "its shapes are not those of its windows");
    if (!crl_form_tables(f)) return refuse(err, f->op, op->name, "layers of one scale without a bias are not compiled without a template");
    return f->pool_op >= 0 ? check_pool(f, g, err) : CRL_OK;
}

/* Convolutions one behind the other, up to `last`. */
static crl_status of_convs(crl_form *f, const crl_form *last, const crl_twin *w, crl_error *err)
{
    crl_status s = CRL_OK;
    for (crl_form *at = f; at <= last && !s; at++) {
        s = of_conv(at, w, at == f, err);
        at->next = at < last ? at + 1 : NULL;
    }
    if (s) return s;
    const char *obstacle = crl_conv_obstacle(f);
    return obstacle ? refuse(err, f->op, w->side[0]->operators[f->op].name, obstacle) : CRL_OK;
}

/* No layer: a pool of a picture, and what is computed of each number of that, or of a row. */
static crl_status of_input(crl_form *f, const crl_subgraph *g, crl_error *err)
{
    enum { MOST = 1024, STREAM = 8 };
    const int32_t first = f->pool_op >= 0 ? f->pool_op : f->each_op;
    const crl_operator *op = &g->operators[first];
    const crl_tensor_def *in = &g->tensors[op->inputs[0]];
    const crl_shape *shape = &in->shape;
    if (in->type != CRL_INT8) return refuse(err, first, op->name, "operators of int8 are compiled without a template");
    if (shape->rank < 2 || shape->dim[0] != 1 || (shape->rank != 2 && shape->rank != 4))
        return refuse(err, first, op->name, "only one row, [1,n], or one picture, [1,h,w,c], is compiled without a template");
    f->alone = true;
    f->op = first;
    f->inputs = f->outputs = shape->dim[shape->rank - 1];
    f->kernel_height = f->kernel_width = f->stride = 1;
    if (shape->rank == 2) {
        f->family = CRL_FAMILY_DENSE;
        if (f->pool_op >= 0 || f->inputs % STREAM || f->inputs > MOST)
            return refuse(err, first, op->name, "rows are compiled without a template that have a multiple of 8 numbers, and up to 1024");
        return CRL_OK;
    }
    f->family = CRL_FAMILY_CONV;
    f->height = f->out_height = shape->dim[1];
    f->width = f->out_width = shape->dim[2];
    crl_status s = check_picture(f, op, true, err);
    if (s) return s;
    if (f->pool_op >= 0) s = check_pool(f, g, err);
    if (s) return s;
    const char *obstacle = crl_conv_obstacle(f);
    return obstacle ? refuse(err, first, op->name, obstacle) : CRL_OK;
}

static bool is_pool(int32_t code)
{
    return code == CRL_OP_AVERAGE_POOL || code == CRL_OP_MAX_POOL;
}

/* What is computed of each number alone. */
static bool is_each(int32_t code)
{
    return code == CRL_OP_LOGISTIC || code == CRL_OP_RELU || code == CRL_OP_RELU6 || code == CRL_OP_RELU_N1_TO_1;
}

crl_status crl_form_find(crl_form *first, const crl_twin *w, crl_error *err)
{
    const crl_subgraph *g = w->side[0];
    static const crl_form none = { .op = -1, .pool_op = -1, .each_op = -1 };
    crl_form *f = first; /* the last so far */
    *f = none;
    crl_status s = check_chain(g, err);
    if (s) return s;
    for (int32_t i = 0; i < g->n_operators; i++) {
        if (is_sign_change(g, &g->operators[i])) continue;
        const int32_t code = g->operators[i].code;
        const bool begins = f->op < 0 && f->pool_op < 0 && f->each_op < 0;
        if (is_pool(code) && (begins || (f == first && f->op >= 0 && f->op == i - 1 && g->operators[f->op].code != CRL_OP_DENSE))) {
            f->pool_op = i;
            continue;
        }
        if (is_each(code) && (begins || (i > 0 && (f->op == i - 1 || f->pool_op == i - 1)))) {
            f->each_op = i;
            f->each = code;
            continue;
        }
        if (code == CRL_OP_SOFTMAX && f->op >= 0 && f->op == i - 1 && g->operators[f->op].code == CRL_OP_DENSE) {
            f->softmax_op = i;
            f->softmax = true;
            continue;
        }
        if (code != CRL_OP_DENSE && code != CRL_OP_CONV && code != CRL_OP_DEPTHWISE)
            return refuse(err, i, g->operators[i].name, "no rules are known by which it is compiled without a template");
        if (!begins && code == CRL_OP_CONV && f->op == i - 1 && g->operators[f->op].code != CRL_OP_DENSE && f + 1 < first + CRL_CHAIN_MOST)
            *++f = none;
        else if (!begins)
            return refuse(err, i, g->operators[i].name,
                          "without a template one layer is compiled, with a pool and an activation or a softmax behind it, or up to 8 "
                          "convolutions in a row");
        f->op = i;
    }
    const crl_form *last = f;
    f = first;
    if (f->op < 0 && f->pool_op < 0 && f->each_op < 0)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "there is nothing to compute: no operator but changes of sign");
    f->in = g->inputs[0];
    f->out = g->outputs[0];
    f->operators = g->n_operators;
    f->is_signed = g->tensors[f->in].type == CRL_INT8;
    if (g->tensors[f->out].type != g->tensors[f->in].type)
        return crl_fail(
            err, CRL_ERR_UNSUPPORTED,
            "input and output are not both signed or both unsigned bytes, which is not compiled without a template");
    if (last->each_op >= 0 && g->tensors[g->operators[last->each_op].outputs[0]].type != CRL_INT8)
        return refuse(err, last->each_op, g->operators[last->each_op].name, "activations of int8 are compiled without a template");
    if (f->op < 0) return of_input(f, g, err);
    return g->operators[f->op].code == CRL_OP_DENSE ? of_dense(f, w, err) : of_convs(f, last, w, err);
}
