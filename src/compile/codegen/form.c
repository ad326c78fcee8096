/* SPDX-License-Identifier: Apache-2.0 */
/* See codegen.h. */
#include "compile/codegen/codegen.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"

void crl_form_text(const crl_form *f, char *text)
{
    snprintf(text, CRL_FORM_TEXT, "a dense layer of %d to %d%s", f->inputs, f->outputs, f->is_signed ? ", int8 from and to the host" : "");
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
    return bytes && a->quant.n == 1 && b->quant.n == 1 && a->quant.scale[0] == b->quant.scale[0] && crl_stored_zero(a) == crl_stored_zero(b);
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
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "without a template only models of one input, one output and at least one operator are compiled; this "
                        "has %d, %d and %d; name a compiled model of the same form with --template", g->n_inputs, g->n_outputs, g->n_operators);
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

static crl_status of_dense(crl_form *f, const crl_twin *w, crl_error *err)
{
    enum { MOST = 1024, GROUP = 64 };
    const crl_subgraph *g = w->side[0];
    const crl_operator *op = &g->operators[f->op];
    const crl_tensor_def *in = &g->tensors[op->inputs[0]], *out = &g->tensors[op->outputs[0]];
    crl_layer_view v;
    f->family = CRL_FAMILY_DENSE;
    if (!crl_layer_of(&v, w, CRL_SIDE_A, f->op)) return refuse(err, f->op, op->name, "its weights are no constant bytes with scales");
    f->inputs = v.inputs;
    f->outputs = v.outputs;
    if (in->type != CRL_INT8 || out->type != CRL_INT8) return refuse(err, f->op, op->name, "dense layers of int8 are compiled without a template");
    if (in->shape.rank != 2 || in->shape.dim[0] != 1 || in->shape.dim[1] != v.inputs || out->shape.rank != 2 || out->shape.dim[0] != 1 ||
        out->shape.dim[1] != v.outputs)
        return refuse(err, f->op, op->name, "only one row, [1,n] to [1,m], is compiled without a template");
    if (crl_twin_option(op, "fused_activation_function") || crl_twin_option(op, "weights_format") || crl_twin_option(op, "keep_num_dims"))
        return refuse(err, f->op, op->name, "dense layers with an activation or other options are not compiled without a template");
    if (v.inputs % GROUP || v.outputs % GROUP || v.inputs < 2 * GROUP || v.outputs < 2 * GROUP || v.inputs > MOST || v.outputs > MOST)
        return refuse(err, f->op, op->name, "sizes of dense layers that are compiled without a template are multiples of 64 from 128 to 1024");
    if (v.bias && !v.zero_bias) return refuse(err, f->op, op->name, "dense layers with a bias are not compiled without a template");
    if (!scales_are_usable(&v)) return refuse(err, f->op, op->name, "its weights have a scale or a zero point that is none");
    if (v.n_scales != v.outputs || !v.scales_differ || !v.flip)
        return refuse(err, f->op, op->name, "dense layers are compiled without a template where weights are int8 with a scale for each output");
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
        if (g->operators[i].code != CRL_OP_DENSE)
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
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input and output are not both signed or both unsigned bytes, which is not compiled without a template");
    return of_dense(f, w, err);
}
